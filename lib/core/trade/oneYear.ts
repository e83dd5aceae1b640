import type { Flows } from './flows.ts';
import type { WindowYears } from './windowYears.ts';

/** A window has to have so many years before one of them can stand out. */
const LEAST_YEARS = 3;
/** From this share of all years on, one year is what there is. */
const SHARE = 0.9;

/** What was traded in one year of a window and hardly in the others, as marks of 1: one shipment, perhaps, that a mean spreads over all years. */
export interface OneYear {
  /** exporters × products: of what an exporter sells of a product */
  readonly exporterProduct: Uint8Array;
  /** importers × products: of what an importer buys */
  readonly importerProduct: Uint8Array;
  /** by row of the flows */
  readonly flowN: Uint8Array;
}

/**
 * Marks what lies in one year of a window.
 *
 *     max_t x_t > 0.9 Σ_t x_t          x_t what was traded in year t by exporters that report in every year
 *
 * @param flows the mean of the window's years
 * @returns null for a window of fewer than three years
 */
export function oneYear(flows: Flows, window: WindowYears): OneYear | null {
  if (window.years.length < LEAST_YEARS) return null;
  const { exporterN, importerN, productN, countries, products } = flows;
  const nProducts = products.codes.length;
  const cells = countries.codes.length * nProducts;
  const sums = [cells, cells, productN.length].map((length) => ({
    all: new Float64Array(length),
    most: new Float64Array(length),
    year: new Float64Array(length),
  }));
  const [exports_, imports, single] = sums as [(typeof sums)[0], (typeof sums)[0], (typeof sums)[0]];
  for (const year of window.years) {
    const { valueN, rowN } = window.of(year);
    for (const { year: own } of sums) own.fill(0);
    for (let n = 0; n < rowN.length; n++) {
      const row = rowN[n]!;
      if (window.reportsAlwaysE[exporterN[row]!] === 0) continue;
      exports_.year[exporterN[row]! * nProducts + productN[row]!]! += valueN[n]!;
      imports.year[importerN[row]! * nProducts + productN[row]!]! += valueN[n]!;
      single.year[row]! += valueN[n]!;
    }
    for (const { all, most, year: own } of sums)
      for (let at = 0; at < own.length; at++) {
        all[at]! += own[at]!;
        if (own[at]! > most[at]!) most[at] = own[at]!;
      }
  }
  const marks = ({ all, most }: (typeof sums)[0]) =>
    Uint8Array.from(all, (sum, at) => (most[at]! > SHARE * sum ? 1 : 0));
  return { exporterProduct: marks(exports_), importerProduct: marks(imports), flowN: marks(single) };
}
