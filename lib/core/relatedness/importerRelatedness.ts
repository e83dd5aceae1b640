import { type Matrix, matrix } from '../matrix.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import type { Neighbours } from './neighbours.ts';

/**
 * Importer relatedness in levels: how much an exporter sells of a product to the neighbours of this importer.
 *
 *     R[i,j,p] = Σ_{m ≠ j} w[j,m] · v[i,m,p]
 *
 * With neighbours that are near it is that of the paper; with near and similar ones, that of similar economies that import already. Flows
 * whose value is 1 throughout give the weighted presence instead of USD.
 *
 * @param flows v, USD
 * @param neighbours w, on the countries of the flows
 * @returns a function of the exporter i, which fills importers × products, USD; the row of the exporter itself is 0. (It counts as a neighbour of its
 *   customers, to whom it sells abroad only.)
 * @cost per exporter one multiply-add per flow of it and country
 * @source METHODS 4, equation 2, before its division by v_ip (`shares.ts`), and 9.8
 */
export function importerRelatedness(
  flows: Flows,
  { weightCC }: Neighbours,
  startE: Uint32Array = exporterStarts(flows),
) {
  const { importerN, productN, valueN } = flows;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  if (weightCC.rows !== nCountries)
    throw new RangeError(`importerRelatedness: weights of ${weightCC.rows} countries, expected ${nCountries}`);

  return (exporter: number, out: Matrix = matrix(nCountries, nProducts)): Matrix => {
    const end = startE[exporter + 1]!;
    for (let j = 0; j < nCountries; j++) {
      const relatedP = out.data.subarray(j * nProducts, (j + 1) * nProducts);
      relatedP.fill(0);
      if (j === exporter) continue;
      for (let from = startE[exporter]!; from < end; ) {
        // one neighbour after the other
        const importer = importerN[from]!;
        const weight = weightCC.data[j * nCountries + importer]!;
        let n = from;
        if (weight === 0) while (n < end && importerN[n] === importer) n++;
        else for (; n < end && importerN[n] === importer; n++) relatedP[productN[n]!]! += weight * valueN[n]!;
        from = n;
      }
    }
    return out;
  };
}
