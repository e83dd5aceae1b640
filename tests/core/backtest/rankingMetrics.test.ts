import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auc } from '../../../lib/core/backtest/auc.ts';
import { averagePrecision, precisionSum } from '../../../lib/core/backtest/averagePrecision.ts';
import { bestF1 } from '../../../lib/core/backtest/bestF1.ts';
import { precisionAt, rPrecision } from '../../../lib/core/backtest/precisionAt.ts';
import { type RankedList, rankedList } from '../../../lib/core/backtest/rankedList.ts';
import {
  anyCells,
  aucOf,
  averagePrecisionOf,
  type Cell,
  columns,
  overAllOrders,
  positivesOf,
  precisionAtOf,
} from './definitions.ts';

const listOf = (cells: readonly Cell[]): RankedList => {
  const { scoreN, positiveN } = columns(cells);
  return rankedList(scoreN, positiveN);
};

describe('a list of six cells, worked out by hand', () => {
  //   score     9  8  8  5  5  1
  //   positive  1  0  1  0  0  1
  const list = rankedList(Float64Array.of(5, 9, 8, 1, 8, 5), Uint8Array.of(0, 1, 0, 1, 1, 0));

  it('keeps three groups', () => {
    expect([...list.aboveG]).toEqual([0, 1, 5]);
    expect([...list.tiedG]).toEqual([1, 2, 1]);
    expect([...list.positiveG]).toEqual([1, 1, 1]);
  });
  it('AUC: of nine pairs the positives win 3, 2 and one half, and 0', () => {
    expect(auc(list)).toBeCloseTo(5.5 / 9, 15);
  });
  it('average precision: 1, then 2/2 or 2/3 with equal chance, then 3/6', () => {
    expect(averagePrecision(list)).toBeCloseTo((1 + (1 + 2 / 3) / 2 + 0.5) / 3, 15);
  });
  it('precision at 2 counts half of the tie, R-precision is that at 3', () => {
    expect(precisionAt(list, 1)).toBe(1);
    expect(precisionAt(list, 2)).toBe(0.75);
    expect(rPrecision(list)).toBeCloseTo(2 / 3, 15);
  });
  it('best F1: the threshold 8 finds 2 of 3 in 3 cells', () => {
    expect(bestF1(list)).toBeCloseTo(4 / 6, 15);
  });
});

describe('ties stand at their expected value', () => {
  const ofLists = (length: number, check: (cells: Cell[], list: RankedList) => void) =>
    fc.assert(
      fc.property(anyCells(length), (cells) => {
        check(cells, listOf(cells));
      }),
      { numRuns: 60 },
    );

  it('AUC', () => ofLists(7, (cells, list) => expect(auc(list)).toBeCloseTo(overAllOrders(cells, aucOf), 12)));
  it('average precision', () =>
    ofLists(7, (cells, list) =>
      expect(averagePrecision(list)).toBeCloseTo(overAllOrders(cells, averagePrecisionOf), 12),
    ));
  it('precision at every K', () =>
    ofLists(6, (cells, list) => {
      for (let k = 1; k <= cells.length + 1; k++)
        expect(precisionAt(list, k)).toBeCloseTo(overAllOrders(cells, precisionAtOf(k)), 12);
    }));
  it('R-precision', () =>
    ofLists(7, (cells, list) =>
      expect(rPrecision(list)).toBeCloseTo(overAllOrders(cells, precisionAtOf(positivesOf(cells))), 12),
    ));
});

describe('average precision of a large group of ties', () => {
  it('is its sum in closed form', () => {
    const size = fc.record({
      above: fc.oneof(fc.nat(50), fc.nat(20_000_000)),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      tied: fc.integer({ min: 65, max: 5_000 }),
      positive: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(size, ({ above, share, tied, positive }) => {
        const found = Math.floor(above * share);
        const c = (positive - 1) / (tied - 1);
        let sum = 0;
        for (let r = 1; r <= tied; r++) sum += (found + 1 + (r - 1) * c) / (above + r);
        const expected = (positive / tied) * sum;
        // the closed form cancels up to c · above / (found + 1) units of 1.1e-16
        expect(Math.abs(precisionSum(above, found, tied, positive) / expected - 1)).toBeLessThan(1e-8);
        if (above < 100)
          expect(Math.abs(precisionSum(above, found, tied, positive) / expected - 1)).toBeLessThan(1e-13);
      }),
    );
  });

  it('that holds everything is close to the prevalence', () => {
    const list = {
      cells: 1e6,
      positives: 3_000,
      aboveG: Float64Array.of(0),
      tiedG: Float64Array.of(1e6),
      positiveG: Float64Array.of(3_000),
    };
    expect(auc(list)).toBe(0.5);
    expect(averagePrecision(list)).toBeCloseTo(0.003, 4);
  });
});

describe('what does not change a metric', () => {
  const metrics = (list: RankedList) => [auc, averagePrecision, rPrecision, bestF1].map((metric) => metric(list));

  it('the order in which cells are stored, and any rising transformation of the score', () => {
    fc.assert(
      fc.property(anyCells(30, 9), fc.infiniteStream(fc.nat()), (cells, keys) => {
        const shuffled = cells.map((cell) => ({ cell, key: keys.next().value })).toSorted((a, b) => a.key - b.key);
        const risen = shuffled.map(({ cell }) => ({ ...cell, score: Math.exp(cell.score) - 5 }));
        expect(metrics(listOf(risen))).toEqual(metrics(listOf(cells)));
      }),
    );
  });

  it('AUC: the score turned round gives its complement', () => {
    fc.assert(
      fc.property(anyCells(30, 9), (cells) => {
        const turned = cells.map(({ score, positive }) => ({ score: -score, positive }));
        expect(auc(listOf(turned))).toBeCloseTo(1 - auc(listOf(cells)), 12);
      }),
    );
  });

  it('negatives below every positive only change what counts them', () => {
    const some = listOf([
      { score: 2, positive: 1 },
      { score: 1, positive: 0 },
      { score: 1, positive: 1 },
    ]);
    const more = listOf([
      { score: 2, positive: 1 },
      { score: 1, positive: 0 },
      { score: 1, positive: 1 },
      { score: 0, positive: 0 },
      { score: Number.NEGATIVE_INFINITY, positive: 0 },
    ]);
    expect(averagePrecision(more)).toBe(averagePrecision(some));
    expect(bestF1(more)).toBe(bestF1(some));
    expect(auc(more)).toBeGreaterThan(auc(some));
  });
});

describe('what cannot be ranked', () => {
  it('a score that is NaN is refused by name', () => {
    expect(() => rankedList(Float64Array.of(1, Number.NaN), Uint8Array.of(1, 0))).toThrow('the score of cell 1 is NaN');
  });
  it('without positives there is no metric', () => {
    const none = rankedList(Float64Array.of(1, 2), Uint8Array.of(0, 0));
    expect([auc(none), averagePrecision(none), rPrecision(none), bestF1(none)]).toEqual(new Array(4).fill(Number.NaN));
  });
  it('-0 and 0 are one score', () => {
    const list = rankedList(Float64Array.of(-0, 0), Uint8Array.of(1, 0));
    expect([...list.tiedG]).toEqual([2]);
  });
});
