import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simplexWeights } from '../../../lib/core/potential/simplexWeights.ts';
import { normal, stream } from '../../../lib/core/random.ts';

/** Poisson deviance as it is written, with the scale that suits the weights best. */
function deviance(valueN: Float64Array, logNM: Float64Array, weights: readonly number[]): number {
  const models = weights.length;
  const mean = Array.from(valueN, (_, n) =>
    Math.exp(weights.reduce((sum, weight, m) => sum + weight * logNM[n * models + m]!, 0)),
  );
  const scale = valueN.reduce((sum, v) => sum + v, 0) / mean.reduce((sum, p) => sum + p, 0);
  return valueN.reduce((sum, v, n) => {
    const p = scale * mean[n]!;
    return sum + 2 * ((v > 0 ? v * Math.log(v / p) : 0) - v + p);
  }, 0);
}

function drawn(seed: number, cells: number, mix: readonly number[], noise: number) {
  const draws = stream(seed, 'models');
  const models = mix.length;
  const logNM = Float64Array.from({ length: cells * models }, (_, at) => 3 + 1.2 * normal(draws, at));
  const valueN = Float64Array.from({ length: cells }, (_, n) => {
    const log = mix.reduce((sum, weight, m) => sum + weight * logNM[n * models + m]!, 0);
    return n % 7 === 0 && noise > 0 ? 0 : 2.5 * Math.exp(log + noise * normal(stream(seed, 'noise'), n));
  });
  return { valueN, logNM };
}

describe('weights of a geometric mean', () => {
  it.each([
    [1, 0, 0],
    [0, 0, 1],
    [0.5, 0.3, 0.2],
    [0, 0.25, 0.75],
  ])('are found where the values are exactly the mean with weights %d, %d, %d, whatever its scale', (...mix) => {
    const { valueN, logNM } = drawn(5, 400, mix, 0);
    const fit = simplexWeights(valueN, logNM, 3);
    for (const [m, weight] of mix.entries()) expect(fit.weightM[m]).toBeCloseTo(weight, 6);
    expect(fit.deviance / valueN.reduce((sum, v) => sum + v, 0)).toBeLessThan(1e-12);
  });

  it('have a deviance that no other weights of a fine grid undercut, and that is the one written out', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, tenths) => {
        const { valueN, logNM } = drawn(seed, 60, [tenths / 10, (10 - tenths) / 20, (10 - tenths) / 20], 1.5);
        const fit = simplexWeights(valueN, logNM, 3);
        const own = deviance(valueN, logNM, [...fit.weightM]);
        expect(fit.weightM.every((weight) => weight >= 0)).toBe(true);
        expect(fit.weightM.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
        expect(Math.abs(fit.deviance / own - 1)).toBeLessThan(1e-9);
        for (let a = 0; a <= 20; a++)
          for (let b = 0; a + b <= 20; b++)
            expect(deviance(valueN, logNM, [a / 20, b / 20, (20 - a - b) / 20])).toBeGreaterThanOrEqual(
              own * (1 - 1e-9),
            );
        for (let m = 0; m < 3; m++) {
          const alone = deviance(
            valueN,
            logNM,
            [0, 1, 2].map((l) => (l === m ? 1 : 0)),
          );
          expect(Math.abs(fit.devianceM[m]! / alone - 1)).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('of models that say the same are some weights of the simplex, and of one model are 1', () => {
    const { valueN } = drawn(2, 50, [1], 1);
    const one = Float64Array.from({ length: 50 }, (_, n) => normal(stream(1, 'x'), n));
    expect([...simplexWeights(valueN, one, 1).weightM]).toEqual([1]);
    const twice = Float64Array.from({ length: 100 }, (_, at) => one[at >> 1]!);
    const { weightM } = simplexWeights(valueN, twice, 2);
    expect(weightM[0]! + weightM[1]!).toBeCloseTo(1, 12);
  });
});
