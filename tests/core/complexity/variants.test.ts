import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complexity } from '../../../lib/core/complexity/complexity.ts';
import { continuousProximity } from '../../../lib/core/complexity/continuousProximity.ts';
import { externalEci } from '../../../lib/core/complexity/externalEci.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { rpop } from '../../../lib/core/complexity/rpop.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { densityByShares, difference } from './definitions.ts';
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
