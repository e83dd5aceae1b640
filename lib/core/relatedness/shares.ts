import { type Matrix, matrix } from '../matrix.ts';
import type { Totals } from '../trade/totals.ts';

/**
 * Relatedness as the paper publishes it: what is related, as a share of what the exporter sells to the importer (products), of the
 * product (importers), or of what the importer buys of it (exporters).
 *
 *     ω[i,j,p] = R[i,j,p] / v_ij     Ω_d[i,j,p] = R[i,j,p] / v_ip     Ω_o[i,j,p] = R[i,j,p] / v_jp
 *
 * The totals include the cell itself. Levels rank entries better (decisions/0076).
 *
 * @param kind which relatedness the level is
 * @param level R of one exporter, importers × products, USD
 * @returns importers × products, a pure ratio ≥ 0; 0 where the total is: nothing to take a share of
 * @source METHODS 4, equations 1 to 3
 */
export function relatednessShare(
  kind: 'product' | 'importer' | 'exporter',
  level: Matrix,
  totals: Totals,
  exporter: number,
  out: Matrix = matrix(level.rows, level.cols),
): Matrix {
  const { rows: nCountries, cols: nProducts } = level;
  const total = {
    product: (importer: number) => totals.pair.data[exporter * nCountries + importer]!,
    importer: (_importer: number, product: number) => totals.exporterProduct.data[exporter * nProducts + product]!,
    exporter: (importer: number, product: number) => totals.importerProduct.data[importer * nProducts + product]!,
  }[kind];
  for (let m = 0, at = 0; m < nCountries; m++) {
    for (let p = 0; p < nProducts; p++, at++) {
      const whole = total(m, p);
      out.data[at] = whole > 0 ? level.data[at]! / whole : 0;
    }
  }
  return out;
}
