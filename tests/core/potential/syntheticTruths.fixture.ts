import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { sharedCoefficients } from '../../../lib/core/gravity/product/sharedCoefficients.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { blendDispersion } from '../../../lib/core/potential/blendDispersion.ts';
import { exporterPotential } from '../../../lib/core/potential/exporterPotential.ts';
import { potentialCells } from '../../../lib/core/potential/potentialCells.ts';
import { normal, stream, uniform } from '../../../lib/core/random.ts';
import { exporterRelatedness } from '../../../lib/core/relatedness/exporterRelatedness.ts';
import { nearNeighbours } from '../../../lib/core/relatedness/neighbours.ts';
import { type Dispersion, noiseSd } from '../../../lib/core/scoring/dispersion.ts';
import { type NetOfNoise, noiseBaseline } from '../../../lib/core/scoring/noiseBaseline.ts';
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
  readonly kappa: number;
  /** aggregates whose 95 % interval net of noise lies above 0 (they would be said to miss something) and below it, and how many there are */
  readonly exporters: Outside;
  readonly products: Outside;
}

export interface Outside {
  readonly above: number;
  readonly below: number;
  readonly of: number;
}

/** A world made of three effects, one of them of pairs and not explained by what is known of them, times noise of mean 1. */
export function nothingMissing({ countries, products }: Size, seed: number, noise: number): NothingMissing {
  const pairs = drawnPairs(countries, seed);
  const flows = flowsIn({ countries, products, seed, beta: [-1, 0.5], pairSd: 0.8, noise }, pairs);
  const world = modelled(flows, pairs, 2);
  const { blend } = world;
  const scatter = blendDispersion(world, world.totals);
  const of = exporterPotential(world);
  let [potential, raw, shrunk, index, indexMissing] = [0, 0, 0, 0, 0];
  for (let e = 0; e < countries; e++) {
    const { productN, actualN, potentialN, indexN } = of(e);
    for (const [n, p] of productN.entries()) {
      const [mu, actual] = [potentialN[n]!, actualN[n]!];
      potential += mu;
      raw += Math.max(mu - actual, 0);
      shrunk += unrealisedShrunk(mu, actual, noiseSd(scatter, p, mu));
      index += indexN[n]!;
      indexMissing += Math.max(indexN[n]! - actual, 0);
    }
  }
  const baseline = noiseBaseline(baselineInputs(world, scatter), { draws: 10, seed });
  const [pattern] = blend.patterns;
  return {
    weights: [pattern!.weights.threeWay, pattern!.weights.gravity, pattern!.weights.index],
    scale: pattern!.scale,
    raw: raw / potential,
    shrunk: shrunk / potential,
    index: indexMissing / index,
    kappa: baseline.kappa,
    exporters: outside(baseline.exporters),
    products: outside(baseline.products),
  };
}

const outside = (nets: readonly NetOfNoise[]): Outside => ({
  above: nets.filter(({ interval }) => interval[0] > 0).length,
  below: nets.filter(({ interval }) => interval[1] < 0).length,
  of: nets.length,
});

/** What a noise baseline is made of, from a world that has been fitted. */
export function baselineInputs(world: ReturnType<typeof modelled>, dispersion: Dispersion) {
  const { flows, startE, totals, fit, gravity, models, blend } = world;
  return {
    flows,
    totals,
    factors: fit,
    dispersion,
    blended: { models, blend, gravityZeros: gravity?.zeros ?? [] },
    potentials: potentialCells(flows, startE, models, blend),
  };
}

/** Worlds with planted coefficients: trade spread over many pairs, and trade of which few pairs have most. */
export const PLANTED = {
  even: { countries: 60, products: 6, effectSd: 0.5, noise: 0.5, pairNoise: 0.5, nearest: 0.2 },
  concentrated: { countries: 24, products: 6, effectSd: 1, noise: 0.8, pairNoise: 0.5, nearest: 0.02 },
} as const;

/** Coefficients that were planted, and whether the 95 % intervals around the estimates cover them; errors clustered by pair. */
export function plantedCoefficients(seed: number, kind: keyof typeof PLANTED): readonly boolean[] {
  const beta = [-1, 0.5];
  const world: GravityWorld = { ...PLANTED[kind], seed, beta };
  const pairs = drawnPairs(world.countries, seed, PLANTED[kind].nearest);
  const { converged, coefficients } = sharedCoefficients(flowsIn(world, pairs), pairs);
  return beta.map((planted, k) => {
    const { estimate, standardError } = coefficients[k]!;
    return converged && Math.abs(estimate - planted) <= 1.96 * standardError;
  });
}

/**
 * The effect of what near countries sell already on what an exporter sells: planted as an elasticity, estimated with effects of exporter and
 * product and of importer and product. Returns the estimate and its error, clustered by exporter and product.
 */
export function plantedRelatedness(seed: number, elasticity: number): { estimate: number; standardError: number } {
  const [countries, products] = [20, 12];
  const LN_SIZE = Math.log(1e7);
  const pairs = drawnPairs(countries, seed);
  const world: GravityWorld = { countries, products, seed, beta: [-1, 0.5], noise: 1 };
  const before = flowsIn(world, pairs);
  const distance = matrix(
    countries,
    countries,
    pairs[0]!.valueIJ.map((ln) => Math.exp(ln)),
  );
  const related = exporterRelatedness(before, nearNeighbours(distance));
  const draws = stream(seed, 'after');
  const rows = { y: [] as number[], x: [] as number[], ep: [] as number[], mp: [] as number[] };
  for (let e = 0; e < countries; e++) {
    const { data } = related(e);
    for (let m = 0; m < countries; m++)
      for (let p = 0; p < products; p++) {
        if (m === e || !(data[m * products + p]! > 0)) continue;
        const x = Math.log(data[m * products + p]!);
        const n = (e * countries + m) * products + p;
        // sixty in a hundred cells are empty whatever is expected
        const value = uniform(draws, 500_000 + n) < 0.6 ? 0 : Math.exp(0.7 * normal(draws, n) - 0.7 ** 2 / 2) / 0.4;
        rows.y.push(Math.exp(elasticity * (x - LN_SIZE)) * value);
        rows.x.push(x);
        rows.ep.push(e * products + p);
        rows.mp.push(m * products + p);
      }
  }
  const effects = [factor('exporter-product', rows.ep), factor('importer-product', rows.mp)] as const;
  const fit = ppml({
    yN: Float64Array.from(rows.y),
    columns: [{ name: 'related', valueN: Float64Array.from(rows.x) }],
    effects,
  });
  const { standardErrorK } = covariance(fit.fitted!, { kind: 'cluster', by: [effects[0]!] }, 'G/(G-1)');
  return { estimate: fit.coefficients[0]!.estimate, standardError: standardErrorK[0]! };
}
