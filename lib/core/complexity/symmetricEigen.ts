import type { Matrix } from '../matrix.ts';

/** Eigenvalues of a symmetric matrix, largest first, and the unit eigenvector of any one of them. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  vector(position: number): Float64Array;
}

/**
 * Solves a dense symmetric eigenproblem: Householder reflections to tridiagonal form, every eigenvalue by bisection, and a
 * vector, when asked for, by inverse iteration on the tridiagonal form. A vector of a repeated eigenvalue is one of many.
 *
 * @param symmetric n × n, elements 0 or between 1e-100 and 1e100 in size, since they are squared; only read
 * @cost 4/3 n³ multiply-adds once, about 60 n² divisions for the values and 4 n² for a vector
 * @source Golub and Van Loan (2013), Matrix Computations, sections 8.3 and 8.4
 */
export function symmetricEigen(symmetric: Matrix): SymmetricEigen {
  if (symmetric.rows !== symmetric.cols) {
    throw new RangeError(`symmetricEigen: the matrix is ${symmetric.rows}×${symmetric.cols}, expected a square`);
  }
  const tridiagonal = tridiagonalise(symmetric);
  const values = eigenvaluesOf(tridiagonal);
  return { values, vector: (position) => reflectBack(tridiagonal, inverseIteration(tridiagonal, values[position]!)) };
}

/** T = H A H: its diagonal, its off-diagonal (element k joins k and k + 1), and the unit vectors of the reflections, row k for column k. */
interface Tridiagonal {
  readonly diagonalN: Float64Array;
  readonly offDiagonalN: Float64Array;
  readonly reflectorNN: Float64Array;
}

function tridiagonalise({ rows: n, data }: Matrix): Tridiagonal {
  const aNN = data.slice();
  const diagonalN = new Float64Array(n);
  const offDiagonalN = new Float64Array(n);
  const reflectorNN = new Float64Array(n * n);
  const productN = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonalN[k] = aNN[k * n + k]!;
    if (k + 1 === n) break;
    // the reflection v that sends the rest of row k to a multiple of the first unit vector
    const v = reflectorNN.subarray(k * n, (k + 1) * n);
    for (let i = k + 1; i < n; i++) v[i] = aNN[k * n + i]!;
    const length = Math.sqrt(dot(v, v, k + 1));
    const reflected = v[k + 1]! > 0 ? -length : length; // away from the first element: no cancellation
    offDiagonalN[k] = reflected;
    v[k + 1]! -= reflected;
    const norm = Math.sqrt(dot(v, v, k + 1));
    if (norm === 0) continue;
    for (let i = k + 1; i < n; i++) v[i]! /= norm;
    // both sides at once: A ← A − 2 v wᵀ − 2 w vᵀ with w = A v − v (vᵀ A v)
    for (let i = k + 1; i < n; i++) productN[i] = dot(aNN.subarray(i * n, (i + 1) * n), v, k + 1);
    const along = dot(v, productN, k + 1);
    for (let i = k + 1; i < n; i++) productN[i]! -= along * v[i]!;
    for (let i = k + 1; i < n; i++) {
      const vi = 2 * v[i]!;
      const wi = 2 * productN[i]!;
      for (let j = k + 1, at = i * n + j; j < n; j++, at++) aNN[at]! -= vi * productN[j]! + wi * v[j]!;
    }
  }
  return { diagonalN, offDiagonalN, reflectorNN };
}

/** Bisects each eigenvalue between Gershgorin's bounds: T − x I has as many negative pivots as T has eigenvalues below x. */
function eigenvaluesOf({ diagonalN, offDiagonalN }: Tridiagonal): Float64Array {
  const n = diagonalN.length;
  const squaredN = offDiagonalN.map((value) => value * value);
  let bound = 0;
  for (let k = 0; k < n; k++) {
    const reach = Math.abs(offDiagonalN[k]!) + (k > 0 ? Math.abs(offDiagonalN[k - 1]!) : 0);
    bound = Math.max(bound, Math.abs(diagonalN[k]!) + reach);
  }
  const tiny = Number.EPSILON * bound * Number.EPSILON;
  const countBelow = (x: number) => {
    let below = 0;
    let pivot = 1;
    for (let k = 0; k < n; k++) {
      pivot = diagonalN[k]! - x - (k > 0 ? squaredN[k - 1]! / pivot : 0);
      if (pivot === 0) pivot = tiny;
      if (pivot < 0) below++;
    }
    return below;
  };
  return Float64Array.from({ length: n }, (_, position) => {
    let low = -bound;
    let high = bound;
    for (;;) {
      const middle = (low + high) / 2;
      if (middle === low || middle === high || high - low <= Number.EPSILON * bound) return middle;
      if (countBelow(middle) < n - position) low = middle;
      else high = middle;
    }
  });
}

/** Solves (T − λ I) x = x three times over: the part along λ's eigenvector grows by about 1 / ε each time. */
function inverseIteration({ diagonalN, offDiagonalN }: Tridiagonal, value: number): Float64Array {
  const n = diagonalN.length;
  const scale = Math.max(...diagonalN.map(Math.abs), ...offDiagonalN.map(Math.abs));
  const tiny = Number.EPSILON * (scale || 1);
  // eliminate below the diagonal, exchanging neighbouring rows for the larger pivot: U has two bands above its diagonal
  const pivotN = diagonalN.map((diagonal) => diagonal - value);
  const firstN = offDiagonalN.slice();
  const secondN = new Float64Array(n);
  const multiplierN = new Float64Array(n);
  const exchangedN = new Uint8Array(n);
  for (let k = 0; k + 1 < n; k++) {
    const below = offDiagonalN[k]!;
    if (Math.abs(below) > Math.abs(pivotN[k]!)) {
      exchangedN[k] = 1;
      multiplierN[k] = pivotN[k]! / below;
      const next = pivotN[k + 1]!;
      pivotN[k] = below;
      pivotN[k + 1] = firstN[k]! - multiplierN[k]! * next;
      firstN[k] = next;
      secondN[k] = firstN[k + 1]!;
      firstN[k + 1] = -multiplierN[k]! * secondN[k]!;
    } else {
      if (Math.abs(pivotN[k]!) < tiny) pivotN[k] = tiny;
      multiplierN[k] = below / pivotN[k]!;
      pivotN[k + 1]! -= multiplierN[k]! * firstN[k]!;
    }
  }
  if (Math.abs(pivotN[n - 1]!) < tiny) pivotN[n - 1] = tiny;
  // start from a vector without symmetry, so that no eigenvector is orthogonal to it by construction
  const xN = Float64Array.from({ length: n }, (_, k) => 1 + ((k * 0.6180339887498949) % 1));
  for (let round = 0; round < 3; round++) {
    for (let k = 0; k + 1 < n; k++) {
      if (exchangedN[k]) [xN[k], xN[k + 1]] = [xN[k + 1]!, xN[k]!];
      xN[k + 1]! -= multiplierN[k]! * xN[k]!;
    }
    for (let k = n - 1; k >= 0; k--) {
      const above = (k + 1 < n ? firstN[k]! * xN[k + 1]! : 0) + (k + 2 < n ? secondN[k]! * xN[k + 2]! : 0);
      xN[k] = (xN[k]! - above) / pivotN[k]!;
    }
    const length = Math.sqrt(dot(xN, xN, 0));
    for (let k = 0; k < n; k++) xN[k]! /= length;
  }
  return xN;
}

/** Takes a vector of the tridiagonal form back to the original axes: the reflections in reverse order. */
function reflectBack({ reflectorNN }: Tridiagonal, xN: Float64Array): Float64Array {
  const n = xN.length;
  for (let k = n - 2; k >= 0; k--) {
    const v = reflectorNN.subarray(k * n, (k + 1) * n);
    const along = 2 * dot(v, xN, k + 1);
    for (let i = k + 1; i < n; i++) xN[i]! -= along * v[i]!;
  }
  return xN;
}

function dot(aN: Float64Array, bN: Float64Array, from: number): number {
  let sum = 0;
  for (let n = from; n < aN.length; n++) sum += aN[n]! * bN[n]!;
  return sum;
}
