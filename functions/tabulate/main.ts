import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { scoreParquet } from '../../lib/adapters/files/scoreParquet.ts';
import { scratchFolder } from '../../lib/adapters/files/scratchFolder.ts';
import { environment } from '../environment.ts';
import { tabulateHandler } from './handler.ts';

const env = environment('LAKE_BUCKET', 'TABLE_NAME');

export const handler = tabulateHandler({
  lake: s3ObjectStore(env.LAKE_BUCKET),
  catalog: dynamoCatalog(env.TABLE_NAME),
  pages: dynamoPageStore(env.TABLE_NAME),
  write: scoreParquet,
  workspace: scratchFolder,
});
