import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { ObjectFacts, ObjectStore } from '../../ports/objectStore.ts';

/** A bucket in one process. Its clock is given, so that a test decides what is newer. */
export function memoryObjectStore(clock: () => Date = () => new Date()): ObjectStore & {
  delete: (key: string) => void;
} {
  const objects = new Map<string, { body: Uint8Array; facts: ObjectFacts }>();
  /** @param body that nobody else will change */
  const write = (key: string, body: Uint8Array) => {
    // S3 says MD5; processors have instructions for this one
    const etag = createHash('sha256').update(body).digest('hex');
    objects.set(key, { body, facts: { key, etag, bytes: body.length, lastModified: clock().toISOString() } });
  };
  return {
    put: async (key, body) => write(key, body.slice()),
    putFile: async (key, path) => write(key, await readFile(path)),
    get: async (key) => objects.get(key)?.body.slice() ?? null,
    async getToFile(key, path, etag) {
      const found = objects.get(key);
      if (!found || (etag !== undefined && etag !== found.facts.etag)) return null;
      await writeFile(path, found.body);
      return found.facts;
    },
    async *list(prefix) {
      for (const key of [...objects.keys()].filter((name) => name.startsWith(prefix)).sort(byUtf8)) {
        const found = objects.get(key);
        if (found) yield found.facts;
      }
    },
    delete: (key) => void objects.delete(key),
  };
}

/** S3 lists keys in the order of their UTF-8 bytes. */
const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
