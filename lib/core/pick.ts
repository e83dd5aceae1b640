/** The elements of `source` at `rows`, in that order, written into `out`, which it returns. */
export function pick<Out extends Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array>(
  source: ArrayLike<number>,
  rows: Uint32Array | Uint16Array,
  out: Out,
): Out {
  for (let n = 0; n < rows.length; n++) out[n] = source[rows[n]!]!;
  return out;
}

/** The rows of which something holds, ascending. */
export function rowsWhere(length: number, holds: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(length);
  let found = 0;
  for (let row = 0; row < length; row++) if (holds(row)) rows[found++] = row;
  return rows.subarray(0, found);
}
