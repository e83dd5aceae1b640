import { type Matrix, matrix } from '../matrix.ts';
import { packColumns, packRows } from './packed.ts';

export interface ProximityOptions {
  /** what a product is to itself: 0 (it is not its own neighbour) or 1 (the formula taken literally) */
  readonly diagonal?: 0 | 1;
}

/**
 * How likely two products are to be exported together: the smaller of the two conditional probabilities.
 *
 *     φ[p,q] = min(P(p|q), P(q|p)) = Σ_e M[e,p] M[e,q] / max(u[p], u[q]),   φ[p,p] = the diagonal option
 *
 * @param presence M, exporters × products, 0 or 1
 * @returns products × products, symmetric, in [0, 1]; 0 beside a product that nobody exports
 * @cost one count for each pair of products in each basket, and 8 bytes per pair of products (200 MB at HS6): densities
 *   and outlooks do not need it (`minimumProximitySums`)
 * @source Hidalgo, Klinger, Barabási and Hausmann (2007), Science 317:482
 */
export function proximity(presence: Matrix, { diagonal = 0 }: ProximityOptions = {}): Matrix {
  const nProducts = presence.cols;
  const baskets = packRows(presence);
  const exporters = packColumns(presence);
  const ubiquityP = Float64Array.from({ length: nProducts }, (_, p) => exporters.start[p + 1]! - exporters.start[p]!);

  const phiPP = new Float64Array(nProducts * nProducts);
  const togetherP = new Float64Array(nProducts);
  for (let p = 0; p < nProducts; p++) {
    // count, basket by basket, what p's exporters also export
    togetherP.fill(0);
    for (let x = exporters.start[p]!; x < exporters.start[p + 1]!; x++) {
      const e = exporters.at[x]!;
      const end = baskets.start[e + 1]!;
      for (let b = baskets.start[e]!; b < end; b++) togetherP[baskets.at[b]!]!++;
    }
    // divide by the larger ubiquity; a row whose product nobody exports stays 0
    const ubiquity = ubiquityP[p]!;
    if (ubiquity === 0) continue;
    const row = p * nProducts;
    for (let q = 0; q < nProducts; q++) {
      phiPP[row + q] = togetherP[q]! / (ubiquity > ubiquityP[q]! ? ubiquity : ubiquityP[q]!);
    }
    phiPP[row + p] = diagonal;
  }
  return matrix(nProducts, nProducts, phiPP);
}
