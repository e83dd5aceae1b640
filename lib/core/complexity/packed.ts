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
  const start = new Uint32Array(rows + 1);
  for (let r = 0, n = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (data[r * cols + c] !== 0) n++;
    start[r + 1] = n;
  }
  const at = new Uint32Array(start[rows]!);
  for (let r = 0, n = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (data[r * cols + c] !== 0) at[n++] = c;
  }
  return { start, at };
}

/** The rows of the non-zero elements of each column. */
export function packColumns({ rows, cols, data }: Matrix): Packed {
  const start = new Uint32Array(cols + 1);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (data[r * cols + c] !== 0) start[c + 1]!++;
  }
  for (let c = 0; c < cols; c++) start[c + 1]! += start[c]!;
  // rows are walked in order, so each column fills up in ascending order
  const next = start.slice(0, cols);
  const at = new Uint32Array(start[cols]!);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (data[r * cols + c] !== 0) at[next[c]!++] = r;
  }
  return { start, at };
}
