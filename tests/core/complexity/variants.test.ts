import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complexity } from '../../../lib/core/complexity/complexity.ts';
import { continuousProximity } from '../../../lib/core/complexity/continuousProximity.ts';
import { externalEci } from '../../../lib/core/complexity/externalEci.ts';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { rpop } from '../../../lib/core/complexity/rpop.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import {
  anyExports,
  continuousByCorrelation,
  densityByShares,
  difference,
  permuted,
  rcaByShares,
  rpopByHeads,
} from './definitions.ts';
import { EXPORTS, grid, PRESENCE, rowsOf } from './fiveBySix.ts';

describe('proximity in other measures', () => {
  //            a  b  c
  const m = grid(
    [1, 1, 0], //
    [1, 1, 1],
    [1, 0, 0],
    [0, 0, 1],
  );

  test('cosine: over the root of both ubiquities', () => {
    const phi = proximity(m, { proximity: 'cosine', diagonal: 1 });
    const expected = [1, 2 / Math.sqrt(6), 1 / Math.sqrt(6), 2 / Math.sqrt(6), 1, 1 / 2, 1 / Math.sqrt(6), 1 / 2, 1];
    expect(difference(phi.data, expected)).toBeLessThan(1e-15);
  });

  test('conditional: the share of the row’s exporters that also export the column', () => {
    expect(rowsOf(proximity(m, { proximity: 'conditional' }))).toEqual([
      [0, 2 / 3, 1 / 3],
      [1, 0, 1 / 2],
      [1 / 2, 1 / 2, 0],
    ]);
  });

  test.each(['minimum', 'cosine', 'conditional'] as const)('%s: 0 beside a product that nobody exports', (measure) => {
    expect(rowsOf(proximity(grid([1, 0, 0], [1, 0, 0]), { proximity: measure, diagonal: 1 }))).toEqual([
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test('is what complexity takes density over', () => {
    const phi = proximity(PRESENCE, { proximity: 'cosine' });
    const ours = complexity(EXPORTS, { proximity: 'cosine' });
    expect(difference(ours.density.data, densityByShares(PRESENCE, phi).data)).toBeLessThan(1e-15);
    expect(ours.settings.proximity).toBe('cosine');
  });
});

describe('continuousProximity', () => {
  test('is 1 for ratios in step, 0 for opposite ones, ½ where nothing is known', () => {
    const ratios = grid([0, 0, 3, 1, 0], [1, 2, 2, 1, 1], [2, 4, 1, 1, 0]);
    expect(
      difference(
        continuousProximity(ratios).data,
        [
          [0, 1, 0, 0.5, 0.5],
          [1, 0, 0, 0.5, 0.5],
          [0, 0, 0, 0.5, 0.5],
          [0.5, 0.5, 0.5, 0, 0.5],
          [0.5, 0.5, 0.5, 0.5, 0],
        ].flat(),
      ),
    ).toBeLessThan(1e-15);
    expect(continuousProximity(ratios, { diagonal: 1 }).data[0]).toBe(1);
  });

  test('stays in [0, 1] and takes rounding for no variation', () => {
    const noisy = grid([0.1, 0.3, 0.1 + 0.2], [0.7, 2.1, 0.3], [0.4, 1.2, 0.3], [0.35, 1.05, 0.3]);
    const phi = rowsOf(continuousProximity(noisy));
    expect(phi.flat().every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(phi[0]![1]).toBeCloseTo(1, 14);
    expect(phi[2]!.slice(0, 2)).toEqual([0.5, 0.5]);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 5, maxLength: 5 }), (ratios) => {
        const inStep = matrix(5, 3, Float64Array.from(ratios.flatMap((ratio) => [ratio, 3 * ratio, 1 - ratio / 7])));
        expect(continuousProximity(inStep).data.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });
});

describe('complexity over the continuous proximity', () => {
  const shares = rcaByShares(EXPORTS);

  test.each([0, 1] as const)('is the mean RCA around a product, diagonal %d', (diagonal) => {
    const { density, settings } = complexity(EXPORTS, { proximity: 'continuous', diagonal });
    const expected = densityByShares(shares, continuousByCorrelation(shares, diagonal));
    expect(difference(density.data, expected.data)).toBeLessThan(1e-13);
    expect(settings.proximity).toBe('continuous');
  });

  test('and per head the mean of the ratios per head', () => {
    const heads = Float64Array.of(3, 1, 4, 1, 5);
    const ratios = rpopByHeads(EXPORTS, heads);
    const ours = complexity(EXPORTS, { proximity: 'continuous', advantage: 'rpop' }, heads);
    const expected = densityByShares(ratios, continuousByCorrelation(ratios, 0));
    expect(difference(ours.density.data, expected.data)).toBeLessThan(1e-13);
    expect(difference(ours.rpop!.data, ratios.data)).toBeLessThan(1e-14);
  });

  test('leaves ECI and PCI as they are', () => {
    const [plain, continuous] = [complexity(EXPORTS), complexity(EXPORTS, { proximity: 'continuous' })];
    expect(continuous.eci).toEqual(plain.eci);
    expect(continuous.pci).toEqual(plain.pci);
  });
});

describe('presence per head', () => {
  //                 60 heads, 30 and 5 sold in all: half of product 1 and a twelfth of product 2 each
  const x = grid([20, 0], [10, 5]);
  const heads = Float64Array.of(10, 50);

  test('is where more is sold per inhabitant than in the world', () => {
    expect(rowsOf(presence(x, { advantage: 'rpop' }, heads))).toEqual([
      [1, 0],
      [0, 1],
    ]);
    // RCA: 7/6, 0; 7/9, 7/3
    expect(rowsOf(presence(x))).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(rowsOf(presence(x, { advantage: 'rpop', threshold: 1.2 }, heads))[1]).toEqual([0, 1]);
    expect(rowsOf(presence(x, { advantage: 'rpop', threshold: 1.2, strict: true }, heads))[1]).toEqual([0, 0]);
  });

  test('and by both where the share in the basket is larger too', () => {
    // heads of 1 and 59: the small exporter leads per head in both products, by its basket in the first only
    const small = Float64Array.of(1, 59);
    const both = grid([20, 1], [10, 5]);
    expect(rowsOf(presence(both, { advantage: 'rpop' }, small))).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(rowsOf(presence(both))).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(rowsOf(presence(both, { advantage: 'both' }, small))).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  const withHeads = anyExports.chain((exports_) =>
    fc.record({
      exports: fc.constant(exports_),
      heads: fc
        .array(
          fc.oneof(
            { weight: 4, arbitrary: fc.double({ min: 1, max: 1e9, noNaN: true }) },
            { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 0) },
          ),
          { minLength: exports_.rows, maxLength: exports_.rows },
        )
        .map((values) => Float64Array.from(values)),
    }),
  );

  test('is the ratio written out, away from the threshold, whatever the currency and the order', () => {
    fc.assert(
      fc.property(withHeads, ({ exports, heads: headsE }) => {
        const ratios = rpopByHeads(exports, headsE);
        const ours = presence(exports, { advantage: 'rpop' }, headsE);
        for (const [n, ratio] of ratios.data.entries())
          if (!(Math.abs(ratio - 1) < 1e-9)) expect(ours.data[n]).toBe(ratio >= 1 ? 1 : 0);
        // both is one and the other
        const byShares = presence(exports);
        const both = presence(exports, { advantage: 'both' }, headsE);
        expect(both.data).toEqual(ours.data.map((per, n) => per * byShares.data[n]!));
        // units of money and of people
        const scaled = matrix(
          exports.rows,
          exports.cols,
          exports.data.map((value) => value * 1024),
        );
        expect(
          presence(
            scaled,
            { advantage: 'rpop' },
            headsE.map((n) => n / 8),
          ).data,
        ).toEqual(ours.data);
        // the other way round
        const rowTo = Array.from({ length: exports.rows }, (_, e) => exports.rows - 1 - e);
        const colTo = Array.from({ length: exports.cols }, (_, p) => p);
        const turned = presence(permuted(exports, rowTo, colTo), { advantage: 'rpop' }, headsE.toReversed());
        expect(difference(turned.data, permuted(ours, rowTo, colTo).data)).toBe(0);
      }),
    );
  });

  test('leaves out exporters whose population is not known, and says so', () => {
    const ours = complexity(EXPORTS, { advantage: 'rpop' }, Float64Array.of(1, 2, Number.NaN, 2, 0));
    expect(ours.dropped.exporters).toEqual(
      expect.arrayContaining([
        { at: 2, reason: 'population' },
        { at: 4, reason: 'population' },
      ]),
    );
    expect(ours.settings.advantage).toBe('rpop');
    expect(() => presence(EXPORTS, { advantage: 'both' })).toThrow('presence: no populations, expected 5');
    expect(() => complexity(EXPORTS, {}, Float64Array.of(1))).toThrow('universe: 1 populations, expected 5');
  });
});

describe('rpop', () => {
  test('compares per head', () => {
    // the world sells 30 of product 1 to 60 heads, ½ each; exporter 1 sells 20 to 10 heads, 2 each
    const ratios = rpop(grid([20, 0], [10, 5]), Float64Array.of(10, 50));
    expect(rowsOf(ratios)).toEqual([
      [4, 0],
      [0.4, 1.2],
    ]);
  });

  test('leaves an exporter of unknown population out of the world too', () => {
    const ratios = rpop(grid([20, 0], [10, 5], [99, 99]), Float64Array.of(10, 50, Number.NaN));
    expect(rowsOf(ratios)).toEqual([
      [4, 0],
      [0.4, 1.2],
      [Number.NaN, Number.NaN],
    ]);
  });
});

describe('externalEci', () => {
  test('is the mean PCI of what a region has, over the products whose PCI is known', () => {
    const regions = grid([1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]);
    const pci = Float64Array.of(1, -0.5, 2, Number.NaN);
    expect([...externalEci(regions, pci)]).toEqual([0.25, 0.75, Number.NaN, Number.NaN]);
  });

  test('of the world’s own exporters is their ECI', () => {
    const { presence, pci, eci } = complexity(EXPORTS);
    expect(difference(externalEci(presence, pci), eci)).toBeLessThan(1e-14);
  });
});
