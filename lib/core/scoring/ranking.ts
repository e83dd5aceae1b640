import { pick } from '../pick.ts';
import { unrealisedRaw } from './unrealised.ts';

/** Cells that compete on one basis of one exporter, in any order; row n of every array is the same cell. */
export interface Candidates {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** what they are ranked by, ≥ 0 */
  readonly opportunityN: Float64Array;
  /** USD; NaN where no model speaks of the cell. What is unrealised of it breaks ties of opportunity */
  readonly potentialN: Float64Array;
  /** USD */
  readonly actualN: Float64Array;
}

/** Where rows and what they are ranked by are moved to and fro. Kept from exporter to exporter: fresh memory is paid for page by page. */
export interface RankingSpace {
  readonly rowN: Uint32Array;
  readonly toRowN: Uint32Array;
  readonly keyN: Uint32Array;
  readonly toKeyN: Uint32Array;
}

/** @param most cells */
export const rankingSpace = (most: number): RankingSpace => ({
  rowN: new Uint32Array(most),
  toRowN: new Uint32Array(most),
  keyN: new Uint32Array(most),
  toKeyN: new Uint32Array(most),
});

/**
 * Rows from the best to the worst: opportunity, then raw unrealised value, both descending, then product, then importer. No two cells tie.
 *
 * The bits of non-negative doubles sort like integers, so rows are distributed by the first 32 of them, a few bits at a time, each time in the
 * order they came in; those that agree there, to a millionth, are compared. Products are distributed first, so that the many cells of which nothing
 * but the size of the market is known are in order already.
 *
 * @param space for at least so many cells; what is returned lies in it
 */
export function rankOrder(
  { importerN, productN, opportunityN, potentialN, actualN }: Candidates,
  space: RankingSpace = rankingSpace(opportunityN.length),
): Uint32Array {
  const size = opportunityN.length;
  const words = new Uint32Array(opportunityN.buffer, opportunityN.byteOffset, size * 2);
  let [least, most, products] = [0xffff_ffff, 0, 0];
  for (let n = 0; n < size; n++) {
    least = Math.min(least, words[2 * n + 1]!);
    most = Math.max(most, words[2 * n + 1]!);
    products = Math.max(products, productN[n]! + 1);
  }
  let { rowN, toRowN, keyN, toKeyN } = space;
  const nextP = new Uint32Array(products);
  for (let n = 0; n < size; n++) nextP[productN[n]!]!++;
  startsOf(nextP);
  for (let n = 0; n < size; n++) {
    const at = nextP[productN[n]!]!++;
    rowN[at] = n;
    // the largest first
    keyN[at] = most - words[2 * n + 1]!;
  }
  for (let shift = 0; shift < 32 && (most - least) >>> shift > 0; shift += DIGIT_BITS) {
    const nextD = new Uint32Array(DIGITS);
    for (let n = 0; n < size; n++) nextD[(keyN[n]! >>> shift) & LAST_DIGIT]!++;
    startsOf(nextD);
    for (let n = 0; n < size; n++) {
      const key = keyN[n]!;
      const at = nextD[(key >>> shift) & LAST_DIGIT]!++;
      toKeyN[at] = key;
      toRowN[at] = rowN[n]!;
    }
    [rowN, toRowN] = [toRowN, rowN];
    [keyN, toKeyN] = [toKeyN, keyN];
  }

  const unrealised = (n: number) => unrealisedRaw(potentialN[n]!, actualN[n]!) || 0;
  const compared = (x: number, y: number): number =>
    opportunityN[y]! - opportunityN[x]! ||
    unrealised(y) - unrealised(x) ||
    productN[x]! - productN[y]! ||
    importerN[x]! - importerN[y]!;
  for (let from = 0, to = 0; from < size; from = to) {
    while (to < size && keyN[to] === keyN[from]) to++;
    if (to - from > 1) settle(rowN, from, to, compared);
  }
  return rowN.subarray(0, size);
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
 * The percentile of cells among those of their group: one ranking of all, read group by group.
 *
 * @param groupN the group of each cell, 0 … groups − 1
 * @param scoreN written
 * @param ranked only so many of each group, the best, get theirs; the others get 0
 * @param space for at least so many cells
 * @returns rows from the best to the worst of all groups: at least those that are ranked
 */
export function setPercentilesWithin(
  groupN: Uint8Array,
  groups: number,
  candidates: Candidates,
  scoreN: Float64Array,
  ranked = Number.POSITIVE_INFINITY,
  space: RankingSpace = rankingSpace(groupN.length),
): Uint32Array {
  const cellsG = new Uint32Array(groups);
  for (let n = 0; n < groupN.length; n++) cellsG[groupN[n]!]!++;
  let order: Uint32Array;
  if (ranked === Number.POSITIVE_INFINITY) order = rankOrder(candidates, space);
  else {
    const rows = contenders(groupN, groups, candidates.opportunityN, ranked);
    order = rankOrder(only(candidates, rows), space).map((at) => rows[at]!);
    scoreN.fill(0);
  }
  const rankG = new Uint32Array(groups);
  for (let at = 0; at < order.length; at++) {
    const n = order[at]!;
    const rank = rankG[groupN[n]!]!++;
    if (rank < ranked) scoreN[n] = percentile(rank, cellsG[groupN[n]!]!);
  }
  return order;
}

/** Sign, exponent and two bits of mantissa. */
const CLASS_BITS = 14;

/** The cells that may be among so many best of their group, and few others: those of the classes by size that hold them. */
function contenders(groupN: Uint8Array, groups: number, opportunityN: Float64Array, wanted: number): Uint32Array {
  const words = new Uint32Array(opportunityN.buffer, opportunityN.byteOffset, opportunityN.length * 2);
  const classOf = (n: number) => (groupN[n]! << CLASS_BITS) | (words[2 * n + 1]! >>> (32 - CLASS_BITS));
  const countGC = new Uint32Array(groups << CLASS_BITS);
  for (let n = 0; n < groupN.length; n++) countGC[classOf(n)]!++;
  const leastG = new Uint32Array(groups);
  let rows = 0;
  for (let group = 0; group < groups; group++) {
    let [at, above] = [(group + 1) << CLASS_BITS, 0];
    while (at > group << CLASS_BITS && above < wanted) above += countGC[--at]!;
    leastG[group] = at;
    rows += above;
  }
  const rowN = new Uint32Array(rows);
  for (let n = 0, at = 0; n < groupN.length; n++) if (classOf(n) >= leastG[groupN[n]!]!) rowN[at++] = n;
  return rowN;
}

const only = (
  { importerN, productN, opportunityN, potentialN, actualN }: Candidates,
  rowN: Uint32Array,
): Candidates => ({
  importerN: pick(importerN, rowN, new Uint16Array(rowN.length)),
  productN: pick(productN, rowN, new Uint16Array(rowN.length)),
  opportunityN: pick(opportunityN, rowN, new Float64Array(rowN.length)),
  potentialN: pick(potentialN, rowN, new Float64Array(rowN.length)),
  actualN: pick(actualN, rowN, new Float64Array(rowN.length)),
});

/** More are distributed over more places than the nearest cache holds. */
const DIGIT_BITS = 9;
const DIGITS = 1 << DIGIT_BITS;
const LAST_DIGIT = DIGITS - 1;

/** Turns how many there are of each into where each begins. */
function startsOf(countD: Uint32Array): void {
  let start = 0;
  for (let digit = 0; digit < countD.length; digit++) {
    const count = countD[digit]!;
    countD[digit] = start;
    start += count;
  }
}

/** So many rows are put in order faster one by one. */
const FEW = 32;

/** Puts a stretch of rows in order. */
function settle(rowN: Uint32Array, from: number, end: number, compared: (x: number, y: number) => number): void {
  for (let n = from + 1; n < end; n++) {
    const row = rowN[n]!;
    if (compared(rowN[n - 1]!, row) <= 0) continue;
    if (end - from > FEW) {
      rowN.subarray(from, end).sort(compared);
      return;
    }
    let at = n;
    for (; at > from && compared(rowN[at - 1]!, row) > 0; at--) rowN[at] = rowN[at - 1]!;
    rowN[at] = row;
  }
}
