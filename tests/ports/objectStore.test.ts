import { afterAll, beforeAll } from 'vitest';
import { s3ObjectStore } from '../../lib/adapters/aws/s3ObjectStore.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { fauxqs } from './fauxqs.ts';
import { objectStoreContract } from './objectStore.contract.ts';

let emulator: Awaited<ReturnType<typeof fauxqs>>;
beforeAll(async () => {
  emulator = await fauxqs();
});
afterAll(() => emulator.close());

objectStoreContract('memory', async () => memoryObjectStore());
objectStoreContract('S3 (fauxqs)', async () => s3ObjectStore(emulator.bucket(), emulator.s3));
