import type { Matrix } from '../matrix.ts';

/** Eigenvalues of a symmetric matrix, largest first, and the unit eigenvector of any one of them. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  vector(position: number): Float64Array;
}

/**
 * Solves a dense symmetric eigenproblem: Householder reflections to tridiagonal form, every eigenvalue by QR steps, and a
 * vector, when asked for, by inverse iteration on the tridiagonal form. A vector of a repeated eigenvalue is one of many.
 *
 * @param symmetric n × n, elements 0 or between 1e-100 and 1e100 in size, since they are squared; only read
 * @cost 4/3 n³ multiply-adds once, then some 30 n² for the values and 5 n² for a vector
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
  const aNN = data.slice(); // only its lower triangle is kept up to date
  const diagonalN = new Float64Array(n);
  const offDiagonalN = new Float64Array(n);
  const reflectorNN = new Float64Array(n * n);
  const wN = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonalN[k] = aNN[k * n + k]!;
    if (k + 1 === n) break;
    // the reflection v that sends the rest of column k to a multiple of the first unit vector
    const v = reflectorNN.subarray(k * n, (k + 1) * n);
    for (let i = k + 1; i < n; i++) v[i] = aNN[i * n + k]!;
    const length = Math.sqrt(dot(v, v, k + 1));
    const reflected = v[k + 1]! > 0 ? -length : length; // away from the first element: no cancellation
    offDiagonalN[k] = reflected;
    v[k + 1]! -= reflected;
    const norm = Math.sqrt(dot(v, v, k + 1));
    if (norm === 0) continue;
    for (let i = k + 1; i < n; i++) v[i]! /= norm;
    // w = A v, each element of the lower triangle standing for its mirror image too
    wN.fill(0);
    for (let i = k + 1; i < n; i++) {
      const row = i * n;
      const vi = v[i]!;
      let sum = aNN[row + i]! * vi;
      for (let j = k + 1; j < i; j++) {
        sum += aNN[row + j]! * v[j]!;
        wN[j]! += aNN[row + j]! * vi;
      }
      wN[i]! += sum;
    }
    // both sides at once: A ← A − 2 v wᵀ − 2 w vᵀ with w = A v − v (vᵀ A v)
    const along = dot(v, wN, k + 1);
    for (let i = k + 1; i < n; i++) wN[i]! -= along * v[i]!;
    for (let i = k + 1; i < n; i++) {
      const row = i * n;
      const vi = 2 * v[i]!;
      const wi = 2 * wN[i]!;
      for (let j = k + 1; j <= i; j++) aNN[row + j]! -= vi * wN[j]! + wi * v[j]!;
    }
  }
  return { diagonalN, offDiagonalN, reflectorNN };
}

/**
 * Implicit QR steps with Wilkinson's shift, which make the last off-diagonal element vanish cubically; then the block above.
 * An element below the rounding of the whole matrix counts as vanished, so that small blocks cannot stall.
 */
function eigenvaluesOf(tridiagonal: Tridiagonal): Float64Array {
  const aN = tridiagonal.diagonalN.slice();
  const bN = tridiagonal.offDiagonalN.slice();
  const vanished = Number.EPSILON * scaleOf(tridiagonal);
  for (let last = aN.length - 1; last > 0; ) {
    if (Math.abs(bN[last - 1]!) <= vanished) {
      last--;
      continue;
    }
    let first = last - 1;
    while (first > 0 && Math.abs(bN[first - 1]!) > vanished) first--;
    // the shift: the eigenvalue of the last 2 × 2 block that is nearer to its last element
    const half = (aN[last - 1]! - aN[last]!) / 2;
    const b = bN[last - 1]!;
    const shift = aN[last]! - (b * b) / (half + (half < 0 ? -1 : 1) * Math.hypot(half, b));
    // rotate neighbours, chasing the element z that falls outside the three diagonals down and out
    let x = aN[first]! - shift;
    let z = bN[first]!;
    for (let k = first; k < last; k++) {
      const length = Math.sqrt(x * x + z * z);
      const c = length > 0 ? x / length : 1;
      const s = length > 0 ? z / length : 0;
      if (k > first) bN[k - 1] = length;
      const [above, off, below] = [aN[k]!, bN[k]!, aN[k + 1]!];
      aN[k] = c * c * above + 2 * c * s * off + s * s * below;
      aN[k + 1] = s * s * above - 2 * c * s * off + c * c * below;
      bN[k] = (c * c - s * s) * off + c * s * (below - above);
      if (k + 1 < last) {
        x = bN[k]!;
        z = s * bN[k + 1]!;
        bN[k + 1]! *= c;
      }
    }
  }
  return aN.sort().reverse();
}

/** The size of the matrix, for telling what is nothing beside it: its largest element. */
function scaleOf({ diagonalN, offDiagonalN }: Tridiagonal): number {
  const larger = (most: number, value: number) => Math.max(most, Math.abs(value));
  return offDiagonalN.reduce(larger, diagonalN.reduce(larger, 0));
}

/** Solves (T − λ I) x = x three times over: the part along λ's eigenvector grows by about 1 / ε each time. */
function inverseIteration(tridiagonal: Tridiagonal, value: number): Float64Array {
  const { diagonalN, offDiagonalN } = tridiagonal;
  const n = diagonalN.length;
  const scale = scaleOf(tridiagonal) || 1;
  const tiny = Number.EPSILON; // of that scale: as good as zero, and still large enough to divide by
  // eliminate below the diagonal, exchanging neighbouring rows for the larger pivot: U has two bands above its diagonal
  const pivotN = diagonalN.map((diagonal) => (diagonal - value) / scale);
  const belowN = offDiagonalN.map((off) => (Math.abs(off) > tiny * scale ? off / scale : 0));
  const firstN = belowN.slice();
  const secondN = new Float64Array(n);
  const multiplierN = new Float64Array(n);
  const exchangedN = new Uint8Array(n);
  for (let k = 0; k + 1 < n; k++) {
    const below = belowN[k]!;
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
