import type { RankedList } from './rankedList.ts';

/**
 * The chance that a positive drawn at random stands above a negative drawn at random; a tie counts one half.
 *
 *     AUC = Σ_g p[g] · (below[g] + ½ (tied[g] − p[g])) / (P · N)      below: negatives with a lower score
 *
 * @returns in [0, 1], ½ without any information; NaN without positives or without negatives
 * @source Hanley and McNeil (1982), Radiology 143:29
 */
export function auc({ cells, positives, aboveG, tiedG, positiveG }: RankedList): number {
  const negatives = cells - positives;
  let won = 0;
  let positivesAbove = 0;
  for (let g = 0; g < aboveG.length; g++) {
    const tied = tiedG[g]! - positiveG[g]!;
    const above = aboveG[g]! - positivesAbove;
    won += positiveG[g]! * (negatives - above - tied / 2);
    positivesAbove += positiveG[g]!;
  }
  return won / (positives * negatives);
}
