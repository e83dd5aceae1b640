import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectFacts, ObjectStore } from '../../lib/ports/objectStore.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function all(objects: AsyncIterable<ObjectFacts>): Promise<ObjectFacts[]> {
  const found: ObjectFacts[] = [];
  for await (const object of objects) found.push(object);
  return found;
}

/** What every object store does. `fresh` gives an empty one. */
export function objectStoreContract(name: string, fresh: () => Promise<ObjectStore>) {
  describe(`object store: ${name}`, () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'object-store-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('gives back what was put, and null for what was not', async () => {
      const store = await fresh();
      await store.put('a/b.txt', bytes('hello'));
      expect(await store.get('a/b.txt')).toEqual(bytes('hello'));
      expect(await store.get('a')).toBeNull();
    });

    it('replaces an object that is put twice', async () => {
      const store = await fresh();
      await store.put('k', bytes('first, and longer'));
      await store.put('k', bytes('second'));
      expect(await store.get('k')).toEqual(bytes('second'));
      expect((await all(store.list(''))).length).toBe(1);
    });

    it('keeps an empty object apart from none', async () => {
      const store = await fresh();
      await store.put('empty', new Uint8Array());
      expect(await store.get('empty')).toEqual(new Uint8Array());
    });

    it('carries a file of more than one part up and down unchanged', async () => {
      const store = await fresh();
      const path = join(folder, 'large');
      const body = new Uint8Array(12 * 2 ** 20).map((_, at) => (at * 2654435761) >>> 24);
      await writeFile(path, body);
      await store.putFile('large', path);
      const back = join(folder, 'back');
      const facts = await store.getToFile('large', back);
      expect(facts).toMatchObject({ key: 'large', bytes: body.length });
      expect(Buffer.compare(await readFile(back), body)).toBe(0);
    });

    it('puts a large body from memory as well', async () => {
      const store = await fresh();
      await store.put('large', new Uint8Array(9 * 2 ** 20).fill(7));
      expect((await store.get('large'))?.length).toBe(9 * 2 ** 20);
    });

    it('states the same facts in a listing and with the object: an unquoted tag, bytes and an RFC 3339 time', async () => {
      const store = await fresh();
      await store.put('k', bytes('hello'));
      const [listed] = await all(store.list('k'));
      const got = await store.getToFile('k', join(folder, 'k'));
      expect(listed).toMatchObject({ key: 'k', bytes: 5 });
      expect(listed?.etag).toMatch(/^[0-9a-f-]+$/);
      expect(listed?.lastModified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      expect(got?.etag).toBe(listed?.etag);
    });

    it('gives a file only when its tag is the one asked for', async () => {
      const store = await fresh();
      await store.put('k', bytes('hello'));
      const [facts] = await all(store.list('k'));
      const path = join(folder, 'tagged');
      expect(await store.getToFile('k', path, facts?.etag)).toMatchObject({ key: 'k', bytes: 5 });
      expect(await readFile(path, 'utf8')).toBe('hello');
      await store.put('k', bytes('changed'));
      expect(await store.getToFile('k', path, facts?.etag)).toBeNull();
      expect(await store.getToFile('absent', path)).toBeNull();
    });

    it('lists what lies under a prefix in key order', async () => {
      const store = await fresh();
      const keys = ['p/é', 'p/a', 'q/x', 'p/b/1', 'p'];
      for (const key of keys) await store.put(key, bytes(key));
      const listed = (await all(store.list('p/'))).map(({ key }) => key);
      expect(listed).toEqual(['p/a', 'p/b/1', 'p/é']);
      expect(await all(store.list('r'))).toEqual([]);
    });
  });
}
