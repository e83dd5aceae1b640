import { exporterStarts, type Flows } from './flows.ts';
import { mergeYears, type YearSlice } from './mergeYears.ts';

/**
 * What each cell of a window was worth in its latest year.
 *
 * @param flows the mean of the window's years (`mergeYears` of the same slices), USD
 * @param slices in the order in which they speak
 * @returns one value a row of the flows, USD; 0 where the exporter sold nothing of it that year; NaN where the exporter does not report in every year of
 *   the window: its mean is then not of the same years as others'. Null for a window of more or fewer than `years` years
 * @cost one more merge of the latest year
 */
export function latestValues(flows: Flows, slices: readonly YearSlice[], years: number): Float64Array | null {
  const byYear = new Map<number, YearSlice[]>();
  for (const slice of slices) byYear.set(slice.year, [...(byYear.get(slice.year) ?? []), slice]);
  if (byYear.size !== years) return null;

  // exporters that report every year
  const reportsE = new Uint16Array(flows.countries.codes.length);
  for (const ofYear of byYear.values()) {
    const reporting = new Set(
      ofYear.flatMap(({ countries, exporterN }) => [...new Set(exporterN)].map((e) => countries[e]!)),
    );
    for (const code of reporting) reportsE[flows.countries.at.get(code)!]!++;
  }

  // the latest year beside the window, both by exporter, importer, product
  const latest = mergeYears(byYear.get(Math.max(...byYear.keys()))!);
  const importerAt = latest.countries.codes.map((code) => flows.countries.at.get(code)!);
  const productAt = latest.products.codes.map((code) => flows.products.at.get(code)!);
  const [startE, latestStartE] = [exporterStarts(flows), exporterStarts(latest)];
  const valueN = new Float64Array(flows.valueN.length);
  for (let e = 0; e < reportsE.length; e++) {
    const [from, to] = [startE[e]!, startE[e + 1]!];
    if (reportsE[e] !== byYear.size) {
      valueN.fill(Number.NaN, from, to);
      continue;
    }
    const own = latest.countries.at.get(flows.countries.codes[e]!)!;
    let row = from;
    for (let n = latestStartE[own]!; n < latestStartE[own + 1]!; n++) {
      const [m, p] = [importerAt[latest.importerN[n]!]!, productAt[latest.productN[n]!]!];
      while (flows.importerN[row] !== m || flows.productN[row] !== p) row++;
      valueN[row] = latest.valueN[n]!;
    }
  }
  return valueN;
}
