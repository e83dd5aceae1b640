import { beforeAll, describe, expect, it } from 'vitest';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { startFrom } from '../../../lib/core/gravity/startFrom.ts';
import { type ThreeWayFit, threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { axis } from '../../../lib/core/labels.ts';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { noisyWorld } from '../scoring/world.fixture.ts';
import { earlierYear, revised } from './otherVintages.fixture.ts';
import { isThere, REAL_WORLDS, realWorld } from './realWorlds.fixture.ts';

/** Largest difference of two potentials over all cells, as a share of all trade. */
function difference(flows: Flows, one: ThreeWayFit, other: ThreeWayFit): number {
  const [x, y] = [potentialOf(one), potentialOf(other)];
  const world = flows.valueN.reduce((sum, value) => sum + value, 0);
  let worst = 0;
  for (let exporter = 0; exporter < flows.countries.codes.length; exporter++)
    for (let importer = 0; importer < flows.countries.codes.length; importer++)
      for (let product = 0; product < flows.products.codes.length; product++) {
        const cell = { exporter, importer, product };
        worst = Math.max(worst, Math.abs(x(cell) - y(cell)));
      }
  return worst / world;
}

const world = noisyWorld({ countries: 14, products: 20, scale: 1e6, seed: 3, noise: () => 1 });
const before = earlierYear(world, { countries: 2, products: 3 });
const earlier = threeWayFit(before);
const named = (fit: Pick<ThreeWayFit, 'b' | 'c'>) => ({
  countries: before.countries,
  products: before.products,
  b: fit.b,
  c: fit.c,
});

describe('a start from an earlier fit', () => {
  it('on paper: codes that both know keep their factors, the others are not known', () => {
    // before: A, C and product 1; now: A, B, C and products 1, 2
    const start = startFrom(
      {
        countries: axis(['A', 'C']),
        products: axis(['1']),
        b: matrix(2, 1, Float64Array.of(6, 2)),
        c: matrix(2, 2, Float64Array.of(0, 4, 9, 0)),
      },
      sortFlows(axis(['A', 'B', 'C']), axis(['1', '2']), {
        exporterN: [0, 2, 1],
        importerN: [2, 0, 0],
        productN: [0, 0, 1],
        valueN: [10, 30, 5],
      }),
    );
    // C is 1 on the two links known; of product 1, A buys 30 and C 10: B was 6·h, 2·h' before it was made to add up to that
    expect([...start.c.data]).toEqual([0, 0, 1, 0, 0, 0, 1, 0, 0].map((factor) => expect.closeTo(factor, 12)));
    expect([...start.b.data]).toEqual([30, 0, 0, 0, 10, 0].map((factor) => expect.closeTo(factor, 10)));
  });

  it('has other axes, and leads to the same potential from nearer by', () => {
    expect(before.countries.codes).not.toEqual(world.countries.codes);
    expect(before.products.codes).not.toEqual(world.products.codes);
    const cold = threeWayFit(world);
    const warm = threeWayFit(world, { start: startFrom(named(earlier), world) });
    expect(warm.converged).toBe(true);
    expect(difference(world, warm, cold)).toBeLessThan(1e-9);
    expect(warm.progress[0]!.error).toBeLessThan(cold.progress[0]!.error / 1.5);
    expect(warm.sweeps).toBeLessThanOrEqual(cold.sweeps);
  });

  it('does not depend on the scale of the earlier factors', () => {
    const h = (j: number) => 10 ** ((j % 7) - 3);
    const g = (k: number) => 8 ** ((k % 5) - 2);
    const f = (i: number) => 5 ** ((i % 3) - 1);
    const each = ({ rows, cols, data }: Matrix, by: (row: number, col: number) => number) =>
      matrix(
        rows,
        cols,
        data.map((factor, at) => factor * by(Math.floor(at / cols), at % cols)),
      );
    const scaled = { b: each(earlier.b, (j, k) => h(j) / g(k)), c: each(earlier.c, (i, j) => 1 / (f(i) * h(j))) };
    const [one, two] = [startFrom(named(earlier), world), startFrom(named(scaled), world)];
    for (const [at, factor] of one.b.data.entries())
      expect(Math.abs(two.b.data[at]! - factor)).toBeLessThanOrEqual(1e-9 * factor);
    for (const [at, factor] of one.c.data.entries())
      expect(Math.abs(two.c.data[at]! - factor)).toBeLessThanOrEqual(1e-9 * factor);
  });

  it('of a world that has nothing in common with the new one is no start at all', () => {
    const strangers = {
      countries: axis(['X', 'Y']),
      products: axis(['99']),
      b: matrix(2, 1, Float64Array.of(1, 1)),
      c: matrix(2, 2, Float64Array.of(0, 1, 1, 0)),
    };
    expect(threeWayFit(world, { start: startFrom(strangers, world) })).toEqual(threeWayFit(world));
  });
});

const here = isThere('hs4');
describe.skipIf(!here)(`the world at HS4${here ? '' : ` (skipped: ${REAL_WORLDS.hs4.file} is not there)`}`, () => {
  let flows: Flows;
  beforeAll(async () => {
    flows = await realWorld('hs4');
  }, 60_000);

  it('before one exporter revised its figures: the same potential in two thirds of the sweeps', () => {
    const { b, c } = threeWayFit(flows);
    const now = revised(flows, flows.countries.at.get('CHL')!);
    const cold = threeWayFit(now);
    const warm = threeWayFit(now, {
      start: startFrom({ countries: flows.countries, products: flows.products, b, c }, now),
    });
    expect(warm.converged).toBe(true);
    expect(3 * warm.sweeps).toBeLessThanOrEqual(2 * cold.sweeps);
    expect(difference(now, warm, cold)).toBeLessThan(1e-9);
  }, 60_000);
});
