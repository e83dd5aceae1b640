/**
 * A ranked list as far as its metrics need it: the scores that positives have, best first, and how many cells stand where. Cells between
 * two such scores are negatives, and only their number matters.
 *
 * Order inside a group of equal scores is not known. Every metric takes its expectation over all orders of each group, so that a score
 * with ties neither gains nor loses by the order in which cells happen to be stored.
 */
export interface RankedList {
  readonly cells: number;
  readonly positives: number;
  /** cells with a score above that of group g, of this group or any before it excluded */
  readonly aboveG: Float64Array;
  /** cells whose score is that of group g, positives included; ≥ 1 */
  readonly tiedG: Float64Array;
  /** positives among them; ≥ 1 */
  readonly positiveG: Float64Array;
}

/**
 * Ranks one list.
 *
 * @param scoreN higher is better; infinities are allowed
 * @param positiveN 1 where the event happened, else 0
 * @throws RangeError for a score that is NaN: every candidate has to be ranked somewhere
 */
export function rankedList(scoreN: Float64Array, positiveN: Uint8Array): RankedList {
  const { thresholdG, positiveG } = positiveScores(scoreN, positiveN);
  const groups = thresholdG.length;
  const { newG, tiedG } = countBetween(sortedScores(scoreN), thresholdG);
  const aboveG = new Float64Array(groups);
  let standing = 0;
  for (let g = 0; g < groups; g++) {
    standing += newG[g]!;
    aboveG[g] = standing - tiedG[g]!;
  }
  return {
    cells: scoreN.length,
    positives: sum(positiveG),
    aboveG,
    tiedG: Float64Array.from(tiedG),
    positiveG: Float64Array.from(positiveG),
  };
}

/** The different scores of positives, best first, and how many positives have each. */
export function positiveScores(
  scoreN: Float64Array,
  positiveN: Uint8Array,
): { thresholdG: Float64Array; positiveG: Uint32Array } {
  if (positiveN.length !== scoreN.length)
    throw new RangeError(`positiveScores: ${positiveN.length} outcomes for ${scoreN.length} scores`);
  let positives = 0;
  for (const positive of positiveN) positives += positive;
  const scores = new Float64Array(positives);
  for (let n = 0, at = 0; n < scoreN.length; n++) if (positiveN[n]) scores[at++] = scoreN[n]!;
  scores.sort().reverse();
  const thresholdG = new Float64Array(positives);
  const positiveG = new Uint32Array(positives);
  let groups = 0;
  for (const score of scores) {
    if (groups === 0 || thresholdG[groups - 1] !== score) thresholdG[groups++] = score;
    positiveG[groups - 1]!++;
  }
  return { thresholdG: thresholdG.slice(0, groups), positiveG: positiveG.slice(0, groups) };
}

/** The scores in ascending order. Throws RangeError naming the first cell without a score. */
export function sortedScores(scoreN: Float64Array): Float64Array {
  const ascending = scoreN.slice().sort();
  // NaN sorts last
  if (Number.isNaN(ascending[ascending.length - 1]))
    throw new RangeError(`backtest: the score of cell ${scoreN.findIndex(Number.isNaN)} is NaN, expected a number`);
  return ascending;
}

/**
 * How many cells come in at each threshold: with a score at least that of g and below that of g − 1 (`newG`), those at the threshold
 * itself counted again (`tiedG`). Cells below every threshold count nowhere.
 *
 * @param ascending scores in ascending order
 * @param thresholdG in descending order
 */
export function countBetween(
  ascending: Float64Array,
  thresholdG: Float64Array,
): { newG: Uint32Array; tiedG: Uint32Array } {
  const newG = new Uint32Array(thresholdG.length);
  const tiedG = new Uint32Array(thresholdG.length);
  let n = ascending.length - 1;
  for (let g = 0; g < thresholdG.length; g++) {
    const threshold = thresholdG[g]!;
    const from = n;
    while (n >= 0 && ascending[n]! > threshold) n--;
    const first = n;
    while (n >= 0 && ascending[n] === threshold) n--;
    newG[g] = from - n;
    tiedG[g] = first - n;
  }
  return { newG, tiedG };
}

const sum = (values: Iterable<number>) => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
