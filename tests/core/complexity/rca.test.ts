import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { margins } from '../../../lib/core/complexity/margins.ts';
import { rca } from '../../../lib/core/complexity/rca.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { anyExports, anyExportsAndOrder, difference, permuted, rcaByShares } from './definitions.ts';
import { EXPORTS, grid, rowsOf } from './fiveBySix.ts';

describe('rca', () => {
  test('of a 2×2 table that can be checked on paper', () => {
    // total 100; exporter A sells 40, B 60; product 1 is 50, product 2 is 50
    const exports_ = grid(
      [30, 10], // A: 30/40 over 50/100 = 1.5, 10/40 over 50/100 = 0.5
      [20, 40], // B: 20/60 over 50/100 = 2/3, 40/60 over 50/100 = 4/3
    );
    expect(rowsOf(rca(exports_))).toEqual([
      [1.5, 0.5],
      [2 / 3, 4 / 3],
    ]);
  });

  test('of five exporters and six products, worked out by hand', () => {
    const ratios = rowsOf(rca(EXPORTS));
    const row1 = [1.2472710014, 2.4658691063, 0, 0.1354359926, 1.3751962323, 0];
    expect(difference(ratios[0]!, row1)).toBeLessThan(5.1e-11);
    expect(difference([ratios[4]![5]!], [3.65])).toBeLessThan(5.1e-11);
  });

  test('is the share in the basket over the share in the world', () => {
    fc.assert(
      fc.property(anyExports, (x) => difference(rca(x).data, rcaByShares(x).data) < 1e-9 * Math.max(...rca(x).data)),
    );
  });

  test('is undefined, not zero, for an exporter without exports and a product without exporters', () => {
    const undefinedOutside = [
      [1, Number.NaN],
      [Number.NaN, Number.NaN],
    ];
    expect(rowsOf(rca(grid([7, 0], [0, 0])))).toEqual(undefinedOutside);
  });

  test('of a product with a single exporter is the inverse of that exporter’s share of the world', () => {
    expect(rowsOf(rca(grid([5, 20], [0, 75])))[0]![0]).toBeCloseTo(4, 14);
  });

  test('weighted by world shares, averages 1 in every basket', () => {
    fc.assert(
      fc.property(anyExports, (x) => {
        const { cols: totalP, total } = margins(x);
        for (const ratios of rowsOf(rca(x))) {
          const mean = ratios.reduce((sum, ratio, p) => sum + (ratio * totalP[p]!) / total, 0);
          expect(mean).toBeCloseTo(1, 11);
        }
      }),
    );
  });

  test('does not depend on the unit, nor on the order of exporters and products', () => {
    fc.assert(
      fc.property(
        anyExportsAndOrder,
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        ({ exports: x, rowTo, colTo }, unit) => {
          const scale = Math.max(...rca(x).data);
          const inOtherUnit = rca(
            matrix(
              x.rows,
              x.cols,
              x.data.map((value) => value * unit),
            ),
          );
          expect(difference(inOtherUnit.data, rca(x).data)).toBeLessThan(1e-12 * scale);
          const moved = rca(permuted(x, rowTo, colTo));
          expect(difference(moved.data, permuted(rca(x), rowTo, colTo).data)).toBeLessThan(1e-12 * scale);
        },
      ),
    );
  });

  test('writes into the matrix given and leaves its input alone', () => {
    const out = matrix(5, 6);
    const before = EXPORTS.data.slice();
    expect(rca(EXPORTS, out)).toBe(out);
    expect(out.data).toEqual(rca(EXPORTS).data);
    expect(EXPORTS.data).toEqual(before);
  });
});
