import type { ThreeWayFit } from '../gravity/threeWay.ts';
import type { KnownGravity } from '../potential/modelEffects.ts';
import type { Flows } from '../trade/flows.ts';
import { type EntryContext, EVENT_USD } from './entryContext.ts';
import { importerSums } from './importerSums.ts';

/**
 * The terms of the entry model: what each says of a cell (exporter i, importer j, product k), and whether it is the same in all markets.
 * Raw values: a shape function does not care for a logarithm. None depends on how factors are scaled, and none is a code.
 */
export const ENTRY_TERMS = [
  { term: 'threeWay', group: 'size and ease', perProduct: false, about: 'three-way potential, USD' },
  { term: 'size', group: 'size and ease', perProduct: false, about: 'v_ik v_jk / v_k, USD' },
  {
    term: 'threeWayOfRoots',
    group: 'size and ease',
    perProduct: false,
    about: 'three-way fit of square roots of trade',
  },
  {
    term: 'threeWayOfFourthRoots',
    group: 'size and ease',
    perProduct: false,
    about: 'three-way fit of fourth roots of trade',
  },
  {
    term: 'countOfLargeFlows',
    group: 'size and ease',
    perProduct: false,
    about: 'three-way fit of the number of flows from 100,000 USD',
  },
  { term: 'countOfFlows', group: 'size and ease', perProduct: false, about: 'three-way fit of the number of flows' },
  {
    term: 'supply',
    group: 'size and ease',
    perProduct: true,
    about: 'v_ik, what the exporter sells of the product, USD',
  },
  {
    term: 'demand',
    group: 'size and ease',
    perProduct: false,
    about: 'v_jk, what the importer buys of the product, USD',
  },
  {
    term: 'productFlows',
    group: 'size and ease',
    perProduct: true,
    about: 'how many pairs of countries trade the product',
  },
  {
    term: 'reverseFlow',
    group: 'size and ease',
    perProduct: false,
    about: 'what the importer sells of the product to the exporter, USD',
  },
  {
    term: 'advantage',
    group: 'product space',
    perProduct: true,
    about: 'revealed comparative advantage of the exporter in the product',
  },
  {
    term: 'density',
    group: 'product space',
    perProduct: true,
    about: 'product-space density of the exporter around the product',
  },
  {
    term: 'relatedProducts',
    group: 'related products',
    perProduct: false,
    about: 'share of the 40 nearest products that the exporter sells to the importer',
  },
  {
    term: 'relatedProductsLarge',
    group: 'related products',
    perProduct: false,
    about: 'the same, of flows from 100,000 USD',
  },
  {
    term: 'similarExporters',
    group: 'similar exporters',
    perProduct: false,
    about: 'share of similar exporters that sell the product to the importer',
  },
  {
    term: 'similarExportersLarge',
    group: 'similar exporters',
    perProduct: false,
    about: 'the same, of flows from 100,000 USD',
  },
  {
    term: 'similarImporters',
    group: 'similar importers',
    perProduct: false,
    about: 'share of similar importers that buy the product from the exporter',
  },
  {
    term: 'similarImportersLarge',
    group: 'similar importers',
    perProduct: false,
    about: 'the same, of flows from 100,000 USD',
  },
] as const;

/** Terms that are there where distances are known; near countries are near by km and alike by what they trade, self excluded. */
export const COVARIATE_TERMS = [
  { term: 'gravity', group: 'gravity', perProduct: false, about: 'what gravity by HS section expects, USD' },
  {
    term: 'similarNearExporters',
    group: 'similar exporters',
    perProduct: false,
    about: 'share of near and similar exporters that sell the product to the importer',
  },
  {
    term: 'similarNearImporters',
    group: 'similar importers',
    perProduct: false,
    about: 'share of near and similar importers that buy the product from the exporter',
  },
  {
    term: 'similarShare',
    group: 'similar importers',
    perProduct: false,
    about: 'what near and similar importers have, on average, of what the exporter sells of the product',
  },
] as const;

export type EntryTerm = (typeof ENTRY_TERMS)[number]['term'];
export type CovariateTerm = (typeof COVARIATE_TERMS)[number]['term'];
export type AnyEntryTerm = (typeof ENTRY_TERMS | typeof COVARIATE_TERMS)[number];
export const ALL_ENTRY_TERMS: readonly AnyEntryTerm[] = [...ENTRY_TERMS, ...COVARIATE_TERMS];

/** The terms that a context has, in the order of every array by term. */
export const termsOf = ({ covariates }: Pick<EntryContext, 'covariates'>): readonly AnyEntryTerm[] =>
  covariates ? ALL_ENTRY_TERMS : ENTRY_TERMS;

/** The values of one exporter: by product for terms that are the same in all markets, else importers × products. */
export type EntryFeatures = Readonly<Record<EntryTerm, Float32Array>> &
  Readonly<Partial<Record<CovariateTerm, Float32Array>>>;

/**
 * The values of a term.
 *
 * @throws RangeError for a term that needs covariates where there are none
 */
export function valuesOf(features: EntryFeatures, term: AnyEntryTerm['term']): Float32Array {
  const values = features[term];
  if (!values)
    throw new RangeError(`the term ${term} needs covariates (distances of countries), and these features have none`);
  return values;
}

/** The value of a term in a cell. */
export const featureAt = (
  features: EntryFeatures,
  { term, perProduct }: AnyEntryTerm,
  importer: number,
  product: number,
): number => valuesOf(features, term)[perProduct ? product : importer * features.supply.length + product]!;

/**
 * The features of one exporter after another.
 *
 *     similarExporters[j,k] = Σ_{e ≠ i} w[i,e] 1[v_ejk > 0]      similarImporters[j,k] = Σ_{m ≠ j} w[j,m] 1[v_imk > 0]
 *     relatedProducts[j,k] = Σ_q w[k,q] 1[v_ijq > 0]
 *     gravity[j,k] = a_ik b_jk c_ij                              similarShare[j,k] = Σ_{m ≠ j} w[j,m] v_imk / v_ik
 *
 * @returns a function of the exporter; what it returns is overwritten by the next call
 * @cost per exporter one pass over all flows, one over its own for every country, and a product of factors for each cell and fit
 */
export function entryFeatures(context: EntryContext): (exporter: number) => EntryFeatures {
  const { flows, startE, totals, fits, similarExporters, density, advantage, flowsP, covariates } = context;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const features = Object.fromEntries(
    termsOf(context).map(({ term, perProduct }) => [
      term,
      new Float32Array(perProduct ? nProducts : nCountries * nProducts),
    ]),
  ) as Record<EntryTerm, Float32Array> & Partial<Record<CovariateTerm, Float32Array>>;
  features.demand.set(totals.importerProduct.data);
  features.productFlows.set(flowsP);
  const { similarNearExporters: nearExporters } = features;
  const bySize = largeFirst(flows, startE);
  const importersOf = importerSums(context, bySize.startEM);

  return (exporter) => {
    const own = exporter * nProducts;
    for (let p = 0; p < nProducts; p++) {
      features.supply[p] = totals.exporterProduct.data[own + p]!;
      features.density[p] = density.data[own + p]! || 0;
      features.advantage[p] = advantage.data[own + p]! || 0;
    }

    // fits, and size
    fillFit(fits.threeWay, exporter, features.threeWay);
    fillFit(fits.roots, exporter, features.threeWayOfRoots);
    fillFit(fits.fourthRoots, exporter, features.threeWayOfFourthRoots);
    fillFit(fits.largeFlows, exporter, features.countOfLargeFlows);
    fillFit(fits.anyFlows, exporter, features.countOfFlows);
    for (let m = 0, at = 0; m < nCountries; m++)
      for (let p = 0; p < nProducts; p++, at++) {
        const world = totals.productP[p]!;
        features.size[at] = world > 0 ? (features.supply[p]! * features.demand[at]!) / world : 0;
      }
    if (covariates && features.gravity) fillGravity(covariates.gravity, exporter, features.gravity);

    // who sells there already, the large flows of each first
    const alike = { any: features.similarExporters, large: features.similarExportersLarge };
    for (const values of [alike.any, alike.large, nearExporters, features.reverseFlow]) values?.fill(0);
    for (let e = 0; e < nCountries; e++) {
      if (e === exporter) continue;
      const [start, split, end] = [startE[e]!, bySize.splitE[e]!, startE[e + 1]!];
      const weight = similarExporters.weightCC.data[exporter * nCountries + e]!;
      if (weight > 0) {
        addAt(bySize.cellN, start, end, weight, alike.any);
        addAt(bySize.cellN, start, split, weight, alike.large);
      }
      const near = covariates?.nearExporters.weightCC.data[exporter * nCountries + e] ?? 0;
      if (near > 0) addAt(bySize.cellN, start, end, near, nearExporters!);
      // what it sells to the exporter itself
      for (let n = bySize.startEM[e * nCountries + exporter]!; n < bySize.startEM[e * nCountries + exporter + 1]!; n++)
        features.reverseFlow[e * nProducts + flows.productN[n]!] = flows.valueN[n]!;
    }

    importersOf(exporter, features.supply, {
      any: features.similarImporters,
      large: features.similarImportersLarge,
      near: features.similarNearImporters,
      share: features.similarShare,
    });
    fillRelated(context, exporter, features.relatedProducts, features.relatedProductsLarge);
    return features;
  };
}

/** The cells of flows, importer · products + product, of each exporter first those from 100,000 USD, which end before `splitE`; and where pairs begin. */
function largeFirst({ countries, products, importerN, productN, valueN }: Flows, startE: Uint32Array) {
  const nCountries = countries.codes.length;
  const nProducts = products.codes.length;
  const cellN = new Uint32Array(valueN.length);
  const splitE = new Uint32Array(nCountries);
  const startEM = new Uint32Array(nCountries ** 2 + 1);
  for (let e = 0; e < nCountries; e++) {
    let at = startE[e]!;
    for (let n = startE[e]!; n < startE[e + 1]!; n++) {
      startEM[e * nCountries + importerN[n]! + 1]!++;
      if (valueN[n]! >= EVENT_USD) cellN[at++] = importerN[n]! * nProducts + productN[n]!;
    }
    splitE[e] = at;
    for (let n = startE[e]!; n < startE[e + 1]!; n++)
      if (!(valueN[n]! >= EVENT_USD)) cellN[at++] = importerN[n]! * nProducts + productN[n]!;
  }
  for (let pair = 0; pair < nCountries ** 2; pair++) startEM[pair + 1]! += startEM[pair]!;
  return { cellN, splitE, startEM };
}

function addAt(cellN: Uint32Array, from: number, end: number, weight: number, sums: Float32Array): void {
  for (let n = from; n < end; n++) sums[cellN[n]!]! += weight;
}

/** What is sold of related products: from each flow to those whose relative its product is. */
function fillRelated(
  { flows, startE, relatives }: EntryContext,
  exporter: number,
  related: Float32Array,
  relatedLarge: Float32Array,
): void {
  const { startP, productX, weightX } = relatives;
  const nProducts = flows.products.codes.length;
  related.fill(0);
  relatedLarge.fill(0);
  for (let n = startE[exporter]!; n < startE[exporter + 1]!; n++) {
    const isLarge = flows.valueN[n]! >= EVENT_USD;
    const row = flows.importerN[n]! * nProducts;
    for (let x = startP[flows.productN[n]!]!; x < startP[flows.productN[n]! + 1]!; x++) {
      const at = row + productX[x]!;
      related[at]! += weightX[x]!;
      if (isLarge) relatedLarge[at]! += weightX[x]!;
    }
  }
}

/** mu of every cell of an exporter. The few cells that the totals decide count as the factors say. */
function fillFit({ a, b, c }: Pick<ThreeWayFit, 'a' | 'b' | 'c'>, exporter: number, muMP: Float32Array): void {
  const nProducts = a.cols;
  const aP = a.data.subarray(exporter * nProducts, (exporter + 1) * nProducts);
  muMP.fill(0);
  for (let m = 0; m < c.cols; m++) {
    const ease = c.data[exporter * c.cols + m]!;
    if (ease === 0) continue;
    for (let p = 0, at = m * nProducts; p < nProducts; p++, at++) muMP[at] = aP[p]! * b.data[at]! * ease;
  }
}

/** What gravity expects of every cell of an exporter, USD; 0 where it has nothing to say. */
function fillGravity({ effects, groupP, zeros }: KnownGravity, exporter: number, muMP: Float32Array): void {
  const { a, b, cG } = effects;
  const [nCountries, nProducts] = [a.rows, a.cols];
  const aP = a.data.subarray(exporter * nProducts, (exporter + 1) * nProducts);
  const easeG = new Float64Array(cG.length);
  for (let m = 0, at = 0; m < nCountries; m++) {
    for (const [g, ease] of cG.entries()) easeG[g] = ease.data[exporter * nCountries + m]!;
    for (let p = 0; p < nProducts; p++, at++) muMP[at] = aP[p]! * b.data[at]! * easeG[groupP[p]!]!;
  }
  for (const cell of zeros) if (cell.exporter === exporter) muMP[cell.importer * nProducts + cell.product] = 0;
}
