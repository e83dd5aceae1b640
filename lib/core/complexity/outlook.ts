import type { Matrix } from '../matrix.ts';
import { centrality, density } from './density.ts';
import type { ProximitySums } from './proximitySums.ts';

/**
 * Complexity outlook index: how much complexity lies within reach of an exporter's basket.
 *
 *     COI[e] = Σ_p density[e,p] (1 − M[e,p]) PCI[p]
 *
 * @param density exporters × products, in [0, 1]
 * @param presence M, exporters × products, 0 or 1
 * @param pciP product complexity, in whichever normalisation the outlook is to be in (decisions/0003)
 * @returns one number per exporter, in units of PCI, not standardised
 * @source Hausmann et al. (2014), The Atlas of Economic Complexity, technical box on complexity outlook
 */
export function outlookIndex(density: Matrix, presence: Matrix, pciP: Float64Array): Float64Array {
  const nProducts = presence.cols;
  const indexE = new Float64Array(presence.rows);
  for (let e = 0; e < presence.rows; e++) {
    for (let p = 0, at = e * nProducts; p < nProducts; p++, at++) {
      if (presence.data[at] === 0) indexE[e]! += density.data[at]! * pciP[p]!;
    }
  }
  return indexE;
}

/** Which published form of the outlook gain. */
export type OutlookGain = 'atlas' | 'book' | 'datawheel';

/**
 * Complexity outlook gain: how much an exporter's outlook would rise if it took up a product.
 *
 *     atlas      (1 − M[e,p]) Σ_q (1 − M[e,q]) PCI[q] φ[q,p] / Σ_r φ[q,r]          py-ecomplexity, R, Stata
 *     book       the same minus (1 − M[e,p]) density[e,p] PCI[p]                      what the product itself gave before
 *     datawheel  Σ_q (1 − M[e,q]) PCI[q] φ[q,p] / Σ_r φ[r,p] − density[e,p] PCI[p]   present products too
 *
 * @param presence M, exporters × products, 0 or 1
 * @param pciP product complexity, in whichever normalisation the gain is to be in (decisions/0003)
 * @param sums sums over the proximity φ
 * @returns exporters × products, in units of PCI; 0 for products already present (atlas, book); a product without
 *   neighbours neither gains nor gives
 * @source Hausmann et al. (2014), The Atlas of Economic Complexity, technical box on complexity outlook
 */
export function outlookGain(
  presence: Matrix,
  pciP: Float64Array,
  sums: ProximitySums,
  form: OutlookGain = 'atlas',
): Matrix {
  const nProducts = presence.cols;
  const centralityP = centrality(nProducts, sums);
  const perNeighbour = form === 'datawheel' ? pciP : pciP.map((pci, p) => over(pci, centralityP[p]!));

  // what is absent is everything less what is present, and the present baskets are short
  const everythingP = centrality(nProducts, sums, perNeighbour);
  const gain = sums(presence, perNeighbour);
  for (let at = 0; at < gain.data.length; at++) gain.data[at] = everythingP[at % nProducts]! - gain.data[at]!;
  if (form === 'datawheel') {
    for (let at = 0; at < gain.data.length; at++) gain.data[at] = over(gain.data[at]!, centralityP[at % nProducts]!);
  }
  if (form !== 'atlas') {
    const densityEP = density(presence, sums).data;
    for (let at = 0; at < gain.data.length; at++) gain.data[at]! -= densityEP[at]! * pciP[at % nProducts]!;
  }
  if (form !== 'datawheel') {
    for (let at = 0; at < gain.data.length; at++) if (presence.data[at] !== 0) gain.data[at] = 0;
  }
  return gain;
}

function over(value: number, total: number): number {
  return total > 0 ? value / total : 0;
}
