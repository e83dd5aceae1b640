import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matrix } from '../../../lib/core/matrix.ts';
import { nearAndSimilarNeighbours, nearNeighbours } from '../../../lib/core/relatedness/neighbours.ts';
import { grid, rowsOf } from '../complexity/fiveBySix.ts';

const missing = Number.NaN;

describe('neighbours', () => {
  test('count by the inverse of their distance, the country itself left out', () => {
    // from A: B at 100 km, C at 300 km → 1/100 and 1/300, that is 3 to 1
    const { weightCC, aloneC } = nearNeighbours(grid([5, 100, 300], [100, 5, 100], [300, 100, 5]));
    expect(rowsOf(weightCC)).toEqual([
      [0, 3 / 4, expect.closeTo(1 / 4, 15)],
      [1 / 2, 0, 1 / 2],
      [expect.closeTo(1 / 4, 15), 3 / 4, 0],
    ]);
    expect([...aloneC]).toEqual([0, 0, 0]);
  });

  test('a distance that is not known counts 0; a country with none is alone', () => {
    const { weightCC, aloneC } = nearNeighbours(
      grid([0, 100, missing], [100, 0, missing], [missing, missing, missing]),
    );
    expect(rowsOf(weightCC)).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    expect([...aloneC]).toEqual([0, 0, 1]);
    expect(rowsOf(nearNeighbours(grid([0, 0, 50], [0, 0, 50], [50, 50, 0])).weightCC)[0]).toEqual([0, 0, 1]);
  });

  test('count by likeness too: the opposed and the unknown not at all', () => {
    const similarity = grid(
      [1, 0.5, 0.25, -0.9, missing],
      [0.5, 1, 0, 0, 0],
      [0.25, 0, 1, 0, 0],
      [-0.9, 0, 0, 1, 0],
      [missing, 0, 0, 0, missing],
    );
    const distance = matrix(5, 5, new Float64Array(25).fill(100));
    const { weightCC, aloneC } = nearAndSimilarNeighbours(similarity, distance);
    expect(rowsOf(weightCC)[0]).toEqual([0, expect.closeTo(2 / 3, 14), expect.closeTo(1 / 3, 14), 0, 0]);
    // D is only like A, and in the opposite way; of E nothing is known
    expect([...aloneC]).toEqual([0, 0, 0, 1, 1]);
  });

  test('sum to 1 or to 0, and do not depend on the unit of distance', () => {
    const distances = fc.array(fc.oneof(fc.double({ min: 1, max: 20_000, noNaN: true }), fc.constant(missing)), {
      minLength: 25,
      maxLength: 25,
    });
    fc.assert(
      fc.property(distances, (km) => {
        const { weightCC, aloneC } = nearNeighbours(matrix(5, 5, Float64Array.from(km)));
        for (const [c, row] of rowsOf(weightCC).entries()) {
          expect(row[c]).toBe(0);
          expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1 - aloneC[c]!, 13);
        }
        const miles = nearNeighbours(
          matrix(
            5,
            5,
            Float64Array.from(km, (each) => each / 1.609344),
          ),
        );
        for (const [at, weight] of miles.weightCC.data.entries()) expect(weight).toBeCloseTo(weightCC.data[at]!, 13);
      }),
    );
  });

  test('of matrices that do not fit: both shapes named', () => {
    expect(() => nearAndSimilarNeighbours(matrix(2, 2), matrix(3, 3))).toThrow('similarity is 2×2, distances 3×3');
    expect(() => nearNeighbours(matrix(2, 3))).toThrow('distances are 2×3');
  });
});
