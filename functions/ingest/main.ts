import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { eventBridgeBus } from '../../lib/adapters/aws/eventBridgeBus.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { sqsQueue } from '../../lib/adapters/aws/sqsQueue.ts';
import { dropReader } from '../../lib/adapters/files/dropReader.ts';
import { ISO_COUNTRIES } from '../../lib/adapters/files/isoCountries.ts';
import { scratchFolder } from '../../lib/adapters/files/scratchFolder.ts';
import { environment } from '../environment.ts';
import { measure } from '../measure.ts';
import { ingestHandler } from './handler.ts';

const env = environment('STAGE', 'DROPS_BUCKET', 'LAKE_BUCKET', 'TABLE_NAME', 'EVENT_BUS_NAME', 'INGEST_QUEUE_URL');

export const handler = ingestHandler({
  drops: s3ObjectStore(env.DROPS_BUCKET),
  bucket: env.DROPS_BUCKET,
  lake: s3ObjectStore(env.LAKE_BUCKET),
  catalog: dynamoCatalog(env.TABLE_NAME),
  events: eventBridgeBus(env.EVENT_BUS_NAME),
  ingest: sqsQueue(env.INGEST_QUEUE_URL),
  reader: dropReader,
  iso: ISO_COUNTRIES,
  workspace: scratchFolder,
  measure: measure(env.STAGE),
});
