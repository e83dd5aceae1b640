import { type Matrix, matrix } from '../matrix.ts';
import { margins } from './margins.ts';
import { knownWorld } from './rpop.ts';

export interface PresenceOptions {
  /** how much larger than its share of the world an export must be; 1 unless told */
  readonly threshold?: number;
  /** an export exactly at the threshold is absent (Stata) instead of present (py-ecomplexity, R, Datawheel) */
  readonly strict?: boolean;
  /** which ratio must reach it: the share in the basket (RCA, unless told), the amount per inhabitant (RPOP), or each of them */
  readonly advantage?: 'rca' | 'rpop' | 'both';
}

/** Relative distance at which a cell counts as lying on the threshold: wider than rounding, narrower than any real difference. */
const ON_THRESHOLD = 1e-12;

/**
 * Which products each exporter has a comparative advantage in.
 *
 *     rca    M[e,p] = 1 where RCA[e,p] ≥ θ, compared without division:   X[e,p] · Σ X ≥ θ · X[e] · X[p]
 *     rpop   M[e,p] = 1 where RPOP[e,p] ≥ θ, the same way:               X[e,p] · Σ n ≥ θ · n[e] · X[p]
 *     both   where both are (py-ecomplexity adds the two instead, and gets presences of 2)
 *
 * The two products are rounded once each, and a cell within 1e-12 of equality is on the threshold: a share that is exactly
 * the world's (an exporter of one product that nobody else exports) never flips with the order of a division.
 *
 * @param exports_ X, exporters × products, any one currency unit, ≥ 0
 * @param populationE n, one per exporter; needed with RPOP (RangeError). Where it is NaN or 0 nothing is present per head
 * @returns exporters × products, 0 or 1; 0 wherever X is 0
 * @source Hidalgo and Hausmann (2009), PNAS 106:10570; per head: py-ecomplexity, `presence_test`
 */
export function presence(
  exports_: Matrix,
  { threshold = 1, strict = false, advantage = 'rca' }: PresenceOptions = {},
  populationE?: Float64Array,
): Matrix {
  if (advantage !== 'rca' && populationE?.length !== exports_.rows) {
    throw new RangeError(`presence: ${populationE?.length ?? 'no'} populations, expected ${exports_.rows}`);
  }
  const least = threshold * (strict ? 1 + ON_THRESHOLD : 1 - ON_THRESHOLD);
  const presenceEP = new Float64Array(exports_.data.length);
  if (advantage !== 'rpop') {
    const { rows: totalE, cols: totalP, total } = margins(exports_);
    mark(presenceEP, exports_, least, totalE, totalP, total);
  }
  if (advantage !== 'rca') {
    const { inhabitants, totalP } = knownWorld(exports_, populationE!);
    const perHeadEP = advantage === 'rpop' ? presenceEP : new Float64Array(presenceEP.length);
    const headsE = populationE!.map((population) => (population > 0 ? population : Number.NaN));
    mark(perHeadEP, exports_, least, headsE, totalP, inhabitants);
    if (advantage === 'both') for (let at = 0; at < presenceEP.length; at++) presenceEP[at]! *= perHeadEP[at]!;
  }
  return matrix(exports_.rows, exports_.cols, presenceEP);
}

/** Sets 1 where X[e,p] · whole ≥ least · part[e] · X[p]. */
function mark(
  presenceEP: Float64Array,
  { rows, cols: nProducts, data }: Matrix,
  least: number,
  partE: Float64Array,
  totalP: Float64Array,
  whole: number,
) {
  for (let e = 0; e < rows; e++) {
    for (let p = 0, at = e * nProducts; p < nProducts; p++, at++) {
      const value = data[at]!;
      if (value > 0 && value * whole >= least * (partE[e]! * totalP[p]!)) presenceEP[at] = 1;
    }
  }
}
