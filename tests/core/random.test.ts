import { describe, expect, it } from 'vitest';
import { normal, stream, uniform } from '../../lib/core/random.ts';

const draws = 20_000;
const mean = (numbers: number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const correlation = (a: number[], b: number[]) => {
  const [centreA, centreB] = [mean(a), mean(b)];
  const covariance = mean(a.map((x, n) => (x - centreA) * (b[n]! - centreB)));
  const spread = (numbers: number[], centre: number) => Math.sqrt(mean(numbers.map((x) => (x - centre) ** 2)));
  return covariance / (spread(a, centreA) * spread(b, centreB));
};

describe('draws', () => {
  const one = Array.from({ length: draws }, (_, n) => uniform(stream(1, 'one'), n));
  const other = Array.from({ length: draws }, (_, n) => uniform(stream(1, 'other'), n));

  it('are uniform in (0, 1): every tenth holds a tenth', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const x of one) tenths[Math.floor(x * 10)]!++;
    // four standard deviations of a binomial count
    for (const count of tenths) expect(Math.abs(count - draws / 10)).toBeLessThan(4 * Math.sqrt(draws * 0.09));
  });

  it('do not depend on their neighbours, nor on another stream', () => {
    expect(Math.abs(correlation(one.slice(1), one.slice(0, -1)))).toBeLessThan(4 / Math.sqrt(draws));
    expect(Math.abs(correlation(one, other))).toBeLessThan(4 / Math.sqrt(draws));
  });

  it('have the moments of the standard normal distribution', () => {
    const normals = Array.from({ length: draws }, (_, n) => normal(stream(7, 'normals'), n));
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((x) => x * x))).toBeCloseTo(1, 1);
    expect(mean(normals.map((x) => x ** 3))).toBeCloseTo(0, 0);
    expect(Math.max(...normals)).toBeGreaterThan(3.3);
  });

  it('are decided by seed, name and number alone', () => {
    expect(uniform(stream(1, 'one'), 12)).toBe(one[12]);
    expect(uniform(stream(2, 'one'), 12)).not.toBe(one[12]);
  });
});
