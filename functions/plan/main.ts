import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { environment } from '../environment.ts';
import { planHandler } from './handler.ts';

const env = environment('LAKE_BUCKET', 'ARTIFACTS_BUCKET', 'TABLE_NAME');

export const handler = planHandler({
  lake: s3ObjectStore(env.LAKE_BUCKET),
  artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET),
  catalog: dynamoCatalog(env.TABLE_NAME),
});
