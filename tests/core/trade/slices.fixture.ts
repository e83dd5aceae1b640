import { axis } from '../../../lib/core/labels.ts';
import type { YearSlice } from '../../../lib/core/trade/mergeYears.ts';

export type Row = readonly [exporter: string, importer: string, product: string, value: number];

/** One year of flows by names. */
export function slice(year: number, rows: readonly Row[]): YearSlice {
  const countries = axis([...rows.map(([exporter]) => exporter), ...rows.map(([, importer]) => importer)]);
  const products = axis(rows.map(([, , product]) => product));
  const sorted = rows.toSorted((a, b) => (a.slice(0, 3).join() < b.slice(0, 3).join() ? -1 : 1));
  return {
    year,
    countries: countries.codes,
    products: products.codes,
    exporterN: Uint16Array.from(sorted, ([exporter]) => countries.at.get(exporter)!),
    importerN: Uint16Array.from(sorted, ([, importer]) => countries.at.get(importer)!),
    productN: Uint16Array.from(sorted, ([, , product]) => products.at.get(product)!),
    valueN: Float64Array.from(sorted, ([, , , value]) => value),
  };
}
