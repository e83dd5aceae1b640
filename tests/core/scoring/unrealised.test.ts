import { describe, expect, it } from 'vitest';
import { drivers } from '../../../lib/core/scoring/drivers.ts';
import { unrealisedRaw, unrealisedShrunk } from '../../../lib/core/scoring/unrealised.ts';

describe('unrealised value', () => {
  it('is what is missing from the potential, never negative', () => {
    expect(unrealisedRaw(100, 30)).toBe(70);
    expect(unrealisedRaw(100, 130)).toBe(0);
  });

  it('shrunk: what is missing from the lower end of what noise allows', () => {
    expect(unrealisedShrunk(100, 30, 0)).toBe(70);
    // 100 · exp(−1.645 · 0.5) = 43.9
    expect(unrealisedShrunk(100, 30, 0.5)).toBeCloseTo(13.9332, 3);
    expect(unrealisedShrunk(100, 50, 0.5)).toBe(0);
  });
});

describe('drivers', () => {
  it('multiply to the potential, and their logarithms add up to its logarithm', () => {
    const { size, ease, marginAdjustment, logSize, logEase, logMarginAdjustment } = drivers(120, 50, 80);
    expect([size, ease, marginAdjustment]).toEqual([50, 1.6, 1.5]);
    expect(size * ease * marginAdjustment).toBeCloseTo(120, 12);
    expect(logSize + logEase + logMarginAdjustment).toBeCloseTo(Math.log(120), 14);
  });
});
