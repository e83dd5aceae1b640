import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { ISO_NAMES } from '../../lib/adapters/files/isoCountries.ts';
import { environment } from '../environment.ts';
import { runSettings } from '../runSettings.ts';
import { scoreHandler } from './handler.ts';

const env = environment('ARTIFACTS_BUCKET', 'LAKE_BUCKET', 'TABLE_NAME', 'UNIVERSE');

export const handler = scoreHandler({
  artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET),
  lake: s3ObjectStore(env.LAKE_BUCKET),
  catalog: dynamoCatalog(env.TABLE_NAME),
  pages: dynamoPageStore(env.TABLE_NAME),
  settings: runSettings(env.UNIVERSE),
  countryNames: ISO_NAMES,
});
