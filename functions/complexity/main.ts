import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { environment } from '../environment.ts';
import { runSettings } from '../runSettings.ts';
import { complexityHandler } from './handler.ts';

const env = environment('ARTIFACTS_BUCKET', 'UNIVERSE');

export const handler = complexityHandler({
  artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET),
  settings: runSettings(env.UNIVERSE),
});
