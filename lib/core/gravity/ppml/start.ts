import { type Absorbed, type EffectCoefficients, noEffects } from './absorbed.ts';
import type { Panel } from './panel.ts';

/** Sweeps of multiplicative scaling before the first Newton step. */
const SWEEPS = 2;
/** Offsets are cut at this distance from their mean, for the start only: exp() of what remains is finite. */
const WIDEST_OFFSET = 200;

/**
 * Where the iterations start: effects that already give about the right margins, with all coefficients zero.
 *
 *     m[n] = exp(offset[n]) Π_effects A[level of n],   A scaled, effect by effect, until level sums of m are those of y
 *
 * From one common mean, where ppmlhdfe and fixest begin, Newton's method needs about one iteration for each unit that the logarithm
 * of the smallest exporter lies below it; from here it is in its quadratic phase at once (decision 0017).
 *
 * @returns α = ln A per level
 */
export function startingEffects({ absorbed, yN, offsetN, weightN }: Panel): EffectCoefficients {
  const { groups, remaining } = absorbed;
  const meanN = new Float64Array(absorbed.n).fill(1);
  const start = noEffects(absorbed);
  if (offsetN) {
    const centre = offsetN.reduce((sum, offset) => sum + offset, 0) / absorbed.n;
    for (let n = 0; n < absorbed.n; n++)
      meanN[n] = Math.exp(Math.max(-WIDEST_OFFSET, Math.min(WIDEST_OFFSET, offsetN[n]! - centre)));
    start.ofG.fill(-centre);
  }
  const wanted = levelSums(absorbed, yN, weightN);
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let r = 0; r <= remaining; r++) {
      // the remaining effects in turn, then the eliminated one
      const fitted = levelSums(absorbed, meanN, weightN);
      const factors = noEffects(absorbed);
      factors.ofG.fill(1);
      factors.ofL.fill(1);
      if (r === remaining) for (let g = 0; g < groups; g++) factors.ofG[g] = wanted.ofG[g]! / fitted.ofG[g]!;
      else {
        const end = absorbed.startR[r + 1] ?? absorbed.levels;
        for (let l = absorbed.startR[r]!; l < end; l++) factors.ofL[l] = wanted.ofL[l]! / fitted.ofL[l]!;
      }
      scale(absorbed, factors, meanN);
      for (let g = 0; g < groups; g++) start.ofG[g]! += Math.log(factors.ofG[g]!);
      for (let l = 0; l < absorbed.levels; l++) start.ofL[l]! += Math.log(factors.ofL[l]!);
    }
  return start;
}

/** Weighted sums of a column by level: Σ_{n in level} w[n] v[n]. */
export function levelSums(absorbed: Absorbed, valueN: Float64Array, weightN: Float64Array | null): EffectCoefficients {
  const { groups, fromG, remaining, idNR } = absorbed;
  const sums = noEffects(absorbed);
  const { ofG, ofL } = sums;
  for (let g = 0; g < groups; g++) {
    let sum = 0;
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) {
      const value = weightN === null ? valueN[n]! : weightN[n]! * valueN[n]!;
      sum += value;
      for (let r = 0; r < remaining; r++) ofL[idNR[n * remaining + r]!]! += value;
    }
    ofG[g] = sum;
  }
  return sums;
}

/** Multiplies each row by the factors of its levels. */
function scale(
  { groups, fromG, remaining, idNR }: Absorbed,
  { ofG, ofL }: EffectCoefficients,
  meanN: Float64Array,
): void {
  for (let g = 0; g < groups; g++)
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) {
      let factor = ofG[g]!;
      for (let r = 0; r < remaining; r++) factor *= ofL[idNR[n * remaining + r]!]!;
      meanN[n]! *= factor;
    }
}
