import { describe, expect, it } from 'vitest';
import { missedByNoise, netOfNoise, residualSd } from '../../../lib/core/potential/noiseBaseline.ts';
import { normal, stream } from '../../../lib/core/random.ts';
import { normalCdf } from '../../../lib/core/scoring/normalCdf.ts';

describe('normal distribution function', () => {
  // digits of standard tables; and Φ(x) + Φ(-x) = 1
  it.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [1.959963984540054, 0.975],
    [-3, 0.0013498980316300933],
    [-8, 6.220960574271785e-16],
  ])('at %f', (x, p) => {
    expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(2e-12);
    expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 14);
  });
});

describe('what noise alone makes a cell miss', () => {
  it.each([0.3, 1, 2])('agrees with 200,000 draws at s = %f', (s) => {
    const draws = stream(11, 'draws');
    let [sum, squares] = [0, 0];
    const times = 200_000;
    for (let n = 0; n < times; n++) {
      const missing = Math.max(0, 1 - Math.exp(s * normal(draws, n) - (s * s) / 2));
      sum += missing;
      squares += missing ** 2;
    }
    // 5 standard errors of the draws
    const { mean, square } = missedByNoise(s);
    expect(Math.abs(sum / times - mean)).toBeLessThan(5 * Math.sqrt((square - mean * mean) / times));
    expect(Math.abs(squares / times - square)).toBeLessThan(5 * Math.sqrt(square / times));
  });

  it('is nothing without noise and everything with endless noise', () => {
    expect(missedByNoise(0)).toEqual({ mean: 0, square: 0 });
    expect(missedByNoise(20).mean).toBeCloseTo(1, 12);
    expect(missedByNoise(20).square).toBeCloseTo(1, 12);
  });

  it('scales the variance, not the standard deviation, by what leverage leaves', () => {
    expect(Math.expm1(residualSd(0.8, 0.3) ** 2) / Math.expm1(0.8 ** 2)).toBeCloseTo(0.7, 12);
    expect(residualSd(0.8, 1)).toBe(0);
  });
});

describe('an aggregate net of noise', () => {
  const cells = 300;
  const potentialN = Float64Array.from({ length: cells }, (_, n) => Math.exp(2 * normal(stream(3, 'size'), n)) * 1e6);
  const sdN = new Float64Array(cells).fill(0.7);
  const kappaN = new Float64Array(cells).fill(1);
  const net = (actualN: Float64Array, seed: number) => netOfNoise({ potentialN, actualN, sdN, kappaN }, seed);
  const noisy = (seed: number) =>
    potentialN.map((p, n) => p * Math.exp(0.7 * normal(stream(seed, 'eta'), n) - 0.7 ** 2 / 2));

  it('covers 0 in 95 % of noise-only aggregates, give or take what 400 of them tell', () => {
    let outside = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { interval } = net(noisy(seed), seed);
      if (interval[0] > 0 || interval[1] < 0) outside++;
    }
    // nominal 20; 3.5 standard deviations of a binomial count and of the 400 draws behind each interval
    expect(outside).toBeGreaterThan(4);
    expect(outside).toBeLessThan(40);
  });

  it('is what is really missing, where a tenth of the cells sell nothing', () => {
    const actualN = noisy(1).map((v, n) => (n % 10 === 0 ? 0 : v));
    const { excess, interval, raw, expected } = net(actualN, 1);
    expect(excess).toBe(raw - expected);
    expect(interval[0]).toBeGreaterThan(0);
  });

  it('is the same for the same seed', () => {
    expect(net(noisy(2), 9)).toEqual(net(noisy(2), 9));
  });
});
