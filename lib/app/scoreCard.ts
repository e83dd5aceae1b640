import type { Basis } from '../core/scoring/scoredCells.ts';
import { countryAt, type Nearest, productAt } from './codes.ts';
import { type CellBlock, MEASURES } from './layout/cells.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import type { World } from './layout/worldPages.ts';
import { cents, digits } from './opportunity.ts';
import type { Reason } from './reason.ts';
import { exportsNothing, whyNoOpportunity } from './whyNoOpportunity.ts';

/** Largest suppliers that a card lists. */
const COMPETITORS = 10;

/** Everything known of one (exporter, product, importer). USD at full precision; null on the extensive basis, where supply is not observed. */
export interface ScoreCard {
  readonly exporter: string;
  readonly exporterName: string;
  readonly product: string;
  readonly productName: string;
  readonly importer: string;
  readonly importerName: string;
  readonly basis: Basis;
  /** percentile among the exporter's opportunities on the basis; null when the cell is none, see `reason` */
  readonly score: number | null;
  /** product-space density around the product */
  readonly feasibility: number;
  readonly rca: number | null;
  readonly actualUsd: number;
  readonly potentialUsd: number | null;
  readonly realisedUsd: number | null;
  /** net of noise; null also for a cell that is no opportunity although its potential exceeds what is sold */
  readonly unrealisedUsd: number | null;
  readonly unrealisedRawUsd: number | null;
  /** static index of export potential */
  readonly indexUsd: number | null;
  readonly drivers: Drivers | null;
  readonly totals: {
    readonly exporterProductUsd: number;
    readonly importerProductUsd: number;
    readonly pairUsd: number;
    readonly worldProductUsd: number;
    /** what the pair would trade at world market shares */
    readonly exposureUsd: number;
  };
  readonly competitors: readonly {
    readonly exporter: string;
    readonly exporterName: string;
    readonly valueUsd: number;
    /** of what the importer buys of the product */
    readonly share: number;
  }[];
}

/** potential = size × ease × marginAdjustment, and the logarithms add up; all three depend on no normalisation of the factors. */
export interface Drivers {
  readonly sizeUsd: number;
  readonly ease: number;
  readonly marginAdjustment: number;
  readonly logPotential: number;
  readonly logSize: number;
  readonly logEase: number;
  readonly logMarginAdjustment: number;
}

/**
 * The card of one cell: potential and drivers from the factors of the fit, the actual value and the competitors from the importer's
 * flows, the score from the exporter's opportunities. Three reads at once, a fourth where a chapter or an importer fills several pages.
 */
export function scoreCard(deps: { scores: PublishedScores; nearest: Nearest }) {
  const { scores, nearest } = deps;
  return async (request: {
    exporter: string;
    product: string;
    importer: string;
  }): Promise<{ published: Published; card: ScoreCard; reason: Reason | null }> => {
    const published = await scores.current();
    const { world } = published;
    const exporter = countryAt(world, 'exporter', request.exporter, nearest);
    const product = productAt(world, request.product, nearest);
    const importer = countryAt(world, 'importer', request.importer, nearest);

    const seller = published.exporter(request.exporter);
    const buyer = published.importer(request.importer);
    const [supply, demand, suppliers, opportunity] = await Promise.all([
      seller.facts(),
      buyer.cell(product),
      buyer.suppliers(product, request.product),
      findOpportunity(seller.group('importer', request.importer), product),
    ]);

    const own = suppliers.exporterN.indexOf(exporter);
    const actual = own < 0 ? 0 : (suppliers.valueN[own] ?? 0);
    const totals = {
      exporterProductUsd: supply?.valueP[product] ?? 0,
      importerProductUsd: demand?.importerProductUsd ?? 0,
      pairUsd: supply?.valueM[importer] ?? 0,
      worldProductUsd: world.productFacts[product]?.worldTradeUsd ?? 0,
      exposureUsd: supply?.exposureM[importer] ?? 0,
    };
    const intensive = totals.exporterProductUsd > 0;
    const potential = intensive
      ? (supply?.factorAP[product] ?? 0) * (demand?.factorB ?? 0) * (supply?.factorCM[importer] ?? 0)
      : Number.NaN;
    const explained = intensive ? driversOf(potential, totals) : null;
    const gap = Math.max(0, potential - actual);

    const card: ScoreCard = {
      ...names(world, exporter, product, importer),
      basis: intensive ? 'intensive' : 'extensive',
      score: opportunity ? digits(MEASURES.score(opportunity.block, opportunity.n)) : null,
      feasibility: digits(supply?.densityP[product] ?? 0) ?? 0,
      rca: digits(supply?.rcaP[product] ?? Number.NaN),
      actualUsd: actual,
      potentialUsd: orNull(potential),
      realisedUsd: orNull(Math.min(actual, potential)),
      unrealisedUsd: opportunity
        ? cents(MEASURES.unrealisedUsd(opportunity.block, opportunity.n))
        : gap === 0
          ? 0
          : null,
      unrealisedRawUsd: orNull(gap),
      indexUsd: explained?.indexUsd ?? null,
      drivers: explained?.drivers ?? null,
      totals,
      competitors: Array.from(suppliers.exporterN.subarray(0, COMPETITORS), (at, rank) => {
        const value = suppliers.valueN[rank] ?? 0;
        const country = world.countryFacts[at];
        return {
          exporter: country?.code ?? '',
          exporterName: country?.name ?? '',
          valueUsd: value,
          share: value / totals.importerProductUsd,
        };
      }),
    };
    const reason = opportunity
      ? null
      : await whyNone(published, request, product, { covered: supply !== null, potential, actual });
    return { published, card, reason };
  };
}

/** Why the cell is no opportunity. */
async function whyNone(
  published: Published,
  request: { exporter: string; importer: string },
  product: number,
  known: { covered: boolean; potential: number; actual: number },
): Promise<Reason> {
  if (!known.covered) return exportsNothing(published, request.exporter);
  if (known.potential > 0 && known.potential <= known.actual) {
    return { code: 'BELOW_THRESHOLD', detail: 'What is sold already reaches the potential: nothing is unrealised.' };
  }
  return whyNoOpportunity(published, request, { from: product, to: product + 1 }, 0);
}

/** The drivers of a potential above zero; null where a part is zero, which the reason of the card names. */
function driversOf(potential: number, totals: ScoreCard['totals']): { indexUsd: number; drivers: Drivers } | null {
  const size = (totals.exporterProductUsd * totals.importerProductUsd) / totals.worldProductUsd;
  const ease = totals.pairUsd / totals.exposureUsd;
  const index = size * ease;
  if (!(potential > 0 && index > 0)) return null;
  return {
    indexUsd: index,
    drivers: {
      sizeUsd: size,
      ease,
      marginAdjustment: potential / index,
      logPotential: Math.log(potential),
      logSize: Math.log(size),
      logEase: Math.log(ease),
      logMarginAdjustment: Math.log(potential / index),
    },
  };
}

async function findOpportunity(
  blocks: AsyncIterable<CellBlock>,
  product: number,
): Promise<{ block: CellBlock; n: number } | null> {
  for await (const block of blocks) {
    const n = block.productN.indexOf(product);
    if (n >= 0) return { block, n };
  }
  return null;
}

function names(world: World, exporter: number, product: number, importer: number) {
  const [from, to, what] = [world.countryFacts[exporter], world.countryFacts[importer], world.productFacts[product]];
  return {
    exporter: from?.code ?? '',
    exporterName: from?.name ?? '',
    product: what?.code ?? '',
    productName: what?.name ?? '',
    importer: to?.code ?? '',
    importerName: to?.name ?? '',
  };
}

const orNull = (value: number) => (Number.isFinite(value) ? value : null);
