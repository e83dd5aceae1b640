import { type BitMatrix, bitsOfRow, commonBits, lowestBit } from './bits.ts';

/**
 * One two-way table of the world (an exporter's products × importers, say): which of its cells may be positive.
 * Row r may be positive in the columns that are set both in row r of `rowBits` and in `presentCols`; `colBits` is the same by column.
 */
export interface Slice {
  readonly presentRows: Uint32Array;
  readonly presentCols: Uint32Array;
  readonly rowBits: BitMatrix;
  readonly colBits: BitMatrix;
}

/** The positive cells of a table: cell n is (`rowN[n]`, `colN[n]`). Every row and column present has one. */
export interface Positives {
  readonly rowN: ArrayLike<number>;
  readonly colN: ArrayLike<number>;
}

/**
 * The empty cells of a table that no table with the same row and column sums can fill.
 *
 * Value moves along a cycle that alternately raises a cell of the support and lowers a positive one. So draw an arc row → column for each
 * cell of the support (it can rise) and column → row for each positive cell (it can fall): an empty cell can be filled exactly when its
 * row and its column lie on a common cycle, that is in one strongly connected component. No arithmetic, hence exact.
 *
 * @returns [row, column] pairs, ascending; they are empty in the data and 0 in any fit that keeps the sums
 * @source Kosaraju's two searches; compare the certificates of Correia, Guimarães and Zylkin (2019), arXiv:1903.01633
 */
export function unfillableCells(slice: Slice, positives: Positives): [row: number, col: number][] {
  const component = strongComponents(slice, positives);
  if (component === null) return [];
  const { presentRows, presentCols, rowBits } = slice;
  const cells: [number, number][] = [];
  for (const row of commonBits(presentRows, presentRows)) {
    for (const col of commonBits(bitsOfRow(rowBits, row), presentCols)) {
      if (component[row] !== component[rowBits.rows + col]) cells.push([row, col]);
    }
  }
  return cells;
}

/**
 * Says quickly that every empty cell of a table can be filled; false when a closer look is needed.
 * Knows one positive cell of each row and of each column, and searches along those arcs only: forwards until every column is reached
 * (each row then is, from its column), backwards until every row is. Two or three rows with a wide support do it as a rule.
 *
 * @param colOfRow,rowOfCol a positive cell of each row and column present
 */
export function surelyFillable(
  { presentRows, presentCols, rowBits, colBits }: Slice,
  colOfRow: (row: number) => number,
  rowOfCol: (col: number) => number,
): boolean {
  const root = commonBits(presentRows, presentRows)[0];
  if (root === undefined) return true;
  const col = colOfRow(root);
  return (
    reachesAll({ from: col, open: presentRows, ahead: presentCols, bits: rowBits, cameBy: colOfRow }) &&
    reachesAll({ from: rowOfCol(col), open: presentCols, ahead: presentRows, bits: colBits, cameBy: rowOfCol })
  );
}

/** From node `from` of the far side: nodes of the near side follow from the one far node they came by, and lead to many far nodes. */
function reachesAll(search: {
  from: number;
  open: Uint32Array;
  ahead: Uint32Array;
  bits: BitMatrix;
  cameBy: (near: number) => number;
}): boolean {
  const { bits, cameBy } = search;
  let waiting = commonBits(search.open, search.open);
  const ahead = search.ahead.slice();
  take(ahead, search.from);
  const reached = (far: number) => ((ahead[far >>> 5]! >>> (far & 31)) & 1) === 0;
  for (let left = Infinity; waiting.length < left; ) {
    left = waiting.length;
    const next: number[] = [];
    for (const near of waiting) {
      if (!reached(cameBy(near))) {
        next.push(near);
        continue;
      }
      let some = 0;
      for (let word = 0, at = near * bits.words; word < ahead.length; word++, at++)
        some |= ahead[word]! &= ~bits.data[at]!;
      if (some === 0) return true;
    }
    waiting = next;
  }
  return false;
}

/** The component of each row (node r) and column (node rows + c); null when there is only one. */
function strongComponents(slice: Slice, { rowN, colN }: Positives): Int32Array | null {
  const { presentRows, presentCols, rowBits, colBits } = slice;
  const nRows = rowBits.rows;
  const nNodes = nRows + colBits.rows;
  const colsOfRow = group(rowN, colN, nRows);
  const rowsOfCol = group(colN, rowN, colBits.rows);

  // first search, along the arcs: nodes in the order in which they are finished
  const finished = new Int32Array(nNodes);
  let nFinished = 0;
  const stack = new Int32Array(nNodes);
  const cursor = new Uint32Array(nNodes); // a row: the word to look at next; a column: the positive cell to look at next
  let rowsLeft = presentRows.slice();
  let colsLeft = presentCols.slice();
  const nextNode = (node: number): number => {
    if (node < nRows) {
      for (let word = cursor[node]!; word < colsLeft.length; word++) {
        const open = rowBits.data[node * rowBits.words + word]! & colsLeft[word]!;
        cursor[node] = word;
        if (open === 0) continue;
        colsLeft[word]! &= ~(open & -open);
        return nRows + word * 32 + lowestBit(open);
      }
      return -1;
    }
    const { start, at } = rowsOfCol;
    const col = node - nRows;
    while (start[col]! + cursor[node]! < start[col + 1]!) {
      const row = at[start[col]! + cursor[node]!++]!;
      if (take(rowsLeft, row)) return row;
    }
    return -1;
  };
  for (const root of commonBits(presentRows, presentRows)) {
    if (!take(rowsLeft, root)) continue;
    let depth = 0;
    stack[depth++] = root;
    while (depth > 0) {
      const next = nextNode(stack[depth - 1]!);
      if (next >= 0) stack[depth++] = next;
      else finished[nFinished++] = stack[--depth]!;
    }
  }

  // second search, against the arcs, from the last finished: what is reached is one component
  const component = new Int32Array(nNodes).fill(-1);
  let nComponents = 0;
  rowsLeft = presentRows.slice();
  colsLeft = presentCols.slice();
  for (let n = nFinished - 1; n >= 0; n--) {
    const root = finished[n]!;
    const fresh = root < nRows ? take(rowsLeft, root) : take(colsLeft, root - nRows);
    if (!fresh) continue;
    let depth = 0;
    stack[depth++] = root;
    while (depth > 0) {
      const node = stack[--depth]!;
      component[node] = nComponents;
      if (node < nRows) {
        for (let x = colsOfRow.start[node]!; x < colsOfRow.start[node + 1]!; x++) {
          if (take(colsLeft, colsOfRow.at[x]!)) stack[depth++] = nRows + colsOfRow.at[x]!;
        }
        continue;
      }
      const from = (node - nRows) * colBits.words;
      for (let word = 0; word < rowsLeft.length; word++) {
        const reached = colBits.data[from + word]! & rowsLeft[word]!;
        rowsLeft[word]! &= ~reached;
        for (let left = reached; left !== 0; left &= left - 1) stack[depth++] = word * 32 + lowestBit(left);
      }
    }
    nComponents++;
  }
  return nComponents > 1 ? component : null;
}

/** Clears a bit; says whether it was set. */
function take(bits: Uint32Array, position: number): boolean {
  const bit = 1 << (position & 31);
  const there = (bits[position >>> 5]! & bit) !== 0;
  bits[position >>> 5]! &= ~bit;
  return there;
}

/** Values by key: those of key x are at[start[x]] up to at[start[x + 1] - 1]. */
function group(keyN: ArrayLike<number>, valueN: ArrayLike<number>, keys: number) {
  const start = new Uint32Array(keys + 1);
  for (let n = 0; n < keyN.length; n++) start[keyN[n]! + 1]!++;
  for (let key = 0; key < keys; key++) start[key + 1]! += start[key]!;
  const next = start.slice(0, keys);
  const at = new Uint16Array(keyN.length);
  for (let n = 0; n < keyN.length; n++) at[next[keyN[n]!]!++] = valueN[n]!;
  return { start, at };
}
