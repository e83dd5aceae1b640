import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { ISO_REGIONS } from '../../lib/adapters/files/isoCountries.ts';
import { environment } from '../environment.ts';
import { backtestHandler } from './handler.ts';

const env = environment('ARTIFACTS_BUCKET', 'LAKE_BUCKET', 'TABLE_NAME');

export const handler = backtestHandler({
  lake: s3ObjectStore(env.LAKE_BUCKET),
  artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET),
  catalog: dynamoCatalog(env.TABLE_NAME),
  pages: dynamoPageStore(env.TABLE_NAME),
  regionOf: (country) => ISO_REGIONS.get(country) ?? 'elsewhere',
});
