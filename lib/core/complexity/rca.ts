import { type Matrix, matrix } from '../matrix.ts';
import { margins } from './margins.ts';

/**
 * Revealed comparative advantage: how many times larger a product weighs in an exporter's basket than in the world's.
 *
 *     RCA[e,p] = X[e,p] · Σ_ep X[e,p] / (Σ_p X[e,p] · Σ_e X[e,p])
 *
 * @param exports_ X, exporters × products, any one currency unit, ≥ 0
 * @returns exporters × products, a pure ratio; NaN where the exporter exports nothing or nobody exports the product:
 *   the share is undefined, not zero
 * @source Balassa (1965), The Manchester School 33:99
 */
export function rca(exports_: Matrix, out: Matrix = matrix(exports_.rows, exports_.cols)): Matrix {
  const { rows: totalE, cols: totalP, total } = margins(exports_);
  const nProducts = exports_.cols;
  for (let e = 0; e < exports_.rows; e++) {
    for (let p = 0, at = e * nProducts; p < nProducts; p++, at++) {
      out.data[at] = (exports_.data[at]! * total) / (totalE[e]! * totalP[p]!);
    }
  }
  return out;
}
