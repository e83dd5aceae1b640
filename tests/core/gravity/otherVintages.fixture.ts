import { axis } from '../../../lib/core/labels.ts';
import { normal, stream, uniform } from '../../../lib/core/random.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';

/**
 * What the same world may have looked like a year before: values scatter by a fifth and trends of countries and products, one flow in ten
 * was not there, and neither were the last `countries` and `products` of the axes.
 */
export function earlierYear(flows: Flows, missing: { countries: number; products: number }): Flows {
  const { exporterN, importerN, productN, valueN } = flows;
  const countries = flows.countries.codes.slice(0, -missing.countries);
  const products = flows.products.codes.slice(0, -missing.products);
  const there = stream(1, 'there');
  const change = stream(2, 'change');
  const trend = stream(3, 'trend');
  const rows = Array.from(valueN.keys()).filter(
    (n) =>
      uniform(there, n) > 0.1 &&
      exporterN[n]! < countries.length &&
      importerN[n]! < countries.length &&
      productN[n]! < products.length,
  );
  return sortFlows(axis(countries), axis(products), {
    exporterN: rows.map((n) => exporterN[n]!),
    importerN: rows.map((n) => importerN[n]!),
    productN: rows.map((n) => productN[n]!),
    valueN: rows.map((n) => {
      const trends =
        normal(trend, exporterN[n]!) + normal(trend, 1000 + importerN[n]!) + normal(trend, 2000 + productN[n]!);
      return valueN[n]! * Math.exp(0.2 * normal(change, n) + 0.05 * trends);
    }),
  });
}

/** The same year after one exporter has revised its figures: each by up to 30 %. */
export function revised(flows: Flows, exporter: number): Flows {
  const revision = stream(4, 'revision');
  return {
    ...flows,
    valueN: flows.valueN.map((value, n) =>
      flows.exporterN[n] === exporter ? value * (0.7 + 0.6 * uniform(revision, n)) : value,
    ),
  };
}
