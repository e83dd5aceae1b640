import { describe, expect, it } from 'vitest';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { expectedOf } from '../../../lib/core/gravity/product/productGravity.ts';
import { type Blend, patternOf } from '../../../lib/core/potential/blend.ts';
import { exporterPotential } from '../../../lib/core/potential/exporterPotential.ts';
import { MODELS } from '../../../lib/core/potential/modelEffects.ts';
import { stream, uniform } from '../../../lib/core/random.ts';
import { exposure, sizeAlone, staticIndex } from '../../../lib/core/scoring/staticIndex.ts';
import { actualOf } from '../../../lib/core/trade/actualOf.ts';
import { drawnPairs, flowsIn, modelled } from './gravityWorld.fixture.ts';

/** A world with gaps: pairs that never trade, products that some do not sell, a pair of which nothing is known. */
function gappy(seed: number) {
  const countries = 9;
  const products = 12;
  const pairs = drawnPairs(countries, seed);
  const draws = stream(seed, 'open');
  const flows = flowsIn(
    {
      countries,
      products,
      seed,
      beta: [-1, 0.5],
      noise: 0.8,
      open: (e, m, p) =>
        uniform(draws, e * countries + m) > 0.25 &&
        uniform(draws, 1_000 + e * products + p) > 0.2 &&
        uniform(draws, 5_000 + (e * countries + m) * products + p) > 0.3,
    },
    pairs,
  );
  const unknown = pairs.map((column, k) => {
    const valueIJ = column.valueIJ.slice();
    if (k === 0) for (const at of [1, 9, 3 * countries + 4]) valueIJ[at] = Number.NaN;
    return { ...column, valueIJ };
  });
  return modelled(flows, unknown, 2);
}

describe.each([1, 2, 3, 4])('potentials of a world with gaps (seed %i)', (seed) => {
  const world = gappy(seed);
  const { flows, totals, startE, fit, gravity, models, blend } = world;
  const nProducts = flows.products.codes.length;
  const nCountries = flows.countries.codes.length;
  const of = exporterPotential({ flows, startE, models, blend });

  it('are the weighted geometric mean of the models that speak, cell by cell from their definitions, and every such cell is met once', () => {
    const threeWay = potentialOf(fit);
    const expected = expectedOf(gravity!);
    const actual = actualOf(flows, startE);
    const isForced = (cell: object) =>
      fit.forced.some((other) => JSON.stringify(cell) === JSON.stringify(strip(other)));
    const met = new Set<number>();
    for (let exporter = 0; exporter < nCountries; exporter++) {
      const columns = of(exporter);
      const at = new Map(Array.from(columns.productN, (p, n) => [columns.importerN[n]! * nProducts + p, n]));
      expect(at.size).toBe(columns.productN.length);
      const exposureM = exposure(totals, exporter);
      for (let importer = 0; importer < nCountries; importer++)
        for (let product = 0; product < nProducts; product++) {
          const cell = { exporter, importer, product };
          const n = at.get(importer * nProducts + product);
          const supply = totals.exporterProduct.data[exporter * nProducts + product]!;
          const demand = totals.importerProduct.data[importer * nProducts + product]!;
          const pair = totals.pair.data[exporter * nCountries + importer]!;
          const values = {
            threeWay: isForced(cell) ? 0 : threeWay(cell),
            gravity: expected(cell) || 0,
            index:
              pair > 0 && supply > 0 && demand > 0
                ? staticIndex(sizeAlone(supply, demand, totals.productP[product]!), pair, exposureM[importer]!)
                : 0,
          };
          const speaking = MODELS.filter((model) => exporter !== importer && values[model] > 0);
          if (speaking.length === 0) {
            expect(n).toBeUndefined();
            continue;
          }
          const pattern = patternOf(speaking);
          met.add(pattern);
          expect(columns.patternN[n!]).toBe(pattern);
          const { weights, scale } = learnedFor(blend, pattern);
          const log = speaking.reduce((sum, model) => sum + weights[model] * Math.log(values[model]), Math.log(scale));
          expect(Math.abs(columns.potentialN[n!]! / Math.exp(log) - 1)).toBeLessThan(1e-10);
          for (const [model, column] of [
            ['threeWay', columns.threeWayN],
            ['gravity', columns.gravityN],
            ['index', columns.indexN],
          ] as const)
            expect(Math.abs(column[n!]! - values[model])).toBeLessThanOrEqual(1e-10 * values[model]);
          expect(columns.actualN[n!]).toBe(actual(cell));
        }
    }
    for (const models of [['threeWay', 'gravity', 'index'], ['threeWay', 'index'], ['gravity']] as const)
      expect(met).toContain(patternOf(models));
  });

  it('of pairs that never traded are gravity’s, and nothing is learned there', () => {
    const never = blend.patterns.find(({ models }) => models.join() === 'gravity');
    expect(never).toMatchObject({ learned: false, scale: 1, trading: 0, weights: { gravity: 1 } });
  });

  it('sum to what is traded in each pattern that is learned', () => {
    const sums = new Map<number, number>();
    for (let e = 0; e < nCountries; e++) {
      const { patternN, potentialN } = of(e);
      for (const [n, pattern] of patternN.entries()) sums.set(pattern, (sums.get(pattern) ?? 0) + potentialN[n]!);
    }
    const learned = blend.patterns.filter(({ learned }) => learned);
    expect(learned.length).toBeGreaterThan(0);
    for (const { models, valueUsd } of learned)
      expect(Math.abs(sums.get(patternOf(models))! / valueUsd - 1)).toBeLessThan(1e-10);
  });

  it('from a floor on are the same cells, those below left out', () => {
    const all = of(0);
    const floor = [...all.potentialN].sort((a, b) => a - b)[all.potentialN.length >> 1]!;
    expect([...of(0, floor).potentialN]).toEqual([...all.potentialN].filter((value) => value >= floor));
  });
});

it('without gravity there are the patterns of the other two, and pairs that never traded have no potential', () => {
  const { flows } = gappy(1);
  const { startE, models, blend, totals } = modelled(flows, null);
  const { patternN, importerN } = exporterPotential({ flows, startE, models, blend })(0);
  expect(new Set(patternN)).toEqual(new Set([patternOf(['threeWay', 'index'])]));
  for (const m of importerN) expect(totals.pair.data[m]).toBeGreaterThan(0);
});

const strip = ({ exporter, importer, product }: { exporter: number; importer: number; product: number }) => ({
  exporter,
  importer,
  product,
});

function learnedFor({ patterns }: Blend, pattern: number) {
  const found = patterns.find(({ models }) => patternOf(models) === pattern);
  if (!found) throw new Error(`pattern ${pattern} is not in the blend`);
  return found;
}
