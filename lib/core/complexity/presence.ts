import { type Matrix, matrix } from '../matrix.ts';
import { margins } from './margins.ts';

export interface PresenceOptions {
  /** how much larger than its share of the world an export must be; 1 unless told */
  readonly threshold?: number;
  /** an export exactly at the threshold is absent (Stata) instead of present (py-ecomplexity, R, Datawheel) */
  readonly strict?: boolean;
}

/** Relative distance at which a cell counts as lying on the threshold: wider than rounding, narrower than any real difference. */
const ON_THRESHOLD = 1e-12;

/**
 * Which products each exporter has a comparative advantage in.
 *
 *     M[e,p] = 1 where RCA[e,p] ≥ θ, compared without division:  X[e,p] · Σ X ≥ θ · X[e] · X[p]
 *
 * The two products are rounded once each, and a cell within 1e-12 of equality is on the threshold: a share that is exactly
 * the world's (an exporter of one product that nobody else exports) never flips with the order of a division.
 *
 * @param exports_ X, exporters × products, any one currency unit, ≥ 0
 * @returns exporters × products, 0 or 1; 0 wherever X is 0
 * @source Hidalgo and Hausmann (2009), PNAS 106:10570
 */
export function presence(exports_: Matrix, { threshold = 1, strict = false }: PresenceOptions = {}): Matrix {
  const { rows: totalE, cols: totalP, total } = margins(exports_);
  const least = threshold * (strict ? 1 + ON_THRESHOLD : 1 - ON_THRESHOLD);
  const nProducts = exports_.cols;
  const presenceEP = new Float64Array(exports_.data.length);
  for (let e = 0; e < exports_.rows; e++) {
    for (let p = 0, at = e * nProducts; p < nProducts; p++, at++) {
      const value = exports_.data[at]!;
      if (value > 0 && value * total >= least * (totalE[e]! * totalP[p]!)) presenceEP[at] = 1;
    }
  }
  return matrix(exports_.rows, nProducts, presenceEP);
}
