import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { environment } from '../environment.ts';
import { noiseHandler } from './handler.ts';

const env = environment('ARTIFACTS_BUCKET', 'TABLE_NAME');

export const handler = noiseHandler({
  artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET),
  catalog: dynamoCatalog(env.TABLE_NAME),
  pages: dynamoPageStore(env.TABLE_NAME),
});
