import type { Page, PageStore } from '../../ports/pageStore.ts';

/** Pages in one process: for tests, and the definition that the DynamoDB one is held to. */
export function memoryPageStore(): PageStore {
  const partitions = new Map<string, Map<string, Page>>();

  /** Pages of one run under a prefix, in the order of the sort key. */
  const ordered = (run: string, partition: string, prefix: string) =>
    [...(partitions.get(partition)?.values() ?? [])]
      .filter((page) => page.run === run && page.sort.startsWith(prefix))
      .sort((a, b) => byUtf8(a.sort, b.sort));

  return {
    async put(pages) {
      const written = [...new Map(pages.map((page) => [`${page.partition}\n${page.sort}`, page])).values()];
      for (const page of written) {
        const partition = partitions.get(page.partition) ?? new Map<string, Page>();
        partition.set(page.sort, { ...page, body: page.body.slice() });
        partitions.set(page.partition, partition);
      }
      return {
        pages: written.length,
        bytes: written.reduce((sum, page) => sum + page.body.length, 0),
        writeUnits: written.reduce((sum, page) => sum + writeUnits(page), 0),
      };
    },
    async get(run, keys) {
      return keys.map(({ partition, sort }) => {
        const page = partitions.get(partition)?.get(sort);
        return page?.run === run ? page : null;
      });
    },
    async atOrBefore(run, partition, prefix, sort) {
      return ordered(run, partition, prefix).findLast((page) => byUtf8(page.sort, sort) <= 0) ?? null;
    },
    async after(run, partition, prefix, sort, limit) {
      return ordered(run, partition, prefix)
        .filter((page) => byUtf8(page.sort, sort) > 0)
        .slice(0, limit);
    },
  };
}

const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What DynamoDB charges for writing the page: a unit per started KiB of names and values. */
export function writeUnits({ partition, sort, run, body }: Page): number {
  const names = 'pk'.length + 'sk'.length + 'run'.length + 'body'.length;
  const strings = [partition, sort, run].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return Math.ceil((names + strings + body.length) / 1024);
}
