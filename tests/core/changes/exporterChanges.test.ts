import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exporterChanges, type WorthCells } from '../../../lib/core/changes/exporterChanges.ts';

const state = (rows: readonly (readonly [importer: number, product: number, worth: number])[]): WorthCells => ({
  importerN: Uint16Array.from(rows, ([importer]) => importer),
  productN: Uint16Array.from(rows, ([, product]) => product),
  worthN: Float64Array.from(rows, ([, , worth]) => worth),
});
const shape = { importers: 4, products: 3 };

describe('changes of an exporter', () => {
  //            (importer, product)   before   new model   market moved
  //                 (0, 0)             10        12            9
  //                 (1, 0)              5         5            5
  //                 (2, 1)              7         0            0      gone with the model
  //                 (3, 2)              0         0            4      appeared with the market
  //                 (0, 1)              0         6            0      came and went
  const before = state([
    [0, 0, 10],
    [1, 0, 5],
    [2, 1, 7],
  ]);
  const newModel = state([
    [0, 0, 12],
    [1, 0, 5],
    [0, 1, 6],
  ]);
  const after = state([
    [3, 2, 4],
    [1, 0, 5],
    [0, 0, 9],
  ]);

  it('of five cells, worked out by hand', () => {
    const found = exporterChanges([before, newModel, after], shape, 10);
    expect(found).toMatchObject({
      before: 22,
      after: 18,
      byStep: [1, -5],
      counts: { appeared: 1, gone: 1, rose: 0, fell: 1, same: 2 },
    });
    expect([...found.top.importerR]).toEqual([3, 2, 0]);
    expect([...found.top.productR]).toEqual([2, 1, 0]);
    expect([...found.top.beforeR]).toEqual([0, 7, 10]);
    expect([...found.top.afterR]).toEqual([4, 0, 9]);
    // first step, then second, of the three rows
    expect([...found.top.stepSR]).toEqual([0, -7, 2, 4, 0, -3]);
  });

  it('keeps the largest rises and falls, ties by product and importer', () => {
    const found = exporterChanges(
      [
        state([]),
        state([
          [3, 1, 5],
          [0, 2, 5],
          [1, 1, 5],
          [2, 0, 9],
        ]),
      ],
      shape,
      2,
    );
    expect([...found.top.importerR]).toEqual([2, 1]);
    expect(found.counts.appeared).toBe(4);
  });

  it('between a state and itself are none', () => {
    const found = exporterChanges([before, before], shape, 10);
    expect(found.byStep).toEqual([0]);
    expect(found.counts).toEqual({ appeared: 0, gone: 0, rose: 0, fell: 0, same: 3 });
    expect(found.top.importerR.length).toBe(0);
  });

  it('need two states', () =>
    expect(() => exporterChanges([before], shape, 1)).toThrow('1 states, expected at least 2'));

  it('add up, cell by cell and in sum, and turned round are their opposite', () => {
    const cells = fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(2), fc.double({ min: 0, max: 1e9, noNaN: true })), {
      selector: ([importer, product]) => 4 * product + importer,
    });
    fc.assert(
      fc.property(fc.array(cells, { minLength: 2, maxLength: 4 }), (drawn) => {
        const states = drawn.map(state);
        const { before, after, byStep, top } = exporterChanges(states, shape, 100);
        const total = byStep.reduce((sum, step) => sum + step, 0);
        expect(Math.abs(total - (after - before))).toBeLessThanOrEqual(1e-12 * (before + after + 1e9));
        for (let r = 0; r < top.beforeR.length; r++) {
          const steps = byStep.map((_, s) => top.stepSR[s * top.beforeR.length + r]!);
          const change = top.afterR[r]! - top.beforeR[r]!;
          expect(Math.abs(steps.reduce((sum, step) => sum + step, 0) - change)).toBeLessThanOrEqual(1e-6);
        }
        const turned = exporterChanges(states.toReversed(), shape, 100);
        expect([turned.before, turned.after]).toEqual([after, before]);
        expect(turned.byStep.map((step) => 0 - step).toReversed()).toEqual(byStep.map((step) => step + 0));
      }),
    );
  });
});
