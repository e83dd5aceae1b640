import type { RankedList } from './rankedList.ts';

/**
 * The share of positives among the first K of the list. A group of ties that reaches beyond K takes part with the mean of what it holds.
 *
 *     P@K = 1/K · (Σ_{g whole} p[g] + p[g*] (K − above[g*]) / tied[g*])
 *
 * @param k whole number ≥ 1; a list of fewer cells still divides by K
 * @returns in [0, 1]
 */
export function precisionAt({ aboveG, tiedG, positiveG }: RankedList, k: number): number {
  let sum = 0;
  for (let g = 0; g < aboveG.length && aboveG[g]! < k; g++)
    sum += positiveG[g]! * Math.min(1, (k - aboveG[g]!) / tiedG[g]!);
  return sum / k;
}

/**
 * Precision at as many places as there are positives, which is also the recall there: 1 is reachable however few positives there are.
 *
 * @returns in [0, 1]; NaN without positives
 */
export const rPrecision = (list: RankedList): number => precisionAt(list, list.positives);
