/**
 * A dense matrix: one contiguous row-major buffer and its shape.
 * Element (r, c) lives at `data[r * cols + c]`; a row is contiguous, a column is strided by `cols`.
 */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/** A `rows × cols` matrix over `data` (zeros when none is given). Throws RangeError when the length does not fit. */
export function matrix(rows: number, cols: number, data: Float64Array = new Float64Array(rows * cols)): Matrix {
  if (data.length !== rows * cols) {
    throw new RangeError(`matrix: data has ${data.length} elements, expected ${rows}×${cols} = ${rows * cols}`);
  }
  return { rows, cols, data };
}
