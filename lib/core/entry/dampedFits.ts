import { type ThreeWayFit, threeWayFit } from '../gravity/threeWay.ts';
import type { Flows } from '../trade/flows.ts';

/**
 * How closely totals are kept: scores see these fits in bins, and to keep totals as those of values are kept takes twice as many sweeps.
 */
const CLOSELY = { tolerance: 1e-6, marginTolerance: 1e-4 };

/**
 * The three-way fit of a power of trade: one shipment of a thousand times the usual size counts as a few, not as a thousand.
 *
 *     mu_ijk = A_ik B_jk C_ij   with the margins of v_ijk^power instead of v_ijk
 *
 * Totals are kept to a millionth of all. mu is in USD^power and no potential: it keeps no total in USD. It orders empty cells by how readily they fill, and far better than the fit of the
 * values themselves, whose margins a few enormous flows decide (decisions/0079).
 *
 * @param flows v, USD
 * @param power in (0, 1]; 1 is the fit of the values
 * @throws RangeError for another power
 */
export function powerFit(flows: Flows, power: number): ThreeWayFit {
  if (!(power > 0 && power <= 1)) throw new RangeError(`powerFit: power ${power}, expected more than 0 and at most 1`);
  return threeWayFit({ ...flows, valueN: flows.valueN.map((value) => value ** power) }, CLOSELY);
}

/**
 * The three-way fit of counts: how many flows of at least a certain size there are, by exporter and product, by importer and product, by pair.
 *
 *     mu_ijk = A_ik B_jk C_ij   with the margins of 1[v_ijk ≥ floor]
 *
 * Read as the expected number of flows of that size in the cell; above one it is not a probability.
 *
 * @param floorUsd flows from this size count, USD > 0
 * @returns factors on the axes of the flows; a country or product without any such flow has 0 throughout
 */
export function countFit(flows: Flows, floorUsd: number): ThreeWayFit {
  const { exporterN, importerN, productN, valueN } = flows;
  let count = 0;
  for (let n = 0; n < valueN.length; n++) if (valueN[n]! >= floorUsd) count++;
  const large = {
    exporterN: new Uint16Array(count),
    importerN: new Uint16Array(count),
    productN: new Uint16Array(count),
    valueN: new Float64Array(count).fill(1),
  };
  for (let n = 0, at = 0; n < valueN.length; n++) {
    if (!(valueN[n]! >= floorUsd)) continue;
    large.exporterN[at] = exporterN[n]!;
    large.importerN[at] = importerN[n]!;
    large.productN[at++] = productN[n]!;
  }
  return threeWayFit({ ...flows, ...large }, CLOSELY);
}
