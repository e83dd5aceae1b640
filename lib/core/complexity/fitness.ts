import type { Matrix } from '../matrix.ts';
import { type Packed, packColumns, packRows } from './packed.ts';

export interface FitnessOptions {
  /** orders of the published sequence, the all-ones start included, so 20 are nineteen updates (R) */
  readonly iterations?: number;
  /** how much the least fit exporter of a product alone decides its complexity; 1 in the original */
  readonly extremality?: number;
}

export interface Fitness {
  /** mean 1 */
  readonly fitnessE: Float64Array;
  /** mean 1 */
  readonly complexityP: Float64Array;
  /** the largest change of an exporter's fitness in the last update, relative to the fitness it had */
  readonly lastChange: number;
}

/**
 * Fitness and complexity: an exporter is as fit as the sum of its products' complexities; a product is only as complex as
 * the least fit of its exporters allows.
 *
 *     F[n,e] = Σ_p M[e,p] Q[n−1,p] / mean,   Q[n,p] = (Σ_e M[e,p] F[n−1,e]^−x)^(−1/x) / mean,   F[0] = Q[0] = 1
 *
 * There need not be a fixed point: below a diagonal of a nested table, fitness falls towards 0 for ever, ever more slowly. Ranks settle
 * long before values do; `lastChange` says how far values had settled. An ordinary result, not an error, and one
 * reason why ECI and not fitness is the measure shown first.
 *
 * @param presence M, exporters × products, 0 or 1, no empty row or column
 * @source Tacchella et al. (2012), Scientific Reports 2:723; convergence: Pugliese, Zaccaria and Pietronero (2016), EPJ ST 225:1893
 */
export function fitness(presence: Matrix, { iterations = 20, extremality = 1 }: FitnessOptions = {}): Fitness {
  const baskets = packRows(presence);
  const exporters = packColumns(presence);
  let fitnessE = new Float64Array(presence.rows).fill(1);
  let complexityP = new Float64Array(presence.cols).fill(1);
  let lastChange = Number.POSITIVE_INFINITY;
  for (let order = 1; order < iterations; order++) {
    const weaknessE = fitnessE.map((value) => value ** -extremality);
    const nextE = overMean(sumsOf(baskets, complexityP));
    complexityP = overMean(sumsOf(exporters, weaknessE).map((weakness) => weakness ** (-1 / extremality)));
    lastChange = nextE.reduce((most, value, e) => Math.max(most, Math.abs(value / fitnessE[e]! - 1)), 0);
    fitnessE = nextE;
  }
  return { fitnessE, complexityP, lastChange };
}

function sumsOf({ start, at }: Packed, values: Float64Array): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(start.length - 1);
  for (let line = 0; line < sums.length; line++) {
    for (let n = start[line]!; n < start[line + 1]!; n++) sums[line]! += values[at[n]!]!;
  }
  return sums;
}

function overMean(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value / mean);
}
