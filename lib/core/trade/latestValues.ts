import type { Flows } from './flows.ts';
import type { WindowYears } from './windowYears.ts';

/**
 * What each cell of a window was worth in its latest year.
 *
 * @param flows the mean of the window's years, USD
 * @returns one value a row of the flows, USD; 0 where the exporter sold nothing of it that year; NaN where the exporter does not report in every year of
 *   the window: its mean is then not of the same years as others'. Null for a window of more or fewer than `length` years
 */
export function latestValues(flows: Flows, window: WindowYears, length: number): Float64Array | null {
  if (window.years.length !== length) return null;
  const { valueN, rowN } = window.of(window.years.at(-1)!);
  const latestN = Float64Array.from(flows.exporterN, (exporter) => (window.reportsAlwaysE[exporter] ? 0 : Number.NaN));
  for (let n = 0; n < rowN.length; n++) if (!Number.isNaN(latestN[rowN[n]!]!)) latestN[rowN[n]!] = valueN[n]!;
  return latestN;
}
