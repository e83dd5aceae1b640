import type { PairColumn } from '../../../lib/core/gravity/product/pairTable.ts';
import { productGravity } from '../../../lib/core/gravity/product/productGravity.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { fitBlend } from '../../../lib/core/potential/fitBlend.ts';
import { modelsOf } from '../../../lib/core/potential/modelEffects.ts';
import { normal, stream, uniform } from '../../../lib/core/random.ts';
import { exporterStarts, type Flows } from '../../../lib/core/trade/flows.ts';
import { totals } from '../../../lib/core/trade/totals.ts';
import { tradeAmong } from '../scoring/world.fixture.ts';

/** What pairs are to each other, drawn: ln of `nearest` and a distance in the unit square, and a flag that one pair in six has; both symmetric. */
export function drawnPairs(countries: number, seed: number, nearest = 0.02): PairColumn[] {
  const places = stream(seed, 'places');
  const ties = stream(seed, 'ties');
  const between = (value: (i: number, j: number) => number) =>
    Float64Array.from({ length: countries ** 2 }, (_, at) => {
      const [i, j] = [Math.floor(at / countries), at % countries];
      return i === j ? Number.NaN : value(Math.min(i, j), Math.max(i, j));
    });
  return [
    {
      name: 'lnDistance',
      valueIJ: between((i, j) =>
        Math.log(
          nearest +
            Math.hypot(
              uniform(places, 2 * i) - uniform(places, 2 * j),
              uniform(places, 2 * i + 1) - uniform(places, 2 * j + 1),
            ),
        ),
      ),
    },
    { name: 'tie', valueIJ: between((i, j) => (uniform(ties, i * countries + j) < 1 / 6 ? 1 : 0)) },
  ];
}

export interface GravityWorld {
  readonly countries: number;
  readonly products: number;
  readonly seed: number;
  /** coefficients of `drawnPairs` */
  readonly beta: readonly number[];
  /** standard deviation of supply and of demand, ln; 1 if not given */
  readonly effectSd?: number;
  /** standard deviation of what else a pair has, ln: for all products alike */
  readonly pairSd?: number;
  /** of unit-mean noise of each cell, ln */
  readonly noise?: number;
  /** of unit-mean noise that a pair's two directions and all products share, ln */
  readonly pairNoise?: number;
  /** whether a cell may trade at all */
  readonly open?: (exporter: number, importer: number, product: number) => boolean;
}

/** The expectation of a cell: supply · demand · exp(x β) · what else the pair has. */
export function expectationIn(world: GravityWorld, pairs: readonly PairColumn[]) {
  const { countries, products, seed, beta, effectSd = 1, pairSd = 0 } = world;
  const draws = stream(seed, 'effects');
  return (e: number, m: number, p: number): number => {
    let eta = Math.log(1e6);
    for (const [k, { valueIJ }] of pairs.entries()) eta += beta[k]! * valueIJ[e * countries + m]!;
    eta += effectSd * (normal(draws, e * products + p) + normal(draws, 1_000_000 + m * products + p));
    return Math.exp(eta + pairSd * normal(draws, 2_000_000 + e * countries + m));
  };
}

/** Flows drawn from the world. */
export function flowsIn(world: GravityWorld, pairs: readonly PairColumn[]): Flows {
  const { countries, products, seed, noise = 0, pairNoise = 0, open = () => true } = world;
  const expected = expectationIn(world, pairs);
  const [cells, both] = [stream(seed, 'noise'), stream(seed, 'pair noise')];
  const unitMean = (sd: number, draw: number) => Math.exp(sd * draw - (sd * sd) / 2);
  return tradeAmong(countries, products, (e, m, p) => {
    if (!open(e, m, p)) return 0;
    const shared = pairNoise > 0 ? unitMean(pairNoise, normal(both, e * countries + m)) : 1;
    return expected(e, m, p) * shared * unitMean(noise, normal(cells, (e * countries + m) * products + p));
  });
}

/** All that a potential is made of, from flows and pairs; products in `groups` groups. */
export function modelled(flows: Flows, pairs: readonly PairColumn[] | null, groups = 1) {
  const sums = totals(flows);
  const startE = exporterStarts(flows);
  const fit = threeWayFit(flows);
  const groupP = flows.products.codes.map((_, p) => p % groups);
  const gravity = pairs && productGravity(flows, groupP, pairs);
  const models = modelsOf(sums, fit, gravity);
  const blend = fitBlend(flows, sums, startE, models, { fromUsd: 1_000 });
  return { flows, totals: sums, startE, fit, gravity, models, blend };
}
