import { type Matrix, matrix } from '../matrix.ts';

/** Rows and columns whose lines fit the nearest cache together. */
const TILE = 32;

/** Columns as rows. Copied tile by tile, because a walk down a column of a wide matrix misses the cache at every step. */
export function transposed({ rows, cols, data }: Matrix): Matrix {
  const turned = matrix(cols, rows);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < cols; left += TILE) {
      for (let r = top; r < Math.min(top + TILE, rows); r++) {
        for (let c = left; c < Math.min(left + TILE, cols); c++) turned.data[c * rows + r] = data[r * cols + c]!;
      }
    }
  }
  return turned;
}
