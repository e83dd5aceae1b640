import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy } from '../../../lib/core/forecast/accuracy.ts';
import { flowForecast, pointForecast, shifted } from '../../../lib/core/forecast/flowForecast.ts';
import { RESIDUAL_CLASSES_USD, RESIDUAL_QUANTILES } from '../../../lib/core/forecast/residualQuantiles.ts';
import { normal, stream } from '../../../lib/core/random.ts';

const usd = fc.oneof(fc.constant(0), fc.double({ min: 1, max: 1e12, noNaN: true }));
const horizons = fc.integer({ min: 1, max: 5 });

describe('a forecast', () => {
  it('worked out by hand: nine tenths of the latest value a year ahead, on the scale of ln(1 + v/1000)', () => {
    // last 7,000 and mean 1,000: ln 8 and ln 2, so 2^(3 · .9 + .1) a year ahead and 2^(3 · .81 + .19) two years ahead
    expect(pointForecast(7_000, 1_000, 1)).toBeCloseTo(1000 * (2 ** 2.8 - 1), 8);
    expect(pointForecast(7_000, 1_000, 2)).toBeCloseTo(1000 * (2 ** 2.62 - 1), 8);
  });

  it('lies between the latest value and the mean, nearer to the mean the further ahead', () => {
    fc.assert(
      fc.property(usd, usd, horizons, (last, mean, horizon) => {
        const value = pointForecast(last, mean, horizon);
        expect(value).toBeGreaterThanOrEqual(Math.min(last, mean) * (1 - 1e-12));
        expect(value).toBeLessThanOrEqual(Math.max(last, mean) * (1 + 1e-12));
        // differences of large numbers are known to a rounding of these numbers
        if (horizon < 5)
          expect(Math.abs(pointForecast(last, mean, horizon + 1) - mean)).toBeLessThanOrEqual(
            Math.abs(value - mean) + 1e-12 * Math.max(last, mean, 1),
          );
      }),
    );
  });

  it('of a flow that never changes is that flow, of none is none', () => {
    for (const horizon of [1, 5]) {
      expect(pointForecast(5e6, 5e6, horizon)).toBeCloseTo(5e6, 6);
      expect(flowForecast(0, 0, horizon)).toMatchObject({ value: 0, low: 0 });
    }
  });

  it('has an interval around it that is wider the further ahead and never below 0', () => {
    fc.assert(
      fc.property(usd, usd, horizons, (last, mean, horizon) => {
        const { value, low, high } = flowForecast(last, mean, horizon);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }),
    );
    const widths = [1, 2, 3, 4, 5].map((horizon) => {
      const { low, high } = flowForecast(5e6, 5e6, horizon);
      return high - low;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
  });

  it('takes the interval of its size: at a class’s edge that of the class that begins there', () => {
    const [low] = RESIDUAL_QUANTILES[0]![3]!;
    expect(flowForecast(1e6 * (1 + 1e-12), 1e6 * (1 + 1e-12), 1).low / shifted(1e6, low)).toBeCloseTo(1, 9);
    expect(RESIDUAL_QUANTILES.map((row) => row.length)).toEqual(new Array(5).fill(RESIDUAL_CLASSES_USD.length));
  });

  it('beats persistence and the mean where flows return halfway to a level of their own', () => {
    const draws = stream(1, 'flows');
    const [last, mean, outcome] = Array.from({ length: 3 }, () => new Float64Array(4_000));
    for (let n = 0; n < 4_000; n++) {
      const level = 12 + 2 * normal(draws, 10 * n);
      const years = [1, 2, 3].map((year) => Math.exp(level + 0.6 * normal(draws, 10 * n + year)));
      const deviation = 0.75 * (Math.log(years[2]!) - level) + 0.3 * normal(draws, 10 * n + 4);
      last![n] = years[2]!;
      mean![n] = (years[0]! + years[1]! + years[2]!) / 3;
      outcome![n] = Math.exp(level + deviation);
    }
    const logError = (forecast: (n: number) => number) =>
      accuracy(
        outcome!,
        last!.map((_, n) => forecast(n)),
      ).logError;
    const ours = logError((n) => pointForecast(last![n]!, mean![n]!, 3));
    expect(ours).toBeLessThan(logError((n) => last![n]!));
    expect(ours).toBeLessThan(logError((n) => mean![n]!));
  });

  it.each([0, 6, 1.5])('a horizon of %s years is refused', (horizon) => {
    expect(() => flowForecast(1, 1, horizon)).toThrow(`a horizon of ${horizon} years, expected 1 to 5`);
  });
});

describe('accuracy', () => {
  it('of three cells, worked out by hand', () => {
    const { wape, logError, poissonD2 } = accuracy(
      Float64Array.of(3_000, 0, 1_000),
      Float64Array.of(1_000, 1_000, 1_000),
    );
    expect(wape).toBeCloseTo(3_000 / 4_000, 14);
    expect(logError).toBeCloseTo((Math.log(4 / 2) + Math.log(2)) / 3, 14);
    const deviance = (f: number) =>
      2 * (3_000 * Math.log(3_000 / f) - (3_000 - f) + f + 1_000 * Math.log(1_000 / f) - (1_000 - f));
    expect(poissonD2).toBeCloseTo(1 - deviance(1_000) / deviance(4_000 / 3), 12);
  });

  it('of what came is perfect, of the mean explains nothing', () => {
    const value = Float64Array.of(5, 1e6, 3e4);
    expect(accuracy(value, value)).toEqual({ wape: 0, logError: 0, poissonD2: 1 });
    expect(
      accuracy(
        value,
        value.map(() => 1_030_005 / 3),
      ).poissonD2,
    ).toBeCloseTo(0, 12);
    expect(accuracy(Float64Array.of(0), Float64Array.of(1)).wape).toBeNaN();
    expect(() => accuracy(value, Float64Array.of(1))).toThrow('1 forecasts for 3 outcomes');
  });
});
