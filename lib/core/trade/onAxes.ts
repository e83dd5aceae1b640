import type { Axis } from '../labels.ts';
import { type Flows, sortFlows } from './flows.ts';

/**
 * Flows on other axes: those of another year, say, so that cells compare.
 *
 * @returns the flows whose countries and product both axes have; `left` counts the others
 */
export function onAxes(flows: Flows, countries: Axis, products: Axis): { flows: Flows; left: number } {
  const countryC = flows.countries.codes.map((code) => countries.at.get(code) ?? -1);
  const productP = flows.products.codes.map((code) => products.at.get(code) ?? -1);
  const rowN = Uint32Array.from(flows.valueN.keys()).filter(
    (n) =>
      countryC[flows.exporterN[n]!]! >= 0 && countryC[flows.importerN[n]!]! >= 0 && productP[flows.productN[n]!]! >= 0,
  );
  const moved = sortFlows(countries, products, {
    exporterN: Uint16Array.from(rowN, (n) => countryC[flows.exporterN[n]!]!),
    importerN: Uint16Array.from(rowN, (n) => countryC[flows.importerN[n]!]!),
    productN: Uint16Array.from(rowN, (n) => productP[flows.productN[n]!]!),
    valueN: Float64Array.from(rowN, (n) => flows.valueN[n]!),
  });
  return { flows: moved, left: flows.valueN.length - rowN.length };
}
