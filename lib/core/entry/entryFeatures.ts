import type { ThreeWayFit } from '../gravity/threeWay.ts';
import { type EntryContext, EVENT_USD } from './entryContext.ts';

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
export type EntryTerm = (typeof ENTRY_TERMS)[number]['term'];

/** The values of one exporter: by product for terms that are the same in all markets, else importers × products. */
export type EntryFeatures = Readonly<Record<EntryTerm, Float32Array>>;

/** The value of a term in a cell. */
export const featureAt = (
  features: EntryFeatures,
  term: (typeof ENTRY_TERMS)[number],
  importer: number,
  product: number,
): number => {
  const values = features[term.term];
  return term.perProduct ? values[product]! : values[importer * features.supply.length + product]!;
};

/**
 * The features of one exporter after another.
 *
 *     similarExporters[j,k] = Σ_{e ≠ i} w[i,e] 1[v_ejk > 0]      similarImporters[j,k] = Σ_{m ≠ j} w[j,m] 1[v_imk > 0]
 *     relatedProducts[j,k] = Σ_q w[k,q] 1[v_ijq > 0]
 *
 * @returns a function of the exporter; what it returns is overwritten by the next call
 * @cost per exporter one pass over all flows, two over its own for every country, and a product of factors for each cell and fit
 */
export function entryFeatures(context: EntryContext): (exporter: number) => EntryFeatures {
  const { flows, startE, totals, fits, similarExporters, similarImporters, relatives, density, advantage, flowsP } =
    context;
  const { importerN, productN, valueN } = flows;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const byCell = () => new Float32Array(nCountries * nProducts);
  const byProduct = () => new Float32Array(nProducts);
  const features = Object.fromEntries(
    ENTRY_TERMS.map(({ term, perProduct }) => [term, perProduct ? byProduct() : byCell()]),
  ) as Record<EntryTerm, Float32Array>;
  features.demand.set(totals.importerProduct.data);
  features.productFlows.set(flowsP);

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

    // who is there already
    const presence_ = [
      features.similarExporters,
      features.similarImporters,
      features.relatedProducts,
      features.reverseFlow,
    ];
    const large = [features.similarExportersLarge, features.similarImportersLarge, features.relatedProductsLarge];
    for (const values of [...presence_, ...large]) values.fill(0);
    for (let e = 0; e < nCountries; e++) {
      const weight = similarExporters.weightCC.data[exporter * nCountries + e]!;
      if (e === exporter) continue;
      for (let n = startE[e]!; n < startE[e + 1]!; n++) {
        const [m, p] = [importerN[n]!, productN[n]!];
        const at = m * nProducts + p;
        if (m === exporter) features.reverseFlow[e * nProducts + p] = valueN[n]!;
        if (weight === 0) continue;
        features.similarExporters[at]! += weight;
        if (valueN[n]! >= EVENT_USD) features.similarExportersLarge[at]! += weight;
      }
    }
    const [from, end] = [startE[exporter]!, startE[exporter + 1]!];
    for (let j = 0; j < nCountries; j++) {
      const weightM = similarImporters.weightCC.data.subarray(j * nCountries, (j + 1) * nCountries);
      const row = j * nProducts;
      for (let n = from; n < end; n++) {
        const weight = weightM[importerN[n]!]!;
        if (weight === 0) continue;
        features.similarImporters[row + productN[n]!]! += weight;
        if (valueN[n]! >= EVENT_USD) features.similarImportersLarge[row + productN[n]!]! += weight;
      }
    }
    for (let n = from; n < end; n++) {
      const isLarge = valueN[n]! >= EVENT_USD;
      const row = importerN[n]! * nProducts;
      for (let x = relatives.startP[productN[n]!]!; x < relatives.startP[productN[n]! + 1]!; x++) {
        const at = row + relatives.productX[x]!;
        features.relatedProducts[at]! += relatives.weightX[x]!;
        if (isLarge) features.relatedProductsLarge[at]! += relatives.weightX[x]!;
      }
    }
    return features;
  };
}

/** mu of every cell of an exporter. The few cells that the totals decide count as the factors say. */
function fillFit({ a, b, c }: Pick<ThreeWayFit, 'a' | 'b' | 'c'>, exporter: number, muMP: Float32Array): void {
  const nProducts = a.cols;
  const aP = a.data.subarray(exporter * nProducts, (exporter + 1) * nProducts);
  for (let m = 0, at = 0; m < c.cols; m++) {
    const ease = c.data[exporter * c.cols + m]!;
    for (let p = 0; p < nProducts; p++, at++) muMP[at] = aP[p]! * b.data[at]! * ease;
  }
}
