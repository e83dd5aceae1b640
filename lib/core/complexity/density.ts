import { type Matrix, matrix } from '../matrix.ts';
import type { ProximitySums } from './proximitySums.ts';

/**
 * How close each product lies to all the others together: its total proximity, or total proximity to weighted products.
 *
 *     centrality[p] = Σ_q w[q] φ[q,p],   w = 1 unless told
 */
export function centrality(
  nProducts: number,
  sums: ProximitySums,
  weightP: Float64Array = new Float64Array(nProducts).fill(1),
): Float64Array {
  const everyProduct = matrix(1, nProducts, new Float64Array(nProducts).fill(1));
  return sums(everyProduct, weightP).data;
}

/**
 * How much of what surrounds a product the exporter already exports: the share of the product's total proximity that
 * lies in the exporter's basket. Distance is 1 − density.
 *
 *     density[e,p] = Σ_q M[e,q] φ[q,p] / Σ_q φ[q,p]
 *
 * @param presence M, exporters × products, 0 or 1; a ratio such as RCA gives the mean ratio around each product instead
 *   (py-ecomplexity's `continuous=True`), which is no share
 * @param sums sums over the proximity φ (`minimumProximitySums` or `sumsOver`), whose diagonal says whether a product is
 *   among its own neighbours: py-ecomplexity and R count it, we do not (decisions/0001)
 * @returns exporters × products, in [0, 1]; 0 where the product has no neighbours at all
 * @source Hidalgo, Klinger, Barabási and Hausmann (2007), Science 317:482
 */
export function density(presence: Matrix, sums: ProximitySums): Matrix {
  const nProducts = presence.cols;
  const totalP = centrality(nProducts, sums);
  const densityEP = sums(presence, new Float64Array(nProducts).fill(1));
  for (let e = 0; e < presence.rows; e++) {
    for (let p = 0, at = e * nProducts; p < nProducts; p++, at++) {
      densityEP.data[at] = totalP[p]! > 0 ? densityEP.data[at]! / totalP[p]! : 0;
    }
  }
  return densityEP;
}
