import { stream, uniform } from '../random.ts';
import { precisionSum } from './averagePrecision.ts';
import type { PositiveRanks } from './positiveRanks.ts';

/**
 * Draws of as many exporters as there are, with replacement: how often each exporter is in each draw.
 *
 * Exporters are drawn and not cells, because cells of one exporter rise and fall together. The same draws for every score make the
 * comparison of two scores a paired one.
 *
 * @param seed the same seed, the same draws
 * @returns draws × exporters, each row adding up to the number of exporters
 * @source Efron and Tibshirani (1993), An Introduction to the Bootstrap, with exporters as clusters
 */
export function drawExporters(exporters: number, draws: number, seed: number): Uint16Array {
  const of = stream(seed, 'exporters drawn');
  const timesDE = new Uint16Array(draws * exporters);
  for (let d = 0; d < draws; d++) {
    for (let n = 0; n < exporters; n++) {
      const e = Math.floor(uniform(of, d * exporters + n) * exporters);
      timesDE[d * exporters + e]!++;
    }
  }
  return timesDE;
}

/** Draws that are worked on at once: their running counts fit the first cache, and one reading of the ranks serves all of them. */
const BLOCK = 16;

/**
 * AUC and average precision of the common list in every draw, exactly: the same numbers as `auc` and `averagePrecision` of a list in which
 * each exporter's cells stand as often as it was drawn.
 *
 * @param timesDE draws × exporters, as `drawExporters` gives them
 * @returns one value a draw; NaN in a draw without positives or (AUC) without negatives
 * @cost draws × entries of the ranks
 */
export function resample(ranks: PositiveRanks, timesDE: Uint16Array): { aucD: Float64Array; apD: Float64Array } {
  const { cellsE, positivesE, startG, exporterX, newX, tiedX, positiveX } = ranks;
  const nExporters = cellsE.length;
  const draws = timesDE.length / nExporters;
  const groups = startG.length - 1;
  const aucD = new Float64Array(draws);
  const apD = new Float64Array(draws);

  // of one block: exporters × draws, and running counts per draw
  const timesEB = new Float64Array(nExporters * BLOCK);
  const standingB = new Float64Array(BLOCK);
  const foundB = new Float64Array(BLOCK);
  const tiedB = new Float64Array(BLOCK);
  const positiveB = new Float64Array(BLOCK);
  const wonB = new Float64Array(BLOCK);
  const precisionB = new Float64Array(BLOCK);
  const cellsB = new Float64Array(BLOCK);
  const positivesB = new Float64Array(BLOCK);
  for (let from = 0; from < draws; from += BLOCK) {
    const width = Math.min(BLOCK, draws - from);
    for (const totals of [timesEB, standingB, foundB, wonB, precisionB, cellsB, positivesB]) totals.fill(0);
    for (let b = 0; b < width; b++) {
      for (let e = 0; e < nExporters; e++) {
        const times = timesDE[(from + b) * nExporters + e]!;
        timesEB[e * BLOCK + b] = times;
        cellsB[b]! += times * cellsE[e]!;
        positivesB[b]! += times * positivesE[e]!;
      }
    }

    for (let g = 0; g < groups; g++) {
      tiedB.fill(0);
      positiveB.fill(0);
      for (let x = startG[g]!; x < startG[g + 1]!; x++) {
        const at = exporterX[x]! * BLOCK;
        const fresh = newX[x]!;
        for (let b = 0; b < BLOCK; b++) standingB[b]! += fresh * timesEB[at + b]!;
        const tied = tiedX[x]!;
        if (tied === 0) continue;
        const positive = positiveX[x]!;
        for (let b = 0; b < BLOCK; b++) {
          tiedB[b]! += tied * timesEB[at + b]!;
          positiveB[b]! += positive * timesEB[at + b]!;
        }
      }
      for (let b = 0; b < width; b++) {
        const positive = positiveB[b]!;
        if (positive === 0) continue;
        const tied = tiedB[b]!;
        const above = standingB[b]! - tied;
        const found = foundB[b]!;
        const negatives = cellsB[b]! - positivesB[b]!;
        wonB[b]! += positive * (negatives - (above - found) - (tied - positive) / 2);
        precisionB[b]! += precisionSum(above, found, tied, positive);
        foundB[b] = found + positive;
      }
    }
    for (let b = 0; b < width; b++) {
      aucD[from + b] = wonB[b]! / (positivesB[b]! * (cellsB[b]! - positivesB[b]!));
      apD[from + b] = precisionB[b]! / positivesB[b]!;
    }
  }
  return { aucD, apD };
}

/**
 * The mean over exporters in every draw.
 *
 * @param valueE one value an exporter; NaN leaves the exporter out
 * @returns one value a draw; NaN in a draw of left-out exporters only
 */
export function resampleMean(valueE: ArrayLike<number>, timesDE: Uint16Array): Float64Array {
  return resampleRatio(
    Array.from(valueE, (value) => (Number.isNaN(value) ? 0 : value)),
    Array.from(valueE, (value) => (Number.isNaN(value) ? 0 : 1)),
    timesDE,
  );
}

/**
 * A ratio of sums over exporters in every draw.
 *
 *     r[d] = Σ_e times[d,e] a[e] / Σ_e times[d,e] b[e]
 *
 * @returns one value a draw; NaN where the denominator is 0
 */
export function resampleRatio(
  aboveE: ArrayLike<number>,
  belowE: ArrayLike<number>,
  timesDE: Uint16Array,
): Float64Array {
  const nExporters = aboveE.length;
  const ratioD = new Float64Array(timesDE.length / nExporters);
  for (let d = 0; d < ratioD.length; d++) {
    let [above, below] = [0, 0];
    for (let e = 0; e < nExporters; e++) {
      const times = timesDE[d * nExporters + e]!;
      above += times * aboveE[e]!;
      below += times * belowE[e]!;
    }
    ratioD[d] = below === 0 ? Number.NaN : above / below;
  }
  return ratioD;
}
