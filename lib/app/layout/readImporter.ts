import { decodeArrays } from '../../core/arrays.ts';
import { Failure } from '../../core/errors.ts';
import type { PageStore } from '../../ports/pageStore.ts';
import { PRODUCTS_PER_PAGE } from './exporterPages.ts';
import type { FlowsMeta } from './importerPages.ts';
import { chapterOf, grouped, importerPartition, numbered } from './keys.ts';
import { readRate } from './tariffPages.ts';

/** What a card needs of an importer for one product; USD. */
export interface ImporterCell {
  /** v_jk */
  readonly importerProductUsd: number;
  readonly factorB: number;
  /** 0 without covariates */
  readonly gravityB: number;
  /** the income elasticity that a file states of it by name; NaN where none does */
  readonly incomeElasticity: number;
  /** whether it buys in one year of the window only */
  readonly oneYear: boolean;
}

/** Who sells one product to one importer, the largest first. */
export interface Suppliers {
  readonly exporterN: Uint16Array;
  /** USD */
  readonly valueN: Float64Array;
  /** in the latest year, USD; NaN where the seller does not report every year; null in a run without forecasts */
  readonly latestN: Float32Array | null;
}

const NOBODY: Suppliers = { exporterN: new Uint16Array(), valueN: new Float64Array(), latestN: null };

/** The pages of one importer in one run. */
export function importerReader(pages: PageStore, run: string, slot: number, importer: string) {
  const partition = importerPartition(slot, importer);
  return {
    /** One read. Null when the importer has no pages: the run's data has no imports of it. */
    async cell(product: number): Promise<ImporterCell | null> {
      const sort = numbered('products', Math.floor(product / PRODUCTS_PER_PAGE));
      const [page] = await pages.get(run, [{ partition, sort }]);
      if (!page) return null;
      const { arrays } = decodeArrays<null, string>(page.body);
      const p = product % PRODUCTS_PER_PAGE;
      return {
        importerProductUsd: arrays.valueP?.[p] ?? 0,
        factorB: arrays.factorBP?.[p] ?? 0,
        gravityB: arrays.gravityBP?.[p] ?? 0,
        incomeElasticity: arrays.incomeP?.[p] ?? Number.NaN,
        oneYear: arrays.oneYearP?.[p] === 1,
      };
    },

    /** What it charges an exporter on a product; null where none is known. */
    rate: (cell: { product: number; code: string; exporter: number }) => readRate(pages, { partition, run }, cell),

    /** One query, and one read more where a chapter has several pages. */
    async suppliers(product: number, code: string): Promise<Suppliers> {
      const chapter = chapterOf(code);
      const first = await pages.atOrBefore(run, partition, 'flows#', grouped('flows', chapter, 0));
      if (!first) return NOBODY;

      // on a chapter of several pages, the first says where each of them begins
      const { firsts } = decodeArrays<FlowsMeta, never>(first.body).meta;
      const sequence = firsts && first.sort === grouped('flows', chapter, 0) ? lastAtOrBefore(firsts, product) : 0;
      if (sequence === 0) return suppliersOn(first.body, product);
      const sort = grouped('flows', chapter, sequence);
      const [page] = await pages.get(run, [{ partition, sort }]);
      if (!page) throw new Failure('store.inconsistent', { what: `${partition} ${sort} of run ${run}` });
      return suppliersOn(page.body, product);
    },
  };
}

function suppliersOn(body: Uint8Array, product: number): Suppliers {
  const { arrays } = decodeArrays<FlowsMeta, 'valueN' | 'exporterN' | 'latestN' | 'productQ' | 'countQ'>(body);
  const q = arrays.productQ.indexOf(product);
  if (q < 0) return NOBODY;
  let from = 0;
  for (let before = 0; before < q; before++) from += arrays.countQ[before] ?? 0;
  const to = from + (arrays.countQ[q] ?? 0);
  return {
    exporterN: (arrays.exporterN as Uint16Array).subarray(from, to),
    valueN: (arrays.valueN as Float64Array).subarray(from, to),
    latestN: (arrays.latestN as Float32Array | undefined)?.subarray(from, to) ?? null,
  };
}

/** Position of the last of ascending numbers that is at most `wanted`; 0 when none is. */
const lastAtOrBefore = (ascending: readonly number[], wanted: number) =>
  Math.max(
    0,
    ascending.findLastIndex((each) => each <= wanted),
  );
