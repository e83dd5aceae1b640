import { resampleRatio } from './bootstrap.ts';
import { type Interval, interval } from './interval.ts';
import type { Judged } from './positiveRanks.ts';

/** Where bins of probabilities begin; the last one ends at 1, which belongs to it. Fixed, so that tables of different scores compare. */
export const CALIBRATION_EDGES = [0, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5] as const;

/** One bin of a calibration table. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly cells: number;
  /** the sum of the probabilities */
  readonly expected: number;
  /** how many positives there were */
  readonly observed: number;
  /** observed over expected: 1 when probabilities are right, below 1 when they promise too much; NaN in an empty bin */
  readonly ratio: number;
  readonly interval: Interval;
}

/**
 * Whether cells with a probability of p became positive in a share p of cases.
 *
 *     ratio[b] = Σ_{n in b} y[n] / Σ_{n in b} p[n]
 *
 * @param probabilityN in [0, 1]
 * @param timesDE draws × exporters; intervals are of the ratio under draws of exporters
 * @throws RangeError naming the first cell whose probability is no probability
 */
export function calibrationTable(judged: Judged, probabilityN: Float64Array, timesDE: Uint16Array): CalibrationBin[] {
  const { startE, positiveN } = judged;
  const nExporters = startE.length - 1;
  const nBins = CALIBRATION_EDGES.length;
  checkProbabilities(judged, probabilityN);

  // bins × exporters
  const cellsBE = new Float64Array(nBins * nExporters);
  const expectedBE = new Float64Array(nBins * nExporters);
  const observedBE = new Float64Array(nBins * nExporters);
  for (let e = 0; e < nExporters; e++) {
    for (let n = startE[e]!; n < startE[e + 1]!; n++) {
      const probability = probabilityN[n]!;
      let bin = 0;
      while (bin + 1 < nBins && probability >= CALIBRATION_EDGES[bin + 1]!) bin++;
      const at = bin * nExporters + e;
      cellsBE[at]!++;
      expectedBE[at]! += probability;
      observedBE[at]! += positiveN[n]!;
    }
  }
  return CALIBRATION_EDGES.map((from, bin) => {
    const ofBin = (valueBE: Float64Array) => valueBE.subarray(bin * nExporters, (bin + 1) * nExporters);
    const expected = sum(ofBin(expectedBE));
    const observed = sum(ofBin(observedBE));
    return {
      from,
      to: CALIBRATION_EDGES[bin + 1] ?? 1,
      cells: sum(ofBin(cellsBE)),
      expected,
      observed,
      ratio: observed / expected,
      interval: interval(resampleRatio(ofBin(observedBE), ofBin(expectedBE), timesDE)),
    };
  });
}

/** The probabilities of a group of cells against its positives. */
export interface CalibrationSum {
  readonly cells: number;
  readonly expected: number;
  readonly observed: number;
  /** expected over observed: above 1 when probabilities promise too much; infinite without positives */
  readonly ratio: number;
}

/**
 * The sum of probabilities over the number of positives, group by group: whether a group as a whole is promised the right amount.
 *
 * @param groupN a group below `groups` for each cell, such as its basis or the size of its exporter
 */
export function calibrationSums(
  judged: Judged,
  probabilityN: Float64Array,
  groupN: ArrayLike<number>,
  groups: number,
): CalibrationSum[] {
  checkProbabilities(judged, probabilityN);
  const [cellsG, expectedG, observedG] = Array.from({ length: 3 }, () => new Float64Array(groups)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let n = 0; n < probabilityN.length; n++) {
    const group = groupN[n]!;
    cellsG[group]!++;
    expectedG[group]! += probabilityN[n]!;
    observedG[group]! += judged.positiveN[n]!;
  }
  return Array.from(cellsG, (cells, g) => ({
    cells,
    expected: expectedG[g]!,
    observed: observedG[g]!,
    ratio: expectedG[g]! / observedG[g]!,
  }));
}

function checkProbabilities({ positiveN }: Judged, probabilityN: Float64Array): void {
  if (probabilityN.length !== positiveN.length)
    throw new RangeError(`calibration: ${probabilityN.length} probabilities for ${positiveN.length} outcomes`);
  const wrong = probabilityN.findIndex((probability) => !(probability >= 0 && probability <= 1));
  if (wrong >= 0)
    throw new RangeError(`calibration: the probability of cell ${wrong} is ${probabilityN[wrong]}, expected in [0, 1]`);
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
