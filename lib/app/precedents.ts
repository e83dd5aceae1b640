import type { Published } from './layout/publishedScores.ts';
import type { ExporterFacts } from './layout/readExporter.ts';
import type { Suppliers } from './layout/readImporter.ts';

/** So many of each kind are shown. */
const SHOWN = 5;
const NO_SALES: ReadonlyMap<number, number> = new Map();
/** So many importers are asked what they buy: each is a query. */
const ASKED = 8;

/**
 * What the model's shares of similar exporters, similar importers and related products consist of, the most alike first: who does already what the cell is about.
 * `weight` is a share of all likeness, as the model counts it.
 */
export interface Precedents {
  /** how countries are compared: by what they trade, and where distances are known also by how near they are */
  readonly likeness: 'trade' | 'tradeAndDistance';
  /** like the exporter, and sell the product to the importer */
  readonly exporters: readonly (Precedent & { readonly exporter: string; readonly exporterName: string })[];
  /** like the importer, and buy the product from the exporter */
  readonly importers: readonly (Precedent & { readonly importer: string; readonly importerName: string })[];
  /** like the product, and sold by the exporter to the importer */
  readonly products: readonly (Precedent & { readonly product: string; readonly productName: string })[];
}

interface Precedent {
  readonly weight: number;
  readonly valueUsd: number;
}

/**
 * Finds the precedents of one cell: three reads, and at most nine queries: sales are looked at only where there are any.
 *
 * @param supply what is known of the exporter; null when it sells nothing
 */
export async function precedentsOf(
  { world, precedents: known }: Published,
  cell: { readonly exporter: string; readonly importer: string; readonly product: number },
  suppliers: Promise<Suppliers>,
  supply: Promise<ExporterFacts | null>,
): Promise<Precedents> {
  const salesTo = async (importer: number) => {
    const sells = ((await supply)?.valueM[importer] ?? 0) > 0;
    return sells ? known.sales(cell.exporter, world.countryFacts[importer]?.code ?? '') : NO_SALES;
  };
  const [likeExporter, likeImporter, likeProduct, sold, { exporterN, valueN }] = await Promise.all([
    known.likeExporter(cell.exporter),
    known.likeImporter(cell.importer),
    known.likeProduct(cell.product),
    salesTo(world.countries.at.get(cell.importer) ?? -1),
    suppliers,
  ]);
  const others = likeImporter.filter(({ at }) => world.countryFacts[at]?.code !== cell.exporter).slice(0, ASKED);
  const sellsIt = ((await supply)?.valueP[cell.product] ?? 0) > 0;
  const bought = await Promise.all(others.map(({ at }) => (sellsIt ? salesTo(at) : NO_SALES)));
  return {
    likeness: world.blend ? 'tradeAndDistance' : 'trade',
    exporters: likeExporter
      .flatMap(({ at, weight }) => {
        const n = exporterN.indexOf(at);
        const country = world.countryFacts[at];
        if (n < 0 || !country) return [];
        return [{ exporter: country.code, exporterName: country.name, weight, valueUsd: valueN[n] ?? 0 }];
      })
      .slice(0, SHOWN),
    importers: others
      .flatMap(({ at, weight }, n) => {
        const valueUsd = bought[n]?.get(cell.product);
        const country = world.countryFacts[at];
        if (valueUsd === undefined || !country) return [];
        return [{ importer: country.code, importerName: country.name, weight, valueUsd }];
      })
      .slice(0, SHOWN),
    products: likeProduct
      .flatMap(({ at, weight }) => {
        const valueUsd = sold.get(at);
        const product = world.productFacts[at];
        if (valueUsd === undefined || !product) return [];
        return [{ product: product.code, productName: product.name, weight, valueUsd }];
      })
      .slice(0, SHOWN),
  };
}
