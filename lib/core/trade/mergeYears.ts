import { axis } from '../labels.ts';
import type { Flows } from './flows.ts';

/** One year of one input: columns on the input's own axes (codes ascending), sorted by exporter, importer, product; USD. */
export interface YearSlice {
  readonly year: number;
  readonly countries: readonly string[];
  readonly products: readonly string[];
  readonly exporterN: Uint16Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  readonly valueN: Float64Array;
}

/** The rows of one exporter in one slice. */
interface Stretch {
  readonly slice: Placed;
  readonly from: number;
  readonly to: number;
}

/** A slice with the way from its own positions to those of the merged axes. */
interface Placed extends YearSlice {
  readonly countryAt: Uint16Array;
  readonly productAt: Uint16Array;
}

/**
 * Averages the years of a window into one table of flows.
 *
 *     v[i,j,k] = Σ_t v[i,j,k,t] / T_i      t over the years in which exporter i reports anything, T_i their number
 *
 * A year in which the exporter sells something, but not this, counts as 0; a year without the exporter does not count. For one (year,
 * exporter) the last slice that contains it speaks alone (lib/decisions/0070).
 *
 * @param slices in the order in which they speak; axes of the result are the unions of theirs
 * @cost linear in rows: every input is sorted, so that each exporter's stretches are merged and nothing is looked up
 */
export function mergeYears(slices: readonly YearSlice[]): Flows {
  const countries = axis(slices.flatMap((slice) => slice.countries));
  const products = axis(slices.flatMap((slice) => slice.products));
  const stretchesE = speakingStretches(
    slices.map((slice) => place(slice, countries.at, products.at)),
    countries.codes.length,
  );

  // room for all rows, trimmed at the end: cells of several years fall together
  const rows = stretchesE.flat().reduce((sum, { from, to }) => sum + to - from, 0);
  const exporterN = new Uint16Array(rows);
  const importerN = new Uint16Array(rows);
  const productN = new Uint16Array(rows);
  const valueN = new Float64Array(rows);
  let n = 0;
  for (let exporter = 0; exporter < stretchesE.length; exporter++) {
    const stretches = stretchesE[exporter]!;
    // one year alone is copied: its order is that of the merged axes already
    if (stretches.length === 1) {
      const { slice, from, to } = stretches[0]!;
      for (let row = from; row < to; row++, n++) {
        exporterN[n] = exporter;
        importerN[n] = slice.countryAt[slice.importerN[row]!]!;
        productN[n] = slice.productAt[slice.productN[row]!]!;
        valueN[n] = slice.valueN[row]!;
      }
      continue;
    }
    const heads = stretches.map(({ from }) => from);
    for (;;) {
      // the smallest (importer, product) at any head
      let importer = -1;
      let product = -1;
      for (let s = 0; s < stretches.length; s++) {
        const { slice, to } = stretches[s]!;
        if (heads[s]! === to) continue;
        const i = slice.countryAt[slice.importerN[heads[s]!]!]!;
        const p = slice.productAt[slice.productN[heads[s]!]!]!;
        if (importer < 0 || i < importer || (i === importer && p < product)) {
          importer = i;
          product = p;
        }
      }
      if (importer < 0) break;
      // its mean, years in ascending order
      let sum = 0;
      for (let s = 0; s < stretches.length; s++) {
        const { slice, to } = stretches[s]!;
        const head = heads[s]!;
        if (
          head === to ||
          slice.countryAt[slice.importerN[head]!] !== importer ||
          slice.productAt[slice.productN[head]!] !== product
        )
          continue;
        sum += slice.valueN[head]!;
        heads[s] = head + 1;
      }
      exporterN[n] = exporter;
      importerN[n] = importer;
      productN[n] = product;
      valueN[n] = sum / stretches.length;
      n++;
    }
  }
  const trim = <A extends Uint16Array | Float64Array>(array: A) => (n === rows ? array : (array.slice(0, n) as A));
  return {
    countries,
    products,
    exporterN: trim(exporterN),
    importerN: trim(importerN),
    productN: trim(productN),
    valueN: trim(valueN),
  };
}

function place(
  slice: YearSlice,
  countryAt: ReadonlyMap<string, number>,
  productAt: ReadonlyMap<string, number>,
): Placed {
  return {
    ...slice,
    countryAt: Uint16Array.from(slice.countries, (code) => countryAt.get(code)!),
    productAt: Uint16Array.from(slice.products, (code) => productAt.get(code)!),
  };
}

/** For each exporter the stretches that speak for it, one a year, years ascending. */
function speakingStretches(slices: readonly Placed[], exporters: number): Stretch[][] {
  const byYearE = Array.from({ length: exporters }, () => new Map<number, Stretch>());
  for (const slice of slices) {
    const { exporterN, countryAt, year } = slice;
    for (let from = 0, to = 0; from < exporterN.length; from = to) {
      while (to < exporterN.length && exporterN[to] === exporterN[from]) to++;
      byYearE[countryAt[exporterN[from]!]!]!.set(year, { slice, from, to });
    }
  }
  return byYearE.map((byYear) => [...byYear].toSorted(([a], [b]) => a - b).map(([, stretch]) => stretch));
}
