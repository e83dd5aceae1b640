import { describe, expect, it } from 'vitest';
import { nothingMissing, plantedCoefficients, plantedRelatedness } from './syntheticTruths.fixture.ts';

/** `npm run -s bench -- syntheticTruths` asks the same of larger worlds and of 200 seeds. */
const small = { countries: 16, products: 30 };

describe('where three effects explain everything', () => {
  const { weights, scale, raw, shrunk, index } = nothingMissing(small, 1, 0);
  it('the three-way fit gets all the weight, and nothing is unrealised', () => {
    for (const [m, weight] of [1, 0, 0].entries()) expect(weights[m]).toBeCloseTo(weight, 6);
    expect(scale).toBeCloseTo(1, 10);
    expect(raw).toBeLessThan(1e-8);
    expect(shrunk).toBeLessThan(1e-8);
  });
  it('while the static index says that a good tenth is', () => expect(index).toBeGreaterThan(0.1));
});

describe.each([0.5, 1])('where nothing is missing but noise of standard deviation %d', (noise) => {
  const worlds = [1, 2, 3, 4].map((seed) => nothingMissing(small, seed, noise));
  it('at most a hundredth of the potential is unrealised net of noise, a tenth and more raw', () => {
    for (const { shrunk, raw } of worlds) {
      expect(shrunk).toBeLessThanOrEqual(0.01);
      expect(raw).toBeGreaterThan(0.1);
    }
  });

  it.each(['exporters', 'products'] as const)('not more %s than one in forty seem to miss something', (kind) => {
    const of = worlds.reduce((sum, world) => sum + world[kind].of, 0);
    const above = worlds.reduce((sum, world) => sum + world[kind].above, 0);
    // three standard deviations of a count at the nominal rate of 2.5 %
    expect(above).toBeLessThanOrEqual(0.025 * of + 3 * Math.sqrt(0.025 * 0.975 * of));
  });

  it('most of the weight stays with the three-way fit', () => {
    for (const { weights } of worlds) expect(weights[0]).toBeGreaterThan(0.5);
  });
});

it('nor is more where noise has a tail that no thousand cells show: deviation 1.5, a world of the size of the measurement', () => {
  // with every product's own dispersion taken at its word 1.02 %
  expect(nothingMissing({ countries: 30, products: 120 }, 6, 1.5).shrunk).toBeLessThanOrEqual(0.01);
});

it('planted coefficients are covered by at least 33 of 40 intervals of 95 %', () => {
  // 2 × 20 of them: at a true rate of .93 fewer than 33 come up in 1 of 200
  const covered = Array.from({ length: 20 }, (_, seed) => plantedCoefficients(seed, 'even')).flat();
  expect(covered.filter(Boolean).length).toBeGreaterThanOrEqual(33);
  // where few pairs have most of the trade: without the correction for leverage 34 of 40
  const few = Array.from({ length: 20 }, (_, seed) => plantedCoefficients(seed, 'concentrated')).flat();
  expect(few.filter(Boolean).length).toBeGreaterThanOrEqual(36);
});

it('a planted effect of relatedness is found, and none where none is', () => {
  for (const planted of [0, 0.8]) {
    const found = [1, 2, 3, 4, 5, 6].map((seed) => plantedRelatedness(seed, planted));
    const inside = found.filter(({ estimate, standardError }) => Math.abs(estimate - planted) <= 1.96 * standardError);
    expect(inside.length).toBeGreaterThanOrEqual(4);
    for (const { estimate, standardError } of found)
      expect(Math.abs(estimate - planted)).toBeLessThan(4 * standardError);
    if (planted > 0)
      for (const { estimate, standardError } of found) expect(estimate).toBeGreaterThan(1.96 * standardError);
  }
});
