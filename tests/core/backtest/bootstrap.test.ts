import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auc } from '../../../lib/core/backtest/auc.ts';
import { averagePrecision } from '../../../lib/core/backtest/averagePrecision.ts';
import { drawExporters, resample, resampleMean, resampleRatio } from '../../../lib/core/backtest/bootstrap.ts';
import { interval, pairedInterval } from '../../../lib/core/backtest/interval.ts';
import { commonList, exporterLists, rankPositives } from '../../../lib/core/backtest/positiveRanks.ts';
import { rankedList } from '../../../lib/core/backtest/rankedList.ts';
import { type Cell, columns, judgedColumns, positivesOf } from './definitions.ts';

/** Three exporters, scores with many ties or few. */
const cell = fc.record({
  score: fc.oneof(fc.nat(4), fc.nat(1_000)),
  positive: fc.constantFrom(0 as const, 1 as const),
});
const worlds = fc
  .array(fc.array(cell, { maxLength: 30 }), { minLength: 3, maxLength: 3 })
  .filter(
    (byExporter) => positivesOf(byExporter.flat()) > 0 && positivesOf(byExporter.flat()) < byExporter.flat().length,
  );

const listOf = (cells: readonly Cell[]) => {
  const { scoreN, positiveN } = columns(cells);
  return rankedList(scoreN, positiveN);
};

describe('where positives stand', () => {
  it('gives the common list, and each exporter’s own', () => {
    fc.assert(
      fc.property(worlds, (byExporter) => {
        const { judged, scoreN } = judgedColumns(byExporter);
        const ranks = rankPositives(judged, scoreN);
        expect(commonList(ranks)).toEqual(listOf(byExporter.flat()));
        expect(exporterLists(ranks)).toEqual(byExporter.map(listOf));
      }),
    );
  });

  it('refuses lengths that differ and scores that are NaN', () => {
    const judged = { startE: Uint32Array.of(0, 2), positiveN: Uint8Array.of(0, 1) };
    expect(() => rankPositives(judged, Float64Array.of(1))).toThrow('1 scores and 2 outcomes, exporters have 2 cells');
    expect(() => rankPositives(judged, Float64Array.of(1, Number.NaN))).toThrow('NaN');
  });
});

describe('resampled lists', () => {
  it('are those in which an exporter’s cells stand as often as it was drawn', () => {
    const times = fc.array(fc.nat(3), { minLength: 3 * 19, maxLength: 3 * 19 });
    fc.assert(
      fc.property(worlds, times, (byExporter, drawn) => {
        const { judged, scoreN } = judgedColumns(byExporter);
        const timesDE = Uint16Array.from(drawn);
        const { aucD, apD } = resample(rankPositives(judged, scoreN), timesDE);
        for (let d = 0; d < aucD.length; d++) {
          const copies = byExporter.flatMap((cells, e) => new Array(timesDE[3 * d + e]!).fill(cells).flat());
          const list = listOf(copies);
          expect(commonList(rankPositives(judged, scoreN), timesDE.subarray(3 * d, 3 * d + 3))).toEqual(list);
          // a draw without positives has neither, one without negatives no AUC
          for (const [found, expected] of [
            [aucD[d], auc(list)],
            [apD[d], averagePrecision(list)],
          ])
            if (Number.isNaN(expected)) expect(found).toBeNaN();
            else expect(found).toBeCloseTo(expected!, 12);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('with every exporter once are the list itself', () => {
    fc.assert(
      fc.property(worlds, (byExporter) => {
        const { judged, scoreN } = judgedColumns(byExporter);
        const ranks = rankPositives(judged, scoreN);
        const { aucD, apD } = resample(ranks, Uint16Array.of(1, 1, 1));
        expect(aucD[0]).toBe(auc(commonList(ranks)));
        expect(apD[0]).toBe(averagePrecision(commonList(ranks)));
      }),
    );
  });
});

describe('draws of exporters', () => {
  it('are as many as there are exporters, decided by the seed, and every exporter as often as any', () => {
    const [exporters, draws] = [20, 2_000];
    const timesDE = drawExporters(exporters, draws, 7);
    expect(timesDE).toEqual(drawExporters(exporters, draws, 7));
    expect(timesDE).not.toEqual(drawExporters(exporters, draws, 8));
    for (let d = 0; d < draws; d++)
      expect(timesDE.subarray(d * exporters, (d + 1) * exporters).reduce((sum, times) => sum + times, 0)).toBe(
        exporters,
      );
    for (let e = 0; e < exporters; e++) {
      let sum = 0;
      let squares = 0;
      for (let d = 0; d < draws; d++) {
        sum += timesDE[d * exporters + e]!;
        squares += timesDE[d * exporters + e]! ** 2;
      }
      // binomial(20, 1/20): mean 1, variance .95; four standard errors
      expect(Math.abs(sum / draws - 1)).toBeLessThan(4 * Math.sqrt(0.95 / draws));
      expect(Math.abs(squares / draws - 1.95)).toBeLessThan(4 * Math.sqrt(6 / draws));
    }
  });

  it('means and ratios over exporters count each as often as it was drawn', () => {
    const timesDE = Uint16Array.of(2, 0, 1, 0, 3, 0);
    expect([...resampleMean([1, Number.NaN, 4], timesDE)]).toEqual([2, Number.NaN]);
    expect([...resampleRatio([1, 2, 3], [2, 2, 2], timesDE)]).toEqual([5 / 6, 1]);
  });
});

describe('interval', () => {
  it('cuts 2.5 % on each side, between order statistics where need be', () => {
    const valueD = Float64Array.from({ length: 41 }, (_, n) => (n * 17) % 41);
    expect(interval(valueD)).toEqual({ low: 1, high: 39, draws: 41 });
    expect(interval(Float64Array.of(0, 1, Number.NaN))).toEqual({ low: 0.025, high: 0.975, draws: 2 });
    expect(interval(Float64Array.of(Number.NaN))).toEqual({ low: Number.NaN, high: Number.NaN, draws: 0 });
  });
  it('of a difference is that of the draws’ differences', () => {
    expect(pairedInterval(Float64Array.of(5, 7, 6), Float64Array.of(4, 6, 5))).toEqual({ low: 1, high: 1, draws: 3 });
  });
  it('of the mean covers the truth about as often as it says', () => {
    // 400 worlds of 40 exporters whose values are uniform: 95 % intervals of the mean one half
    const [worldsJudged, exporters] = [400, 40];
    let covered = 0;
    for (let world = 0; world < worldsJudged; world++) {
      const valueE = Float64Array.from({ length: exporters }, (_, e) => {
        const x = Math.sin((world * exporters + e + 1) * 12.9898) * 43758.5453;
        return x - Math.floor(x);
      });
      const { low, high } = interval(resampleMean(valueE, drawExporters(exporters, 400, world)));
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    // nominal .95; the percentile interval of 40 exporters runs a little low
    expect(covered / worldsJudged).toBeGreaterThan(0.91);
    expect(covered / worldsJudged).toBeLessThan(0.98);
  });
});
