import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { anyPresence, proximityByProbabilities } from './definitions.ts';
import { grid, PRESENCE, rowsOf } from './fiveBySix.ts';

describe('proximity', () => {
  test('of three products that can be checked on paper', () => {
    //            a  b  c
    const m = grid(
      [1, 1, 0], //
      [1, 1, 1],
      [1, 0, 0],
      [0, 0, 1],
    );
    // a and b meet twice, a has 3 exporters: 2/3; a and c once of 3; b and c once of 2
    expect(rowsOf(proximity(m))).toEqual([
      [0, 2 / 3, 1 / 3],
      [2 / 3, 0, 1 / 2],
      [1 / 3, 1 / 2, 0],
    ]);
    expect(rowsOf(proximity(m, { diagonal: 1 }))).toEqual([
      [1, 2 / 3, 1 / 3],
      [2 / 3, 1, 1 / 2],
      [1 / 3, 1 / 2, 1],
    ]);
  });

  test('of five exporters and six products', () => {
    expect(rowsOf(proximity(PRESENCE))).toEqual([
      [0, 0.5, 0, 0, 0.5, 0],
      [0.5, 0, 0.5, 0, 1, 0.5],
      [0, 0.5, 0, 0.5, 0.5, 0.5],
      [0, 0, 0.5, 0, 0, 0.5],
      [0.5, 1, 0.5, 0, 0, 0.5],
      [0, 0.5, 0.5, 0.5, 0.5, 0],
    ]);
  });

  test('is the smaller conditional probability', () => {
    fc.assert(
      fc.property(anyPresence, fc.constantFrom(0 as const, 1 as const), (m, diagonal) => {
        expect(proximity(m, { diagonal }).data).toEqual(proximityByProbabilities(m, diagonal).data);
      }),
    );
  });

  test('is symmetric and a probability', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        const phi = rowsOf(proximity(m, { diagonal: 1 }));
        for (const [p, row] of phi.entries()) {
          for (const [q, value] of row.entries()) {
            expect(value).toBe(phi[q]![p]);
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });

  test('beside a product that nobody exports is 0, its own diagonal included', () => {
    expect(rowsOf(proximity(grid([1, 0], [1, 0]), { diagonal: 1 }))).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });
});
