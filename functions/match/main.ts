import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { dynamoClient } from '../../lib/adapters/aws/dynamoClient.ts';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { dynamoRecordStore } from '../../lib/adapters/aws/dynamoRecordStore.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import { environment } from '../environment.ts';
import { matchHandler } from './handler.ts';

const env = environment('TABLE_NAME', 'ARTIFACTS_BUCKET');
const client = dynamoClient();

export const handler = matchHandler({
  records: alertRecords(dynamoRecordStore(env.TABLE_NAME, client)),
  catalog: dynamoCatalog(env.TABLE_NAME, client),
  pages: dynamoPageStore(env.TABLE_NAME, client),
  artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET),
  clock: () => new Date(),
});
