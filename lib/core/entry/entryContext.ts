import { density } from '../complexity/density.ts';
import { presence } from '../complexity/presence.ts';
import { proximity } from '../complexity/proximity.ts';
import { minimumProximitySums } from '../complexity/proximitySums.ts';
import { rca } from '../complexity/rca.ts';
import type { Factors } from '../gravity/potential.ts';
import { type ThreeWayFit, threeWayFit } from '../gravity/threeWay.ts';
import type { Matrix } from '../matrix.ts';
import { type Neighbours, similarNeighbours } from '../relatedness/neighbours.ts';
import { exporterSimilarity, importerSimilarity } from '../relatedness/similarity.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import { type Totals, totals } from '../trade/totals.ts';
import { countFit, powerFit } from './dampedFits.ts';
import type { EntryCovariates } from './entryCovariates.ts';

/** A flow of this size is a business and no sample, USD. Also the size that a cell has to reach to count as entered. */
export const EVENT_USD = 100_000;
/** How much the most alike countries stand out among all. */
const POWER = 4;
/** How many of the nearest products count as relatives of one. */
const RELATIVES = 40;

/** Products of which each product is a relative, and how much it weighs for them. */
export interface Relatives {
  readonly startP: Uint32Array;
  readonly productX: Uint16Array;
  readonly weightX: Float32Array;
}

/** Effects of a three-way fit: mu = A·B·C. */
export type Effects = Pick<ThreeWayFit, 'a' | 'b' | 'c'>;

/** What the features of all exporters are made of; the fits are of the base year, and nothing in it has seen another. */
export interface EntryContext {
  readonly flows: Flows;
  readonly startE: Uint32Array;
  readonly totals: Totals;
  readonly fits: {
    readonly threeWay: Factors;
    readonly roots: Effects;
    readonly fourthRoots: Effects;
    readonly largeFlows: Effects;
    readonly anyFlows: Effects;
  };
  readonly similarExporters: Neighbours;
  readonly similarImporters: Neighbours;
  readonly relatives: Relatives;
  /** exporters × products; NaN counts as 0 */
  readonly density: Matrix;
  readonly advantage: Matrix;
  /** how many flows each product has in the world */
  readonly flowsP: Float64Array;
  /** null where nothing is known beside trade: terms that need it are then absent */
  readonly covariates: EntryCovariates | null;
}

/** What of a context is laborious to find, and the same for all exporters. */
export interface PreparedEntries
  extends Pick<EntryContext, 'similarExporters' | 'similarImporters' | 'relatives' | 'density'> {
  readonly fits: Omit<EntryContext['fits'], 'threeWay'>;
}

/** The fits of damped trade, each for itself. */
export const DAMPED_FITS = {
  roots: (flows: Flows) => powerFit(flows, 1 / 2),
  fourthRoots: (flows: Flows) => powerFit(flows, 1 / 4),
  largeFlows: (flows: Flows) => countFit(flows, EVENT_USD),
  anyFlows: (flows: Flows) => countFit(flows, Number.MIN_VALUE),
} as const;

/** Prepares the laborious part: fits of damped trade, similarities, relatives, density. */
export function prepareEntries(flows: Flows): PreparedEntries {
  const { roots, fourthRoots, largeFlows, anyFlows } = DAMPED_FITS;
  return {
    fits: {
      roots: roots(flows),
      fourthRoots: fourthRoots(flows),
      largeFlows: largeFlows(flows),
      anyFlows: anyFlows(flows),
    },
    ...whoIsAlike(flows),
  };
}

/** Similarities of countries, relatives of products, density. */
export function whoIsAlike(flows: Flows): Omit<PreparedEntries, 'fits'> {
  const { exporterProduct, importerProduct } = totals(flows);
  const exporterPresence = presence(exporterProduct);
  return {
    similarExporters: similarNeighbours(exporterSimilarity(exporterProduct), POWER),
    similarImporters: similarNeighbours(importerSimilarity(importerProduct), POWER),
    relatives: relatives(proximity(exporterPresence, { diagonal: 0 })),
    density: density(exporterPresence, minimumProximitySums(exporterPresence, 0)),
  };
}

/**
 * Brings together what the features of entries are made of, from the trade of one year.
 *
 * @param known what there is already: the three-way fit of values, the laborious part, and what covariates say (`entryCovariates`)
 */
export function entryContext(
  flows: Flows,
  {
    threeWay = threeWayFit(flows),
    prepared = prepareEntries(flows),
    covariates = null,
  }: { threeWay?: Factors; prepared?: PreparedEntries; covariates?: EntryCovariates | null } = {},
): EntryContext {
  const all = totals(flows);
  const flowsP = new Float64Array(flows.products.codes.length);
  for (const product of flows.productN) flowsP[product]!++;
  return {
    flows,
    startE: exporterStarts(flows),
    totals: all,
    ...prepared,
    fits: { threeWay, ...prepared.fits },
    advantage: rca(all.exporterProduct),
    flowsP,
    covariates,
  };
}

/**
 * The nearest products of each, turned round: for product q those that q is a relative of.
 *
 *     w[p,q] = φ[p,q] / Σ φ[p, the 40 nearest of p]
 */
function relatives({ rows: nProducts, data }: Matrix): Relatives {
  const nearestP: { product: number; weight: number }[][] = [];
  const countP = new Uint32Array(nProducts);
  for (let p = 0; p < nProducts; p++) {
    const phiQ = data.subarray(p * nProducts, (p + 1) * nProducts);
    const near = Array.from(phiQ.keys())
      .filter((q) => phiQ[q]! > 0)
      .sort((a, b) => phiQ[b]! - phiQ[a]! || a - b)
      .slice(0, RELATIVES);
    const sum = near.reduce((total, q) => total + phiQ[q]!, 0);
    nearestP.push(near.map((product) => ({ product, weight: phiQ[product]! / sum })));
    for (const q of near) countP[q]!++;
  }
  const startP = new Uint32Array(nProducts + 1);
  for (let q = 0; q < nProducts; q++) startP[q + 1] = startP[q]! + countP[q]!;
  const productX = new Uint16Array(startP[nProducts]!);
  const weightX = new Float32Array(startP[nProducts]!);
  const next = startP.slice();
  for (const [p, near] of nearestP.entries())
    for (const { product: q, weight } of near) {
      const at = next[q]!++;
      productX[at] = p;
      weightX[at] = weight;
    }
  return { startP, productX, weightX };
}
