import type { EntryFeatures, EntryTerm } from '../entry/entryFeatures.ts';
import { pick } from '../pick.ts';

interface Named {
  readonly term: string;
  readonly group: string;
  readonly about: string;
}

/** A term of the entry model, of the same name: of the flow's cell, or the same in all markets. */
interface Known extends Named {
  readonly term: EntryTerm;
  readonly from: 'cell' | 'product';
}

/** A term of its own: its value for a flow v in cell importer · products + product. */
interface Own extends Named {
  readonly of: (features: EntryFeatures, at: number, product: number, value: number) => number;
}

/**
 * The terms of the growth model: what each says of a flow v from exporter i to importer j of product k. Most are of the entry model; ratios say how
 * far the flow is from what fits would have it at. Raw values, since shapes are drawn in bins.
 */
export const GROWTH_TERMS = [
  {
    term: 'value',
    group: 'size and ease',
    about: 'v, USD: small flows grow more, for reasons of arithmetic',
    of: (_features, _at, _product, value) => value,
  },
  {
    term: 'threeWayRatio',
    group: 'size and ease',
    about: 'three-way potential over v',
    of: ({ threeWay }, at, _product, value) => threeWay[at]! / value,
  },
  {
    term: 'rootsRatio',
    group: 'size and ease',
    about: 'three-way fit of square roots, squared, over v',
    of: ({ threeWayOfRoots }, at, _product, value) => threeWayOfRoots[at]! ** 2 / value,
  },
  {
    term: 'fourthRootsRatio',
    group: 'size and ease',
    about: 'three-way fit of fourth roots, to the fourth power, over v',
    of: ({ threeWayOfFourthRoots }, at, _product, value) => threeWayOfFourthRoots[at]! ** 4 / value,
  },
  {
    term: 'sizeRatio',
    group: 'size and ease',
    about: 'v_ik v_jk / v_k over v',
    of: ({ size }, at, _product, value) => size[at]! / value,
  },
  {
    term: 'importShare',
    group: 'size and ease',
    about: 'v over all that the importer buys of the product',
    of: ({ demand }, at, _product, value) => value / demand[at]!,
  },
  {
    term: 'exportShare',
    group: 'size and ease',
    about: 'v over all that the exporter sells of the product',
    of: ({ supply }, _at, product, value) => value / supply[product]!,
  },
  { term: 'supply', group: 'size and ease', about: 'v_ik, USD', from: 'product' },
  { term: 'demand', group: 'size and ease', about: 'v_jk, USD', from: 'cell' },
  {
    term: 'productFlows',
    group: 'size and ease',
    about: 'how many pairs of countries trade the product',
    from: 'product',
  },
  {
    term: 'countOfLargeFlows',
    group: 'size and ease',
    about: 'three-way fit of the number of flows from 100,000 USD',
    from: 'cell',
  },
  {
    term: 'reverseFlow',
    group: 'size and ease',
    about: 'what the importer sells of the product to the exporter, USD',
    from: 'cell',
  },
  {
    term: 'advantage',
    group: 'product space',
    about: 'revealed comparative advantage of the exporter in the product',
    from: 'product',
  },
  {
    term: 'density',
    group: 'product space',
    about: 'product-space density of the exporter around the product',
    from: 'product',
  },
  {
    term: 'relatedProducts',
    group: 'related products',
    about: 'share of the 40 nearest products that the exporter sells to the importer',
    from: 'cell',
  },
  {
    term: 'relatedProductsLarge',
    group: 'related products',
    about: 'the same, of flows from 100,000 USD',
    from: 'cell',
  },
  {
    term: 'similarExporters',
    group: 'similar exporters',
    about: 'share of similar exporters that sell the product to the importer',
    from: 'cell',
  },
  {
    term: 'similarExportersLarge',
    group: 'similar exporters',
    about: 'the same, of flows from 100,000 USD',
    from: 'cell',
  },
  {
    term: 'similarImporters',
    group: 'similar importers',
    about: 'share of similar importers that buy the product from the exporter',
    from: 'cell',
  },
  {
    term: 'similarImportersLarge',
    group: 'similar importers',
    about: 'the same, of flows from 100,000 USD',
    from: 'cell',
  },
] as const satisfies readonly (Known | Own)[];
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
  for (const [t, term] of GROWTH_TERMS.entries())
    out[t] =
      'of' in term ? term.of(features, at, product, value) : features[term.term][term.from === 'cell' ? at : product]!;
  return out;
}

/**
 * One term of many flows.
 *
 * @param features of their exporter (`entryFeatures`)
 * @param flows product, importer · products + product and v > 0 (USD) of each
 * @param termX overwritten
 */
export function growthColumn(
  term: (typeof GROWTH_TERMS)[number],
  features: EntryFeatures,
  { productX, cellX, valueX }: { productX: Uint16Array; cellX: Uint32Array; valueX: Float64Array },
  termX: Float32Array,
): void {
  if (!('of' in term)) {
    pick(features[term.term], term.from === 'cell' ? cellX : productX, termX);
    return;
  }
  for (let x = 0; x < termX.length; x++) termX[x] = term.of(features, cellX[x]!, productX[x]!, valueX[x]!);
}
