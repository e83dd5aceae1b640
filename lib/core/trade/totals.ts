import { type Matrix, matrix } from '../matrix.ts';
import type { Flows } from './flows.ts';
import { exportsMatrix, importsMatrix } from './tradeMatrix.ts';

/** What bilateral trade adds up to, in USD; 0 where nothing is reported. All axes are those of the flows. */
export interface Totals {
  /** v_ik: exporters × products */
  readonly exporterProduct: Matrix;
  /** v_jk: importers × products */
  readonly importerProduct: Matrix;
  /** v_ij: exporters × importers */
  readonly pair: Matrix;
  /** v_i, v_j, v_k and V */
  readonly exporterE: Float64Array;
  readonly importerM: Float64Array;
  readonly productP: Float64Array;
  readonly world: number;
}

/**
 * Every total of bilateral trade.
 *
 *     v_ik = Σ_j v_ijk    v_jk = Σ_i v_ijk    v_ij = Σ_k v_ijk    v_i = Σ_k v_ik    v_j = Σ_k v_jk    v_k = Σ_i v_ik    V = Σ_i v_i
 *
 * Sums run in the order of the flows and of the axes, so the same flows give the same bits.
 */
export function totals(flows: Flows): Totals {
  const exporterProduct = exportsMatrix(flows);
  const importerProduct = importsMatrix(flows);
  const exporterE = rowSums(exporterProduct);
  return {
    exporterProduct,
    importerProduct,
    pair: pairMatrix(flows),
    exporterE,
    importerM: rowSums(importerProduct),
    productP: columnSums(exporterProduct),
    world: exporterE.reduce((sum, value) => sum + value, 0),
  };
}

/**
 * What each exporter sells to each importer, all products together.
 *
 *     v[i,j] = Σ_k v[i,j,k]
 *
 * @returns exporters × importers, USD; 0 where nothing is reported
 */
export function pairMatrix({ countries, exporterN, importerN, valueN }: Flows): Matrix {
  const nCountries = countries.codes.length;
  const pair = matrix(nCountries, nCountries);
  for (let n = 0; n < valueN.length; n++) pair.data[exporterN[n]! * nCountries + importerN[n]!]! += valueN[n]!;
  return pair;
}

function rowSums({ rows, cols, data }: Matrix): Float64Array {
  const sums = new Float64Array(rows);
  for (let r = 0, at = 0; r < rows; r++) for (let c = 0; c < cols; c++, at++) sums[r]! += data[at]!;
  return sums;
}

function columnSums({ rows, cols, data }: Matrix): Float64Array {
  const sums = new Float64Array(cols);
  for (let r = 0, at = 0; r < rows; r++) for (let c = 0; c < cols; c++, at++) sums[c]! += data[at]!;
  return sums;
}
