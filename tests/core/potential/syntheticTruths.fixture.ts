import { sharedCoefficients } from '../../../lib/core/gravity/product/sharedCoefficients.ts';
import { blendDispersion } from '../../../lib/core/potential/blendDispersion.ts';
import { exporterPotential } from '../../../lib/core/potential/exporterPotential.ts';
import { netOfNoise, residualSd } from '../../../lib/core/potential/noiseBaseline.ts';
import { noiseSd } from '../../../lib/core/scoring/dispersion.ts';
import { unrealisedShrunk } from '../../../lib/core/scoring/unrealised.ts';
import { drawnPairs, flowsIn, type GravityWorld, modelled } from './gravityWorld.fixture.ts';

export interface Size {
  readonly countries: number;
  readonly products: number;
}

/** What is unrealised where nothing is, and what an aggregate says of it. */
export interface NothingMissing {
  readonly weights: readonly number[];
  readonly scale: number;
  /** Σ unrealised / Σ potential: of the blend, of the blend net of noise, and of the static index */
  readonly raw: number;
  readonly shrunk: number;
  readonly index: number;
  /** aggregates (exporters, products, and the world) whose 95 % interval net of noise excludes 0, and how many there are */
  readonly outside: { readonly exporters: number; readonly products: number; readonly world: number };
  readonly aggregates: { readonly exporters: number; readonly products: number };
  /** Σ raw / Σ expected by noise */
  readonly rawOverExpected: number;
}

/** A world made of three effects, one of them of pairs and not explained by what is known of them, times noise of mean 1. */
export function nothingMissing({ countries, products }: Size, seed: number, noise: number): NothingMissing {
  const pairs = drawnPairs(countries, seed);
  const flows = flowsIn({ countries, products, seed, beta: [-1, 0.5], pairSd: 0.8, noise }, pairs);
  const world = modelled(flows, pairs, 2);
  const { totals, blend } = world;
  const scatter = blendDispersion(world, totals);
  const of = exporterPotential(world);
  const cells = { potential: [] as number[], actual: [] as number[], sd: [] as number[], by: [] as number[][] };
  let [potential, shrunk, index, indexMissing] = [0, 0, 0, 0];
  for (let e = 0; e < countries; e++) {
    const { importerN, productN, actualN, potentialN, indexN } = of(e);
    for (const [n, p] of productN.entries()) {
      const m = importerN[n]!;
      const [mu, actual] = [potentialN[n]!, actualN[n]!];
      const sd = noiseSd(scatter, p, mu);
      const h =
        mu / totals.exporterProduct.data[e * products + p]! +
        mu / totals.importerProduct.data[m * products + p]! +
        mu / totals.pair.data[e * countries + m]!;
      potential += mu;
      shrunk += unrealisedShrunk(mu, actual, sd);
      index += indexN[n]!;
      indexMissing += Math.max(indexN[n]! - actual, 0);
      cells.potential.push(mu);
      cells.actual.push(actual);
      cells.sd.push(residualSd(sd, Math.min(1, h)));
      cells.by.push([e, p]);
    }
  }
  const net = (rows: readonly number[]) =>
    netOfNoise(
      rows.map((n) => cells.potential[n]!),
      rows.map((n) => cells.actual[n]!),
      rows.map((n) => cells.sd[n]!),
      seed,
    );
  const all = cells.by.map((_, n) => n);
  const outsideBy = (axis: number, length: number) =>
    Array.from({ length }, (_, at) => net(all.filter((n) => cells.by[n]![axis] === at))).filter(excludes).length;
  const whole = net(all);
  const [pattern] = blend.patterns;
  return {
    weights: [pattern!.weights.threeWay, pattern!.weights.gravity, pattern!.weights.index],
    scale: pattern!.scale,
    raw: whole.raw / potential,
    shrunk: shrunk / potential,
    index: indexMissing / index,
    outside: {
      exporters: outsideBy(0, countries),
      products: outsideBy(1, products),
      world: excludes(whole) ? 1 : 0,
    },
    aggregates: { exporters: countries, products },
    rawOverExpected: whole.raw / whole.expected,
  };
}

const excludes = ({ interval: [from, to] }: { interval: readonly [number, number] }) => from > 0 || to < 0;

/** Coefficients that were planted, and whether the 95 % intervals around the estimates cover them. */
export function plantedCoefficients(seed: number): readonly boolean[] {
  const beta = [-1, 0.5];
  const world: GravityWorld = { countries: 24, products: 6, seed, beta, noise: 0.8, pairNoise: 0.5 };
  const pairs = drawnPairs(world.countries, seed);
  const { converged, coefficients } = sharedCoefficients(flowsIn(world, pairs), pairs);
  return beta.map((planted, k) => {
    const { estimate, standardError } = coefficients[k]!;
    return converged && Math.abs(estimate - planted) <= 1.96 * standardError;
  });
}
