import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captured } from '../../../lib/core/backtest/captured.ts';
import { cellsWhere } from '../../../lib/core/backtest/cellsWhere.ts';
import { crossedFolds, dealFolds, judgedBy, trains } from '../../../lib/core/backtest/folds.ts';
import { presentIn } from '../../../lib/core/backtest/presentIn.ts';
import { pick } from '../../../lib/core/pick.ts';
import { overAllOrders } from './definitions.ts';

describe('value captured', () => {
  it('of two exporters in their first two places, worked out by hand', () => {
    //  exporter 0: scores 3 2 2 1, values 10 0 8 5: 10 and half of 8     exporter 1: one cell
    const found = captured(Uint32Array.of(0, 4, 5), Float64Array.of(3, 2, 2, 1, 0), Float64Array.of(10, 0, 8, 5, 7), 2);
    expect([...found.topE]).toEqual([14, 7]);
    expect([...found.bestE]).toEqual([18, 7]);
    expect([...found.totalE]).toEqual([23, 7]);
  });

  it('is what the first places hold on average over all orders of ties', () => {
    const cell = fc.record({ score: fc.nat(3), positive: fc.constant(0 as const), value: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 7 }), (cells, k) => {
        const inFirst = overAllOrders(cells, (ordered) =>
          (ordered as typeof cells).slice(0, k).reduce((sum, { value }) => sum + value, 0),
        );
        const found = captured(
          Uint32Array.of(0, cells.length),
          Float64Array.from(cells, ({ score }) => score),
          Float64Array.from(cells, ({ value }) => value),
          k,
        );
        expect(found.topE[0]).toBeCloseTo(inFirst, 12);
        const largest = cells.map(({ value }) => value).toSorted((a, b) => b - a);
        expect(found.bestE[0]).toBe(largest.slice(0, k).reduce((sum, value) => sum + value, 0));
      }),
      { numRuns: 60 },
    );
  });
});

describe('present in several years', () => {
  it('counts years at or above the threshold', () => {
    const years = [Float64Array.of(5, 4, 9), Float64Array.of(0, 5, 9), Float64Array.of(6, 0, 9)];
    expect([...presentIn(years, 5, 2)]).toEqual([1, 0, 1]);
    expect([...presentIn(years, 5, 3)]).toEqual([0, 0, 1]);
  });
});

describe('cells with a label', () => {
  it('keep their exporters and outcomes', () => {
    const judged = { startE: Uint32Array.of(0, 2, 2, 5), positiveN: Uint8Array.of(1, 0, 0, 1, 1) };
    const part = cellsWhere(judged, Uint8Array.of(1, 0, 1, 0, 1), 1);
    expect([...part.rowN]).toEqual([0, 2, 4]);
    expect([...part.judged.startE]).toEqual([0, 1, 1, 3]);
    expect([...part.judged.positiveN]).toEqual([1, 0, 1]);
    expect([...pick(Float64Array.of(1, 2, 3, 4, 5), part.rowN, new Float64Array(3))]).toEqual([1, 3, 5]);
    expect(() => cellsWhere(judged, new Uint8Array(2), 1)).toThrow('2 labels for 5 cells');
  });

  it('of all labels are all cells', () => {
    const labels = fc.array(fc.nat(2), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(labels, (drawn) => {
        const judged = { startE: Uint32Array.of(0, 1, 6), positiveN: Uint8Array.of(1, 0, 1, 0, 1, 1) };
        const rows = [0, 1, 2].flatMap((label) => [...cellsWhere(judged, Uint8Array.from(drawn), label).rowN]);
        expect(rows.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
      }),
    );
  });
});

describe('folds', () => {
  const codes = Array.from({ length: 53 }, (_, n) => `C${n}`);

  it('are of equal size and do not depend on the order of codes', () => {
    const foldN = dealFolds(codes, 5, 'exporter');
    const sizes = [0, 1, 2, 3, 4].map((fold) => foldN.filter((own) => own === fold).length);
    expect(sizes.toSorted()).toEqual([10, 10, 11, 11, 11]);
    const turned = dealFolds(codes.toReversed(), 5, 'exporter');
    expect([...turned].toReversed()).toEqual([...foldN]);
    expect([...dealFolds(codes, 5, 'importer')]).not.toEqual([...foldN]);
  });

  it('crossed: a model never sees the exporter or the importer of a cell that it judges', () => {
    const crossed = crossedFolds(codes, 3);
    const exportersOf = (model: number, use: (e: number, m: number) => boolean) => {
      const seen = { exporters: new Set<number>(), importers: new Set<number>(), cells: 0 };
      for (let e = 0; e < codes.length; e++)
        for (let m = 0; m < codes.length; m++)
          if (use(e, m)) {
            seen.exporters.add(e);
            seen.importers.add(m);
            seen.cells++;
          }
      return { model, ...seen };
    };
    let judgedCells = 0;
    for (let model = 0; model < 9; model++) {
      const trained = exportersOf(model, (e, m) => trains(crossed, model, e, m));
      const judged = exportersOf(model, (e, m) => judgedBy(crossed, e, m) === model);
      expect([...trained.exporters].filter((code) => judged.exporters.has(code))).toEqual([]);
      expect([...trained.importers].filter((code) => judged.importers.has(code))).toEqual([]);
      expect(trained.cells).toBeGreaterThan(0);
      judgedCells += judged.cells;
    }
    expect(judgedCells).toBe(codes.length ** 2);
  });
});
