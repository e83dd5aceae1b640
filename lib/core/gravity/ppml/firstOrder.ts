import type { EffectCoefficients } from './absorbed.ts';
import type { Panel, PanelColumn } from './panel.ts';
import type { Weighted } from './reduced.ts';
import { levelSums } from './start.ts';

/** How far the first-order conditions of the likelihood are from zero, relative to the outcomes that they balance. */
export interface FirstOrder {
  /** max_k |Σ w x[k] (y - μ)| / Σ w |x[k]| y, with the regressors as they were given */
  readonly regressors: number;
  /** max over all levels of all effects of |Σ w (y - μ)| / Σ w y */
  readonly margins: number;
}

/**
 * Measures the first-order conditions of a fit whose weights are w μ. Those weights' level sums are the fitted margins, so margins
 * cost nothing; a regressor's condition is that of its rest plus what it has in common with the margins.
 */
export function firstOrder(
  { yN, weightN, absorbed }: Panel,
  columns: readonly PanelColumn[],
  muN: Float64Array,
  weights: Weighted,
  yMargins: EffectCoefficients = levelSums(absorbed, yN, weightN),
): FirstOrder {
  const missingG = yMargins.ofG.map((sum, g) => sum - weights.totalG[g]!);
  const missingL = yMargins.ofL.map((sum, l) => sum - weights.totalL[l]!);
  const margins = Math.max(worst(missingG, yMargins.ofG), worst(missingL, yMargins.ofL));

  const missing = missingG.reduce((sum, value) => sum + value, 0);
  let regressors = 0;
  for (const { mean, sd, restN, taken, onY } of columns) {
    let score = 0;
    for (let n = 0; n < yN.length; n++) {
      const residual = yN[n]! - muN[n]!;
      score += restN[n]! * (weightN === null ? residual : weightN[n]! * residual);
    }
    for (let g = 0; g < missingG.length; g++) score += taken.ofG[g]! * missingG[g]!;
    for (let l = 0; l < missingL.length; l++) score += taken.ofL[l]! * missingL[l]!;
    regressors = Math.max(regressors, Math.abs(mean * missing + sd * score) / onY);
  }
  return { regressors, margins };
}

function worst(missing: Float64Array, of: Float64Array): number {
  let largest = 0;
  for (let at = 0; at < missing.length; at++) largest = Math.max(largest, Math.abs(missing[at]!) / of[at]!);
  return largest;
}
