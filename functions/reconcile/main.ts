import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { sqsQueue } from '../../lib/adapters/aws/sqsQueue.ts';
import { environment } from '../environment.ts';
import { measure } from '../measure.ts';
import { reconcileHandler } from './handler.ts';

const env = environment('STAGE', 'DROPS_BUCKET', 'TABLE_NAME', 'INGEST_QUEUE_URL', 'START_QUEUE_URL');

export const handler = reconcileHandler({
  drops: s3ObjectStore(env.DROPS_BUCKET),
  bucket: env.DROPS_BUCKET,
  catalog: dynamoCatalog(env.TABLE_NAME),
  ingest: sqsQueue(env.INGEST_QUEUE_URL),
  start: sqsQueue(env.START_QUEUE_URL),
  clock: () => new Date(),
  measure: measure(env.STAGE),
});
