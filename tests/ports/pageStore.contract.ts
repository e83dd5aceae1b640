import { beforeEach, describe, expect, it } from 'vitest';
import type { Page, PageStore } from '../../lib/ports/pageStore.ts';

const page = (sort: string, run = 'r1', body: Uint8Array = Uint8Array.of(1), partition = 'p'): Page => ({
  partition,
  sort,
  run,
  body,
});
const sorts = (pages: readonly (Page | null)[]) => pages.map((each) => each?.sort ?? null);

/** What every page store must do; `fresh` gives an empty one. */
export function pageStoreContract(name: string, fresh: () => Promise<PageStore>): void {
  describe(`page store: ${name}`, () => {
    let store: PageStore;
    beforeEach(async () => {
      store = await fresh();
    });

    it('gives back the bytes of a page, and null for an absent one, in the order asked', async () => {
      const body = Uint8Array.from({ length: 5000 }, (_, at) => at % 256);
      await store.put([page('a', 'r1', body), page('b'), page('a', 'r1', Uint8Array.of(9), 'q')]);
      const keys = [
        { partition: 'q', sort: 'a' },
        { partition: 'p', sort: 'absent' },
        { partition: 'p', sort: 'a' },
      ];
      const [first, second, third] = await store.get('r1', keys);
      expect([...first!.body]).toEqual([9]);
      expect(second).toBeNull();
      expect(third).toEqual({ partition: 'p', sort: 'a', run: 'r1', body: third!.body });
      expect(Buffer.compare(third!.body, body)).toBe(0);
    });

    it('takes the same key asked twice', async () => {
      await store.put([page('a')]);
      const key = { partition: 'p', sort: 'a' };
      expect(sorts(await store.get('r1', [key, key]))).toEqual(['a', 'a']);
    });

    it('replaces a page put again, and the later of two pages of one call stands', async () => {
      await store.put([page('a', 'r1', Uint8Array.of(1))]);
      await store.put([page('a', 'r2', Uint8Array.of(2)), page('a', 'r2', Uint8Array.of(3))]);
      const key = { partition: 'p', sort: 'a' };
      expect(await store.get('r1', [key])).toEqual([null]);
      const [stored] = await store.get('r2', [key]);
      expect([...stored!.body]).toEqual([3]);
    });

    it('finds the last page at or before a key, under the prefix only', async () => {
      await store.put(
        ['chapter#99#0000', 'importer#CAN#0000', 'importer#USA#0000', 'importer#USA#0001'].map((s) => page(s)),
      );
      const find = async (sort: string) => (await store.atOrBefore('r1', 'p', 'importer#', sort))?.sort ?? null;
      expect(await find('importer#USA#0000')).toBe('importer#USA#0000');
      expect(await find('importer#MEX#0000')).toBe('importer#CAN#0000');
      expect(await find('importer#ZZZ#0000')).toBe('importer#USA#0001');
      expect(await find('importer#AAA#0000')).toBeNull();
    });

    it('lists the pages after a key, under the prefix only, at most so many', async () => {
      await store.put(['a#1', 'b#1', 'b#2', 'b#3', 'c#1'].map((sort) => page(sort)));
      const list = async (sort: string, limit: number) => sorts(await store.after('r1', 'p', 'b#', sort, limit));
      expect(await list('b#', 10)).toEqual(['b#1', 'b#2', 'b#3']);
      expect(await list('b#1', 10)).toEqual(['b#2', 'b#3']);
      expect(await list('b#', 2)).toEqual(['b#1', 'b#2']);
      expect(await list('b#3', 10)).toEqual([]);
    });

    it('steps over pages that another run left behind, however many', async () => {
      const left = Array.from({ length: 40 }, (_, at) => page(`g#${String(at + 1).padStart(4, '0')}`, 'old'));
      await store.put([page('g#0000', 'r1', Uint8Array.of(7)), ...left, page('g#0099')]);
      const found = await store.atOrBefore('r1', 'p', 'g#', 'g#0040');
      expect(found?.sort).toBe('g#0000');
      expect([...found!.body]).toEqual([7]);
      expect(sorts(await store.after('r1', 'p', 'g#', 'g#0000', 5))).toEqual(['g#0099']);
      expect(await store.atOrBefore('other', 'p', 'g#', 'g#0040')).toBeNull();
    });

    it('reads on past one response of the database (1 MB)', async () => {
      const body = new Uint8Array(150_000).fill(3);
      await store.put(Array.from({ length: 12 }, (_, at) => page(`k#${String(at).padStart(2, '0')}`, 'r1', body)));
      const pages = await store.after('r1', 'p', 'k#', 'k#', 100);
      expect(pages).toHaveLength(12);
      expect(pages.every((each) => each.body.length === body.length)).toBe(true);
    });

    it('orders sort keys by their UTF-8 bytes', async () => {
      await store.put(['k\u{1F600}', 'kz', 'k～', 'kZ'].map((sort) => page(sort)));
      expect(sorts(await store.after('r1', 'p', 'k', 'k', 9))).toEqual(['kZ', 'kz', 'k～', 'k\u{1F600}']);
    });

    it('counts pages, bytes and write units: one per started KiB of names and values', async () => {
      // names pk, sk, run, body are 11 bytes; 'p', 'a', 'r1' are 4
      const bodies = [0, 1024 - 15, 1024 - 14, 30_000].map((length) => new Uint8Array(length).fill(1));
      const pages = bodies.map((body, at) => page(String(at), 'r1', body));
      const cost = await store.put(pages);
      expect(cost).toEqual({ pages: 4, bytes: 30_000 + 2 * 1024 - 29, writeUnits: 1 + 1 + 2 + 30 });
      expect(await store.put([])).toEqual({ pages: 0, bytes: 0, writeUnits: 0 });
    });

    it('writes more pages than one batch holds', async () => {
      const cost = await store.put(Array.from({ length: 260 }, (_, at) => page(String(at).padStart(4, '0'))));
      expect(cost).toEqual({ pages: 260, bytes: 260, writeUnits: 260 });
      expect(await store.after('r1', 'p', '0', '0', 300)).toHaveLength(260);
    });
  });
}
