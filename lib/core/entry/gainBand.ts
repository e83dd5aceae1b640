import { drawExporters, resampleRatio } from '../backtest/bootstrap.ts';
import { interval } from '../backtest/interval.ts';

/** What came of cells over what was expected of them, as an interval (95 %) by the size of the expectation. Survives JSON. */
export interface GainBand {
  /** USD, ascending, the first 0: group g holds expectations from fromUsd[g] up to fromUsd[g + 1] */
  readonly fromUsd: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Groups that are expected to gain the same. */
const GROUPS = 5;
/** In a group at least so many cells have gained something. */
const LEAST_GAINERS = 100;
const DRAWS = 1_000;

interface Gains {
  /** E, USD, by a model that has not seen the cell */
  readonly expectedN: Float64Array;
  /** max(v after − v before, 0), USD */
  readonly gainedN: Float64Array;
  readonly weightN: Float64Array;
  /** positions on an axis of countries */
  readonly exporterN: Uint16Array;
}

/**
 * How far expectations are to be trusted: cells in groups by what is expected of them, each group expected to gain the same in all; the ratio of what all of a group
 * gained over what was expected of it, in draws of exporters.
 *
 *     ratio[g] = Σ w gained / Σ w expected over the cells of group g
 *
 * An interval of the mean of cells like these, not of one cell: most empty cells stay empty.
 *
 * @returns a single group from 0 to infinity where nothing was gained or expected
 * @source METHODS 9.9: intervals by bootstrap over exporters
 */
export function gainBand({ expectedN, gainedN, weightN, exporterN }: Gains): GainBand {
  const gainers = gainedN.reduce((count, gained) => count + (gained > 0 ? 1 : 0), 0);
  if (gainers === 0) return { fromUsd: [0], low: [0], high: [Number.MAX_VALUE] };
  const order = Uint32Array.from(expectedN.keys()).sort((a, b) => expectedN[a]! - expectedN[b]!);
  const total = order.reduce((sum, n) => sum + weightN[n]! * expectedN[n]!, 0);
  const groups = Math.max(1, Math.min(GROUPS, Math.floor(gainers / LEAST_GAINERS)));

  const codes = [...new Set(exporterN)].sort((a, b) => a - b);
  const rowC = new Map(codes.map((exporter, row) => [exporter, row]));
  const timesDE = drawExporters(codes.length, DRAWS, 1);
  const band = { fromUsd: [] as number[], low: [] as number[], high: [] as number[] };
  let at = 0;
  let passed = 0;
  for (let group = 0; group < groups; group++) {
    const [expectedE, gainedE] = [new Float64Array(codes.length), new Float64Array(codes.length)];
    band.fromUsd.push(group === 0 ? 0 : (expectedN[order[at]!] ?? 0));
    for (; at < order.length && (group === groups - 1 || passed < ((group + 1) * total) / groups); at++) {
      const n = order[at]!;
      const row = rowC.get(exporterN[n]!)!;
      expectedE[row]! += weightN[n]! * expectedN[n]!;
      gainedE[row]! += weightN[n]! * gainedN[n]!;
      passed += weightN[n]! * expectedN[n]!;
    }
    const { low, high } = interval(resampleRatio(gainedE, expectedE, timesDE));
    band.low.push(Number.isNaN(low) ? 0 : low);
    band.high.push(Number.isNaN(high) ? Number.MAX_VALUE : high);
  }
  return band;
}

/** The interval of an expectation, USD. */
export function withinBand({ fromUsd, low, high }: GainBand, expected: number): readonly [low: number, high: number] {
  let group = 0;
  while (group + 1 < fromUsd.length && expected >= fromUsd[group + 1]!) group++;
  return [expected * low[group]!, expected * high[group]!];
}
