import { describe, expect, it } from 'vitest';
import { drawExporters } from '../../../lib/core/backtest/bootstrap.ts';
import { difference, judge, RANKING_METRICS } from '../../../lib/core/backtest/judge.ts';
import { stream, uniform } from '../../../lib/core/random.ts';

/** Twelve exporters with 400 cells each; exporters 0 to 3 have fewer than 20 positives. `information` of 0 is a score of noise. */
function world(information: number) {
  const [exporters, cellsEach] = [12, 400];
  const startE = Uint32Array.from({ length: exporters + 1 }, (_, e) => e * cellsEach);
  const truth = stream(1, 'truth');
  const noise = stream(1, `noise of ${information}`);
  const positiveN = Uint8Array.from({ length: exporters * cellsEach }, (_, n) =>
    Number(uniform(truth, n) < (n < 4 * cellsEach ? 0.02 : 0.1)),
  );
  const scoreN = Float64Array.from(positiveN, (positive, n) => information * positive + uniform(noise, n));
  return { judged: { startE, positiveN }, scoreN };
}

describe('judge', () => {
  const timesDE = drawExporters(12, 500, 3);
  const good = world(0.5);
  const blind = world(0);
  const ofGood = judge(good.judged, good.scoreN, timesDE);
  const ofBlind = judge(blind.judged, blind.scoreN, timesDE);

  it('gives every exporter with positives to exactly one of precision at 20 and R-precision', () => {
    const counts = Array.from({ length: 12 }, (_, e) =>
      good.judged.positiveN.subarray(e * 400, (e + 1) * 400).reduce((sum, positive) => sum + positive, 0),
    );
    const many = counts.filter((count) => count >= 20).length;
    expect(ofGood.exporters).toEqual({ precisionAt20: many, rPrecision: 12 - many });
    expect(many).toBe(8);
  });

  it('an exporter with exactly 20 positives is judged by its first twenty places, one with 19 is not', () => {
    const startE = Uint32Array.of(0, 50, 100);
    const positiveN = Uint8Array.from({ length: 100 }, (_, n) => Number(n < 20 || (n >= 50 && n < 69)));
    const scoreN = Float64Array.from(positiveN, (_, n) => -n);
    const { perExporter, exporters } = judge({ startE, positiveN }, scoreN, Uint16Array.of(1, 1));
    expect(exporters).toEqual({ precisionAt20: 1, rPrecision: 1 });
    expect([...perExporter.precisionAt20E]).toEqual([1, Number.NaN]);
    expect([...perExporter.rPrecisionE]).toEqual([Number.NaN, 1]);
  });

  it('a score of noise is worth the prevalence, and its intervals say so', () => {
    expect(ofBlind.values.auc).toBeCloseTo(0.5, 1);
    expect(ofBlind.intervals.auc.low).toBeLessThan(0.5);
    expect(ofBlind.intervals.auc.high).toBeGreaterThan(0.5);
    expect(ofBlind.lift).toBeGreaterThan(0.7);
    expect(ofBlind.lift).toBeLessThan(1.4);
  });

  it('a score that knows something is better beyond chance, and one compared with itself is not at all', () => {
    const better = difference(ofGood, ofBlind);
    const same = difference(ofGood, ofGood);
    for (const metric of RANKING_METRICS) {
      expect(better[metric].interval.low).toBeGreaterThan(0);
      expect(better[metric].difference).toBe(ofGood.values[metric] - ofBlind.values[metric]);
      // three draws happen to hold none of the four exporters that R-precision is of
      const draws = metric === 'rPrecision' ? 497 : 500;
      expect(same[metric]).toEqual({ difference: 0, interval: { low: 0, high: 0, draws } });
    }
  });

  it('shuffled outcomes bring average precision down to the prevalence', () => {
    const moved = good.judged.positiveN.map((_, n, all) => all[(n * 1_789) % all.length]!);
    const ofShuffled = judge({ ...good.judged, positiveN: moved }, good.scoreN, timesDE);
    expect(ofShuffled.positives).toBe(ofGood.positives);
    expect(ofShuffled.lift).toBeLessThan(1.3);
    expect(ofGood.lift).toBeGreaterThan(3);
  });

  it('exporters in another order are judged the same', () => {
    const order = [5, 3, 11, 0, 7, 1, 10, 2, 9, 4, 8, 6];
    const moved = <A extends Float64Array | Uint8Array>(valueN: A) =>
      valueN.map((_, n) => valueN[order[Math.floor(n / 400)]! * 400 + (n % 400)]!) as A;
    const ofMoved = judge({ ...good.judged, positiveN: moved(good.judged.positiveN) }, moved(good.scoreN), timesDE);
    for (const metric of RANKING_METRICS) expect(ofMoved.values[metric]).toBeCloseTo(ofGood.values[metric], 12);
  });

  it('refuses to compare different numbers of draws', () => {
    const fewer = judge(good.judged, good.scoreN, drawExporters(12, 10, 3));
    expect(() => difference(ofGood, fewer)).toThrow('500 draws against 10');
  });
});
