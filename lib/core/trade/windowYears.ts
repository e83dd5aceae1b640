import type { Flows } from './flows.ts';
import { exporterStarts } from './flows.ts';
import { mergeYears, type YearSlice } from './mergeYears.ts';

/** One year of a window beside the mean of all of them. */
export interface WindowYear {
  readonly year: number;
  /** USD */
  readonly valueN: Float64Array;
  /** the row of the mean that each of its rows belongs to */
  readonly rowN: Uint32Array;
}

/** The years of a window, and who reports in all of them. */
export interface WindowYears {
  readonly years: readonly number[];
  /** 1 for an exporter that reports something in every year: only of these a year without a flow is known to be 0 */
  readonly reportsAlwaysE: Uint8Array;
  /** One year, merged when it is asked for. */
  of(year: number): WindowYear;
}

/**
 * Takes the mean of a window apart again.
 *
 * @param flows the mean of the window's years (`mergeYears` of the same slices), USD
 * @param slices in the order in which they speak
 * @cost a merge for each year asked for
 */
export function windowYears(flows: Flows, slices: readonly YearSlice[]): WindowYears {
  const byYear = new Map<number, YearSlice[]>();
  for (const slice of slices) byYear.set(slice.year, [...(byYear.get(slice.year) ?? []), slice]);
  const years = [...byYear.keys()].sort((a, b) => a - b);

  const reportsE = new Uint16Array(flows.countries.codes.length);
  for (const ofYear of byYear.values()) {
    const reporting = new Set(
      ofYear.flatMap(({ countries, exporterN }) => [...new Set(exporterN)].map((e) => countries[e]!)),
    );
    for (const code of reporting) reportsE[flows.countries.at.get(code)!]!++;
  }
  const startE = exporterStarts(flows);

  return {
    years,
    reportsAlwaysE: Uint8Array.from(reportsE, (count) => (count === years.length ? 1 : 0)),
    of(year) {
      // both are sorted by exporter, importer, product
      const part = mergeYears(byYear.get(year)!);
      const countryAt = part.countries.codes.map((code) => flows.countries.at.get(code)!);
      const productAt = part.products.codes.map((code) => flows.products.at.get(code)!);
      const rowN = new Uint32Array(part.valueN.length);
      let row = 0;
      let exporter = -1;
      for (let n = 0; n < rowN.length; n++) {
        const own = countryAt[part.exporterN[n]!]!;
        if (own !== exporter) {
          exporter = own;
          row = startE[own]!;
        }
        const [m, p] = [countryAt[part.importerN[n]!]!, productAt[part.productN[n]!]!];
        while (flows.importerN[row] !== m || flows.productN[row] !== p) row++;
        rowN[n] = row;
      }
      return { year, valueN: part.valueN, rowN };
    },
  };
}
