import { describe, expect, it } from 'vitest';
import type { RecordStore } from '../../lib/ports/recordStore.ts';

/** What every store of records must do; `fresh` makes an empty one. */
export function recordStoreContract(name: string, fresh: () => Promise<RecordStore>) {
  describe(`record store: ${name}`, () => {
    const listed = async (store: RecordStore, prefix?: string, after?: string) => {
      const sorts: string[] = [];
      for await (const { sort } of store.list('p', prefix, after)) sorts.push(sort);
      return sorts;
    };

    it('gives back what was put, and counts its versions', async () => {
      const store = await fresh();
      expect(await store.get('p', 'a')).toBe(null);
      expect(await store.put('p', 'a', { x: [1, 'é', null] }, 0)).toBe(1);
      expect(await store.put('p', 'a', { x: 2 }, 1, '2026-03-01T00:00:00.000Z')).toBe(2);
      const record = { sort: 'a', version: 2, value: { x: 2 }, expiresAt: '2026-03-01T00:00:00.000Z' };
      expect(await store.get('p', 'a')).toEqual(record);
      expect(await store.put('p', 'a', 'text', null)).toBe(3);
      expect(await store.get('p', 'a')).toEqual({ sort: 'a', version: 3, value: 'text', expiresAt: null });
      expect(await store.get('q', 'a')).toBe(null);
    });

    it('writes only over the version that is expected', async () => {
      const store = await fresh();
      expect(await store.put('p', 'a', 1, 1)).toBe(null);
      expect(await store.put('p', 'a', 1, 0)).toBe(1);
      expect(await store.put('p', 'a', 2, 0)).toBe(null);
      expect(await store.put('p', 'a', 2, 7)).toBe(null);
      expect((await store.get('p', 'a'))?.value).toBe(1);
    });

    it('of many who write at once over one version, one succeeds', async () => {
      const store = await fresh();
      await store.put('p', 'a', 0, 0);
      const written = await Promise.all(Array.from({ length: 8 }, (_, n) => store.put('p', 'a', n, 1)));
      expect(written.filter((version) => version !== null)).toEqual([2]);
    });

    it('forgets what is deleted, also twice, and begins anew', async () => {
      const store = await fresh();
      await store.put('p', 'a', 1, 0);
      await store.delete('p', 'a');
      await store.delete('p', 'a');
      expect(await store.get('p', 'a')).toBe(null);
      expect(await store.put('p', 'a', 1, 0)).toBe(1);
    });

    it('lists a partition in the order of the keys, from a prefix, after a key', async () => {
      const store = await fresh();
      for (const sort of ['b#2', 'a', 'b#10', 'b#1', 'c']) await store.put('p', sort, sort, 0);
      await store.put('other', 'b#3', 1, 0);
      expect(await listed(store)).toEqual(['a', 'b#1', 'b#10', 'b#2', 'c']);
      expect(await listed(store, 'b#')).toEqual(['b#1', 'b#10', 'b#2']);
      expect(await listed(store, 'b#', 'b#1')).toEqual(['b#10', 'b#2']);
      expect(await listed(store, 'b#', 'b#15')).toEqual(['b#2']);
      expect(await listed(store, '', 'b#2')).toEqual(['c']);
      expect(await listed(store, 'd')).toEqual([]);
    });

    it('counts', async () => {
      const store = await fresh();
      const until = '2026-03-01T00:00:00.000Z';
      const counts = await Promise.all(Array.from({ length: 5 }, () => store.count('p', 'n', 2, until)));
      expect(counts.sort((a, b) => a - b)).toEqual([2, 4, 6, 8, 10]);
      expect(await store.count('p', 'm', 1, until)).toBe(1);
    });
  });
}
