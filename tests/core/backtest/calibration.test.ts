import { describe, expect, it } from 'vitest';
import { drawExporters } from '../../../lib/core/backtest/bootstrap.ts';
import { CALIBRATION_EDGES, calibrationSums, calibrationTable } from '../../../lib/core/backtest/calibration.ts';
import { calibrationSlope } from '../../../lib/core/backtest/calibrationSlope.ts';
import { stream, uniform } from '../../../lib/core/random.ts';

/** 30 exporters with 2,000 cells each; outcomes happen with the probabilities given. */
const [exporters, cellsEach] = [30, 2_000];
const startE = Uint32Array.from({ length: exporters + 1 }, (_, e) => e * cellsEach);
const probabilityN = Float64Array.from({ length: exporters * cellsEach }, (_, n) => uniform(stream(1, 'p'), n) ** 3);
const positiveN = Uint8Array.from(probabilityN, (p, n) => Number(uniform(stream(1, 'y'), n) < p));
const timesDE = drawExporters(exporters, 400, 5);

/** Stretches probabilities on the logit scale. */
const stretched = (by: number, shift: number) =>
  probabilityN.map((p) => 1 / (1 + Math.exp(-(shift + by * Math.log(p / (1 - p))))));

describe('calibration table', () => {
  it('of seven cells of two exporters, worked out by hand', () => {
    //   exporter 0: p .04 .05 .2 1   y 0 1 0 1     exporter 1: p .29 .0749 0   y 1 0 0
    const judged = { startE: Uint32Array.of(0, 4, 7), positiveN: Uint8Array.of(0, 1, 0, 1, 1, 0, 0) };
    const table = calibrationTable(
      judged,
      Float64Array.of(0.04, 0.05, 0.2, 1, 0.29, 0.0749, 0),
      Uint16Array.of(2, 0, 0, 2),
    );
    expect(table.map(({ cells }) => cells)).toEqual([2, 2, 0, 0, 0, 2, 0, 1]);
    expect(table.map(({ observed }) => observed)).toEqual([0, 1, 0, 0, 0, 1, 0, 1]);
    expect(table[5]!.expected).toBeCloseTo(0.49, 15);
    expect(table[5]!.ratio).toBeCloseTo(1 / 0.49, 14);
    // drawn alone, exporter 0 has a ratio of 0 there and exporter 1 of 1 / .29
    expect(table[5]!.interval.low).toBeCloseTo(0.025 / 0.29, 14);
    expect(table[5]!.interval.high).toBeCloseTo(0.975 / 0.29, 14);
    expect(table[2]!.ratio).toBeNaN();
    expect(table.at(-1)!.to).toBe(1);
  });

  it('of true probabilities: every bin’s interval holds 1 or is close to it; of stretched ones it does not', () => {
    const right = calibrationTable({ startE, positiveN }, probabilityN, timesDE);
    expect(right.filter(({ interval }) => interval.low <= 1 && 1 <= interval.high).length).toBeGreaterThanOrEqual(7);
    for (const { ratio } of right) expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
    const wrong = calibrationTable({ startE, positiveN }, stretched(2, 0), timesDE);
    expect(wrong.filter(({ interval }) => interval.low <= 1 && 1 <= interval.high).length).toBeLessThanOrEqual(3);
  });

  it('every cell is in one bin, and what is no probability is refused', () => {
    const table = calibrationTable({ startE, positiveN }, probabilityN, timesDE);
    expect(table.length).toBe(CALIBRATION_EDGES.length);
    expect(table.reduce((sum, { cells }) => sum + cells, 0)).toBe(probabilityN.length);
    expect(() =>
      calibrationTable(
        { startE: Uint32Array.of(0, 2), positiveN: new Uint8Array(2) },
        Float64Array.of(0, 1.1),
        timesDE,
      ),
    ).toThrow('the probability of cell 1 is 1.1');
  });
});

describe('sums of probabilities over positives', () => {
  it('are close to 1 in every group when right, and say by how much not', () => {
    const groupN = Uint8Array.from(probabilityN, (_, n) => n % 3);
    for (const { ratio } of calibrationSums({ startE, positiveN }, probabilityN, groupN, 3))
      expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
    const halved = calibrationSums(
      { startE, positiveN },
      probabilityN.map((p) => p / 2),
      new Uint8Array(probabilityN.length),
      1,
    );
    expect(halved[0]!.observed).toBe(positiveN.reduce((sum, y) => sum + y, 0));
    expect(halved[0]!.ratio).toBeCloseTo(
      calibrationSums({ startE, positiveN }, probabilityN, new Uint8Array(probabilityN.length), 1)[0]!.ratio / 2,
      12,
    );
  });
});

describe('slope of calibration', () => {
  it('is 1 for true probabilities and undoes any stretching exactly', () => {
    const right = calibrationSlope(probabilityN, positiveN);
    expect(right.converged).toBe(true);
    expect(Math.abs(right.slope - 1)).toBeLessThan(0.03);
    const wrong = calibrationSlope(stretched(1.6, -0.7), positiveN);
    expect(wrong.slope).toBeCloseTo(right.slope / 1.6, 8);
    expect(wrong.intercept).toBeCloseTo(right.intercept + (0.7 * right.slope) / 1.6, 7);
  });

  it('is found from far away too: probabilities much too far apart, or all but the same', () => {
    for (const by of [2.5, 0.02]) {
      const found = calibrationSlope(stretched(by, 0), positiveN);
      expect(found.certain).toBe(0);
      expect(found.slope * by).toBeCloseTo(calibrationSlope(probabilityN, positiveN).slope, 6);
    }
  });

  it('is found when most probabilities are next to nothing', () => {
    const tiny = probabilityN.map((p, n) => (n % 50 === 0 ? p : 10 ** (-300 * uniform(stream(2, 'p'), n))));
    const outcomes = Uint8Array.from(tiny, (p, n) => Number(uniform(stream(2, 'y'), n) < p));
    const found = calibrationSlope(tiny, outcomes);
    expect(found.converged).toBe(true);
    expect(Math.abs(found.slope - 1)).toBeLessThan(0.1);
  });

  it('meets the first-order conditions of the likelihood', () => {
    const { slope, intercept } = calibrationSlope(stretched(0.5, 0.3), positiveN);
    let [gradientA, gradientB] = [0, 0];
    for (const [n, p] of stretched(0.5, 0.3).entries()) {
      const x = Math.log(p / (1 - p));
      const residual = positiveN[n]! - 1 / (1 + Math.exp(-(intercept + slope * x)));
      gradientA += residual;
      gradientB += residual * x;
    }
    expect(Math.abs(gradientA)).toBeLessThan(1e-6);
    expect(Math.abs(gradientB)).toBeLessThan(1e-6);
  });

  it('counts certainties apart, and those that failed', () => {
    const found = calibrationSlope(Float64Array.of(0, 0, 1, 0.2, 0.5, 0.5, 0.8), Uint8Array.of(0, 1, 1, 1, 0, 1, 1));
    expect([found.certain, found.refuted]).toEqual([3, 1]);
  });

  it('says so when there is no slope: separated, or nothing varies', () => {
    expect(calibrationSlope(Float64Array.of(0.1, 0.2, 0.8, 0.9), Uint8Array.of(0, 0, 1, 1)).converged).toBe(false);
    expect(calibrationSlope(Float64Array.of(0.3, 0.3, 0.3), Uint8Array.of(0, 1, 0)).converged).toBe(false);
    expect(calibrationSlope(Float64Array.of(0.3, 0.4), Uint8Array.of(0, 0)).converged).toBe(false);
  });
});
