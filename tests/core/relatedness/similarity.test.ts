import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlation } from '../../../lib/core/complexity/moments.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import {
  exporterSimilarity,
  importBasketSimilarity,
  importerSimilarity,
} from '../../../lib/core/relatedness/similarity.ts';
import { anyExportsAndOrder, difference, permuted, rcaByShares } from '../complexity/definitions.ts';
import { grid, rowsOf } from '../complexity/fiveBySix.ts';

/** Whole numbers, so that a row is the same everywhere or visibly not. */
const wholeNumbers = anyExportsAndOrder.map(({ exports: x, ...order }) => ({
  ...order,
  trade: matrix(
    x.rows,
    x.cols,
    x.data.map((value) => Math.ceil(Math.min(value, 1000))),
  ),
}));

describe('similarity of exporters and of importers', () => {
  test('of a 3×2 table: with two products, rankings agree or are opposed', () => {
    // shares of product 1: 3/4, 2/3, 1/4; A and B lean to it, C away from it
    const trade = grid([3, 1], [2, 1], [1, 3]);
    const expected = [
      [1, 1, -1],
      [1, 1, -1],
      [-1, -1, 1],
    ];
    for (const similarity of [exporterSimilarity(trade), importerSimilarity(trade)])
      for (const [r, row] of rowsOf(similarity).entries()) expect(difference(row, expected[r]!)).toBeLessThan(1e-14);
  });

  test('is the correlation of ln(RCA + 0.1), worked out for two exporters of three products', () => {
    // total 16, both sell 8; RCA of A: (4/8)/(6/16) = 4/3, (4/8)/(6/16) = 4/3, 0; of B: 2/3, 2/3, 2
    // around the mean both are (−1, −1, 2) up to a factor, of A with the opposite sign
    expect(rowsOf(exporterSimilarity(grid([4, 4, 0], [2, 2, 4])))[0]![1]).toBeCloseTo(-1, 14);
  });

  test('nothing is known about a country without trade; a product that nobody trades does not count', () => {
    const [withEmpty, without] = [grid([3, 0, 1, 2], [0, 0, 0, 0], [1, 0, 3, 5]), grid([3, 1, 2], [1, 3, 5])];
    for (const similarity of [exporterSimilarity, importBasketSimilarity]) {
      const rows = rowsOf(similarity(withEmpty));
      expect(rows[1]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      expect(rows[0]![1]).toBeNaN();
      expect(rows[0]![2]).toBeCloseTo(rowsOf(similarity(without))[0]![1]!, 13);
    }
  });

  test('nothing is known about a country whose ratio is the same everywhere', () => {
    expect(rowsOf(exporterSimilarity(grid([1, 1], [1, 1])))).toEqual([
      [Number.NaN, Number.NaN],
      [Number.NaN, Number.NaN],
    ]);
    expect(exporterSimilarity(matrix(2, 0)).data).toEqual(new Float64Array(4).fill(Number.NaN));
  });

  test('is the definition, on any table', () => {
    fc.assert(
      fc.property(wholeNumbers, ({ trade: x }) => {
        const ratios = rowsOf(rcaByShares(x)).map((row) => Float64Array.from(row, (ratio) => Math.log(ratio + 0.1)));
        const total = rowsOf(x).map((row) => row.reduce((sum, value) => sum + value, 0));
        const shares = rowsOf(x).map((row, r) => Float64Array.from(row, (value) => Math.log(1 + value / total[r]!)));
        const all = (vectors: Float64Array[]) => vectors.flatMap((a) => vectors.map((b) => correlation(a, b)));
        expect(difference(exporterSimilarity(x).data, all(ratios))).toBeLessThan(1e-9);
        expect(difference(importBasketSimilarity(x).data, all(shares))).toBeLessThan(1e-9);
      }),
    );
  });

  test('does not depend on the unit, nor on the order of countries and products', () => {
    fc.assert(
      fc.property(wholeNumbers, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), ({ trade: x, rowTo, colTo }, unit) => {
        const inUnit = matrix(
          x.rows,
          x.cols,
          x.data.map((value) => value * unit),
        );
        for (const similarity of [exporterSimilarity, importBasketSimilarity]) {
          expect(difference(similarity(inUnit).data, similarity(x).data)).toBeLessThan(1e-9);
          const moved = similarity(permuted(x, rowTo, colTo));
          expect(difference(moved.data, permuted(similarity(x), rowTo, rowTo).data)).toBeLessThan(1e-9);
        }
      }),
    );
  });
});
