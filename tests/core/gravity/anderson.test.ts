import { describe, expect, it } from 'vitest';
import { anderson } from '../../../lib/core/gravity/anderson.ts';

/** A linear contraction of logarithms towards `fixed`, each at its own speed. */
const speeds = [0.5, 0.9, 0.95, 0.99];
const fixed = [1, 20, 0.3, 4];

function step(factorN: Float64Array): Float64Array {
  const driftN = factorN.map((factor, n) => (1 - speeds[n]!) * Math.log(fixed[n]! / factor));
  for (const [n, drift] of driftN.entries()) factorN[n]! *= Math.exp(drift);
  return driftN;
}

const distance = (factorN: Float64Array) =>
  Math.max(...factorN.map((factor, n) => Math.abs(Math.log(factor / fixed[n]!))));

describe('anderson', () => {
  it('ends a linear iteration after as many steps as it has speeds', () => {
    const factorN = new Float64Array(4).fill(1);
    const mixing = anderson(Float64Array.of(1, 10, 100, 1000));
    for (let n = 0; n < 7; n++) mixing.extrapolate(step(factorN), factorN);
    expect(distance(factorN)).toBeLessThan(1e-6);
    // left alone, the slowest factor would have gone 7 % of the way
    const plain = new Float64Array(4).fill(1);
    for (let n = 0; n < 7; n++) step(plain);
    expect(distance(plain)).toBeGreaterThan(1);
  });

  it('has nothing to go by at first, after forgetting, and takes no difference over an interruption', () => {
    const factorN = new Float64Array(4).fill(1);
    const mixing = anderson(new Float64Array(4).fill(1));
    expect(mixing.extrapolate(step(factorN), factorN)).toBe(false);
    expect(mixing.extrapolate(step(factorN), factorN)).toBe(true);
    mixing.forget();
    expect(mixing.extrapolate(step(factorN), factorN)).toBe(false);
    mixing.interrupt();
    factorN.fill(50); // an arbitrary move: it must not be taken for a step of the iteration
    expect(mixing.extrapolate(step(factorN), factorN)).toBe(false);
    for (let n = 0; n < 6; n++) mixing.extrapolate(step(factorN), factorN);
    expect(distance(factorN)).toBeLessThan(1e-6);
  });
});
