import { type Matrix, matrix } from '../matrix.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import type { Neighbours } from './neighbours.ts';

/**
 * Exporter relatedness in levels: how much the neighbours of this exporter sell of a product to an importer.
 *
 *     R[i,j,p] = Σ_{e ≠ i} w[i,e] · v[e,j,p]
 *
 * Flows whose value is 1 throughout give the weighted presence instead of USD.
 *
 * @param flows v, USD
 * @param neighbours w, on the countries of the flows
 * @returns a function of the exporter i, which fills importers × products, USD; the row of the exporter itself is 0
 * @cost per exporter one multiply-add per flow of the world
 * @source METHODS 4, equation 3, before its division by v_jp (`shares.ts`)
 */
export function exporterRelatedness(
  flows: Flows,
  { weightCC }: Neighbours,
  startE: Uint32Array = exporterStarts(flows),
) {
  const { importerN, productN, valueN } = flows;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  if (weightCC.rows !== nCountries)
    throw new RangeError(`exporterRelatedness: weights of ${weightCC.rows} countries, expected ${nCountries}`);

  return (exporter: number, out: Matrix = matrix(nCountries, nProducts)): Matrix => {
    const related = out.data;
    related.fill(0);
    for (let e = 0; e < nCountries; e++) {
      const weight = weightCC.data[exporter * nCountries + e]!;
      if (weight === 0) continue;
      for (let n = startE[e]!; n < startE[e + 1]!; n++)
        related[importerN[n]! * nProducts + productN[n]!]! += weight * valueN[n]!;
    }
    related.fill(0, exporter * nProducts, (exporter + 1) * nProducts);
    return out;
  };
}
