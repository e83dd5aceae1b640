import type { Axis } from '../labels.ts';
import type { Flows } from '../trade/flows.ts';
import { ROWS_AT_ONCE } from './kernel.ts';

/** One cell of the world by its three positions. */
export interface Cell {
  readonly exporter: number;
  readonly importer: number;
  readonly product: number;
}

/**
 * Everything that the three-way fit has to reproduce, packed: only margins that are positive, listed product by product.
 *
 * - S, supplies: (exporter, product) with v_ik > 0. Product p has entries `startSP[p]` up to `startSP[p + 1]`; each product's list is filled
 *   up to a multiple of `ROWS_AT_ONCE` with entries of nobody (`exporterS` = number of countries, total 0).
 * - D, demands: (importer, product) with v_jk > 0, likewise `startDP`, without fillers.
 * - L, links: (exporter, importer) with v_ij > 0, exporter by exporter: `startLE`.
 *
 * A cell (i, j, k) can be positive only where all three of its margins are; that is the support.
 */
export interface Support {
  readonly countries: Axis;
  readonly products: Axis;
  readonly startSP: Uint32Array;
  readonly exporterS: Uint16Array;
  readonly totalS: Float64Array;
  readonly startDP: Uint32Array;
  readonly importerD: Uint16Array;
  readonly totalD: Float64Array;
  readonly startLE: Uint32Array;
  readonly importerL: Uint16Array;
  readonly totalL: Float64Array;
  /** V, USD, without the cells left out */
  readonly world: number;
}

/** Packs the margins of the flows. Rows in `leftOut` (positions of flows) do not count: what is forced is not fitted. */
export function support(flows: Flows, leftOut: ReadonlySet<number> = new Set()): Support {
  const { countries, products, exporterN, importerN, productN, valueN } = flows;
  const nCountries = countries.codes.length;
  const nProducts = products.codes.length;
  const supplyPE = new Float64Array(nProducts * nCountries);
  const demandPM = new Float64Array(nProducts * nCountries);
  const linkEM = new Float64Array(nCountries * nCountries);
  let world = 0;
  for (let n = 0; n < valueN.length; n++) {
    if (leftOut.size > 0 && leftOut.has(n)) continue;
    const value = valueN[n]!;
    supplyPE[productN[n]! * nCountries + exporterN[n]!]! += value;
    demandPM[productN[n]! * nCountries + importerN[n]!]! += value;
    linkEM[exporterN[n]! * nCountries + importerN[n]!]! += value;
    world += value;
  }
  const supplies = pack(supplyPE, nProducts, nCountries, ROWS_AT_ONCE);
  const demands = pack(demandPM, nProducts, nCountries, 1);
  const links = pack(linkEM, nCountries, nCountries, 1);
  return {
    countries,
    products,
    startSP: supplies.start,
    exporterS: supplies.at,
    totalS: supplies.total,
    startDP: demands.start,
    importerD: demands.at,
    totalD: demands.total,
    startLE: links.start,
    importerL: links.at,
    totalL: links.total,
    world,
  };
}

/** The positive elements of each row with their columns; each row filled up to a multiple of `multiple` with zeros in column `cols`. */
function pack(dense: Float64Array, rows: number, cols: number, multiple: number) {
  const start = new Uint32Array(rows + 1);
  for (let r = 0; r < rows; r++) {
    let filled = 0;
    for (let c = 0; c < cols; c++) if (dense[r * cols + c]! > 0) filled++;
    start[r + 1] = start[r]! + Math.ceil(filled / multiple) * multiple;
  }
  const at = new Uint16Array(start[rows]!).fill(cols);
  const total = new Float64Array(start[rows]!);
  for (let r = 0; r < rows; r++) {
    let next = start[r]!;
    for (let c = 0; c < cols; c++) {
      const value = dense[r * cols + c]!;
      if (!(value > 0)) continue;
      at[next] = c;
      total[next++] = value;
    }
  }
  return { start, at, total };
}
