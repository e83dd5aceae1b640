import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import type { Relatives } from '../../core/entry/entryContext.ts';
import type { Axis } from '../../core/labels.ts';
import type { Flows } from '../../core/trade/flows.ts';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import { columnPages, readColumns } from './columnPages.ts';
import { groupRows } from './groups.ts';
import { exporterPartition, importerPartition, numbered, worldPartition } from './keys.ts';

/** Nearest products that are kept of each, of the 40 that the models look at. */
export const RELATIVES_KEPT = 12;
/** Products of a page of relatives: 72 bytes each. */
const PRODUCTS_PER_PAGE = 384;

interface Place {
  readonly slot: number;
  readonly run: string;
}

/** How much a country's neighbours count for it; by country. */
const alikePage = (partition: string, run: string, weightC: Float64Array): Page => ({
  partition,
  sort: 'alike',
  run,
  body: encodeArrays(null, { weightC: Float32Array.from(weightC) }),
});

/** Who is like an exporter, and what it sells to whom: rows by importer, then product. */
export function exporterPrecedents(
  { slot, run }: Place,
  exporter: string,
  alikeC: Float64Array,
  { countries, importerN, productN, valueN }: Flows,
  [from, to]: readonly [from: number, to: number],
): Page[] {
  const partition = exporterPartition(slot, exporter);
  const { start } = groupRows(importerN.subarray(from, to), countries.codes.length);
  const sales = { valueN: Float32Array.from(valueN.subarray(from, to)), productN: productN.subarray(from, to) };
  return [
    alikePage(partition, run, alikeC),
    ...columnPages({ partition, run }, 'sales', { codes: countries.codes, start }, sales),
  ];
}

/** Who is like an importer. */
export const importerPrecedents = ({ slot, run }: Place, importer: string, alikeC: Float64Array): Page[] => [
  alikePage(importerPartition(slot, importer), run, alikeC),
];

/** Which products are nearest to each, the nearest first. */
export function relativesPages(
  { slot, run }: Place,
  { codes }: Axis,
  { startP, productX, weightX }: Relatives,
): Page[] {
  // turned round again: by product its relatives
  const relativesP: { product: number; weight: number }[][] = codes.map(() => []);
  for (let q = 0; q < codes.length; q++)
    for (let x = startP[q] ?? 0; x < (startP[q + 1] ?? 0); x++)
      relativesP[productX[x] ?? 0]?.push({ product: q, weight: weightX[x] ?? 0 });
  const pages: Page[] = [];
  for (let first = 0; first < codes.length; first += PRODUCTS_PER_PAGE) {
    const count = Math.min(PRODUCTS_PER_PAGE, codes.length - first);
    const weightPK = new Float32Array(count * RELATIVES_KEPT);
    const productPK = new Uint16Array(count * RELATIVES_KEPT);
    for (let p = 0; p < count; p++) {
      const nearest = (relativesP[first + p] ?? []).sort((a, b) => b.weight - a.weight || a.product - b.product);
      for (const [k, { product, weight }] of nearest.slice(0, RELATIVES_KEPT).entries()) {
        productPK[p * RELATIVES_KEPT + k] = product;
        weightPK[p * RELATIVES_KEPT + k] = weight;
      }
    }
    const sort = numbered('relatives', first / PRODUCTS_PER_PAGE);
    pages.push({ partition: worldPartition(slot), sort, run, body: encodeArrays(null, { weightPK, productPK }) });
  }
  return pages;
}

/** Somebody or something that is like another, and how much of all likeness it is. */
export interface Alike {
  readonly at: number;
  readonly weight: number;
}

/** Reads what lies behind a cell: who and what is like its exporter, its importer and its product, and what the exporter sells. */
export function precedentReader(store: PageStore, { slot, run }: Place) {
  const alike = async (partition: string): Promise<Alike[]> => {
    const [page] = await store.get(run, [{ partition, sort: 'alike' }]);
    if (!page) return [];
    const { weightC } = decodeArrays<null, 'weightC'>(page.body).arrays;
    return strongest(Array.from(weightC, (weight, at) => ({ at, weight })));
  };
  return {
    /** countries like an exporter, the most alike first: one read */
    likeExporter: (code: string) => alike(exporterPartition(slot, code)),
    /** countries like an importer: one read */
    likeImporter: (code: string) => alike(importerPartition(slot, code)),
    /** the nearest products of one: one read */
    async likeProduct(product: number): Promise<Alike[]> {
      const sort = numbered('relatives', Math.floor(product / PRODUCTS_PER_PAGE));
      const [page] = await store.get(run, [{ partition: worldPartition(slot), sort }]);
      if (!page) return [];
      const { weightPK, productPK } = decodeArrays<null, 'weightPK' | 'productPK'>(page.body).arrays;
      const from = (product % PRODUCTS_PER_PAGE) * RELATIVES_KEPT;
      return strongest(
        Array.from({ length: RELATIVES_KEPT }, (_, k) => ({
          at: productPK[from + k] ?? 0,
          weight: weightPK[from + k] ?? 0,
        })),
      );
    },
    /** what an exporter sells to an importer, USD by product: one query, and a batch of reads where there is much of it */
    async sales(exporter: string, importer: string): Promise<ReadonlyMap<number, number>> {
      const place = { partition: exporterPartition(slot, exporter), run };
      const parts = await readColumns<'valueN' | 'productN'>(store, place, 'sales', importer);
      return new Map(
        parts.flatMap(({ valueN, productN }) =>
          Array.from(productN, (product, n): [number, number] => [product, valueN[n] ?? 0]),
        ),
      );
    },
  };
}

const strongest = (all: readonly Alike[]): Alike[] =>
  all.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight || a.at - b.at);
