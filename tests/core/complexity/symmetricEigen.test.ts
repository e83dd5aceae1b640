import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { symmetricEigen } from '../../../lib/core/complexity/symmetricEigen.ts';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';
import { difference } from './definitions.ts';
import { grid } from './fiveBySix.ts';

/** ‖A v − λ v‖ for each pair: what an eigenvector is. */
function residuals(a: Matrix): number[] {
  const { values, vector } = symmetricEigen(a);
  return Array.from(values, (value, position) => {
    const x = vector(position);
    return Math.hypot(
      ...x.map((element, i) => x.reduce((sum, xj, j) => sum + a.data[i * a.cols + j]! * xj, 0) - value * element),
    );
  });
}

const anySymmetric = fc.integer({ min: 1, max: 12 }).chain((n) =>
  fc
    .array(
      fc.double({ min: -10, max: 10, noNaN: true }).map((draw) => (Math.abs(draw) < 1e-100 ? 0 : draw)),
      { minLength: n * n, maxLength: n * n },
    )
    .map((draws) => {
      const a = matrix(n, n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) a.data[i * n + j] = draws[Math.min(i, j) * n + Math.max(i, j)]!;
      return a;
    }),
);

describe('symmetricEigen', () => {
  test('of a 2×2 matrix on paper: 3 along (1, 1), 1 along (1, −1)', () => {
    const { values, vector } = symmetricEigen(grid([2, 1], [1, 2]));
    expect(difference(values, [3, 1])).toBeLessThan(1e-15);
    const [x, y] = vector(0);
    expect(Math.abs(x! - y!)).toBeLessThan(1e-15);
    expect(Math.abs(Math.abs(x!) - Math.SQRT1_2)).toBeLessThan(1e-15);
  });

  test('of the second-difference matrix, whose eigenvalues are 2 − 2 cos(k π / (n + 1))', () => {
    const n = 60;
    const a = matrix(n, n);
    for (let i = 0; i < n; i++) {
      a.data[i * n + i] = 2;
      if (i > 0) a.data[i * n + i - 1] = a.data[(i - 1) * n + i] = -1;
    }
    const known = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)));
    expect(difference(symmetricEigen(a).values, known)).toBeLessThan(2e-14);
    expect(Math.max(...residuals(a))).toBeLessThan(1e-14);
  });

  test('certifies every pair of a random matrix, largest first, and keeps trace and norm', () => {
    fc.assert(
      fc.property(anySymmetric, (a) => {
        const { values, vector } = symmetricEigen(a);
        const norm = Math.hypot(...a.data);
        expect(Math.max(...residuals(a))).toBeLessThanOrEqual(1e-13 * norm);
        expect([...values]).toEqual([...values].sort((x, y) => y - x));
        expect(Math.abs(Math.hypot(...values) - norm)).toBeLessThanOrEqual(1e-13 * norm);
        const trace = a.data.filter((_, at) => at % (a.cols + 1) === 0).reduce((sum, value) => sum + value, 0);
        expect(Math.abs(values.reduce((sum, value) => sum + value, 0) - trace)).toBeLessThanOrEqual(1e-12 * norm);
        expect(Math.abs(Math.hypot(...vector(0)) - 1)).toBeLessThan(1e-14);
      }),
    );
  });

  test('of repeated eigenvalues finds one of their vectors', () => {
    const blocks = grid([2, 1, 0, 0], [1, 2, 0, 0], [0, 0, 2, 1], [0, 0, 1, 2]);
    expect(difference(symmetricEigen(blocks).values, [3, 3, 1, 1])).toBeLessThan(2e-15);
    expect(Math.max(...residuals(blocks))).toBeLessThan(1e-14);
    expect(Math.max(...residuals(grid([5, 0, 0], [0, 5, 0], [0, 0, 5])))).toBeLessThan(1e-14);
  });

  test.each([1e-90, 1e90])('in units of %f', (unit) => {
    const { values, vector } = symmetricEigen(grid([2 * unit, unit], [unit, 2 * unit]));
    expect(
      difference(
        values.map((value) => value / unit),
        [3, 1],
      ),
    ).toBeLessThan(2e-15);
    expect(Math.abs(Math.abs(vector(1)[0]!) - Math.SQRT1_2)).toBeLessThan(1e-15);
  });

  test('of elements fifty orders of magnitude apart, with vectors that do not overflow', () => {
    const a = grid(
      [0, 1e-100, 0, 0, 0],
      [1e-100, 0, -5.7e-26, 0, 0],
      [0, -5.7e-26, 0, 1e-100, 0],
      [0, 0, 1e-100, 0, 0],
      [0, 0, 0, 0, 0],
    );
    expect(Math.max(...residuals(a))).toBeLessThan(1e-40);
  });

  test('of zeros, of one number and of nothing', () => {
    expect(symmetricEigen(matrix(3, 3)).values).toEqual(new Float64Array(3));
    expect(residuals(matrix(3, 3))).toEqual([0, 0, 0]);
    expect(symmetricEigen(grid([-4])).values[0]).toBeCloseTo(-4, 14);
    expect([...symmetricEigen(grid([-4])).vector(0)]).toEqual([1]);
    expect(symmetricEigen(matrix(0, 0)).values).toHaveLength(0);
  });

  test('refuses a matrix that is not square, naming its shape', () => {
    expect(() => symmetricEigen(matrix(2, 3))).toThrow('symmetricEigen: the matrix is 2×3, expected a square');
  });
});
