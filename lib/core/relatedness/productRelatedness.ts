import { type Matrix, matrix } from '../matrix.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import { weightedRows } from './weightedRows.ts';

/** How much related products weigh for each product. */
export interface RelatedProducts {
  /** products × products: row p holds the weights of p's relatives, which sum to 1; 0 on the diagonal */
  readonly weightPP: Matrix;
  /** 1 for a product without any proximity to another: its row is 0 */
  readonly aloneP: Uint8Array;
}

/**
 * The weights of product relatedness.
 *
 *     w[p,q] = φ[p,q] / Σ_{q' ≠ p} φ[p,q']     q ≠ p
 *
 * @param phi φ, products × products, ≥ 0 (`proximity`); NaN (a product outside the universe of φ) weighs 0
 * @source METHODS 4, equation 1; decisions/0074 and 0077
 */
export function relatedProducts({ rows: nProducts, cols, data }: Matrix): RelatedProducts {
  if (cols !== nProducts) throw new RangeError(`relatedProducts: proximity is ${nProducts}×${cols}, expected square`);
  const weightPP = matrix(nProducts, nProducts);
  const aloneP = new Uint8Array(nProducts);
  for (let p = 0; p < nProducts; p++) {
    const weightQ = weightPP.data.subarray(p * nProducts, (p + 1) * nProducts);
    let sum = 0;
    for (let q = 0, at = p * nProducts; q < nProducts; q++, at++) {
      if (q === p || !(data[at]! > 0)) continue;
      weightQ[q] = data[at]!;
      sum += data[at]!;
    }
    if (sum === 0) aloneP[p] = 1;
    else for (let q = 0; q < nProducts; q++) weightQ[q]! /= sum;
  }
  return { weightPP, aloneP };
}

/**
 * Product relatedness in levels: how much an exporter sells to an importer of the products related to this one.
 *
 *     R[i,j,p] = Σ_{q ≠ p} w[p,q] · v[i,j,q]
 *
 * @param flows v, USD
 * @param related w
 * @returns a function of the exporter i, which fills importers × products, USD; the row of the exporter itself is 0
 * @cost once, 8 bytes per pair of products; then per exporter one multiply-add per flow of it and product
 * @source METHODS 4, equation 1, before its division by v_ij (`shares.ts`)
 */
export function productRelatedness(
  flows: Flows,
  { weightPP }: RelatedProducts,
  startE: Uint32Array = exporterStarts(flows),
) {
  const { importerN, productN, valueN } = flows;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  if (weightPP.rows !== nProducts)
    throw new RangeError(`productRelatedness: weights of ${weightPP.rows} products, expected ${nProducts}`);
  const sumOf = weightedRows(weightPP);

  return (exporter: number, out: Matrix = matrix(nCountries, nProducts)): Matrix => {
    out.data.fill(0);
    const end = startE[exporter + 1]!;
    for (let from = startE[exporter]!; from < end; ) {
      // what the exporter sells to one importer lies together
      const importer = importerN[from]!;
      let to = from;
      while (to < end && importerN[to] === importer) to++;
      out.data.set(sumOf(productN, valueN, from, to), importer * nProducts);
      from = to;
    }
    return out;
  };
}
