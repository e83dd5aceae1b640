import { type Matrix, matrix } from '../../matrix.ts';

const SWEEPS = 50;

/**
 * Eigenvalues and eigenvectors of a small symmetric matrix by Jacobi rotations.
 *
 * @returns values, and vectors as the columns of a matrix in the same order
 * @source Golub and Van Loan (2013), Matrix Computations, 8.5
 */
export function symmetricEigen(symmetric: Matrix): { values: Float64Array; vectors: Matrix } {
  const k = symmetric.rows;
  const a = symmetric.data.slice();
  const vectors = matrix(k, k);
  for (let i = 0; i < k; i++) vectors.data[i * k + i] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let largest = 0;
    for (let p = 0; p < k; p++)
      for (let q = p + 1; q < k; q++) {
        const off = a[p * k + q]!;
        const share = Math.abs(off) / (Math.sqrt(Math.abs(a[p * k + p]! * a[q * k + q]!)) || 1);
        largest = Math.max(largest, share);
        if (off === 0) continue;
        // the rotation of rows and columns p, q that makes a[p, q] zero
        const theta = (a[q * k + q]! - a[p * k + p]!) / (2 * off);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cos = 1 / Math.sqrt(t * t + 1);
        const sin = t * cos;
        for (let i = 0; i < k; i++) [a[i * k + p], a[i * k + q]] = rotated(a[i * k + p]!, a[i * k + q]!, cos, sin);
        for (let i = 0; i < k; i++) [a[p * k + i], a[q * k + i]] = rotated(a[p * k + i]!, a[q * k + i]!, cos, sin);
        const v = vectors.data;
        for (let i = 0; i < k; i++) [v[i * k + p], v[i * k + q]] = rotated(v[i * k + p]!, v[i * k + q]!, cos, sin);
      }
    if (largest < 1e-15) break;
  }
  return { values: Float64Array.from({ length: k }, (_, i) => a[i * k + i]!), vectors };
}

const rotated = (x: number, y: number, cos: number, sin: number): [number, number] => [
  cos * x - sin * y,
  sin * x + cos * y,
];

/** Sets the negative eigenvalues of a symmetric matrix to zero, in place; returns whether there were any beyond rounding. */
export function clipNegative(symmetric: Matrix): boolean {
  const k = symmetric.rows;
  const { values, vectors } = symmetricEigen(symmetric);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!values.some((value) => value < -1e-14 * largest)) return false;
  symmetric.data.fill(0);
  for (let m = 0; m < k; m++)
    if (values[m]! > 0)
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++)
          symmetric.data[i * k + j]! += values[m]! * vectors.data[i * k + m]! * vectors.data[j * k + m]!;
  return true;
}
