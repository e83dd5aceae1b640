import { type Matrix, matrix } from '../matrix.ts';
import { largestPart } from './largestPart.ts';
import { margins } from './margins.ts';
import { type PresenceOptions, presence } from './presence.ts';

export interface UniverseOptions {
  /** an exporter takes part when its exports within the universe reach this, in the unit of the matrix */
  readonly minimumExports?: number;
  /** a product takes part when its exports within the universe reach this, in the unit of the matrix */
  readonly minimumTrade?: number;
  /** an exporter takes part when its population reaches this; one whose population is not known does not, unless this is 0 */
  readonly minimumPopulation?: number;
  /** where presence falls into separate parts, only the largest takes part: between parts no complexity compares */
  readonly largestPart?: boolean;
}

/** Positions on the two axes, ascending. */
export interface Positions {
  readonly exporters: Uint32Array;
  readonly products: Uint32Array;
}

/** Who takes part, and who does not with the reason. */
export interface Universe extends Positions {
  readonly dropped: Dropped;
}

export interface Dropped {
  readonly exporters: readonly DroppedPosition[];
  readonly products: readonly DroppedPosition[];
}

export interface DroppedPosition {
  /** position on the axis */
  readonly at: number;
  /**
   * its exports are nothing, less than the minimum, or nowhere as large as the presence threshold asks; too few or nobody
   * knows how many live there; or it lies outside the largest part
   */
  readonly reason: 'empty' | 'small' | 'absent' | 'population' | 'apart';
}

/**
 * The exporters and products that a complexity run is about: those with enough exports, of which something is present.
 * Leaving out one side makes the other smaller and moves its shares, so it is repeated until nothing more falls out.
 *
 * @param exports_ X, exporters × products, any one currency unit, ≥ 0
 * @param populationE one per exporter, NaN where it is not known; needed with a minimum population and for presence per head
 *   (RangeError), where an exporter of unknown population does not take part
 */
export function universe(
  exports_: Matrix,
  options: UniverseOptions & PresenceOptions = {},
  populationE?: Float64Array,
): Universe {
  const { minimumExports = 0, minimumTrade = 0, minimumPopulation = 0 } = options;
  const byPopulation = minimumPopulation > 0 || (options.advantage ?? 'rca') !== 'rca';
  if ((byPopulation || populationE) && populationE?.length !== exports_.rows) {
    throw new RangeError(`universe: ${populationE?.length ?? 'no'} populations, expected ${exports_.rows}`);
  }
  const dropped = { exporters: [] as DroppedPosition[], products: [] as DroppedPosition[] };
  let exporters: Uint32Array = positions(exports_.rows).filter((e) => {
    const populous = !byPopulation || (populationE![e]! > 0 && populationE![e]! >= minimumPopulation);
    if (!populous) dropped.exporters.push({ at: e, reason: 'population' });
    return populous;
  });
  let products: Uint32Array = positions(exports_.cols);
  for (;;) {
    const exportsEP = restrict(exports_, { exporters, products });
    const totals = margins(exportsEP);
    const presenceEP = presence(exportsEP, options, populationE && restrictVector(populationE, exporters));
    const counts = margins(presenceEP);
    const keptExporters = keep(exporters, totals.rows, minimumExports, counts.rows, dropped.exporters);
    const keptProducts = keep(products, totals.cols, minimumTrade, counts.cols, dropped.products);
    const stable = keptExporters.length === exporters.length && keptProducts.length === products.length;
    if (!stable) {
      exporters = keptExporters;
      products = keptProducts;
      continue;
    }
    if (!options.largestPart) return { exporters, products, dropped };
    const part = largestPart(presenceEP);
    if (part.exporters.length === exporters.length) return { exporters, products, dropped };
    exporters = within(exporters, part.exporters, dropped.exporters);
    products = within(products, part.products, dropped.products);
  }
}

/** The positions that stay; the others are added to `dropped`, each with its reason. */
function keep(
  at: Uint32Array,
  totals: Float64Array,
  minimum: number,
  counts: Float64Array,
  dropped: DroppedPosition[],
): Uint32Array {
  return at.filter((position, n) => {
    const reason = totals[n] === 0 ? 'empty' : totals[n]! < minimum ? 'small' : counts[n] === 0 ? 'absent' : null;
    if (reason) dropped.push({ at: position, reason });
    return !reason;
  });
}

/** The positions of the chosen ones; the others are added to `dropped`. */
function within(at: Uint32Array, chosen: Uint32Array, dropped: DroppedPosition[]): Uint32Array {
  const inside = new Set(chosen);
  at.forEach((position, n) => {
    if (!inside.has(n)) dropped.push({ at: position, reason: 'apart' });
  });
  return chosen.map((n) => at[n]!);
}

/** 0, 1, … n − 1. */
function positions(n: number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, at) => at);
}

/** The matrix of the chosen exporters and products; the matrix itself when all are chosen. */
export function restrict(whole: Matrix, { exporters, products }: Positions): Matrix {
  if (exporters.length === whole.rows && products.length === whole.cols) return whole;
  const part = matrix(exporters.length, products.length);
  for (let r = 0, at = 0; r < part.rows; r++) {
    const row = exporters[r]! * whole.cols;
    for (let c = 0; c < part.cols; c++, at++) part.data[at] = whole.data[row + products[c]!]!;
  }
  return part;
}

/** The same for a vector along one axis. */
export function restrictVector(whole: Float64Array, at: Uint32Array): Float64Array {
  return Float64Array.from(at, (position) => whole[position]!);
}

/** The inverse of `restrict`: a matrix as large as `whole`, `fill` outside the chosen exporters and products. */
export function embed(part: Matrix, { exporters, products }: Positions, whole: Matrix, fill: number): Matrix {
  if (part.rows === whole.rows && part.cols === whole.cols) return part;
  const embedded = matrix(whole.rows, whole.cols, new Float64Array(whole.data.length).fill(fill));
  for (let r = 0, at = 0; r < part.rows; r++) {
    const row = exporters[r]! * whole.cols;
    for (let c = 0; c < part.cols; c++, at++) embedded.data[row + products[c]!] = part.data[at]!;
  }
  return embedded;
}

/** The same for a vector along one axis of the given length. */
export function embedVector(part: Float64Array, at: Uint32Array, length: number, fill: number): Float64Array {
  const embedded = new Float64Array(length).fill(fill);
  for (let n = 0; n < at.length; n++) embedded[at[n]!] = part[n]!;
  return embedded;
}
