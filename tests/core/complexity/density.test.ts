import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { centrality, density } from '../../../lib/core/complexity/density.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { minimumProximitySums, sumsOver } from '../../../lib/core/complexity/proximitySums.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { anyPresence, densityByShares, difference, proximityByProbabilities } from './definitions.ts';
import { grid, PRESENCE, rowsOf } from './fiveBySix.ts';

const diagonals = fc.constantFrom(0 as const, 1 as const);

describe('density', () => {
  test('of five exporters and six products, worked out by hand', () => {
    const without = rowsOf(density(PRESENCE, minimumProximitySums(PRESENCE, 0)));
    expect(difference(without[0]!, [1, 0.6, 0.5, 0, 0.6, 0.5])).toBeLessThan(1e-15);
    expect(difference(without[2]!, [0, 0.2, 0.25, 0.5, 0.2, 0.5])).toBeLessThan(1e-15);
    const including = rowsOf(density(PRESENCE, minimumProximitySums(PRESENCE, 1)));
    expect(difference(including[0]!, [1, 0.714286, 0.333333, 0, 0.714286, 0.333333])).toBeLessThan(5.1e-7);
  });

  test('is the same with the proximity matrix and without it, and is what the definition says', () => {
    fc.assert(
      fc.property(anyPresence, diagonals, (m, diagonal) => {
        const literal = densityByShares(m, proximityByProbabilities(m, diagonal));
        expect(difference(density(m, minimumProximitySums(m, diagonal)).data, literal.data)).toBeLessThan(1e-14);
        expect(difference(density(m, sumsOver(proximity(m, { diagonal }))).data, literal.data)).toBeLessThan(1e-14);
      }),
    );
  });

  test('is a share: in [0, 1], exactly 0 with nothing around and exactly 1 with everything', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        const sums = minimumProximitySums(m, 0);
        const totalP = centrality(m.cols, sums);
        const everything = density(matrix(1, m.cols, new Float64Array(m.cols).fill(1)), sums).data;
        expect(everything).toEqual(totalP.map((total) => Number(total > 0)));
        const nothing = density(matrix(1, m.cols), sums).data;
        expect(nothing).toEqual(new Float64Array(m.cols));
        for (const value of density(m, sums).data) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('around a product that no other is exported with is 0 and not a division by zero', () => {
    const apart = grid([1, 0], [0, 1]);
    expect(rowsOf(density(apart, minimumProximitySums(apart, 0)))).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(rowsOf(density(apart, minimumProximitySums(apart, 1)))).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test('with 49 exporters of a lonely product is 0 and not what 49 times 1/49 leaves over', () => {
    const lonely = matrix(49, 1, new Float64Array(49).fill(1));
    expect(density(lonely, minimumProximitySums(lonely, 0)).data).toEqual(new Float64Array(49));
  });

  test('takes baskets of others, such as regions, against the world’s proximity', () => {
    const region = grid([0, 1, 0, 0, 0, 1]);
    const expected = densityByShares(region, proximityByProbabilities(PRESENCE, 0));
    expect(difference(density(region, minimumProximitySums(PRESENCE, 0)).data, expected.data)).toBeLessThan(1e-15);
  });
});

describe('sums over proximity', () => {
  test('with weights of any sign are the same with the matrix and without it', () => {
    const weighted = anyPresence.chain((m) =>
      fc.record({
        m: fc.constant(m),
        weightP: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: m.cols, maxLength: m.cols }),
      }),
    );
    fc.assert(
      fc.property(weighted, diagonals, ({ m, weightP }, diagonal) => {
        const weights = Float64Array.from(weightP);
        const baskets = matrix(
          m.rows,
          m.cols,
          m.data.map((present) => 1 - present),
        );
        const expected = sumsOver(proximity(m, { diagonal }))(baskets, weights);
        expect(difference(minimumProximitySums(m, diagonal)(baskets, weights).data, expected.data)).toBeLessThan(1e-13);
      }),
    );
  });

  test('at a size where the rows are added four at a time', () => {
    const m = matrix(
      23,
      40,
      Float64Array.from({ length: 920 }, (_, at) => Number((at * at + 7 * at) % 11 < 5)),
    );
    const weights = Float64Array.from({ length: 40 }, (_, p) => Math.sin(p));
    const expected = sumsOver(proximity(m))(m, weights);
    expect(difference(minimumProximitySums(m, 0)(m, weights).data, expected.data)).toBeLessThan(1e-13);
  });
});
