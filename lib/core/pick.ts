/** The elements of `source` at `rows`, in that order, written into `out`, which it returns. */
export function pick<Out extends Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array>(
  source: ArrayLike<number>,
  rows: Uint32Array | Uint16Array,
  out: Out,
): Out {
  for (let n = 0; n < rows.length; n++) out[n] = source[rows[n]!]!;
  return out;
}
