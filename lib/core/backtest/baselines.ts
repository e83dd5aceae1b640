import { density } from '../complexity/density.ts';
import { presence } from '../complexity/presence.ts';
import { proximity } from '../complexity/proximity.ts';
import { minimumProximitySums } from '../complexity/proximitySums.ts';
import { rca } from '../complexity/rca.ts';
import type { Covariates, PAIR_COLUMNS } from '../covariates/covariates.ts';
import { potentialOf } from '../gravity/potential.ts';
import type { PairColumn } from '../gravity/product/pairTable.ts';
import { expectedOf, productGravity } from '../gravity/product/productGravity.ts';
import { threeWayFit } from '../gravity/threeWay.ts';
import { type Matrix, matrix } from '../matrix.ts';
import { exporterRelatedness } from '../relatedness/exporterRelatedness.ts';
import { importerRelatedness } from '../relatedness/importerRelatedness.ts';
import { nearAndSimilarNeighbours, nearNeighbours } from '../relatedness/neighbours.ts';
import { productRelatedness, relatedProducts } from '../relatedness/productRelatedness.ts';
import { relatednessShare } from '../relatedness/shares.ts';
import { importerSimilarity } from '../relatedness/similarity.ts';
import { exposure, sizeAlone, staticIndex } from '../scoring/staticIndex.ts';
import type { Flows } from '../trade/flows.ts';
import { hsSection } from '../trade/hsSections.ts';
import { totals } from '../trade/totals.ts';

/** The score of an exporter's cells; higher is better. */
export type CellScore = (importer: number, product: number) => number;

/** What is known in the base year. Without covariates, scores that need distances are left out. */
export interface BaseYear {
  readonly flows: Flows;
  readonly covariates: Covariates | null;
}

/** A score of empty cells that needs nothing but the base year: nothing in it has been fitted to outcomes. */
export interface Baseline {
  readonly name: string;
  /** what it is, in a line */
  readonly about: string;
  /** Prepares the score; null when what it needs is not known. */
  readonly of: (year: BaseYear) => ((exporter: number) => CellScore) | null;
}

/**
 * The scores that a new one has to beat: what others publish, and what is simpler. Where a score is not defined (a pair without trade, an
 * unknown distance) it is 0, which is last.
 *
 * @source METHODS 1.2, 4, 5.1 and 6
 */
export const BASELINES: readonly Baseline[] = [
  {
    name: 'three-way fit',
    about:
      'what keeps all totals of exporter, importer and pair: 0 in a pair that never traded and for a product not sold yet',
    of: ({ flows }) => {
      const potential = potentialOf(threeWayFit(flows));
      return (exporter) => (importer, product) => potential({ exporter, importer, product });
    },
  },
  {
    name: 'gravity by section',
    about: 'Poisson gravity with exporter and importer effects for each product, five coefficients for each HS section',
    of: ({ flows, covariates }) => {
      const pairs = covariates && gravityColumns(covariates);
      if (!pairs) return null;
      const groupP = flows.products.codes.map((code) => hsSection(code) - 1);
      const expected = expectedOf(productGravity(flows, groupP, pairs));
      return (exporter) => (importer, product) => expected({ exporter, importer, product }) || 0;
    },
  },
  {
    name: 'static index',
    about: 'the static export potential of the International Trade Centre: size times the ease of the pair',
    of: ({ flows }) => {
      const all = totals(flows);
      const { exporterProduct, importerProduct, productP, pair } = all;
      return (exporter) => {
        const exposureM = exposure(all, exporter);
        return (importer, product) => {
          const supply = exporterProduct.data[exporter * exporterProduct.cols + product]!;
          const demand = importerProduct.data[importer * importerProduct.cols + product]!;
          const trade = pair.data[exporter * pair.cols + importer]!;
          return staticIndex(sizeAlone(supply, demand, productP[product]!), trade, exposureM[importer]!) || 0;
        };
      };
    },
  },
  {
    name: 'size',
    about: 'v_ik v_jk / v_k',
    of: ({ flows }) => {
      const { exporterProduct, importerProduct, productP } = totals(flows);
      return (exporter) => (importer, product) =>
        sizeAlone(
          exporterProduct.data[exporter * exporterProduct.cols + product]!,
          importerProduct.data[importer * importerProduct.cols + product]!,
          productP[product]!,
        );
    },
  },
  {
    name: 'importer relatedness',
    about: 'what the exporter sells of the product to importers that are near and alike, in USD',
    of: ({ flows, covariates }) => {
      const distanceKm = covariates && distances(covariates);
      if (!distanceKm) return null;
      const similarity = importerSimilarity(totals(flows).importerProduct);
      return fromMatrix(flows, importerRelatedness(flows, nearAndSimilarNeighbours(similarity, distanceKm)));
    },
  },
  {
    name: 'product relatedness',
    about: 'what the exporter sells of related products to the importer, in USD',
    of: ({ flows }) => fromMatrix(flows, productRelatedness(flows, relatedTo(flows))),
  },
  {
    name: 'exporter relatedness',
    about: 'what near exporters sell of the product to the importer, in USD',
    of: ({ flows, covariates }) => {
      const distanceKm = covariates && distances(covariates);
      return distanceKm && fromMatrix(flows, exporterRelatedness(flows, nearNeighbours(distanceKm)));
    },
  },
  {
    name: 'product relatedness as a share',
    about: 'the same over all that the exporter sells to the importer, as published',
    of: ({ flows }) => shareOf('product', flows, productRelatedness(flows, relatedTo(flows))),
  },
  {
    name: 'importer relatedness as a share',
    about: 'what the exporter sells of the product to near importers, over all that it sells of it, as published',
    of: ({ flows, covariates }) => {
      const distanceKm = covariates && distances(covariates);
      return distanceKm && shareOf('importer', flows, importerRelatedness(flows, nearNeighbours(distanceKm)));
    },
  },
  {
    name: 'exporter relatedness as a share',
    about: 'what near exporters sell of the product to the importer, over all that it buys of it, as published',
    of: ({ flows, covariates }) => {
      const distanceKm = covariates && distances(covariates);
      return distanceKm && shareOf('exporter', flows, exporterRelatedness(flows, nearNeighbours(distanceKm)));
    },
  },
  {
    name: 'density',
    about: 'product-space density of the exporter around the product: the same in every market',
    of: ({ flows }) => {
      const exporterPresence = presence(totals(flows).exporterProduct);
      const densityEP = density(exporterPresence, minimumProximitySums(exporterPresence, 0));
      return byProduct(densityEP);
    },
  },
  {
    name: 'advantage',
    about: 'revealed comparative advantage of the exporter in the product: the same in every market',
    of: ({ flows }) => byProduct(rca(totals(flows).exporterProduct)),
  },
];

const byProduct =
  ({ data, cols }: Matrix) =>
  (exporter: number): CellScore =>
  (_, product) =>
    data[exporter * cols + product]! || 0;

/** A measure that fills importers × products for one exporter at a time. */
function fromMatrix(flows: Flows, fill: (exporter: number, out: Matrix) => Matrix) {
  const level = matrix(flows.countries.codes.length, flows.products.codes.length);
  return (exporter: number): CellScore => {
    fill(exporter, level);
    return (importer, product) => level.data[importer * level.cols + product]!;
  };
}

function shareOf(
  kind: Parameters<typeof relatednessShare>[0],
  flows: Flows,
  fill: (exporter: number, out: Matrix) => Matrix,
) {
  const all = totals(flows);
  return fromMatrix(flows, (exporter, out) => relatednessShare(kind, fill(exporter, out), all, exporter, out));
}

const relatedTo = (flows: Flows) =>
  relatedProducts(proximity(presence(totals(flows).exporterProduct), { diagonal: 0 }));

/** Null when no distance is known at all. */
function distances({ distanceKmIJ }: Covariates): Matrix | null {
  const size = Math.sqrt(distanceKmIJ.length);
  return distanceKmIJ.some((km) => km > 0) ? matrix(size, size, distanceKmIJ) : null;
}

/** The five columns of gravity; null when one of them is not known for any pair. */
export function gravityColumns(
  covariates: Pick<Covariates, (typeof PAIR_COLUMNS)[number]>,
): readonly PairColumn[] | null {
  const { distanceKmIJ, contigIJ, comlangIJ, colonyIJ, rtaIJ } = covariates;
  const columns = [
    { name: 'ln distance', valueIJ: distanceKmIJ.map(Math.log) },
    { name: 'border', valueIJ: contigIJ },
    { name: 'language', valueIJ: comlangIJ },
    { name: 'colony', valueIJ: colonyIJ },
    { name: 'agreement', valueIJ: rtaIJ },
  ];
  return columns.every(({ valueIJ }) => valueIJ.some(Number.isFinite)) ? columns : null;
}
