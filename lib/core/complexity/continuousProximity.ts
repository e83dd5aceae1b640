import { type Matrix, matrix } from '../matrix.ts';
import { transposed } from './transposed.ts';

/**
 * Proximity without a threshold: how far two products' RCAs rise and fall together across exporters.
 *
 *     φ[p,q] = (1 + corr_e(RCA[e,p], RCA[e,q])) / 2,   φ[p,p] = the diagonal option
 *
 * @param rca exporters × products, any ratios; no NaN
 * @returns products × products, symmetric, in [0, 1]; ½ beside a product whose ratio is the same everywhere: nothing is
 *   known about it (py-ecomplexity: NaN)
 * @cost one multiply-add per exporter and pair of products
 * @source py-ecomplexity, `continuous=True`
 */
export function continuousProximity(rca: Matrix, { diagonal = 0 }: { readonly diagonal?: 0 | 1 } = {}): Matrix {
  const { rows: nExporters, cols: nProducts } = rca;
  // each product as a unit vector around its mean, so that a correlation is one inner product
  const ratioPE = transposed(rca).data;
  for (let p = 0; p < nProducts; p++) {
    const ratioE = ratioPE.subarray(p * nExporters, (p + 1) * nExporters);
    const mean = ratioE.reduce((sum, ratio) => sum + ratio, 0) / nExporters;
    const length = Math.sqrt(ratioE.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0));
    const varies = length > 1e-13 * Math.abs(mean) * nExporters;
    for (let e = 0; e < nExporters; e++) ratioE[e] = varies ? (ratioE[e]! - mean) / length : 0;
  }
  const phiPP = new Float64Array(nProducts * nProducts);
  for (let p = 0; p < nProducts; p++) {
    for (let q = 0; q < p; q++) {
      let correlation = 0;
      for (let e = 0, a = p * nExporters, b = q * nExporters; e < nExporters; e++, a++, b++) {
        correlation += ratioPE[a]! * ratioPE[b]!;
      }
      const phi = (1 + Math.max(-1, Math.min(1, correlation))) / 2;
      phiPP[p * nProducts + q] = phi;
      phiPP[q * nProducts + p] = phi;
    }
    phiPP[p * nProducts + p] = diagonal;
  }
  return matrix(nProducts, nProducts, phiPP);
}
