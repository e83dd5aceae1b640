import { type Matrix, matrix } from '../../../lib/core/matrix.ts';

/** A matrix from its rows, as they are drawn. */
export function grid(...rows: number[][]): Matrix {
  return matrix(rows.length, rows[0]?.length ?? 0, Float64Array.from(rows.flat()));
}

/** The rows of a matrix, to compare with a drawing. */
export function rowsOf({ rows, cols, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, r) => [...data.subarray(r * cols, (r + 1) * cols)]);
}

/** Five exporters, six products: the case that is worked out by hand through every measure. Any currency. */
export const EXPORTS = grid(
  [120, 80, 0, 5, 40, 0],
  [10, 60, 30, 0, 70, 20],
  [0, 5, 90, 60, 0, 10],
  [300, 0, 10, 0, 5, 0],
  [0, 0, 20, 100, 15, 45],
);

/** Where its RCA is at least 1. */
export const PRESENCE = grid(
  [1, 1, 0, 0, 1, 0], //
  [0, 1, 1, 0, 1, 1],
  [0, 0, 1, 1, 0, 0],
  [1, 0, 0, 0, 0, 0],
  [0, 0, 0, 1, 0, 1],
);
