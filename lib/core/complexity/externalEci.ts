import type { Matrix } from '../matrix.ts';

/**
 * The complexity of regions by the world's product complexity: the mean PCI of what each has an advantage in. Thirty regions
 * of one country say too little about products to solve the eigenproblem on them.
 *
 *     ECI[r] = Σ_p M[r,p] PCI[p] / Σ_p M[r,p],   over the products whose PCI is known
 *
 * @param presence M, regions × products, 0 or 1, usually of RCA against the country's or the world's exports
 * @param pciP the world's, on the same products; NaN where it is not known
 * @returns one number per region on the scale of PCI, not standardised: with `py` normalisation countries and regions
 *   compare. NaN for a region without a product of known complexity
 * @source Datawheel economic-complexity, `complexity_subnational`
 */
export function externalEci(presence: Matrix, pciP: Float64Array): Float64Array {
  const nProducts = presence.cols;
  const eciR = new Float64Array(presence.rows);
  for (let r = 0; r < presence.rows; r++) {
    let sum = 0;
    let count = 0;
    for (let p = 0; p < nProducts; p++) {
      if (presence.data[r * nProducts + p] === 0 || Number.isNaN(pciP[p]!)) continue;
      sum += pciP[p]!;
      count++;
    }
    eciR[r] = sum / count;
  }
  return eciR;
}
