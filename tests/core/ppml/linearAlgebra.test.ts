import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipNegative, symmetricEigen } from '../../../lib/core/gravity/ppml/eigen.ts';
import { crossProducts, inverseOf } from '../../../lib/core/gravity/ppml/gram.ts';
import { matrix } from '../../../lib/core/matrix.ts';

const numbers = (length: number) =>
  fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: length, maxLength: length });

describe('information matrices', () => {
  it('are inverted whatever the scale of each regressor', () => {
    const xKN = [
      Float64Array.of(1, 2, 0, -1),
      Float64Array.of(3e8, -1e8, 2e8, 0),
      Float64Array.of(0, 1e-9, 4e-9, 2e-9),
    ];
    const products = crossProducts(xKN, Float64Array.of(1, 2, 1, 3));
    const { inverse, smallestPivot } = inverseOf(products)!;
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        let entry = 0;
        for (let m = 0; m < 3; m++) entry += products.data[i * 3 + m]! * inverse.data[m * 3 + j]!;
        const scale = Math.sqrt(products.data[i * 3 + i]! / products.data[j * 3 + j]!);
        expect(entry / scale).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    expect(smallestPivot).toBeGreaterThan(0.01);
  });

  it('that say nothing about a combination are refused', () => {
    const x = Float64Array.of(1, 2, 3);
    expect(inverseOf(crossProducts([x, x], null))).toBeNull();
    expect(inverseOf(matrix(1, 1))).toBeNull();
  });
});

describe('eigenvalues of a small symmetric matrix', () => {
  it('satisfy A v = λ v', () => {
    fc.assert(
      fc.property(numbers(10), ([a, b, c, d, e, f, g, h, i, j]) => {
        const rows = [a, b, c, d, b, e, f, g, c, f, h, i, d, g, i, j] as number[];
        const symmetric = matrix(4, 4, Float64Array.from(rows));
        const { values, vectors } = symmetricEigen(symmetric);
        for (let m = 0; m < 4; m++)
          for (let r = 0; r < 4; r++) {
            let product = 0;
            for (let s = 0; s < 4; s++) product += symmetric.data[r * 4 + s]! * vectors.data[s * 4 + m]!;
            expect(Math.abs(product - values[m]! * vectors.data[r * 4 + m]!)).toBeLessThan(1e-12);
          }
      }),
    );
  });

  it('that are negative become zero, the others stay', () => {
    const symmetric = matrix(2, 2, Float64Array.of(1, 2, 2, 1)); // 3 along (1, 1), -1 along (1, -1)
    expect(clipNegative(symmetric)).toBe(true);
    expect(Math.max(...symmetric.data.map((value) => Math.abs(value - 1.5)))).toBeLessThan(1e-14);
    expect(clipNegative(matrix(2, 2, Float64Array.of(2, 1, 1, 2)))).toBe(false);
  });
});
