/** Cells that compete on one basis of one exporter, in any order; row n of every array is the same cell. */
export interface Candidates {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** what they are ranked by, ≥ 0 */
  readonly opportunityN: Float64Array;
  /** USD ≥ 0, breaks ties of opportunity */
  readonly unrealisedN: Float64Array;
}

/**
 * Rows from the best to the worst: opportunity, then raw unrealised value, both descending, then product, then importer. No two cells tie.
 *
 * The bits of non-negative doubles sort like integers, so rows are distributed by the first 32 of them, 11 at a time; those that agree there, to a
 * millionth, are compared.
 */
export function rankOrder({ importerN, productN, opportunityN, unrealisedN }: Candidates): Uint32Array {
  const size = opportunityN.length;
  const words = new Uint32Array(opportunityN.buffer, opportunityN.byteOffset, size * 2);
  let [keyN, rowN, toKeyN, toRowN] = Array.from({ length: 4 }, () => new Uint32Array(size)) as Uint32Array[] as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const startsD = SHIFTS.map(() => new Uint32Array(DIGITS + 1));
  for (let n = 0; n < size; n++) {
    // the largest first
    const key = ~words[2 * n + 1]! >>> 0;
    keyN[n] = key;
    rowN[n] = n;
    for (let d = 0; d < SHIFTS.length; d++) startsD[d]![((key >>> SHIFTS[d]!) & (DIGITS - 1)) + 1]!++;
  }
  for (const [d, shift] of SHIFTS.entries()) {
    const next = startsD[d]!;
    for (let digit = 0; digit < DIGITS; digit++) next[digit + 1]! += next[digit]!;
    for (let n = 0; n < size; n++) {
      const key = keyN[n]!;
      const at = next[(key >>> shift) & (DIGITS - 1)]!++;
      toKeyN[at] = key;
      toRowN[at] = rowN[n]!;
    }
    [keyN, rowN, toKeyN, toRowN] = [toKeyN, toRowN, keyN, rowN];
  }

  const compared = (x: number, y: number): number =>
    opportunityN[y]! - opportunityN[x]! ||
    unrealisedN[y]! - unrealisedN[x]! ||
    productN[x]! - productN[y]! ||
    importerN[x]! - importerN[y]!;
  for (let from = 0, to = 0; from < size; from = to) {
    while (to < size && keyN[to] === keyN[from]) to++;
    if (to - from > FEW) rowN.subarray(from, to).sort(compared);
    else insert(rowN, from, to, compared);
  }
  return rowN;
}

/**
 * The share of cells that rank no higher, in percent: 100 for the best of however many, never 0.
 *
 *     score = 100 (n − rank) / n        rank 0 is the best
 */
export function percentile(rank: number, cells: number): number {
  return (100 * (cells - rank)) / cells;
}

/**
 * The percentile of every cell among those of its group: one ranking of all, read group by group.
 *
 * @param groupN the group of each cell, 0 … groups − 1
 * @param scoreN written
 */
export function setPercentilesWithin(
  groupN: Uint8Array,
  groups: number,
  candidates: Candidates,
  scoreN: Float64Array,
): void {
  const cellsG = new Uint32Array(groups);
  for (let n = 0; n < groupN.length; n++) cellsG[groupN[n]!]!++;
  const order = rankOrder(candidates);
  const rankG = new Uint32Array(groups);
  for (let at = 0; at < order.length; at++) {
    const n = order[at]!;
    const group = groupN[n]!;
    scoreN[n] = percentile(rankG[group]!++, cellsG[group]!);
  }
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const SHIFTS = [0, DIGIT_BITS, 2 * DIGIT_BITS] as const;
/** So many rows are put in order faster by hand. */
const FEW = 16;

function insert(rowN: Uint32Array, from: number, end: number, compared: (x: number, y: number) => number): void {
  for (let n = from + 1; n < end; n++) {
    const row = rowN[n]!;
    let at = n;
    for (; at > from && compared(rowN[at - 1]!, row) > 0; at--) rowN[at] = rowN[at - 1]!;
    rowN[at] = row;
  }
}
