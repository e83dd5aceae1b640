import { actualOf } from '../trade/actualOf.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import type { Neighbours } from './neighbours.ts';
import type { RelatedProducts } from './productRelatedness.ts';

/** Cells by position on the axes: cell n is (exporterN[n], importerN[n], productN[n]). */
export interface CellColumns {
  readonly exporterN: ArrayLike<number>;
  readonly importerN: ArrayLike<number>;
  readonly productN: ArrayLike<number>;
}

/** Relatedness in levels, USD, one row per cell asked for. */
export interface RelatednessColumns {
  readonly productRelatedN: Float64Array;
  readonly importerRelatedN: Float64Array;
  readonly exporterRelatedN: Float64Array;
}

/**
 * Relatedness of a few cells, each by its definition: the same numbers as `productRelatedness`, `importerRelatedness` and
 * `exporterRelatedness`, up to rounding (their sums run in another order).
 *
 *     Σ_{q ≠ p} w[p,q] v[i,j,q]     Σ_{m ≠ j} w[j,m] v[i,m,p]     Σ_{e ≠ i} w[i,e] v[e,j,p]
 *
 * @param cells any cells in any order; 0 within one country
 * @cost per cell the flows of its pair and two searches per country: for more than a few thousand cells an exporter, fill its matrices
 */
export function relatednessOfCells(
  flows: Flows,
  weights: { readonly products: RelatedProducts; readonly importers: Neighbours; readonly exporters: Neighbours },
  { exporterN, importerN, productN }: CellColumns,
  startE: Uint32Array = exporterStarts(flows),
): RelatednessColumns {
  const nCountries = flows.countries.codes.length;
  const actual = actualOf(flows, startE);
  const productRelatedN = new Float64Array(exporterN.length);
  const importerRelatedN = new Float64Array(exporterN.length);
  const exporterRelatedN = new Float64Array(exporterN.length);
  for (let n = 0; n < exporterN.length; n++) {
    const [exporter, importer, product] = [exporterN[n]!, importerN[n]!, productN[n]!];
    if (exporter === importer) continue;
    const weightQ = weights.products.weightPP.data.subarray(product * flows.products.codes.length);
    for (let x = firstOfPair(flows, startE, exporter, importer); x < startE[exporter + 1]!; x++) {
      if (flows.importerN[x] !== importer) break;
      productRelatedN[n]! += weightQ[flows.productN[x]!]! * flows.valueN[x]!;
    }
    for (let c = 0; c < nCountries; c++) {
      const ofImporter = weights.importers.weightCC.data[importer * nCountries + c]!;
      const ofExporter = weights.exporters.weightCC.data[exporter * nCountries + c]!;
      if (ofImporter > 0) importerRelatedN[n]! += ofImporter * actual({ exporter, importer: c, product });
      if (ofExporter > 0) exporterRelatedN[n]! += ofExporter * actual({ exporter: c, importer, product });
    }
  }
  return { productRelatedN, importerRelatedN, exporterRelatedN };
}

/** The first of the exporter's rows that goes to this importer or one behind it, by halving. */
function firstOfPair({ importerN }: Flows, startE: Uint32Array, exporter: number, importer: number): number {
  let from = startE[exporter]!;
  let to = startE[exporter + 1]!;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (importerN[middle]! < importer) from = middle + 1;
    else to = middle;
  }
  return from;
}
