import { type Matrix, matrix } from '../matrix.ts';
import type { Flows } from './flows.ts';

/**
 * What each exporter sells of each product, to everybody.
 *
 *     v[i,k] = Σ_j v[i,j,k]
 *
 * @param flows bilateral trade, USD
 * @returns exporters × products (the axes of the flows), USD; 0 where nothing is reported
 */
export function exportsMatrix(flows: Flows): Matrix {
  return sumCells(flows, flows.exporterN);
}

/**
 * What each importer buys of each product, from everybody.
 *
 *     v[j,k] = Σ_i v[i,j,k]
 *
 * @param flows bilateral trade, USD
 * @returns importers × products (the axes of the flows), USD; 0 where nothing is reported
 */
export function importsMatrix(flows: Flows): Matrix {
  return sumCells(flows, flows.importerN);
}

/** Adds each flow to the row of one of its two countries, in the order of the flows. */
function sumCells({ countries, products, productN, valueN }: Flows, countryN: Uint16Array): Matrix {
  const nProducts = products.codes.length;
  const valueCP = new Float64Array(countries.codes.length * nProducts);
  for (let n = 0; n < valueN.length; n++) valueCP[countryN[n]! * nProducts + productN[n]!]! += valueN[n]!;
  return matrix(countries.codes.length, nProducts, valueCP);
}
