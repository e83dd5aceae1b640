import { type Matrix, matrix } from '../matrix.ts';

/** Rows and columns whose lines fit the nearest cache together. */
const TILE = 32;

/** Columns as rows. Copied tile by tile, because a walk down a column of a wide matrix misses the cache at every step. */
export function transposed({ rows, cols, data }: Matrix): Matrix {
  const turned = matrix(cols, rows);
  const out = turned.data;
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(top + TILE, rows);
    for (let left = 0; left < cols; left += TILE) {
      const right = Math.min(left + TILE, cols);
      for (let r = top; r < bottom; r++) {
        for (let c = left; c < right; c++) out[c * rows + r] = data[r * cols + c]!;
      }
    }
  }
  return turned;
}
