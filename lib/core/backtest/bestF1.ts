import type { RankedList } from './rankedList.ts';

/**
 * The best balance of precision and recall that one threshold on the score reaches. A threshold takes a group of ties whole or not at all.
 *
 *     max_g  2 TP[g] / (above[g] + tied[g] + P)
 *
 * @returns in (0, 1]; NaN without positives
 */
export function bestF1({ positives, aboveG, tiedG, positiveG }: RankedList): number {
  if (positives === 0) return Number.NaN;
  let best = 0;
  let found = 0;
  for (let g = 0; g < aboveG.length; g++) {
    found += positiveG[g]!;
    best = Math.max(best, (2 * found) / (aboveG[g]! + tiedG[g]! + positives));
  }
  return best;
}
