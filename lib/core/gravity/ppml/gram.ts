import { type Matrix, matrix } from '../../matrix.ts';

/** Weighted cross products of columns: out[j, k] = Σ_n w[n] a[n,j] a[n,k]. Weights of null are ones. */
export function crossProducts(columnsKN: readonly Float64Array[], weightN: Float64Array | null): Matrix {
  const k = columnsKN.length;
  const products = matrix(k, k);
  for (let j = 0; j < k; j++)
    for (let i = 0; i <= j; i++) {
      const product = dot(columnsKN[j]!, columnsKN[i]!, weightN);
      products.data[j * k + i] = product;
      products.data[i * k + j] = product;
    }
  return products;
}

/** Σ_n w[n] a[n] b[n] */
export function dot(aN: Float64Array, bN: Float64Array, weightN: Float64Array | null): number {
  let sum = 0;
  if (weightN === null) for (let n = 0; n < aN.length; n++) sum += aN[n]! * bN[n]!;
  else for (let n = 0; n < aN.length; n++) sum += weightN[n]! * aN[n]! * bN[n]!;
  return sum;
}

/**
 * Cholesky factor of a symmetric positive definite matrix, after scaling its diagonal to one so that regressors of very different
 * information (one of them only moves near-zero means) are treated alike.
 *
 * @returns the lower triangle and the scale, and the smallest pivot in [0, 1]: how much of some regressor is not a combination of those
 *   before it. Null where a pivot is not positive: the matrix says nothing about some combination.
 */
function cholesky({
  rows: k,
  data,
}: Matrix): { lower: Float64Array; scale: Float64Array; smallestPivot: number } | null {
  const scale = new Float64Array(k);
  for (let j = 0; j < k; j++) scale[j] = 1 / Math.sqrt(data[j * k + j]!);
  const lower = new Float64Array(k * k);
  let smallestPivot = 1;
  for (let j = 0; j < k; j++)
    for (let i = 0; i <= j; i++) {
      let sum = data[j * k + i]! * scale[j]! * scale[i]!;
      for (let m = 0; m < i; m++) sum -= lower[j * k + m]! * lower[i * k + m]!;
      if (i < j) lower[j * k + i] = sum / lower[i * k + i]!;
      else {
        if (!(sum > 0)) return null;
        smallestPivot = Math.min(smallestPivot, sum);
        lower[j * k + j] = Math.sqrt(sum);
      }
    }
  return { lower, scale, smallestPivot };
}

/** x of L Lᵀ x = column, in place. */
function substitute(lower: Float64Array, column: Float64Array): void {
  const k = column.length;
  for (let j = 0; j < k; j++) {
    for (let m = 0; m < j; m++) column[j]! -= lower[j * k + m]! * column[m]!;
    column[j]! /= lower[j * k + j]!;
  }
  for (let j = k - 1; j >= 0; j--) {
    for (let m = j + 1; m < k; m++) column[j]! -= lower[m * k + j]! * column[m]!;
    column[j]! /= lower[j * k + j]!;
  }
}

/** The inverse of a symmetric positive definite matrix, with the smallest pivot of its factor; null where `cholesky` has none. */
export function inverseOf(products: Matrix): { inverse: Matrix; smallestPivot: number } | null {
  const factor = cholesky(products);
  if (!factor) return null;
  const { lower, scale, smallestPivot } = factor;
  const k = products.rows;
  const inverse = matrix(k, k);
  const column = new Float64Array(k);
  for (let e = 0; e < k; e++) {
    column.fill(0);
    column[e] = 1;
    substitute(lower, column);
    for (let j = 0; j < k; j++) inverse.data[j * k + e] = column[j]! * scale[j]! * scale[e]!;
  }
  return { inverse, smallestPivot };
}

/** Solves products · x = right for one right side after another, for a symmetric positive definite matrix; null where `cholesky` has no factor. */
export function solver(products: Matrix): ((right: Float64Array) => Float64Array) | null {
  const factor = cholesky(products);
  if (!factor) return null;
  const { lower, scale } = factor;
  return (right) => {
    const column = right.map((value, j) => value * scale[j]!);
    substitute(lower, column);
    return column.map((value, j) => value * scale[j]!);
  };
}

/** x of products · x = right; null as for `solver`. */
export const solved = (products: Matrix, right: Float64Array): Float64Array | null => solver(products)?.(right) ?? null;

/** Matrix times vector. */
export function times({ rows, cols, data }: Matrix, vector: ArrayLike<number>): Float64Array {
  const product = new Float64Array(rows);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) product[r]! += data[r * cols + c]! * vector[c]!;
  return product;
}

/** bread × meat × bread */
export function sandwich(bread: Matrix, meat: Matrix): Matrix {
  const k = bread.rows;
  const product = (a: Matrix, b: Matrix) => {
    const c = matrix(k, k);
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++)
        for (let m = 0; m < k; m++) c.data[i * k + j]! += a.data[i * k + m]! * b.data[m * k + j]!;
    return c;
  };
  return product(product(bread, meat), bread);
}
