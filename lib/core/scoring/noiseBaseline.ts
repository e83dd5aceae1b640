import { threeWayFit } from '../gravity/threeWay.ts';
import type { Matrix } from '../matrix.ts';
import { modelsOf } from '../potential/modelEffects.ts';
import { type PotentialWalk, potentialCells } from '../potential/potentialCells.ts';
import { normal, stream } from '../random.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import { totals } from '../trade/totals.ts';
import { noiseSd } from './dispersion.ts';
import { type ScoringInputs, threeWayPotentials } from './scoringInputs.ts';
import { unrealisedRaw } from './unrealised.ts';

/** Smaller potentials are left out on both sides, USD. */
const FROM_USD = 1_000;
/** What is missing of a potential is known to some percent: the last digits of a fit would be of no use. */
const TOLERANCE = 1e-5;

/** What noise alone explains of what is missing from an aggregate; USD. */
export interface NetOfNoise {
  /** Σ max(P - v, 0) */
  readonly raw: number;
  /** the same as noise alone would have it, on average */
  readonly expected: number;
  /** raw - expected, and where the truth lies with 95 %: above 0 more is missing than noise explains, below 0 less */
  readonly excess: number;
  readonly interval: readonly [number, number];
}

export interface NoiseBaseline {
  /** what the world misses over what the drawn worlds miss: every expectation is scaled by it */
  readonly kappa: number;
  readonly exporters: readonly NetOfNoise[];
  readonly products: readonly NetOfNoise[];
}

/** What the baseline is made of. */
type Inputs = Pick<ScoringInputs, 'flows' | 'totals' | 'factors' | 'dispersion' | 'blended' | 'potentials'>;

/**
 * Unrealised value net of noise, by exporter and by product: what is missing beyond what would be missing if every potential were true and trade
 * scattered around it by chance. Under pure noise half of the cells lie below their potential, so Σ max(P - v, 0) is positive by construction.
 *
 *     v* = P η                                              a drawn world: η lognormal, of mean 1 and of the cell's scatter
 *     P*                                                    the same models fitted to v*
 *     expected[a] = κ mean over draws of Σ_a max(P* - v*, 0)
 *     κ = Σ max(P - v, 0) / mean over draws of Σ max(P* - v*, 0)        over the whole world
 *
 * Fitting again is the point: a fit follows the noise, so its potentials err together in whole rows and columns, which independent cells around a fixed
 * potential do not. The weights of the blend and the values of gravity, which has few coefficients, stay as they are. By κ the world as a whole misses what noise
 * explains: one year can't tell a lasting gap from scatter, so only differences between aggregates are findings. Pairs that never traded are left out.
 *
 * @param draws of worlds, 10 or more; intervals are Student's with draws - 1 degrees of freedom
 * @param seed the same seed, the same numbers
 * @throws RangeError for fewer than ten draws
 * @source METHODS 9.6; decisions/0130
 */
export function noiseBaseline(
  inputs: Inputs,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): NoiseBaseline {
  if (!(draws >= 10)) throw new RangeError(`noiseBaseline: ${draws} draws, expected 10 or more`);
  const cells = noisyCells(inputs);
  const observed = missing(inputs.potentials, inputs);
  const drawn = Array.from({ length: draws }, (_, draw) => {
    const flows = drawnFlows(inputs.flows, cells, stream(seed, `world ${draw}`));
    return missing(refitted(inputs, flows), inputs);
  });

  const whole = ({ byE }: Missing) => byE.reduce((sum, value) => sum + value, 0);
  const onAverage = drawn.reduce((sum, of) => sum + whole(of), 0) / draws;
  const kappa = onAverage > 0 ? whole(observed) / onAverage : 1;
  const net = (axis: keyof Missing) =>
    Array.from(observed[axis], (raw, at) =>
      netOf(
        raw,
        drawn.map((of) => kappa * of[axis][at]!),
      ),
    );
  return { kappa, exporters: net('byE'), products: net('byP') };
}

/** Cells with a potential in pairs that trade, sorted as flows are; P in USD and the standard deviation of the logarithm of what scatters around it. */
interface NoisyCells {
  readonly exporterN: Uint16Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  readonly potentialN: Float64Array;
  readonly sdN: Float32Array;
}

function noisyCells({ totals: { pair }, dispersion, potentials }: Inputs): NoisyCells {
  // counted first: there are too many for arrays that grow
  let count = 0;
  eachTraded(potentials, pair, () => count++);
  const cells: NoisyCells = {
    exporterN: new Uint16Array(count),
    importerN: new Uint16Array(count),
    productN: new Uint16Array(count),
    potentialN: new Float64Array(count),
    sdN: new Float32Array(count),
  };
  let n = 0;
  eachTraded(potentials, pair, (e, m, p, potential) => {
    cells.exporterN[n] = e;
    cells.importerN[n] = m;
    cells.productN[n] = p;
    cells.potentialN[n] = potential;
    cells.sdN[n] = noiseSd(dispersion, p, potential);
    n++;
  });
  return cells;
}

/** A world in which nothing is missing but by chance. */
function drawnFlows({ countries, products }: Flows, cells: NoisyCells, draws: number): Flows {
  const { exporterN, importerN, productN, potentialN, sdN } = cells;
  const valueN = potentialN.map((potential, n) => {
    const s = sdN[n]!;
    return potential * Math.exp(s * normal(draws, n) - (s * s) / 2);
  });
  return { countries, products, exporterN, importerN, productN, valueN };
}

/** The walk over potentials of the same models fitted to other flows. */
function refitted({ factors, blended }: Inputs, flows: Flows): PotentialWalk {
  const fit = threeWayFit(flows, { tolerance: TOLERANCE, start: { b: factors.b, c: factors.c } });
  const startE = exporterStarts(flows);
  if (!blended) return threeWayPotentials(flows, startE, fit);
  const { models, blend, gravityZeros } = blended;
  const gravity = models.gravity && { effects: models.gravity, groupP: models.groupP, zeros: gravityZeros };
  return potentialCells(flows, startE, modelsOf(totals(flows), fit, gravity), blend);
}

/** Σ max(P - v, 0) over pairs that trade, USD. */
interface Missing {
  readonly byE: Float64Array;
  readonly byP: Float64Array;
}

function missing(potentials: PotentialWalk, { flows, totals: { pair } }: Inputs): Missing {
  const byE = new Float64Array(flows.countries.codes.length);
  const byP = new Float64Array(flows.products.codes.length);
  eachTraded(potentials, pair, (e, _m, p, potential, actual) => {
    const missed = unrealisedRaw(potential, actual);
    byE[e]! += missed;
    byP[p]! += missed;
  });
  return { byE, byP };
}

/** Calls back for the cells that count: potentials that are not small, in pairs that trade. */
function eachTraded(
  potentials: PotentialWalk,
  pair: Matrix,
  visit: (exporter: number, importer: number, product: number, potential: number, actual: number) => void,
): void {
  for (let e = 0; e < pair.rows; e++)
    potentials(e, FROM_USD, (m, p, potential, actual) => {
      if (pair.data[e * pair.cols + m]! > 0) visit(e, m, p, potential, actual);
    });
}

/** The variance of what was drawn, and of its mean, which is what is subtracted. */
function netOf(raw: number, drawn: readonly number[]): NetOfNoise {
  const draws = drawn.length;
  const expected = drawn.reduce((sum, value) => sum + value, 0) / draws;
  const variance = drawn.reduce((sum, value) => sum + (value - expected) ** 2, 0) / (draws - 1);
  const half = studentQuantile(draws - 1) * Math.sqrt(variance * (1 + 1 / draws));
  const excess = raw - expected;
  return { raw, expected, excess, interval: [excess - half, excess + half] };
}

const NORMAL_QUANTILE = 1.959963984540054;

/**
 * The .975 quantile of Student's distribution, by the expansion of Cornish and Fisher: within .0005 from nine degrees of freedom on.
 *
 * @source Abramowitz & Stegun (1964), 26.7.5
 */
export function studentQuantile(degrees: number): number {
  const x = NORMAL_QUANTILE;
  const terms = [
    x,
    (x ** 3 + x) / 4,
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / 96,
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / 384,
    (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / 92_160,
  ];
  return terms.reduce((sum, term, power) => sum + term / degrees ** power, 0);
}
