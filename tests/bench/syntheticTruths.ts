/**
 * Worlds whose truth is known: what the models say of them. One JSON line each.
 *
 *     node tests/bench/syntheticTruths.ts [SEEDS]
 *
 * SEEDS (200) worlds with planted gravity coefficients and with planted relatedness; worlds of 30 countries and 120 products in which nothing is
 * missing, without noise and with three strengths of it, ten of each. Takes some minutes.
 */
import {
  nothingMissing,
  type Outside,
  PLANTED,
  plantedCoefficients,
  plantedRelatedness,
} from '../core/potential/syntheticTruths.fixture.ts';

const seeds = Number(process.argv[2] ?? 200);
const each = <Value>(count: number, of: (seed: number) => Value) =>
  Array.from({ length: count }, (_, seed) => of(seed));
const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;
const tell = (line: object) => console.log(JSON.stringify(line));

for (const kind of ['even', 'concentrated'] as const) {
  const covered = each(seeds, (seed) => plantedCoefficients(seed, kind));
  tell({
    name: 'planted coefficients covered by 95 % intervals',
    ...PLANTED[kind],
    seeds,
    lnDistance: share(covered.map(([distance]) => distance!)),
    tie: share(covered.map(([, tie]) => tie!)),
  });
}

for (const planted of [0, 0.8]) {
  const found = each(seeds, (seed) => plantedRelatedness(seed, planted));
  tell({
    name: 'planted relatedness',
    planted,
    seeds,
    mean: found.reduce((sum, { estimate }) => sum + estimate, 0) / seeds,
    covered: share(found.map(({ estimate, standardError }) => Math.abs(estimate - planted) <= 1.96 * standardError)),
    toldFromZero: share(found.map(({ estimate, standardError }) => Math.abs(estimate) > 1.96 * standardError)),
  });
}

for (const noise of [0, 0.5, 1, 1.5]) {
  const worlds = each(noise === 0 ? 3 : 10, (seed) => nothingMissing({ countries: 30, products: 120 }, seed, noise));
  const range = (of: (world: (typeof worlds)[number]) => number) => [
    Math.min(...worlds.map(of)),
    Math.max(...worlds.map(of)),
  ];
  const rates = (of: (world: (typeof worlds)[number]) => Outside) => {
    const sum = (part: keyof Outside) => worlds.reduce((all, world) => all + of(world)[part], 0);
    return { above: sum('above') / sum('of'), below: sum('below') / sum('of'), of: sum('of') };
  };
  tell({
    name: 'nothing missing',
    noise,
    worlds: worlds.length,
    threeWayWeight: range(({ weights }) => weights[0]!),
    unrealisedRaw: range(({ raw }) => raw),
    unrealisedShrunk: range(({ shrunk }) => shrunk),
    ofTheIndex: range(({ index }) => index),
    kappa: range(({ kappa }) => kappa),
    ...(noise > 0 && { exporters: rates(({ exporters }) => exporters), products: rates(({ products }) => products) }),
  });
}
