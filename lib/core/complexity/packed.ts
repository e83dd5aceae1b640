import type { Matrix } from '../matrix.ts';

/**
 * Where a matrix is not zero, line by line: line r holds `at[start[r]]` up to `at[start[r + 1] - 1]`, ascending.
 * Of presence, the rows are the exporters' baskets and the columns each product's exporters. A twentieth to a fifth of
 * the cells are present, so walking only those beats walking dense rows.
 */
export interface Packed {
  readonly start: Uint32Array;
  readonly at: Uint32Array;
}

/** The columns of the non-zero elements of each row. */
export function packRows({ rows, cols, data }: Matrix): Packed {
  let filled = 0;
  for (let n = 0; n < data.length; n++) if (data[n] !== 0) filled++;
  const start = new Uint32Array(rows + 1);
  const at = new Uint32Array(filled);
  for (let r = 0, n = 0; r < rows; r++) {
    for (let c = 0, from = r * cols; c < cols; c++) if (data[from + c] !== 0) at[n++] = c;
    start[r + 1] = n;
  }
  return { start, at };
}

/** The rows of the non-zero elements of each column. */
export function packColumns(m: Matrix): Packed {
  const byRow = packRows(m);
  const start = new Uint32Array(m.cols + 1);
  for (const c of byRow.at) start[c + 1]!++;
  for (let c = 0; c < m.cols; c++) start[c + 1]! += start[c]!;
  // rows are walked in order, so each column fills up in ascending order
  const next = start.slice(0, m.cols);
  const at = new Uint32Array(byRow.at.length);
  for (let r = 0; r < m.rows; r++) {
    for (let n = byRow.start[r]!; n < byRow.start[r + 1]!; n++) at[next[byRow.at[n]!]!++] = r;
  }
  return { start, at };
}
