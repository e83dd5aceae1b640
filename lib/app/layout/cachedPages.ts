import type { Page, PageStore } from '../../ports/pageStore.ts';

/** Enough for the pages that a busy hour asks for, small beside a function's memory. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * A page store that remembers what it read, the least recently used forgotten first. Only for runs that are published: their pages
 * do not change, so nothing ever has to be forgotten for being old. An absent page is not remembered.
 */
export function cachedPages(store: PageStore, mostBytes: number = MOST_BYTES): PageStore {
  // a Map keeps the order of insertion: the first entry is the one unused for longest
  const remembered = new Map<string, readonly Page[]>();
  let bytes = 0;
  const size = (pages: readonly Page[]) => pages.reduce((sum, { body }) => sum + body.length, 0);

  const recall = (key: string): readonly Page[] | undefined => {
    const pages = remembered.get(key);
    if (pages) {
      remembered.delete(key);
      remembered.set(key, pages);
    }
    return pages;
  };
  const remember = (key: string, pages: readonly Page[]) => {
    if (remembered.has(key)) return;
    remembered.set(key, pages);
    bytes += size(pages);
    for (const [oldest, unused] of remembered) {
      if (bytes <= mostBytes) break;
      remembered.delete(oldest);
      bytes -= size(unused);
    }
  };

  return {
    put: (pages) => store.put(pages),

    async get(run, keys) {
      const name = (at: number) => `=${run}\n${keys[at]?.partition}\n${keys[at]?.sort}`;
      const found: (Page | null)[] = keys.map((_, at) => recall(name(at))?.[0] ?? null);
      const missing = keys.flatMap((key, at) => (found[at] ? [] : [{ key, at }]));
      if (missing.length === 0) return found;
      const read = await store.get(
        run,
        missing.map(({ key }) => key),
      );
      for (const [n, { at }] of missing.entries()) {
        const page = read[n] ?? null;
        found[at] = page;
        if (page) remember(name(at), [page]);
      }
      return found;
    },

    async atOrBefore(run, partition, prefix, sort) {
      const name = `<${run}\n${partition}\n${prefix}\n${sort}`;
      const known = recall(name)?.[0];
      if (known) return known;
      const page = await store.atOrBefore(run, partition, prefix, sort);
      if (page) remember(name, [page]);
      return page;
    },

    async after(run, partition, prefix, sort, limit) {
      const name = `>${run}\n${partition}\n${prefix}\n${sort}\n${limit}`;
      const known = recall(name);
      if (known) return [...known];
      const pages = await store.after(run, partition, prefix, sort, limit);
      if (pages.length > 0) remember(name, pages);
      return pages;
    },
  };
}
