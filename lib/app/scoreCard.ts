import { FORECAST_YEARS, flowForecast, LONGEST_HORIZON } from '../core/forecast/flowForecast.ts';
import { noiseSd } from '../core/scoring/dispersion.ts';
import { type Drivers as CoreDrivers, drivers } from '../core/scoring/drivers.ts';
import type { Basis } from '../core/scoring/scoredCells.ts';
import { sizeAlone, staticIndex } from '../core/scoring/staticIndex.ts';
import { unrealisedRaw, unrealisedShrunk } from '../core/scoring/unrealised.ts';
import { countryAt, type Nearest, productAt } from './codes.ts';
import { type CellBlock, MEASURES } from './layout/cells.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import type { ExporterFacts } from './layout/readExporter.ts';
import type { Suppliers } from './layout/readImporter.ts';
import type { World } from './layout/worldPages.ts';
import { digits } from './opportunity.ts';
import type { Reason } from './reason.ts';
import { exportsNothing, whyNoOpportunity } from './whyNoOpportunity.ts';

/** Largest suppliers that a card lists. */
const COMPETITORS = 10;

/**
 * Everything known of one (exporter, product, importer). USD at full precision; null on the extensive basis, where supply is not observed.
 */
export interface ScoreCard {
  readonly exporter: string;
  readonly exporterName: string;
  readonly product: string;
  readonly productName: string;
  readonly importer: string;
  readonly importerName: string;
  readonly basis: Basis;
  /** percentile among the exporter's cells on the basis; null when the cell is no opportunity, see `reason` */
  readonly score: number | null;
  /** product-space density around the product */
  readonly feasibility: number;
  readonly rca: number | null;
  readonly actualUsd: number;
  readonly potentialUsd: number | null;
  readonly realisedUsd: number | null;
  /** net of noise */
  readonly unrealisedUsd: number | null;
  readonly unrealisedRawUsd: number | null;
  /** static index of export potential: size × ease */
  readonly indexUsd: number | null;
  /** null where the potential is no estimate, which the reason explains */
  readonly drivers: Drivers | null;
  /** what is expected to be sold, one to five years after the latest; null where nothing can be said, and why is in `forecastNote` */
  readonly forecast: readonly ForecastYear[] | null;
  readonly forecastNote: string;
  readonly totals: Totals;
  readonly competitors: readonly {
    readonly exporter: string;
    readonly exporterName: string;
    readonly valueUsd: number;
    /** of what the importer buys of the product */
    readonly share: number;
  }[];
}

/** One year of a forecast, with an interval that held four outcomes in five of flows of that size. */
export interface ForecastYear {
  readonly year: number;
  readonly valueUsd: number;
  readonly lowUsd: number;
  readonly highUsd: number;
}

/** potential = size × ease × marginAdjustment, and the logarithms add up; none depends on how the factors of the fit are scaled. */
export interface Drivers extends Omit<CoreDrivers, 'size'> {
  readonly sizeUsd: number;
  readonly logPotential: number;
}

interface Totals {
  readonly exporterProductUsd: number;
  readonly importerProductUsd: number;
  readonly pairUsd: number;
  readonly worldProductUsd: number;
  /** what the pair would trade at world market shares */
  readonly exposureUsd: number;
}

/**
 * The card of one cell: potential and drivers from the factors of the fit, the actual value and the competitors from the importer's
 * flows, the score from the exporter's opportunities. All reads at once; one more where a chapter or an importer fills several pages.
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
    const [supply, demand, suppliers, score] = await Promise.all([
      seller.facts(),
      buyer.cell(product),
      buyer.suppliers(product, request.product),
      scoreOf(seller.group('importer', request.importer), product),
    ]);

    const totals: Totals = {
      exporterProductUsd: supply?.valueP[product] ?? 0,
      importerProductUsd: demand?.importerProductUsd ?? 0,
      pairUsd: supply?.valueM[importer] ?? 0,
      worldProductUsd: world.productFacts[product]?.worldTradeUsd ?? 0,
      exposureUsd: supply?.exposureM[importer] ?? 0,
    };
    const own = suppliers.exporterN.indexOf(exporter);
    const actual = suppliers.valueN[own] ?? 0;
    const basis: Basis = totals.exporterProductUsd > 0 ? 'intensive' : 'extensive';
    const fitted = potentialOf(supply, demand?.factorB ?? 0, product, importer);
    const potential = basis === 'intensive' ? fitted.potential : Number.NaN;
    const isEstimate = basis === 'intensive' && fitted.isEstimate;
    const raw = unrealisedRaw(potential, actual);

    const card: ScoreCard = {
      ...names(world, exporter, product, importer),
      basis,
      score,
      feasibility: digits(supply?.densityP[product] ?? 0) ?? 0,
      rca: digits(supply?.rcaP[product] ?? Number.NaN),
      actualUsd: actual,
      potentialUsd: orNull(potential),
      realisedUsd: orNull(Math.min(actual, potential)),
      unrealisedUsd: orNull(
        isEstimate ? unrealisedShrunk(potential, actual, noiseSd(world.noise, product, potential)) : raw,
      ),
      unrealisedRawUsd: orNull(raw),
      ...(isEstimate ? explained(potential, totals) : { indexUsd: null, drivers: null }),
      ...forecastOf(published.manifest.years, actual, own < 0 ? null : (suppliers.latestN?.[own] ?? null)),
      totals,
      competitors: competitors(world, suppliers, totals.importerProductUsd),
    };
    const reason =
      score === null
        ? await whyNone(published, request, product, { covered: supply !== null, potential, actual, basis, isEstimate })
        : null;
    return { published, card, reason };
  };
}

/** The forecast of a flow from its mean and its latest value, or why there is none. */
function forecastOf(
  years: readonly number[],
  mean: number,
  latest: number | null,
): Pick<ScoreCard, 'forecast' | 'forecastNote'> {
  const none = (forecastNote: string) => ({ forecast: null, forecastNote });
  if (years.length !== FORECAST_YEARS)
    return none(`A forecast is made from ${FORECAST_YEARS} years; the run has ${years.length}.`);
  if (mean === 0) return none('Nothing was sold in these years: when a trade begins is not forecast.');
  if (latest === null || Number.isNaN(latest))
    return none('The exporter does not report in every one of the years that a forecast is made from.');
  const forecast = Array.from({ length: LONGEST_HORIZON }, (_, at) => {
    const { horizon, value, low, high } = flowForecast(latest, mean, at + 1);
    return { year: Math.max(...years) + horizon, valueUsd: value, lowUsd: low, highUsd: high };
  });
  return { forecast, forecastNote: FORECAST_NOTE };
}

const FORECAST_NOTE =
  'The latest value drawn towards the three-year mean. In back-tests at HS2 it missed less in relative terms than the latest value or the mean alone, and in dollars no less than the latest value; the interval held 73 to 84 % of outcomes.';

/** mu = A·B·C, but for the cells that the totals decide; an estimate where the factors give it. */
function potentialOf(supply: ExporterFacts | null, factorB: number, product: number, importer: number) {
  const decided = supply?.profile.decided.find(([p, m]) => p === product && m === importer);
  if (decided) return { potential: decided[2], isEstimate: false };
  const potential = (supply?.factorAP[product] ?? 0) * factorB * (supply?.factorCM[importer] ?? 0);
  return { potential, isEstimate: potential > 0 };
}

function explained(potential: number, totals: Totals): { indexUsd: number; drivers: Drivers } {
  const sizeUsd = sizeAlone(totals.exporterProductUsd, totals.importerProductUsd, totals.worldProductUsd);
  const indexUsd = staticIndex(sizeUsd, totals.pairUsd, totals.exposureUsd);
  const { size, ...parts } = drivers(potential, sizeUsd, indexUsd);
  return { indexUsd, drivers: { sizeUsd: size, ...parts, logPotential: Math.log(potential) } };
}

/** Why the cell is no opportunity. */
async function whyNone(
  published: Published,
  request: { exporter: string; importer: string },
  product: number,
  known: { covered: boolean; potential: number; actual: number; basis: Basis; isEstimate: boolean },
): Promise<Reason> {
  if (!known.covered) return exportsNothing(published, request.exporter);
  const reason = await whyNoOpportunity(published, request, { from: product, to: product + 1 }, 0);
  if (reason.code !== 'BELOW_THRESHOLD' || known.basis === 'extensive') return reason;
  if (!known.isEstimate) {
    const detail = 'The totals of this trade leave it no choice: the potential is what is sold.';
    return { code: 'NOT_ESTIMATED', detail };
  }
  if (known.potential > known.actual) return reason;
  return { code: 'BELOW_THRESHOLD', detail: 'What is sold already reaches the potential: nothing is unrealised.' };
}

async function scoreOf(blocks: AsyncIterable<CellBlock>, product: number): Promise<number | null> {
  for await (const block of blocks) {
    const n = block.productN.indexOf(product);
    if (n >= 0) return digits(MEASURES.score(block, n));
  }
  return null;
}

const competitors = (world: World, { exporterN, valueN }: Suppliers, importedUsd: number): ScoreCard['competitors'] =>
  Array.from(exporterN.subarray(0, COMPETITORS), (at, rank) => {
    const valueUsd = valueN[rank] ?? 0;
    const country = world.countryFacts[at];
    return {
      exporter: country?.code ?? '',
      exporterName: country?.name ?? '',
      valueUsd,
      share: valueUsd / importedUsd,
    };
  });

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
