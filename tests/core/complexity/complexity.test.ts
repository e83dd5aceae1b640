import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complexity } from '../../../lib/core/complexity/complexity.ts';
import { CONVENTIONS } from '../../../lib/core/complexity/conventions.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { anyExports, difference } from './definitions.ts';
import { EXPORTS, grid, PRESENCE, rowsOf } from './fiveBySix.ts';

const PRINTED = 5.1e-11;

describe('complexity', () => {
  test('of five exporters and six products, worked out by hand, all measures at once', () => {
    const c = complexity(EXPORTS);
    expect(rowsOf(c.presence)).toEqual(rowsOf(PRESENCE));
    expect([...c.diversity]).toEqual([3, 4, 2, 1, 2]);
    expect([...c.ubiquity]).toEqual([2, 2, 2, 2, 2, 2]);
    expect(difference(rowsOf(c.rca)[4]!.slice(5), [3.65])).toBeLessThan(PRINTED);
    expect(difference(c.eci, [-0.7698099098, 0.1745598793, 1.0409143542, -1.486578678, 1.0409143542])).toBeLessThan(
      PRINTED,
    );
    expect(
      difference(c.pci, [-1.486578678, -0.4114255257, 0.7605452843, 1.3212834242, -0.4114255257, 0.7605452843]),
    ).toBeLessThan(PRINTED);
    expect(difference(rowsOf(c.density)[0]!, [1, 0.6, 0.5, 0, 0.6, 0.5])).toBeLessThan(1e-15);
    expect(difference(rowsOf(c.outlookGain)[0]!, [0, 0, 0.8507780331, 0.3802726421, 0, 0.8507780331])).toBeLessThan(
      PRINTED,
    );
    // the index as it is, and as the z-score that is published
    const raw = [0.7605452843, -0.1652952538, 0.2157024319, -0.1645702103, 0.2157024319];
    const asItIs = complexity(EXPORTS, { outlookIndex: 'raw' }).outlookIndex;
    expect(difference(asItIs, raw)).toBeLessThan(PRINTED);
    const mean = raw.reduce((sum, value) => sum + value, 0) / 5;
    const deviation = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5);
    expect(
      difference(
        c.outlookIndex,
        raw.map((value) => (value - mean) / deviation),
      ),
    ).toBeLessThan(1e-9);
    expect(c).toMatchObject({ unstable: false, instabilities: [], dropped: { exporters: [], products: [] } });
    expect(c.settings).toEqual(CONVENTIONS.portolan);
    expect(c.residual).toBeLessThan(1e-15);
  });

  test('is the same without the empty exporters and products around it', () => {
    const padded = matrix(7, 8);
    for (let e = 0; e < 5; e++) {
      for (let p = 0; p < 6; p++) padded.data[(e + 1) * 8 + p + 1] = EXPORTS.data[e * 6 + p]!;
    }
    const [inside, alone] = [complexity(padded), complexity(EXPORTS)];
    expect(inside.dropped).toEqual({
      exporters: [
        { at: 0, reason: 'empty' },
        { at: 6, reason: 'empty' },
      ],
      products: [
        { at: 0, reason: 'empty' },
        { at: 7, reason: 'empty' },
      ],
    });
    for (const measure of ['rca', 'density', 'outlookGain'] as const) {
      const rows = rowsOf(inside[measure]);
      expect(rows.slice(1, 6).map((row) => row.slice(1, 7))).toEqual(rowsOf(alone[measure]));
      expect([...rows[0]!, ...rows[6]!, ...rows.flatMap((row) => [row[0]!, row[7]!])].every(Number.isNaN)).toBe(true);
    }
    for (const [measure, outside] of [
      ['eci', Number.NaN],
      ['outlookIndex', Number.NaN],
      ['diversity', 0],
    ] as const) {
      expect([...inside[measure]]).toEqual([outside, ...alone[measure], outside]);
    }
    expect([...inside.pci]).toEqual([Number.NaN, ...alone.pci, Number.NaN]);
    expect([...inside.ubiquity]).toEqual([0, ...alone.ubiquity, 0]);
    expect(rowsOf(inside.presence)[0]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('does not depend on the currency', () => {
    fc.assert(
      fc.property(anyExports, fc.constantFrom(1000, 1 / 1000, 0.8437), (x, unit) => {
        const c = complexity(x);
        const [, second = 0, third = 0] = c.eigenvalues;
        fc.pre(!c.unstable && second - third > 1e-3);
        const other = complexity(
          matrix(
            x.rows,
            x.cols,
            x.data.map((value) => value * unit),
          ),
        );
        expect(other.presence.data).toEqual(c.presence.data);
        expect(difference(other.eci, c.eci)).toBeLessThan(1e-9);
        expect(difference(other.outlookGain.data, c.outlookGain.data)).toBeLessThan(1e-9);
      }),
    );
  });

  test('gives the same bits for the same table', () => {
    expect(complexity(EXPORTS)).toEqual(complexity(EXPORTS));
  });

  test('counts a product in its own density only where the convention does', () => {
    const around = (diagonal: 0 | 1) => rowsOf(complexity(EXPORTS, { diagonal }).density)[0]!;
    expect(difference(around(1), [1, 0.714286, 0.333333, 0, 0.714286, 0.333333])).toBeLessThan(5.1e-7);
    expect(around(0)[1]).toBeCloseTo(0.6, 14);
  });

  test('hands every setting on', () => {
    const gain = (outlookGain: 'atlas' | 'book' | 'datawheel') =>
      rowsOf(complexity(EXPORTS, { outlookGain }).outlookGain)[0]!;
    // density around product 3 is 1/2 and its PCI 0.7605452843; product 1 is present
    expect(gain('atlas')[2]! - gain('book')[2]!).toBeCloseTo(0.7605452843 / 2, 9);
    expect([gain('atlas')[0], gain('book')[0]]).toEqual([0, 0]);
    expect(gain('datawheel')[0]).not.toBe(0);
    // RCA row 1: 1.25, 2.47, 0, 0.14, 1.38, 0
    const above = complexity(EXPORTS, { threshold: 2 });
    expect(rowsOf(above.presence)[0]).toEqual([0, 1, 0, 0, 0, 0]);
    const alike = grid([1, 3, 0], [2, 6, 0], [0, 0, 5]);
    expect(rowsOf(complexity(alike).presence)[0]).toEqual([1, 1, 0]);
    expect(complexity(EXPORTS, { minimumExports: 170 }).dropped).toEqual({
      exporters: [{ at: 2, reason: 'small' }],
      products: [],
    });
    expect(complexity(EXPORTS, { minimumTrade: 100 }).dropped).toEqual({
      exporters: [],
      products: [{ at: 5, reason: 'small' }],
    });
    const inhabitants = Float64Array.of(9, 9, 9, 1, 9);
    expect(complexity(EXPORTS, { minimumPopulation: 2 }, inhabitants).dropped).toEqual({
      exporters: [{ at: 3, reason: 'population' }],
      products: [],
    });
    expect(complexity(EXPORTS, { minimumTrade: 100 }).settings).toEqual({ ...CONVENTIONS.portolan, minimumTrade: 100 });
  });

  test('says that a world in two halves has no ECI to compare across them', () => {
    const halves = grid([5, 5, 0, 0], [5, 0, 0, 0], [0, 0, 5, 5], [0, 0, 5, 0]);
    expect(complexity(halves)).toMatchObject({
      unstable: true,
      instabilities: expect.arrayContaining(['disconnected']),
    });
  });

  test.each([
    ['a single exporter', grid([5, 3])],
    ['a single product', grid([5], [3])],
    ['exporters that are all alike', grid([1, 3], [2, 6])],
  ])('has measures but no complexity for %s', (_, x) => {
    const c = complexity(x);
    expect(c).toMatchObject({ unstable: true, instabilities: ['degenerate'] });
    expect([...c.eci, ...c.pci, ...c.outlookIndex].every(Number.isNaN)).toBe(true);
    expect([...c.rca.data, ...c.density.data].every(Number.isFinite)).toBe(true);
    expect([...c.presence.data].every((present) => present === 1)).toBe(true);
  });

  test('of nothing is nothing', () => {
    const c = complexity(matrix(2, 3));
    expect(c).toMatchObject({ unstable: true, instabilities: ['degenerate'] });
    expect(c.dropped.exporters.map(({ at }) => at)).toEqual([0, 1]);
    expect([...c.eci, ...c.pci, ...c.density.data].every(Number.isNaN)).toBe(true);
    expect([...c.presence.data, ...c.diversity, ...c.ubiquity].every((value) => value === 0)).toBe(true);
  });

  test('is identified when a product has one exporter and another is exported by all', () => {
    const c = complexity(grid([9, 1, 5, 0], [0, 2, 5, 1], [0, 3, 5, 0], [0, 0, 5, 4]));
    expect(c.ubiquity[0]).toBe(1);
    expect(c.rca.data[0]).toBeCloseTo(40 / 15, 12);
    expect(c.eci.every(Number.isFinite)).toBe(true);
  });

  test.each([-3, Number.NaN, Number.POSITIVE_INFINITY])('refuses exports of %d, saying where', (value) => {
    const x = matrix(5, 6, EXPORTS.data.slice());
    x.data[2 * 6 + 4] = value;
    expect(() => complexity(x)).toThrow(
      `complexity: exports are ${value} at exporter 2, product 4, expected a finite number of at least 0`,
    );
  });
});
