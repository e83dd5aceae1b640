import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complexity } from '../../../lib/core/complexity/complexity.ts';
import { largestPart } from '../../../lib/core/complexity/largestPart.ts';
import { embed, embedVector, restrict, universe } from '../../../lib/core/complexity/universe.ts';
import { anyPresence } from './definitions.ts';
import { EXPORTS, grid, rowsOf } from './fiveBySix.ts';

describe('universe', () => {
  test('is everybody who exports, and everything that is exported', () => {
    const { exporters, products, dropped } = universe(grid([5, 0, 1], [0, 0, 0], [2, 0, 3]));
    expect([...exporters]).toEqual([0, 2]);
    expect([...products]).toEqual([0, 2]);
    expect(dropped).toEqual({ exporters: [{ at: 1, reason: 'empty' }], products: [{ at: 1, reason: 'empty' }] });
  });

  test('leaves out the small, again and again until nothing more falls out', () => {
    const chain = grid(
      [9, 0, 0], // stays
      [9, 4, 0], // loses 4 when product 2 goes, and is too small then
      [0, 4, 3], // too small at once: takes 4 from product 2 and all of product 3
    );
    const { exporters, products, dropped } = universe(chain, { minimumExports: 10, minimumTrade: 5 });
    expect(dropped.exporters).toEqual([
      { at: 0, reason: 'small' },
      { at: 2, reason: 'small' },
      { at: 1, reason: 'small' },
    ]);
    expect([...exporters, ...products]).toEqual([]);

    const kept = universe(chain, { minimumExports: 9, minimumTrade: 5 });
    expect([...kept.exporters]).toEqual([0, 1]);
    expect([...kept.products]).toEqual([0]);
    // product 3 was small on its own; product 2 only became small when exporter 3 left
    expect(kept.dropped).toEqual({
      exporters: [{ at: 2, reason: 'small' }],
      products: [
        { at: 2, reason: 'small' },
        { at: 1, reason: 'small' },
      ],
    });
  });

  test('leaves out an exporter that has no advantage above a higher threshold', () => {
    const { dropped } = universe(grid([30, 10], [20, 40]), { threshold: 1.4 });
    expect(dropped.exporters).toContainEqual({ at: 1, reason: 'absent' });
    expect(dropped.products).toContainEqual({ at: 1, reason: 'absent' });
  });

  test('leaves out exporters with too few or an unknown number of inhabitants', () => {
    const x = grid([5, 1], [3, 0], [2, 3]);
    const { exporters, dropped } = universe(x, { minimumPopulation: 1e6 }, Float64Array.of(2e6, 9e5, Number.NaN));
    expect([...exporters]).toEqual([0]);
    expect(dropped.exporters).toEqual([
      { at: 1, reason: 'population' },
      { at: 2, reason: 'population' },
    ]);
    expect(() => universe(x, { minimumPopulation: 1 })).toThrow('universe: no populations, expected 3');
    expect(() => universe(x, { minimumPopulation: 1 }, Float64Array.of(1))).toThrow(
      'universe: 1 populations, expected 3',
    );
    expect([...universe(x, {}, Float64Array.of(1, Number.NaN, 1)).exporters]).toEqual([0, 1, 2]);
  });

  test('is the largest part only, on request', () => {
    // 0, 1 and 2 share products a, b and c; 3 and 4 share d and e
    const x = grid(
      [5, 1, 0, 0, 0], //
      [1, 5, 1, 0, 0],
      [0, 1, 5, 0, 0],
      [0, 0, 0, 4, 4],
      [0, 0, 0, 4, 4],
    );
    expect(universe(x).exporters).toEqual(Uint32Array.of(0, 1, 2, 3, 4));
    const whole = universe(x, { largestPart: true, threshold: 0.3 });
    expect(whole.exporters).toEqual(Uint32Array.of(0, 1, 2));
    expect(whole.products).toEqual(Uint32Array.of(0, 1, 2));
    expect(whole.dropped).toEqual({
      exporters: [
        { at: 3, reason: 'apart' },
        { at: 4, reason: 'apart' },
      ],
      products: [
        { at: 3, reason: 'apart' },
        { at: 4, reason: 'apart' },
      ],
    });
    expect(complexity(x, { threshold: 0.3 }).instabilities).toContain('disconnected');
    expect(complexity(x, { threshold: 0.3, largestPart: true }).instabilities).not.toContain('disconnected');
  });

  test('its largest part is what walking from exporter to exporter reaches', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        const shares = (e: number, f: number) =>
          Array.from({ length: m.cols }, (_, p) => m.data[e * m.cols + p]! * m.data[f * m.cols + p]!).includes(1);
        // transitive closure of sharing a product
        const reach = Array.from({ length: m.rows }, (_, e) =>
          Array.from({ length: m.rows }, (_, f) => e === f || shares(e, f)),
        );
        for (let via = 0; via < m.rows; via++)
          for (const row of reach) for (let f = 0; f < m.rows; f++) row[f] ||= row[via]! && reach[via]![f]!;
        const sizes = reach.map((row) => row.filter(Boolean).length);
        const { exporters, products } = largestPart(m);
        expect(exporters.length).toBe(Math.max(...sizes));
        expect([...exporters]).toEqual(reach[exporters[0]!]!.flatMap((is, e) => (is ? [e] : [])));
        expect([...products]).toEqual(
          Array.from({ length: m.cols }, (_, p) => p).filter((p) =>
            [...exporters].some((e) => m.data[e * m.cols + p] === 1),
          ),
        );
      }),
    );
  });

  test('restricts a matrix and puts the part back in its place', () => {
    const members = { exporters: Uint32Array.of(1, 4), products: Uint32Array.of(0, 2, 3) };
    const part = restrict(EXPORTS, members);
    expect(rowsOf(part)).toEqual([
      [10, 30, 0],
      [0, 20, 100],
    ]);
    expect(rowsOf(embed(part, members, EXPORTS, -1))).toEqual([
      [-1, -1, -1, -1, -1, -1],
      [10, -1, 30, 0, -1, -1],
      [-1, -1, -1, -1, -1, -1],
      [-1, -1, -1, -1, -1, -1],
      [0, -1, 20, 100, -1, -1],
    ]);
    expect([...embedVector(Float64Array.of(7, 8), members.exporters, 5, Number.NaN)]).toEqual([
      Number.NaN,
      7,
      Number.NaN,
      Number.NaN,
      8,
    ]);
  });

  test('copies nothing when everybody takes part', () => {
    expect(restrict(EXPORTS, universe(EXPORTS))).toBe(EXPORTS);
  });
});
