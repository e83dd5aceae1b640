import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { environment } from '../environment.ts';
import { entryHandler } from './handler.ts';

const env = environment('ARTIFACTS_BUCKET');

export const handler = entryHandler({ artifacts: s3ObjectStore(env.ARTIFACTS_BUCKET) });
