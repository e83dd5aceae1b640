import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { eventBridgeBus } from '../../lib/adapters/aws/eventBridgeBus.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { environment } from '../environment.ts';
import { publishHandler } from './handler.ts';

const env = environment('ARTIFACTS_BUCKET', 'TABLE_NAME', 'EVENT_BUS_NAME');

export const handler = publishHandler({
  artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET),
  catalog: dynamoCatalog(env.TABLE_NAME),
  bus: eventBridgeBus(env.EVENT_BUS_NAME),
  clock: () => new Date(),
});
