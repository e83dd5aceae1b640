import { describe, expect, test } from 'vitest';
import { correlation, moments, standardise } from '../../../lib/core/complexity/moments.ts';

describe('moments', () => {
  test('divide by the number of values, or by one less', () => {
    const values = Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9);
    expect(moments(values, 'population')).toEqual({ mean: 5, deviation: 2 });
    expect(moments(values, 'sample').deviation).toBeCloseTo(Math.sqrt(32 / 7), 15);
  });

  test('pass over what is undefined', () => {
    expect(moments(Float64Array.of(1, Number.NaN, 3), 'population')).toEqual({ mean: 2, deviation: 1 });
  });
});

describe('standardise', () => {
  test('takes the mean away and divides by the deviation', () => {
    expect([...standardise(Float64Array.of(1, 3), { mean: 2, deviation: 0.5 })]).toEqual([-2, 2]);
  });

  test('of values that differ by rounding only is undefined', () => {
    const values = Float64Array.of(0.1 + 0.2, 0.3, 0.3);
    expect([...standardise(values, moments(values, 'population'))]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('correlation', () => {
  test('is 1 along, −1 against, 0 across and undefined with a constant', () => {
    const rising = Float64Array.of(1, 2, 3);
    expect(correlation(rising, Float64Array.of(10, 20, 30))).toBeCloseTo(1, 15);
    expect(correlation(rising, Float64Array.of(3, 2, 1))).toBeCloseTo(-1, 15);
    expect(correlation(rising, Float64Array.of(1, -2, 1))).toBeCloseTo(0, 15);
    expect(correlation(rising, Float64Array.of(4, 4, 4))).toBeNaN();
  });
});
