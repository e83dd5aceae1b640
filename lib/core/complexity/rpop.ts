import { type Matrix, matrix } from '../matrix.ts';

/**
 * Revealed advantage per head: how many times more of a product an exporter sells per inhabitant than the world does.
 * A basket dominated by one product (oil) leaves the other ratios alone, which RCA does not.
 *
 *     RPOP[e,p] = (X[e,p] / n[e]) / (Σ_e X[e,p] / Σ_e n[e]),   sums over the exporters whose population is known
 *
 * @param exports_ X, exporters × products, any one currency unit, ≥ 0
 * @param populationE n, one per exporter, > 0; NaN where it is not known
 * @returns exporters × products, a pure ratio; NaN where nobody exports the product or the population is not known
 * @source py-ecomplexity, `presence_test="rpop"`
 */
export function rpop(exports_: Matrix, populationE: Float64Array): Matrix {
  const { rows: nExporters, cols: nProducts, data } = exports_;
  const { inhabitants, totalP } = knownWorld(exports_, populationE);
  const ratioEP = new Float64Array(data.length);
  for (let e = 0; e < nExporters; e++) {
    const population = populationE[e]! > 0 ? populationE[e]! : Number.NaN;
    for (let p = 0, at = e * nProducts; p < nProducts; p++, at++) {
      ratioEP[at] = (data[at]! * inhabitants) / (population * totalP[p]!);
    }
  }
  return matrix(nExporters, nProducts, ratioEP);
}

/** The exporters whose population is known: how many live there, and what they export of each product. */
export function knownWorld({ rows: nExporters, cols: nProducts, data }: Matrix, populationE: Float64Array) {
  let inhabitants = 0;
  const totalP = new Float64Array(nProducts);
  for (let e = 0; e < nExporters; e++) {
    if (!(populationE[e]! > 0)) continue;
    inhabitants += populationE[e]!;
    for (let p = 0; p < nProducts; p++) totalP[p]! += data[e * nProducts + p]!;
  }
  return { inhabitants, totalP };
}
