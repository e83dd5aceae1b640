import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { rca } from '../../../lib/core/complexity/rca.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { anyExports } from './definitions.ts';
import { EXPORTS, grid, PRESENCE, rowsOf } from './fiveBySix.ts';

describe('presence', () => {
  test('of five exporters and six products, worked out by hand', () => {
    expect(rowsOf(presence(EXPORTS))).toEqual(rowsOf(PRESENCE));
  });

  test('is where RCA is at least 1', () => {
    fc.assert(
      fc.property(anyExports, (x) => {
        const ratios = rca(x).data;
        presence(x).data.forEach((present, at) => {
          if (Math.abs(ratios[at]! - 1) > 1e-9) expect(present).toBe(Number(ratios[at]! > 1));
        });
      }),
    );
  });

  test('counts a share that is exactly the world’s, unless strict', () => {
    // every exporter sells both products in the world's proportion: RCA is 1 everywhere
    const alike = grid([1, 3], [2, 6]);
    expect(rowsOf(presence(alike))).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(rowsOf(presence(alike, { strict: true }))).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('treats a cell within 1e-12 of the threshold as on it, and one 1e-9 away as not', () => {
    // RCA of a cell that is off by (1 − s) of the world's proportion moves by less than that
    const near = (s: number) => grid([1 * s, 3], [2, 6]);
    expect(presence(near(1 - 1e-13)).data[0]).toBe(1);
    expect(presence(near(1 - 1e-9)).data[0]).toBe(0);
    expect(presence(near(1 + 1e-13), { strict: true }).data[0]).toBe(0);
    expect(presence(near(1 + 1e-9), { strict: true }).data[0]).toBe(1);
  });

  test('does not flip with the unit on the threshold', () => {
    const alike = grid([0.1, 0.3], [0.2, 0.6]);
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (unit) => {
        expect(
          presence(
            matrix(
              2,
              2,
              alike.data.map((value) => value * unit),
            ),
          ).data,
        ).toEqual(Float64Array.of(1, 1, 1, 1));
      }),
    );
  });

  test('of an empty cell is 0, whatever the threshold', () => {
    expect(rowsOf(presence(grid([0, 5], [0, 0]), { threshold: 0 }))).toEqual([
      [0, 1],
      [0, 0],
    ]);
  });

  test('asks for more with a higher threshold', () => {
    // RCA: 1.5, 0.5 / 0.667, 1.333
    expect(rowsOf(presence(grid([30, 10], [20, 40]), { threshold: 1.4 }))).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  test('leaves nobody and nothing out at threshold 1: a weighted mean of 1 reaches 1 somewhere', () => {
    fc.assert(
      fc.property(anyExports, (x) => {
        const rows = rowsOf(presence(x));
        expect(rows.every((basket) => basket.includes(1))).toBe(true);
        expect(rows[0]!.every((_, p) => rows.some((basket) => basket[p] === 1))).toBe(true);
      }),
    );
  });
});
