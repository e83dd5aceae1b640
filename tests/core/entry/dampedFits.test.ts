import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countFit, powerFit } from '../../../lib/core/entry/dampedFits.ts';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { cubeOf, flowsOf } from '../gravity/worlds.fixture.ts';
import { noisyWorld } from '../scoring/world.fixture.ts';

/** Every total of any values on the flows' axes, and of mu over all cells. */
function margins({ countries, products }: Flows, value: (e: number, m: number, p: number) => number) {
  const [c, k] = [countries.codes.length, products.codes.length];
  const sums = { ik: new Float64Array(c * k), jk: new Float64Array(c * k), ij: new Float64Array(c * c) };
  for (let e = 0; e < c; e++)
    for (let m = 0; m < c; m++)
      for (let p = 0; p < k; p++) {
        const v = value(e, m, p);
        sums.ik[e * k + p]! += v;
        sums.jk[m * k + p]! += v;
        sums.ij[e * c + m]! += v;
      }
  return sums;
}

const observed = (
  { exporterN, importerN, productN, valueN, countries, products }: Flows,
  of: (value: number) => number,
) => {
  const cells = new Map<number, number>();
  const number = (e: number, m: number, p: number) => (e * countries.codes.length + m) * products.codes.length + p;
  for (let n = 0; n < valueN.length; n++) cells.set(number(exporterN[n]!, importerN[n]!, productN[n]!), of(valueN[n]!));
  return (e: number, m: number, p: number) => cells.get(number(e, m, p)) ?? 0;
};

function expectSameMargins(flows: Flows, fit: ReturnType<typeof threeWayFit>, of: (value: number) => number) {
  const mu = potentialOf(fit);
  const ours = margins(flows, (exporter, importer, product) => mu({ exporter, importer, product }));
  const theirs = margins(flows, observed(flows, of));
  for (const family of ['ik', 'jk', 'ij'] as const)
    for (const [at, total] of theirs[family].entries())
      expect(Math.abs(ours[family][at]! - total)).toBeLessThanOrEqual(1e-6 * Math.max(total, 1));
}

const world = noisyWorld({ countries: 9, products: 7, scale: 1e5, seed: 3, noise: () => 2 });

describe('powerFit', () => {
  it('keeps the totals of roots', () => {
    const fit = powerFit(world, 0.5);
    expect(fit.converged).toBe(true);
    expectSameMargins(world, fit, Math.sqrt);
  });

  it('of power 1 is the three-way fit', () => {
    expect(powerFit(world, 1).a.data).toEqual(threeWayFit(world).a.data);
  });

  it('orders cells alike in any unit', () => {
    const mu = (flows: Flows) => potentialOf(powerFit(flows, 0.25));
    const [usd, thousands] = [mu(world), mu({ ...world, valueN: world.valueN.map((value) => value / 1000) })];
    for (let product = 0; product < 7; product++) {
      const cell = { exporter: 1, importer: 4, product };
      expect(thousands(cell) / usd(cell)).toBeCloseTo(1000 ** -0.25, 7);
    }
  });

  it('is exact on trade that is a product of factors: its power is one too', () => {
    const exact = flowsOf(cubeOf([3, 3, 4], (e, m, p) => 100 * (e + 1) ** p * (m + 2) ** (3 - p) * (1 + e * m)));
    const mu = potentialOf(powerFit(exact, 0.5));
    for (let n = 0; n < exact.valueN.length; n++) {
      const cell = { exporter: exact.exporterN[n]!, importer: exact.importerN[n]!, product: exact.productN[n]! };
      expect(mu(cell) / Math.sqrt(exact.valueN[n]!)).toBeCloseTo(1, 6);
    }
  });

  it('is moved less by one enormous flow than the fit of values, the smaller the power', () => {
    // the largest flow a thousand times as large: by how much other cells of its exporter and product move, in logarithms
    const largest = world.valueN.indexOf(Math.max(...world.valueN));
    const shaken = { ...world, valueN: world.valueN.map((value, n) => (n === largest ? value * 1000 : value)) };
    const [exporter, product] = [world.exporterN[largest]!, world.productN[largest]!];
    const moved = (power: number) => {
      const [before, after] = [potentialOf(powerFit(world, power)), potentialOf(powerFit(shaken, power))];
      let sum = 0;
      for (let importer = 0; importer < 9; importer++) {
        if (importer === exporter || importer === world.importerN[largest]) continue;
        const cell = { exporter, importer, product };
        sum += Math.abs(Math.log(after(cell) / before(cell)));
      }
      return sum;
    };
    const [whole, root, fourth] = [moved(1), moved(1 / 2), moved(1 / 4)];
    expect(root).toBeLessThan(whole);
    expect(fourth).toBeLessThan(root);
  });

  it('refuses powers that are not between 0 and 1', () => {
    for (const power of [0, -1, 1.5, Number.NaN]) expect(() => powerFit(world, power)).toThrow(RangeError);
  });
});

describe('countFit', () => {
  it('keeps how many flows of the size there are, in every total', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 1e4, 1e5, 1e6), (floor) => {
        expectSameMargins(world, countFit(world, floor), (value) => (value >= floor ? 1 : 0));
      }),
    );
  });

  it('counts a flow exactly at the floor, and knows nothing of countries without any', () => {
    const flows = flowsOf([
      [
        [100, 5],
        [100, 5],
      ],
      [
        [99, 5],
        [99, 5],
      ],
    ]);
    const mu = potentialOf(countFit(flows, 100));
    expect(mu({ exporter: 0, importer: 2, product: 0 })).toBeCloseTo(1, 9);
    expect(mu({ exporter: 1, importer: 2, product: 0 })).toBe(0);
    expect(mu({ exporter: 0, importer: 2, product: 1 })).toBe(0);
  });
});
