import { describe, expect, it } from 'vitest';
import { blendDispersion } from '../../../lib/core/potential/blendDispersion.ts';
import { dispersion } from '../../../lib/core/scoring/dispersion.ts';
import { type NetOfNoise, noiseBaseline, studentQuantile } from '../../../lib/core/scoring/noiseBaseline.ts';
import { threeWayPotentials } from '../../../lib/core/scoring/scoringInputs.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { drawnPairs, flowsIn, modelled } from '../potential/gravityWorld.fixture.ts';
import { baselineInputs, nothingMissing } from '../potential/syntheticTruths.fixture.ts';

const SIZE = { countries: 16, products: 30 };
const pairs = drawnPairs(SIZE.countries, 3);
const noisy = flowsIn({ ...SIZE, seed: 3, beta: [-1, 0.5], pairSd: 0.8, noise: 0.8 }, pairs);

function baselineOf(flows: Flows, seed = 1) {
  const world = modelled(flows, pairs, 2);
  return noiseBaseline(baselineInputs(world, blendDispersion(world, world.totals)), { draws: 20, seed });
}

describe('in a world in which nothing is missing but by chance', () => {
  it.each([0.5, 1, 1.5])('no more aggregates exceed noise of %d than chance lets', (noise) => {
    const worlds = [0, 1, 2].map((seed) => nothingMissing(SIZE, seed, noise));
    const rate = (of: 'exporters' | 'products') =>
      worlds.reduce((sum, world) => sum + world[of].above, 0) / worlds.reduce((sum, world) => sum + world[of].of, 0);
    // nominal 2.5 %; 48 exporters and 90 products leave room for one and two by chance
    expect(rate('exporters')).toBeLessThanOrEqual(0.045);
    expect(rate('products')).toBeLessThanOrEqual(0.045);
  });

  it('what exceeds and what falls short balance: kappa is so defined', () => {
    const { exporters, products, kappa } = baselineOf(noisy);
    expect(kappa).toBeGreaterThan(0.8);
    expect(kappa).toBeLessThan(1.25);
    const sum = (of: readonly NetOfNoise[]) => of.reduce((all, { excess }) => all + excess, 0);
    const raw = exporters.reduce((all, net) => all + net.raw, 0);
    expect(sum(exporters) / raw).toBeCloseTo(0, 12);
    expect(sum(products) / raw).toBeCloseTo(0, 12);
    for (const { raw: missed, expected, excess, interval } of [...exporters, ...products]) {
      expect(excess).toBe(missed - expected);
      expect((interval[0] + interval[1]) / 2 / raw).toBeCloseTo(excess / raw, 12);
    }
  });
});

it('an exporter that is kept out of half of its markets is found, product by product', () => {
  // exporter 5 sells a twentieth where it would sell of two products in three, each in other markets
  const kept = noisy.valueN.map((value, n) => {
    const [e, m, p] = [noisy.exporterN[n]!, noisy.importerN[n]!, noisy.productN[n]!];
    return e === 5 && (m + p) % 2 === 0 ? value / 20 : value;
  });
  const { exporters } = baselineOf(sortFlows(noisy.countries, noisy.products, { ...noisy, valueN: kept }));
  expect(exporters[5]!.interval[0]).toBeGreaterThan(0);
  expect(exporters.filter(({ interval }) => interval[0] > 0).length).toBeLessThanOrEqual(2);
});

it('is the same for the same seed, and nearly the same for another', () => {
  const [one, again, other] = [baselineOf(noisy), baselineOf(noisy), baselineOf(noisy, 2)];
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  expect(other.kappa / one.kappa).toBeCloseTo(1, 1);
});

it('is nothing where the fit is exact', () => {
  const exact = flowsIn({ ...SIZE, seed: 3, beta: [-1, 0.5], pairSd: 0.8 }, pairs);
  const traded = exact.valueN.reduce((sum, value) => sum + value, 0);
  for (const { raw, expected } of baselineOf(exact).exporters) {
    expect(raw / traded).toBeLessThan(1e-8);
    expect(expected / traded).toBeLessThan(1e-8);
  }
});

it('without other models scatter is that around the three-way fit', () => {
  const { flows, totals, startE, fit } = modelled(noisy, null);
  const { kappa, exporters } = noiseBaseline(
    {
      flows,
      totals,
      factors: fit,
      dispersion: dispersion(flows, fit),
      blended: null,
      potentials: threeWayPotentials(flows, startE, fit),
    },
    { draws: 10, seed: 1 },
  );
  expect(kappa).toBeGreaterThan(0.7);
  expect(kappa).toBeLessThan(1.3);
  expect(exporters).toHaveLength(SIZE.countries);
});

it('refuses to make an interval of a few draws', () => {
  const world = modelled(noisy, pairs, 2);
  const inputs = baselineInputs(world, blendDispersion(world, world.totals));
  expect(() => noiseBaseline(inputs, { draws: 9, seed: 1 })).toThrow(RangeError);
});

it('has the quantiles of Student', () => {
  for (const [degrees, quantile] of [
    [9, 2.262157],
    [19, 2.093024],
    [39, 2.022691],
    [1e6, 1.959966],
  ] as const)
    expect(Math.abs(studentQuantile(degrees) - quantile)).toBeLessThan(5e-4);
});
