import { harmonicBetween } from './harmonic.ts';
import type { RankedList } from './rankedList.ts';

/**
 * The mean, over positives, of the share of positives among all cells that rank no lower. Also the area under the curve of precision
 * against recall, in steps.
 *
 *     AP = 1/P · Σ_g precisionSum(g)
 *
 * @returns in (0, 1]; about the prevalence without any information; NaN without positives
 */
export function averagePrecision({ positives, aboveG, tiedG, positiveG }: RankedList): number {
  let sum = 0;
  let positivesAbove = 0;
  for (let g = 0; g < aboveG.length; g++) {
    sum += precisionSum(aboveG[g]!, positivesAbove, tiedG[g]!, positiveG[g]!);
    positivesAbove += positiveG[g]!;
  }
  return sum / positives;
}

/**
 * The sum of the precisions at the positives of one group of ties, expected over all orders of the group.
 *
 *     Σ_{r=1..t} p/t · (a + 1 + (r − 1) c) / (A + r),   c = (p − 1) / (t − 1)
 *
 * Place r of the group holds a positive with chance p/t, and then (r − 1) c of the places before it do, on average. With c and the harmonic
 * numbers this is p/t · (c t + (a + 1 − c − c A) (H(A + t) − H(A))): the sum over a group of millions costs as much as over one of a hundred.
 *
 * @param above A, cells above the group
 * @param positivesAbove a, positives among them
 * @param tied t, cells of the group
 * @param positive p, positives among them
 */
export function precisionSum(above: number, positivesAbove: number, tied: number, positive: number): number {
  if (tied === 1) return (positivesAbove + 1) / (above + 1);
  const c = (positive - 1) / (tied - 1);
  // the closed form loses digits where the group is small against what is above it; there the sum is short
  if (tied <= 64) {
    let sum = 0;
    for (let r = 1; r <= tied; r++) sum += (positivesAbove + 1 + (r - 1) * c) / (above + r);
    return (positive / tied) * sum;
  }
  const harmonic = harmonicBetween(above, tied);
  return (positive / tied) * (c * tied + (positivesAbove + 1 - c - c * above) * harmonic);
}
