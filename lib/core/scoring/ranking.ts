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
 */
export function rankOrder({ importerN, productN, opportunityN, unrealisedN }: Candidates): Uint32Array {
  const given = new Uint32Array(opportunityN.length);
  for (let n = 0; n < given.length; n++) given[n] = n;
  const order = descending(given, opportunityN);
  // settle ties: many cells have no opportunity at all
  for (const tied of runs(order, opportunityN)) {
    tied.set(descending(tied, unrealisedN));
    for (const still of runs(tied, unrealisedN))
      still.sort((x, y) => productN[x]! - productN[y]! || importerN[x]! - importerN[y]!);
  }
  return order;
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
/** Fewer rows are compared: scores that are sums of steps tie in many small groups, each of which would count through all digits. */
const FEW = 512;
const VERY_FEW = 16;

/**
 * Rows by a key ≥ 0, descending; rows of one key in the order given. The bits of non-negative doubles sort like integers, so this
 * distributes by 11 bits at a time: some 20 times faster than comparing.
 */
function descending(rows: Uint32Array, keyN: Float64Array): Uint32Array {
  if (rows.length <= VERY_FEW) return inserted(rows.slice(), keyN);
  if (rows.length <= FEW) return rows.slice().sort((x, y) => keyN[y]! - keyN[x]!);
  const words = new Uint32Array(keyN.buffer, keyN.byteOffset, keyN.length * 2);
  let from = rows;
  for (const word of [0, 1]) {
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      const next = new Uint32Array(DIGITS + 1);
      for (let n = 0; n < from.length; n++) next[DIGITS - ((words[2 * from[n]! + word]! >>> shift) & (DIGITS - 1))]!++;
      if (next.includes(from.length)) continue; // one digit throughout
      for (let digit = 0; digit < DIGITS; digit++) next[digit + 1]! += next[digit]!;
      const to = new Uint32Array(from.length);
      for (let n = 0; n < from.length; n++) {
        const row = from[n]!;
        to[next[DIGITS - 1 - ((words[2 * row + word]! >>> shift) & (DIGITS - 1))]!++] = row;
      }
      from = to;
    }
  }
  return from;
}

function inserted(rows: Uint32Array, keyN: Float64Array): Uint32Array {
  for (let n = 1; n < rows.length; n++) {
    const row = rows[n]!;
    const key = keyN[row]!;
    let at = n;
    for (; at > 0 && keyN[rows[at - 1]!]! < key; at--) rows[at] = rows[at - 1]!;
    rows[at] = row;
  }
  return rows;
}

/** Stretches of two or more rows with the same key, as views. */
function* runs(rows: Uint32Array, keyN: Float64Array): Generator<Uint32Array> {
  for (let from = 0, to = 0; from < rows.length; from = to) {
    while (to < rows.length && keyN[rows[to]!] === keyN[rows[from]!]) to++;
    if (to - from > 1) yield rows.subarray(from, to);
  }
}
