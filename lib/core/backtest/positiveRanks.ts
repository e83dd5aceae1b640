import { countBetween, positiveScores, type RankedList, sortedScores } from './rankedList.ts';

/**
 * The cells that a back-test judges, exporter by exporter: exporter e has cells startE[e] up to startE[e + 1] (exclusive).
 * `positiveN` is 1 where the event happened.
 */
export interface Judged {
  readonly startE: Uint32Array;
  readonly positiveN: Uint8Array;
}

/**
 * Where the positives of all exporters stand in the common list, and whose cells stand between them. This is all that any metric of the list
 * depends on, also when exporters are drawn again and again, and it is some fifty times smaller than the list.
 *
 * Group g is a score that positives have, best first; its entries startG[g] up to startG[g + 1] (exclusive) are one exporter each, ascending.
 */
export interface PositiveRanks {
  /** cells and positives of each exporter */
  readonly cellsE: Uint32Array;
  readonly positivesE: Uint32Array;
  readonly startG: Uint32Array;
  readonly exporterX: Uint16Array;
  /** the exporter's cells with a score below that of group g − 1 and at least that of g */
  readonly newX: Uint32Array;
  /** those of them at the score of the group */
  readonly tiedX: Uint32Array;
  /** positives among those */
  readonly positiveX: Uint32Array;
}

/**
 * Finds where the positives stand.
 *
 * @param scoreN higher is better, on the cells of `judged`
 * @throws RangeError for a score that is NaN, and when lengths differ
 * @cost one native sort of each exporter's scores and a merge with the scores of positives
 */
export function rankPositives({ startE, positiveN }: Judged, scoreN: Float64Array): PositiveRanks {
  const nExporters = startE.length - 1;
  if (scoreN.length !== positiveN.length || startE[nExporters] !== scoreN.length)
    throw new RangeError(
      `rankPositives: ${scoreN.length} scores and ${positiveN.length} outcomes, exporters have ${startE[nExporters]} cells`,
    );
  const { thresholdG } = positiveScores(scoreN, positiveN);
  const groups = thresholdG.length;

  // exporter by exporter: what comes in at each threshold
  const cellsE = new Uint32Array(nExporters);
  const positivesE = new Uint32Array(nExporters);
  const startG = new Uint32Array(groups + 1);
  const found: Entries[] = [];
  for (let e = 0; e < nExporters; e++) {
    const scores = scoreN.subarray(startE[e]!, startE[e + 1]!);
    const own = positiveScores(scores, positiveN.subarray(startE[e]!, startE[e + 1]!));
    const { newG, tiedG } = countBetween(sortedScores(scores), thresholdG);
    const entries = entriesOf(newG, tiedG);
    for (let x = 0, o = 0; x < entries.groupX.length; x++) {
      const g = entries.groupX[x]!;
      startG[g + 1]!++;
      if (own.thresholdG[o] === thresholdG[g]) entries.positiveX[x] = own.positiveG[o++]!;
    }
    cellsE[e] = scores.length;
    positivesE[e] = own.positiveG.reduce((sum, count) => sum + count, 0);
    found.push(entries);
  }

  // group by group, exporters ascending
  for (let g = 0; g < groups; g++) startG[g + 1]! += startG[g]!;
  const total = startG[groups]!;
  const nextG = startG.slice();
  const exporterX = new Uint16Array(total);
  const newX = new Uint32Array(total);
  const tiedX = new Uint32Array(total);
  const positiveX = new Uint32Array(total);
  for (let e = 0; e < nExporters; e++) {
    const entries = found[e]!;
    for (let x = 0; x < entries.groupX.length; x++) {
      const at = nextG[entries.groupX[x]!]!++;
      exporterX[at] = e;
      newX[at] = entries.newX[x]!;
      tiedX[at] = entries.tiedX[x]!;
      positiveX[at] = entries.positiveX[x]!;
    }
  }
  return { cellsE, positivesE, startG, exporterX, newX, tiedX, positiveX };
}

interface Entries {
  readonly groupX: Uint32Array;
  readonly newX: Uint32Array;
  readonly tiedX: Uint32Array;
  readonly positiveX: Uint32Array;
}

/** The groups at which anything comes in. */
function entriesOf(newG: Uint32Array, tiedG: Uint32Array): Entries {
  let count = 0;
  for (const cells of newG) if (cells > 0) count++;
  const groupX = new Uint32Array(count);
  const newX = new Uint32Array(count);
  const tiedX = new Uint32Array(count);
  for (let g = 0, x = 0; g < newG.length; g++) {
    if (newG[g] === 0) continue;
    groupX[x] = g;
    newX[x] = newG[g]!;
    tiedX[x++] = tiedG[g]!;
  }
  return { groupX, newX, tiedX, positiveX: new Uint32Array(count) };
}

/**
 * The common list, each exporter's cells taken as many times as told: what the metrics of a whole list are computed from.
 *
 * @param multiplicityE whole numbers ≥ 0; once each unless told
 */
export function commonList(
  ranks: PositiveRanks,
  multiplicityE: ArrayLike<number> = new Uint8Array(ranks.cellsE.length).fill(1),
): RankedList {
  const { startG, exporterX, newX, tiedX, positiveX } = ranks;
  const groups = startG.length - 1;
  const aboveG = new Float64Array(groups);
  const tiedG = new Float64Array(groups);
  const positiveG = new Float64Array(groups);
  let kept = 0;
  let standing = 0;
  for (let g = 0; g < groups; g++) {
    let [fresh, tied, positive] = [0, 0, 0];
    for (let x = startG[g]!; x < startG[g + 1]!; x++) {
      const times = multiplicityE[exporterX[x]!]!;
      fresh += times * newX[x]!;
      tied += times * tiedX[x]!;
      positive += times * positiveX[x]!;
    }
    standing += fresh;
    // all positives of the group belong to exporters that are not taken
    if (positive === 0) continue;
    aboveG[kept] = standing - tied;
    tiedG[kept] = tied;
    positiveG[kept++] = positive;
  }
  const weighted = (countE: Uint32Array) => countE.reduce((sum, count, e) => sum + count * multiplicityE[e]!, 0);
  return {
    cells: weighted(ranks.cellsE),
    positives: weighted(ranks.positivesE),
    aboveG: aboveG.slice(0, kept),
    tiedG: tiedG.slice(0, kept),
    positiveG: positiveG.slice(0, kept),
  };
}

/** The list of each exporter alone. */
export function exporterLists(ranks: PositiveRanks): RankedList[] {
  const { cellsE, positivesE, startG, exporterX, newX, tiedX, positiveX } = ranks;
  const nExporters = cellsE.length;
  const standingE = new Uint32Array(nExporters);
  const filledE = new Uint32Array(nExporters);
  const lists = Array.from(cellsE, (cells, e) => ({
    cells,
    positives: positivesE[e]!,
    aboveG: new Float64Array(positivesE[e]!),
    tiedG: new Float64Array(positivesE[e]!),
    positiveG: new Float64Array(positivesE[e]!),
  }));
  for (let x = 0; x < startG[startG.length - 1]!; x++) {
    const e = exporterX[x]!;
    standingE[e]! += newX[x]!;
    if (positiveX[x] === 0) continue;
    const list = lists[e]!;
    const at = filledE[e]!++;
    list.aboveG[at] = standingE[e]! - tiedX[x]!;
    list.tiedG[at] = tiedX[x]!;
    list.positiveG[at] = positiveX[x]!;
  }
  return lists.map(({ cells, positives, aboveG, tiedG, positiveG }, e) => ({
    cells,
    positives,
    aboveG: aboveG.subarray(0, filledE[e]),
    tiedG: tiedG.subarray(0, filledE[e]),
    positiveG: positiveG.subarray(0, filledE[e]),
  }));
}
