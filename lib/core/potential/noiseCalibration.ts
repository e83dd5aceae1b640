import { type Dispersion, noiseSd } from '../scoring/dispersion.ts';
import type { Totals } from '../trade/totals.ts';
import type { PotentialContext } from './exporterPotential.ts';
import { missedByNoise, residualSd } from './noiseBaseline.ts';
import { potentialCells } from './potentialCells.ts';
import { withoutItself } from './withoutItself.ts';

/** Size classes: one to each power of ten, from this many USD; and classes of the part that a cell has in its totals, up to each of these. */
const FROM_USD = 1_000;
const SIZES = 8;
const SHARES = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1];
/** A class with fewer cells is like all of its part in the totals. */
const FEWEST_CELLS = 100;

/** κ by part in the totals and size: how many times the share that lognormal noise would make cells miss the world's cells do miss. Survives JSON. */
export interface NoiseCalibration {
  readonly kappaSQ: readonly (readonly number[])[];
}

/** What noise is about one cell: s of what it leaves around the fit, and κ. */
export interface CellNoise {
  readonly sd: number;
  readonly kappa: number;
}

/**
 * What noise does to a cell, seen from what is expected of it without itself.
 *
 * @returns a function of the product, P and v, and the three totals v_ik, v_jk and v_ij, USD > 0
 */
export function cellNoise(scatter: Dispersion, { kappaSQ }: NoiseCalibration) {
  return (product: number, potential: number, actual: number, sold: number, bought: number, traded: number) => {
    const { left, share } = place(potential, actual, sold, bought, traded);
    const sd = residualSd(noiseSd(scatter, product, left), share);
    return { sd, kappa: kappaSQ[shareClass(share)]![sizeClass(left)]! } satisfies CellNoise;
  };
}

/**
 * Measures κ: noise is not exactly lognormal, a fit follows it by more or less than leverage says, and all scatter counts as noise anyway, for want of a
 * second look at the same cells.
 *
 *     κ = Σ max(P - v, 0) / Σ P (2 Φ(s/2) - 1)        over the cells of a class
 *
 * So the world as a whole misses what noise explains, by definition, and an aggregate's excess tells whether it misses more than cells of their size, product
 * and part in their totals do on average. Only pairs that trade are looked at.
 *
 * @source decisions/0085
 */
export function noiseCalibration(context: PotentialContext, totals: Totals, scatter: Dispersion): NoiseCalibration {
  const { flows, startE, models, blend } = context;
  const nProducts = flows.products.codes.length;
  const nCountries = flows.countries.codes.length;
  const { exporterProduct, importerProduct, pair } = totals;
  const sums = () => SHARES.map(() => new Float64Array(SIZES));
  const [missed, explained, cells] = [sums(), sums(), sums()];
  const share1 = sharesMissed();
  const walk = potentialCells(flows, startE, models, blend);
  for (let e = 0; e < nCountries; e++)
    walk(e, FROM_USD, (m, p, potential, actual) => {
      const traded = pair.data[e * nCountries + m]!;
      if (!(traded > 0)) return;
      const sold = exporterProduct.data[e * nProducts + p]!;
      const bought = importerProduct.data[m * nProducts + p]!;
      const { left, share } = place(potential, actual, sold, bought, traded);
      const [s, q] = [shareClass(share), sizeClass(left)];
      missed[s]![q]! += Math.max(potential - actual, 0);
      explained[s]![q]! += potential * share1(residualSd(noiseSd(scatter, p, left), share));
      cells[s]![q]!++;
    });

  const total = (of: Float64Array) => of.reduce((sum, value) => sum + value, 0);
  // thin classes are like their neighbours; the world's total is kept
  const all = ratio(missed.map(total).reduce(add, 0), explained.map(total).reduce(add, 0), 1);
  const kappaSQ = missed.map((missedQ, s) => {
    const whole = total(cells[s]!) < FEWEST_CELLS ? all : ratio(total(missedQ), total(explained[s]!), all);
    return Array.from(missedQ, (value, q) =>
      cells[s]![q]! < FEWEST_CELLS ? whole : ratio(value, explained[s]![q]!, whole),
    );
  });
  const kept = kappaSQ.map((kappaQ, s) => kappaQ.reduce((sum, kappa, q) => sum + kappa * explained[s]![q]!, 0));
  const left = ratio(missed.map(total).reduce(add, 0), kept.reduce(add, 0), 1);
  return { kappaSQ: kappaSQ.map((kappaQ) => kappaQ.map((kappa) => kappa * left)) };
}

const add = (a: number, b: number) => a + b;
const ratio = (a: number, b: number, otherwise: number) => (b > 0 ? a / b : otherwise);

/** What is expected of a cell without itself, and its part in its totals: h = 1 - Π (1 - P' / (t - v + P')), for small parts their sum. */
function place(potential: number, actual: number, sold: number, bought: number, traded: number) {
  const left = withoutItself(potential, actual, sold, bought, traded);
  const others = (total: number) => (total > actual ? (total - actual) / (total - actual + left) : 0);
  return { left, share: 1 - others(sold) * others(bought) * others(traded) };
}

const shareClass = (share: number) => SHARES.findIndex((edge) => share <= edge);
const sizeClass = (left: number) =>
  Math.max(0, Math.min(SIZES - 1, Math.floor(Math.log10(Math.max(left, FROM_USD) / FROM_USD))));

/** 2 Φ(s/2) - 1 from a table, straight between its entries: within 1e-6. */
function sharesMissed(): (sd: number) => number {
  const STEP = 0.005;
  const table = Float64Array.from({ length: 2_001 }, (_, at) => missedByNoise(at * STEP).mean);
  return (sd) => {
    const at = Math.min(sd / STEP, table.length - 1.000001);
    const below = Math.floor(at);
    return table[below]! + (at - below) * (table[below + 1]! - table[below]!);
  };
}
