import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { environment } from '../environment.ts';
import { complexityHandler } from './handler.ts';

const env = environment('ARTIFACTS_BUCKET');

export const handler = complexityHandler({ artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET), settings: SETTINGS });
