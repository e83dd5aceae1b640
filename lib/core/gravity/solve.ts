/** Added to the unit diagonal: directions that change nothing (factors against each other) stay put instead of being 0 / 0. */
const RIDGE = 1e-12;

/**
 * Solves H x = g for a symmetric matrix with a positive diagonal, scaled to a unit diagonal, by Cholesky's factorisation.
 *
 * @param diagonal H_nn > 0
 * @param offDiagonal H_xy for y < x
 * @returns x; along directions in which H is 0, next to 0
 */
export function solvePositiveDefinite(
  diagonal: Float64Array,
  offDiagonal: (x: number, y: number) => number,
  g: Float64Array,
): Float64Array<ArrayBuffer> {
  const n = diagonal.length;
  const root = diagonal.map(Math.sqrt);
  const factor = new Float64Array(n * n);
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++) {
      let sum = r === c ? 1 + RIDGE : offDiagonal(r, c) / (root[r]! * root[c]!);
      for (let k = 0; k < c; k++) sum -= factor[r * n + k]! * factor[c * n + k]!;
      factor[r * n + c] = r === c ? Math.sqrt(Math.max(sum, RIDGE)) : sum / factor[c * n + c]!;
    }
  }
  const x = new Float64Array(n);
  for (let r = 0; r < n; r++) {
    let sum = g[r]! / root[r]!;
    for (let k = 0; k < r; k++) sum -= factor[r * n + k]! * x[k]!;
    x[r] = sum / factor[r * n + r]!;
  }
  for (let r = n - 1; r >= 0; r--) {
    let sum = x[r]!;
    for (let k = r + 1; k < n; k++) sum -= factor[k * n + r]! * x[k]!;
    x[r] = sum / factor[r * n + r]!;
  }
  return x.map((value, r) => value / root[r]!);
}
