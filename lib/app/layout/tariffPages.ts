import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import { NOBODY } from '../../core/covariates/statements.ts';
import type { Axis } from '../../core/labels.ts';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import { planPages } from './groups.ts';
import { chapterOf, chaptersOf, grouped, importerPartition } from './keys.ts';

/** Rates that fill a page: 12 bytes each, about 31 KB. */
const RATES_PER_PAGE = 2_600;

/** What one importer charges: rows by product, then exporter, everyone's (NOBODY) last in its product. */
export interface ImporterTariffs {
  readonly productN: Uint16Array;
  readonly exporterN: Uint16Array;
  readonly percentN: Float32Array;
  /** how the rate compares with what the importer charges its other suppliers of the product: a ratio, above 1 where less is charged */
  readonly advantageN: Float32Array;
}

/** The rate that applies to a cell. */
export interface Rate {
  readonly percent: number;
  readonly advantage: number;
}

/** Pages of what one importer charges, by chapter. */
export function tariffPages(
  { slot, run, importer, products }: { slot: number; run: string; importer: string; products: Axis },
  { productN, exporterN, percentN, advantageN }: ImporterTariffs,
): Page[] {
  const chapters = chaptersOf(products);
  const firstRow = (chapter: number) => {
    const product = chapters.first[chapter] ?? products.codes.length;
    const row = productN.findIndex((each) => each >= product);
    return row < 0 ? productN.length : row;
  };
  const first = chapters.codes.map((_, chapter) => firstRow(chapter));
  const sizes = first.map((from, chapter) => (first[chapter + 1] ?? productN.length) - from);
  return planPages(sizes, RATES_PER_PAGE).map(({ sequence, pages, stretches }) => {
    const [begin, end] = [stretches[0], stretches.at(-1)];
    const from = (first[begin?.group ?? 0] ?? 0) + (begin?.from ?? 0);
    const to = (first[end?.group ?? 0] ?? 0) + (end?.to ?? 0);
    return {
      partition: importerPartition(slot, importer),
      sort: grouped('tariffs', chapters.codes[begin?.group ?? 0] ?? '', sequence),
      run,
      body: encodeArrays(
        { pages },
        {
          percentN: percentN.slice(from, to),
          advantageN: advantageN.slice(from, to),
          productN: productN.slice(from, to),
          exporterN: exporterN.slice(from, to),
        },
      ),
    };
  });
}

/** The rate that applies to an exporter's product: one query, and a batch of reads where a chapter has several pages. Null where none is known. */
export async function readRate(
  store: PageStore,
  run: string,
  partition: string,
  { product, code, exporter }: { product: number; code: string; exporter: number },
): Promise<Rate | null> {
  const chapter = chapterOf(code);
  const start = await store.atOrBefore(run, partition, 'tariffs#', grouped('tariffs', chapter, 0));
  if (!start) return null;
  const { pages } = decodeArrays<{ pages: number }, never>(start.body).meta;
  const isOwn = start.sort === grouped('tariffs', chapter, 0);
  const sorts = Array.from({ length: isOwn ? pages - 1 : 0 }, (_, at) => grouped('tariffs', chapter, at + 1));
  const rest =
    sorts.length > 0
      ? await store.get(
          run,
          sorts.map((sort) => ({ partition, sort })),
        )
      : [];
  let everyone: Rate | null = null;
  for (const page of [start, ...rest]) {
    if (!page) continue;
    const { arrays } = decodeArrays<unknown, keyof ImporterTariffs>(page.body);
    for (let n = arrays.productN.indexOf(product); n >= 0 && arrays.productN[n] === product; n++) {
      const rate = { percent: arrays.percentN[n] ?? 0, advantage: arrays.advantageN[n] ?? 1 };
      if (arrays.exporterN[n] === exporter) return rate;
      if (arrays.exporterN[n] === NOBODY) everyone = rate;
    }
  }
  return everyone;
}
