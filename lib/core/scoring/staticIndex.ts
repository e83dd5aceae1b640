import type { Totals } from '../trade/totals.ts';

/**
 * What an exporter and each importer would trade if the importer bought every product at world market shares.
 *
 *     T[i,j] = Σ_k (v_ik / v_k) v_jk
 *
 * @param totals of bilateral trade, USD
 * @returns one value per importer, USD; 0 for the exporter itself
 */
export function exposure(totals: Totals, exporter: number): Float64Array {
  const { exporterProduct, importerProduct, productP } = totals;
  const nProducts = exporterProduct.cols;
  const productX: number[] = [];
  const shareX: number[] = [];
  for (let p = 0; p < nProducts; p++) {
    const supply = exporterProduct.data[exporter * nProducts + p]!;
    if (!(supply > 0)) continue;
    productX.push(p);
    shareX.push(supply / productP[p]!);
  }
  const exposureM = new Float64Array(importerProduct.rows);
  for (let m = 0; m < exposureM.length; m++) {
    if (m === exporter) continue;
    let sum = 0;
    for (let x = 0; x < productX.length; x++) sum += shareX[x]! * importerProduct.data[m * nProducts + productX[x]!]!;
    exposureM[m] = sum;
  }
  return exposureM;
}

/**
 * What the sizes of supply and demand alone would give: independence of exporter and importer within the product.
 *
 *     size = v_ik v_jk / v_k
 *
 * @returns USD; NaN where nobody sells the product
 */
export function sizeAlone(supply: number, demand: number, product: number): number {
  return (supply * demand) / product;
}

/**
 * The static index of export potential: size times the ease of trade within the pair, without projections, tariffs or distance.
 *
 *     EPI0 = (v_ik v_jk / v_k) · v_ij / T_ij        Σ_k EPI0 = v_ij exactly
 *
 * It shares out what the pair trades, and so keeps neither v_ik nor v_jk: on data without any unrealised potential it still reports some.
 *
 * @param pair v_ij, USD
 * @param exposure T_ij, USD
 * @returns USD; 0 for a pair that does not trade; NaN where T is 0
 * @source METHODS 1.1 and 1.2, after the export potential methodology of the International Trade Centre
 */
export function staticIndex(size: number, pair: number, exposure: number): number {
  return (size * pair) / exposure;
}
