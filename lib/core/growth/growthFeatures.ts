import type { EntryFeatures } from '../entry/entryFeatures.ts';

/**
 * The terms of the growth model: what each says of a flow v from exporter i to importer j of product k. Most are of the entry model; ratios say how
 * far the flow is from what fits would have it at. Raw values, since shapes are drawn in bins.
 */
export const GROWTH_TERMS = [
  { term: 'value', group: 'size and ease', about: 'v, USD: small flows grow more, for reasons of arithmetic' },
  { term: 'threeWayRatio', group: 'size and ease', about: 'three-way potential over v' },
  { term: 'rootsRatio', group: 'size and ease', about: 'three-way fit of square roots, squared, over v' },
  {
    term: 'fourthRootsRatio',
    group: 'size and ease',
    about: 'three-way fit of fourth roots, to the fourth power, over v',
  },
  { term: 'sizeRatio', group: 'size and ease', about: 'v_ik v_jk / v_k over v' },
  { term: 'importShare', group: 'size and ease', about: 'v over all that the importer buys of the product' },
  { term: 'exportShare', group: 'size and ease', about: 'v over all that the exporter sells of the product' },
  { term: 'supply', group: 'size and ease', about: 'v_ik, USD' },
  { term: 'demand', group: 'size and ease', about: 'v_jk, USD' },
  { term: 'productFlows', group: 'size and ease', about: 'how many pairs of countries trade the product' },
  { term: 'countOfLargeFlows', group: 'size and ease', about: 'three-way fit of the number of flows from 100,000 USD' },
  { term: 'reverseFlow', group: 'size and ease', about: 'what the importer sells of the product to the exporter, USD' },
  { term: 'advantage', group: 'product space', about: 'revealed comparative advantage of the exporter in the product' },
  { term: 'density', group: 'product space', about: 'product-space density of the exporter around the product' },
  {
    term: 'relatedProducts',
    group: 'related products',
    about: 'share of the 40 nearest products that the exporter sells to the importer',
  },
  { term: 'relatedProductsLarge', group: 'related products', about: 'the same, of flows from 100,000 USD' },
  {
    term: 'similarExporters',
    group: 'similar exporters',
    about: 'share of similar exporters that sell the product to the importer',
  },
  { term: 'similarExportersLarge', group: 'similar exporters', about: 'the same, of flows from 100,000 USD' },
  {
    term: 'similarImporters',
    group: 'similar importers',
    about: 'share of similar importers that buy the product from the exporter',
  },
  { term: 'similarImportersLarge', group: 'similar importers', about: 'the same, of flows from 100,000 USD' },
] as const;
export type GrowthTerm = (typeof GROWTH_TERMS)[number]['term'];

/**
 * The terms of one flow.
 *
 * @param features of its exporter (`entryFeatures`)
 * @param value v > 0, USD
 * @param out overwritten, in the order of `GROWTH_TERMS`
 */
export function growthTerms(
  features: EntryFeatures,
  importer: number,
  product: number,
  value: number,
  out: Float32Array = new Float32Array(GROWTH_TERMS.length),
): Float32Array {
  const at = importer * features.supply.length + product;
  const of: Record<GrowthTerm, number> = {
    value,
    threeWayRatio: features.threeWay[at]! / value,
    rootsRatio: features.threeWayOfRoots[at]! ** 2 / value,
    fourthRootsRatio: features.threeWayOfFourthRoots[at]! ** 4 / value,
    sizeRatio: features.size[at]! / value,
    importShare: value / features.demand[at]!,
    exportShare: value / features.supply[product]!,
    supply: features.supply[product]!,
    demand: features.demand[at]!,
    productFlows: features.productFlows[product]!,
    countOfLargeFlows: features.countOfLargeFlows[at]!,
    reverseFlow: features.reverseFlow[at]!,
    advantage: features.advantage[product]!,
    density: features.density[product]!,
    relatedProducts: features.relatedProducts[at]!,
    relatedProductsLarge: features.relatedProductsLarge[at]!,
    similarExporters: features.similarExporters[at]!,
    similarExportersLarge: features.similarExportersLarge[at]!,
    similarImporters: features.similarImporters[at]!,
    similarImportersLarge: features.similarImportersLarge[at]!,
  };
  for (const [t, { term }] of GROWTH_TERMS.entries()) out[t] = of[term];
  return out;
}
