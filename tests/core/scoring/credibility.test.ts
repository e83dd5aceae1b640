import { describe, expect, it } from 'vitest';
import { normal, stream } from '../../../lib/core/random.ts';
import { credibleFrom } from '../../../lib/core/scoring/credibility.ts';

describe('credibleFrom', () => {
  it('is variance within products over variance between them, by hand', () => {
    // ln ρ of the halves: (0, 2 ln 2) and (2 ln 2, 2 ln 2) of 10 and 20 cells: σ² = (10 (2 ln 2)² / 4 + 0) / 2 = 5 (ln 2)², but the other halves do not differ
    expect(credibleFrom(Float64Array.of(5, 40, 20, 40), Float64Array.of(5, 10, 5, 10))).toBe(Infinity);
    // ln ρ: (0, ln 2) of 10 cells, (ln 4, ln 8) of 20: σ² = (10 + 20) / 2 · (ln 2)² / 4 = 3.75 (ln 2)², τ² = (ln 2)²
    expect(credibleFrom(Float64Array.of(5, 40, 10, 80), Float64Array.of(5, 10, 5, 10))).toBeCloseTo(3.75, 12);
  });

  it('asks for no cells where there are no two products to compare', () => {
    expect(credibleFrom(Float64Array.of(3, 4), Float64Array.of(2, 2))).toBe(0);
    // the second has cells in one half only, the third does not scatter
    expect(credibleFrom(Float64Array.of(3, 4, 0, 4, 0, 0), Float64Array.of(2, 2, 2, 2, 0, 2))).toBe(0);
  });

  it('finds the variances that were drawn', () => {
    const [products, cells, sigma2, tau2] = [4000, 200, 40, 0.5];
    const draws = stream(5, 'credibility');
    const deviationHP = new Float64Array(2 * products);
    for (let p = 0; p < products; p++) {
      const own = Math.sqrt(tau2) * normal(draws, 3 * p);
      for (const half of [0, 1])
        deviationHP[half * products + p] =
          (cells / 2) * Math.exp(own + Math.sqrt((2 * sigma2) / cells) * normal(draws, 3 * p + 1 + half));
    }
    // σ² / τ² = 80, a standard error of some 4 %
    const found = credibleFrom(deviationHP, new Float64Array(2 * products).fill(cells / 2));
    expect(Math.abs(found / 80 - 1)).toBeLessThan(0.1);
  });
});
