import { encodeArrays } from '../../core/arrays.ts';
import type { Axis } from '../../core/labels.ts';
import { pick } from '../../core/pick.ts';
import type { Page } from '../../ports/pageStore.ts';
import { PRODUCTS_PER_PAGE } from './exporterPages.ts';
import { groupRows, planPages } from './groups.ts';
import { chaptersOf, grouped, importerPartition, numbered } from './keys.ts';

/** Flows that fill a page: 10 bytes each and 4 for a product, about 31 KB. */
export const FLOWS_PER_PAGE = 2_800;
/** The same with the latest year's values beside them: 14 bytes each. */
const FLOWS_PER_PAGE_WITH_LATEST = 2_100;

/** Everything that a run found out about one importer. */
export interface ImporterScores {
  readonly slot: number;
  readonly run: string;
  readonly importer: string;
  readonly products: Axis;
  /** v_jk, USD */
  readonly valueP: Float64Array;
  /** the importer's row of B in mu = A·B·C */
  readonly factorBP: Float64Array;
  /** the importer's effects in gravity; null without covariates */
  readonly gravityBP: Float64Array | null;
  /** percent by which its imports grow with income, per head; NaN where no file says of it by name, null where none does of any importer */
  readonly incomeP: Float32Array | null;
  /** products of which it buys in one year of the window only; null where that is not known */
  readonly oneYearP: Uint8Array | null;
  /** who sells what to it, each (product, exporter) once, in any order; USD */
  readonly flows: {
    readonly productN: Uint16Array;
    readonly exporterN: Uint16Array;
    readonly valueN: Float64Array;
    /** what they were worth in the latest year, for forecasts: single precision, NaN where unknown; null in a run without forecasts */
    readonly latestN: Float32Array | null;
  };
}

/** What a flows page says about itself. */
export interface FlowsMeta {
  /** pages of the chapter that starts here; 1 when the page holds whole chapters */
  readonly pages: number;
  /** first product position on each page of the chapter; only on the first of several */
  readonly firsts?: readonly number[];
}

/** All pages of one importer. */
export function importerPages(scores: ImporterScores): Page[] {
  const { slot, run, importer, products, valueP, factorBP, gravityBP, incomeP, oneYearP, flows } = scores;
  const page = (sort: string, body: Uint8Array): Page => ({
    partition: importerPartition(slot, importer),
    sort,
    run,
    body,
  });

  // its products, by position
  const pages: Page[] = [];
  for (let from = 0; from < products.codes.length; from += PRODUCTS_PER_PAGE) {
    const to = from + PRODUCTS_PER_PAGE;
    const body = encodeArrays(null, {
      valueP: valueP.subarray(from, to),
      factorBP: factorBP.subarray(from, to),
      ...(gravityBP && { gravityBP: gravityBP.subarray(from, to) }),
      ...(incomeP && { incomeP: incomeP.subarray(from, to) }),
      ...(oneYearP && { oneYearP: oneYearP.subarray(from, to) }),
    });
    pages.push(page(numbered('products', from / PRODUCTS_PER_PAGE), body));
  }

  // rows by product, the largest seller first, the lower position first among equals
  const { start, rows } = groupRows(flows.productN, products.codes.length);
  for (let p = 0; p < products.codes.length; p++) largestFirst(rows.subarray(start[p], start[p + 1]), flows);

  const flowsPerPage = flows.latestN ? FLOWS_PER_PAGE_WITH_LATEST : FLOWS_PER_PAGE;

  // chapters are stretches of the product axis; a page ends where a product ends
  const chapters = chaptersOf(products);
  const firstRow = (chapter: number) => start[chapters.first[chapter] ?? 0] ?? 0;
  const sizes = chapters.codes.map((_, chapter) => firstRow(chapter + 1) - firstRow(chapter));
  const productAt = (row: number) => flows.productN[rows[row] ?? 0] ?? 0;
  const endOfProduct = (group: number, from: number) => {
    const wanted = firstRow(group) + from + flowsPerPage;
    const product = productAt(wanted);
    const before = (start[product] ?? 0) - firstRow(group);
    return before > from ? before : (start[product + 1] ?? 0) - firstRow(group);
  };

  const plans = planPages(sizes, flowsPerPage, endOfProduct);
  for (const [at, { sequence, pages: ofGroup, stretches }] of plans.entries()) {
    const first = stretches[0];
    const last = stretches.at(-1);
    if (!first || !last) continue;
    const here = rows.subarray(firstRow(first.group) + first.from, firstRow(last.group) + last.to);
    const productQ: number[] = [];
    const countQ: number[] = [];
    for (let product = productAt(firstRow(first.group) + first.from), n = 0; n < here.length; product++) {
      const count = (start[product + 1] ?? 0) - (start[product] ?? 0);
      if (count === 0) continue;
      productQ.push(product);
      countQ.push(count);
      n += count;
    }
    const meta: FlowsMeta = {
      pages: ofGroup,
      ...(sequence === 0 &&
        ofGroup > 1 && {
          firsts: plans
            .slice(at, at + ofGroup)
            .map(({ stretches: [stretch] }) => productAt(firstRow(first.group) + (stretch?.from ?? 0))),
        }),
    };
    const body = encodeArrays(meta, {
      valueN: pick(flows.valueN, here, new Float64Array(here.length)),
      exporterN: pick(flows.exporterN, here, new Uint16Array(here.length)),
      ...(flows.latestN && { latestN: pick(flows.latestN, here, new Float32Array(here.length)) }),
      productQ: Uint16Array.from(productQ),
      countQ: Uint16Array.from(countQ),
    });
    pages.push(page(grouped('flows', chapters.codes[first.group] ?? '', sequence), body));
  }
  return pages;
}

/** Sorts the rows of one product by value, descending, then by exporter. By insertion: they are few, and come one exporter after another. */
function largestFirst(rows: Uint32Array, { valueN, exporterN }: ImporterScores['flows']): void {
  for (let n = 1; n < rows.length; n++) {
    const row = rows[n] ?? 0;
    const value = valueN[row] ?? 0;
    const exporter = exporterN[row] ?? 0;
    let to = n;
    for (; to > 0; to--) {
      const before = rows[to - 1] ?? 0;
      const larger = valueN[before] ?? 0;
      if (larger > value || (larger === value && (exporterN[before] ?? 0) < exporter)) break;
      rows[to] = before;
    }
    rows[to] = row;
  }
}
