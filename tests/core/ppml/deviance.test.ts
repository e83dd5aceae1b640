import { describe, expect, it } from 'vitest';
import { halfDeviance } from '../../../lib/core/gravity/ppml/deviance.ts';

const row = (y: number, eta: number) => halfDeviance(y, eta, Math.exp(eta), Math.log(y));

describe('deviance of a row', () => {
  it('is μ where y = 0, and y ln(y/μ) - y + μ elsewhere', () => {
    expect(row(0, -3)).toBe(Math.exp(-3));
    expect(row(5, Math.log(2))).toBeCloseTo(5 * Math.log(2.5) - 3, 14);
  });

  it('has all its digits when the fit is nearly perfect: y d²/2 (1 + d/3 + d²/12 + d³/60 + …)', () => {
    const y = 1e9;
    for (const d of [1e-6, -1e-6, 1e-3, -9e-3]) {
      const eta = Math.log(y) + d;
      const reached = eta - Math.log(y);
      const exact =
        (y * reached ** 2 * (1 + reached / 3 + reached ** 2 / 12 + reached ** 3 / 60 + reached ** 4 / 360)) / 2;
      expect(Math.abs(row(y, eta) / exact - 1)).toBeLessThan(1e-11);
    }
  });

  it('does not jump where the series takes over', () => {
    const inside = row(7, Math.log(7) + 0.01 - 1e-12);
    const outside = row(7, Math.log(7) + 0.01 + 1e-12);
    expect(Math.abs(outside / inside - 1)).toBeLessThan(1e-9);
  });
});
