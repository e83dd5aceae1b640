import type { Matrix } from '../matrix.ts';

/** The sums of a matrix along its rows, along its columns, and of everything. */
export interface Margins {
  readonly rows: Float64Array;
  readonly cols: Float64Array;
  readonly total: number;
}

/**
 * Row sums, column sums and the total of a matrix, added in one fixed order so that the same matrix gives the same bits.
 * Of exports they are the exporters', the products' and the world's trade; of presence, diversity and ubiquity.
 */
export function margins({ rows, cols, data }: Matrix): Margins {
  const rowSums = new Float64Array(rows);
  const colSums = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let c = 0, at = r * cols; c < cols; c++, at++) {
      sum += data[at]!;
      colSums[c]! += data[at]!;
    }
    rowSums[r] = sum;
  }
  return { rows: rowSums, cols: colSums, total: rowSums.reduce((sum, value) => sum + value, 0) };
}
