import { withinBand } from '../core/entry/gainBand.ts';
import type { TrainedOn } from '../core/entry/trainEntryModel.ts';
import { FORECAST_YEARS, flowForecast, LONGEST_HORIZON } from '../core/forecast/flowForecast.ts';
import type { Blend } from '../core/potential/blend.ts';
import { blendedValue } from '../core/potential/blendedValue.ts';
import { degree, gap } from '../core/potential/gap.ts';
import type { Model } from '../core/potential/modelEffects.ts';
import { demandRatio, HORIZON_YEARS, oneIfUnknown, supplyRatio } from '../core/potential/projection.ts';
import { agreement, agreementByte, type Confidence } from '../core/scoring/confidence.ts';
import { CONTRIBUTION_GROUPS, type ContributionGroup } from '../core/scoring/contributions.ts';
import { noiseSd } from '../core/scoring/dispersion.ts';
import { type Drivers as CoreDrivers, drivers } from '../core/scoring/drivers.ts';
import { bitsWhere, type Flag, flagsIn, isLumpy, isPassedOn } from '../core/scoring/flags.ts';
import { BASES, type Basis, basisOf } from '../core/scoring/scoredCells.ts';
import { sizeAlone, staticIndex } from '../core/scoring/staticIndex.ts';
import { unrealisedRaw, unrealisedShrunk } from '../core/scoring/unrealised.ts';
import { hsSection } from '../core/trade/hsSections.ts';
import { cellConfidence } from './cellConfidence.ts';
import { countryAt, type Nearest, productAt } from './codes.ts';
import { type CellBlock, MEASURES } from './layout/cells.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import type { ExporterFacts } from './layout/readExporter.ts';
import type { ImporterCell, Suppliers } from './layout/readImporter.ts';
import type { Rate } from './layout/tariffPages.ts';
import type { World } from './layout/worldPages.ts';
import { cents, digits } from './opportunity.ts';
import { type Precedents, precedentsOf } from './precedents.ts';
import type { Reason } from './reason.ts';
import { exportsNothing, whyNoOpportunity } from './whyNoOpportunity.ts';

/** Largest suppliers that a card lists. */
const COMPETITORS = 10;

/**
 * Everything known of one (exporter, product, importer). USD at full precision; what follows from a potential is null for a new product, where supply is not observed.
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
  /** E[max(v later − v, 0)], what the score ranks; null when the cell is no opportunity */
  readonly opportunityUsd: number | null;
  /** where the mean gain of cells like this one lies, in nineteen of twenty draws of exporters; null when the cell is no opportunity */
  readonly opportunityIntervalUsd: { readonly low: number; readonly high: number } | null;
  /** that an empty cell is entered; null for an existing one, and when the cell is no opportunity */
  readonly feasibility: number | null;
  /** what the model behind opportunity and feasibility has learned from, and whether that is like these data */
  readonly foresightNote: string;
  /** what the expectation is made of; null when the cell is no opportunity */
  readonly contributions: Contributions | null;
  /** product-space density around the product */
  readonly density: number;
  readonly flags: readonly Flag[];
  readonly confidence: Confidence;
  readonly rca: number | null;
  readonly actualUsd: number;
  /** what the models expect together */
  readonly potentialUsd: number | null;
  readonly models: ModelValues | null;
  /** the same by the end of the horizon; null where the potential is no estimate, or neither growth nor tariffs are known */
  readonly projected: Projected | null;
  readonly realisedUsd: number | null;
  /** net of noise */
  readonly unrealisedUsd: number | null;
  readonly unrealisedRawUsd: number | null;
  /** of the potential, the share that is unrealised, raw; null where there is none */
  readonly degree: number | null;
  /** static index of export potential: size × ease */
  readonly indexUsd: number | null;
  /** null where the potential is no estimate, which the reason explains */
  readonly drivers: Drivers | null;
  /** what is expected to be sold, one to five years after the latest; null where nothing can be said, and why is in `forecastNote` */
  readonly forecast: readonly ForecastYear[] | null;
  readonly forecastNote: string;
  readonly totals: Totals;
  /** who does already what the cell is about */
  readonly precedents: Precedents;
  readonly competitors: readonly {
    readonly exporter: string;
    readonly exporterName: string;
    readonly valueUsd: number;
    /** of what the importer buys of the product */
    readonly share: number;
  }[];
}

/**
 * What growth and tariffs make of a potential: potentialUsd = static potential × supplyRatio × demandRatio × tariffRatio. Not a re-fit, and not what the score
 * ranks. unrealisedUsd = frictionUsd + growthUsd.
 */
export interface Projected {
  readonly horizonYears: number;
  readonly potentialUsd: number;
  /** the exporter's market share, with its GDP */
  readonly supplyRatio: number;
  /** the importer's demand, with its people and their income */
  readonly demandRatio: number;
  /** percent by which imports per head grow with one of income per head; 1 where no file says */
  readonly incomeElasticity: number;
  /** what the importer charges, beside what it charges others and what others charge; 1 where tariffs are not known */
  readonly tariffRatio: number;
  /** percent by which imports fall with one of price: the tariff terms are raised to it; 1 where no file says */
  readonly priceElasticity: number;
  /** what the importer charges on the value; null where not known */
  readonly tariffPercent: number | null;
  /** what the projected potential exceeds sales by, before noise is taken off */
  readonly unrealisedUsd: number;
  /** of that, what is missing already now */
  readonly frictionUsd: number;
  /** and what comes with growth */
  readonly growthUsd: number;
  /** what is not known of this cell, and counts as the world's mean (growth) or as 1 (tariff, elasticities) */
  readonly assumed: readonly (
    | 'exporterGrowth'
    | 'importerGrowth'
    | 'tariff'
    | 'incomeElasticity'
    | 'priceElasticity'
  )[];
}

/** What each model says of a cell by itself, null where it is silent, and how the potential is made of them: scale · Π model^weight. */
export interface ModelValues {
  readonly threeWayUsd: number | null;
  readonly gravityUsd: number | null;
  readonly indexUsd: number | null;
  readonly weights: Readonly<Record<Model, number>>;
  readonly scale: number;
}

/**
 * What the models see in a cell. The parts sum to the total: for an empty cell the log-odds ln(p / (1 − p)) of its feasibility, for an existing one
 * the logarithm of how many times as much is expected.
 */
export interface Contributions {
  readonly of: 'logOdds' | 'logGrowth';
  readonly base: number;
  readonly parts: readonly { readonly group: ContributionGroup; readonly value: number }[];
  /** from a sum of shapes to a probability, by the kind of entry and the size of the exporter; 0 for growth */
  readonly calibration: number;
  readonly total: number;
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
    const selling = buyer.suppliers(product, request.product);
    const hasTariffs = published.manifest.covariates.some(({ measure }) => measure === 'tariffPercent');
    const [supply, demand, suppliers, found, ease, sums, reseller, rate, precedents] = await Promise.all([
      seller.facts(),
      buyer.cell(product),
      selling,
      foundIn(seller.group('importer', request.importer), product),
      world.blend && seller.gravityEase(),
      seller.contributions(request.importer, product),
      published.exporter(request.importer).facts(),
      hasTariffs ? buyer.rate({ product, code: request.product, exporter }) : null,
      precedentsOf(published, { ...request, product }, selling, seller.facts()),
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
    const resold = reseller?.valueP[product] ?? 0;
    const sells = totals.exporterProductUsd > 0;
    const basis = BASES[basisOf(totals.exporterProductUsd, totals.pairUsd, actual)] ?? 'newProduct';
    const known = potentialFrom(world.blend, ease, supply, demand, totals, {
      product,
      importer,
      code: request.product,
    });
    const potential = sells ? known.potential : Number.NaN;
    const isEstimate = sells && known.isEstimate;
    const raw = unrealisedRaw(potential, actual);

    const card: ScoreCard = {
      ...names(world, exporter, product, importer),
      basis,
      score: found && digits(found.score),
      opportunityUsd: found && orNull(found.opportunityUsd),
      opportunityIntervalUsd: found && intervalOf(world.foresight, basis, found.opportunityUsd),
      feasibility: found && digits(found.feasibility),
      foresightNote: foresightNote(
        basis === 'existing' ? world.foresight.growth : world.foresight.entry,
        published.manifest.level,
      ),
      contributions:
        found && sums && contributionsOf(world.foresight, sums, basis === 'existing' ? null : found.feasibility),
      density: digits(supply?.densityP[product] ?? 0) ?? 0,
      // a list has looked at the flow itself too
      flags: flagsIn(
        found?.flags ??
          bitsWhere({
            lumpy: isLumpy(request.product),
            passedOn: isPassedOn(resold, totals.importerProductUsd),
            oneYear: supply?.oneYearP[product] === 1 || demand?.oneYear === true,
          }),
      ),
      confidence: cellConfidence(
        published.evidence,
        supply?.marketsP[product] ?? 0,
        // what the list keeps decides, so that both say the same where rounding differs
        found?.agreement ?? agreementByte(agreement(known.models.threeWayUsd ?? 0, known.models.gravityUsd ?? 0)),
        isEstimate,
      ),
      rca: digits(supply?.rcaP[product] ?? Number.NaN),
      actualUsd: actual,
      potentialUsd: orNull(potential),
      models: isEstimate ? known.models : null,
      projected:
        isEstimate && supply
          ? projectedFrom(
              world,
              rate,
              supply.customersP[product] ?? 1,
              demand?.incomeElasticity ?? Number.NaN,
              { exporter, importer, product },
              potential,
              actual,
            )
          : null,
      realisedUsd: orNull(Math.min(actual, potential)),
      unrealisedUsd: orNull(
        isEstimate ? unrealisedShrunk(potential, actual, noiseSd(world.noise, product, potential)) : raw,
      ),
      unrealisedRawUsd: orNull(raw),
      degree: orNull(degree([potential], [actual])),
      ...(isEstimate ? explained(potential, totals) : { indexUsd: null, drivers: null }),
      ...forecastOf(published.manifest.years, actual, own < 0 ? null : (suppliers.latestN?.[own] ?? null)),
      totals,
      precedents,
      competitors: competitors(world, suppliers, totals.importerProductUsd),
    };
    const reason =
      found === null
        ? await whyNone(published, request, product, { covered: supply !== null, potential, actual, basis, isEstimate })
        : null;
    return { published, card, reason };
  };
}

/** The interval of an expected gain; null where it has none. */
function intervalOf({ entry, growth }: World['foresight'], basis: Basis, expected: number) {
  if (!Number.isFinite(expected)) return null;
  const [low, high] = withinBand(basis === 'existing' ? growth.band : entry.bands[basis], expected);
  return Number.isFinite(high) ? { low: cents(low) ?? 0, high: cents(high) ?? 0 } : null;
}

/** Puts the sums together, with what remains between them and the probability. */
function contributionsOf(
  { entry, growth }: World['foresight'],
  sums: Float32Array,
  probability: number | null,
): Contributions {
  const parts = CONTRIBUTION_GROUPS.map((group, g) => ({ group, value: sums[g] ?? 0 }));
  const { intercept: base } = probability === null ? growth : entry;
  const score = parts.reduce((sum, { value }) => sum + value, base);
  if (probability === null) return { of: 'logGrowth', base, parts, calibration: 0, total: score };
  const total = Math.log(probability / (1 - probability));
  return { of: 'logOdds', base, parts, calibration: total - score, total };
}

/** What a model knows, in a sentence, and what it does not. */
function foresightNote({ before, after, level, exporters, positives }: TrainedOn, levelHere: number): string {
  const learned = positives === null ? 'how flows that went on grew' : 'which empty cells held 100,000 USD';
  const known = `Learned from ${level}-digit products of ${exporters} exporters: ${learned} from ${before} to ${after}.`;
  return level === levelHere
    ? known
    : `${known} Products here have ${levelHere} digits: take chances and gains as ranks.`;
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

/**
 * The potential of the cell: the blend of what the models say of it, or without one the three-way fit mu = A·B·C. No estimate where the totals decide it, or no model
 * speaks.
 */
function potentialFrom(
  blend: Blend | null,
  easeGM: Float64Array | null,
  supply: ExporterFacts | null,
  demand: ImporterCell | null,
  totals: Totals,
  { product, importer, code }: { product: number; importer: number; code: string },
): { potential: number; isEstimate: boolean; models: ModelValues } {
  const decided = supply?.profile.decided.find(([p, m]) => p === product && m === importer);
  const ease = easeGM ? (easeGM[(hsSection(code) - 1) * (supply?.valueM.length ?? 0) + importer] ?? 0) : 0;
  const isSilent = supply?.profile.gravitySilent.some(([p, m]) => p === product && m === importer);
  const { exporterProductUsd, importerProductUsd, worldProductUsd, pairUsd, exposureUsd } = totals;
  const by = {
    threeWay: decided
      ? 0
      : (supply?.factorAP[product] ?? 0) * (demand?.factorB ?? 0) * (supply?.factorCM[importer] ?? 0),
    gravity: isSilent ? 0 : (supply?.gravityAP[product] ?? 0) * (demand?.gravityB ?? 0) * ease,
    index:
      pairUsd > 0
        ? staticIndex(sizeAlone(exporterProductUsd, importerProductUsd, worldProductUsd), pairUsd, exposureUsd)
        : 0,
  };
  const { potential, weights, scale } = blend
    ? blendedValue(blend, by)
    : { potential: by.threeWay, weights: { threeWay: 1, gravity: 0, index: 0 }, scale: 1 };
  const isEstimate = potential > 0;
  return {
    potential: isEstimate ? potential : (decided?.[2] ?? 0),
    isEstimate,
    models: {
      threeWayUsd: by.threeWay || null,
      gravityUsd: by.gravity || null,
      indexUsd: by.index || null,
      weights,
      scale,
    },
  };
}

/** The potential by the end of the horizon, and what of it is missing; null where nothing is known that would change it. */
function projectedFrom(
  { growth, elasticities }: Pick<World, 'growth' | 'elasticities'>,
  rate: Rate | null,
  customersRatio: number,
  ownIncome: number,
  { exporter, importer, product }: { exporter: number; importer: number; product: number },
  potential: number,
  actual: number,
): Projected | null {
  if (!growth && !rate) return null;
  const supply = growth ? supplyRatio(growth, exporter, product) : 1;
  // what is said of the importer goes before what is said of all
  const income = Number.isNaN(ownIncome) ? (elasticities?.incomeP[product] ?? Number.NaN) : ownIncome;
  const price = elasticities?.priceP[product] ?? Number.NaN;
  const demand = growth ? demandRatio(growth, importer, oneIfUnknown(income)) : 1;
  const tariff = rate ? rate.advantage * customersRatio : 1;
  const projected = potential * supply * demand * tariff;
  const { unrealised, friction, growth: coming } = gap(projected, potential, actual);
  return {
    horizonYears: HORIZON_YEARS,
    potentialUsd: projected,
    supplyRatio: supply,
    demandRatio: demand,
    incomeElasticity: oneIfUnknown(income),
    tariffRatio: tariff,
    priceElasticity: oneIfUnknown(price),
    tariffPercent: rate ? digits(rate.percent) : null,
    unrealisedUsd: unrealised,
    frictionUsd: friction,
    growthUsd: coming,
    assumed: [
      ...(growth?.knownE[exporter] ? [] : (['exporterGrowth'] as const)),
      ...(growth?.knownE[importer] ? [] : (['importerGrowth'] as const)),
      ...(rate ? [] : (['tariff'] as const)),
      ...(Number.isNaN(income) ? (['incomeElasticity'] as const) : []),
      ...(Number.isNaN(price) ? (['priceElasticity'] as const) : []),
    ],
  };
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
  if (reason.code !== 'BELOW_THRESHOLD' || known.basis === 'newProduct') return reason;
  if (!known.isEstimate) {
    const detail = 'The totals of this trade leave it no choice: the potential is what is sold.';
    return { code: 'NOT_ESTIMATED', detail };
  }
  if (known.potential > known.actual) return reason;
  return { code: 'BELOW_THRESHOLD', detail: 'What is sold already reaches the potential: nothing is unrealised.' };
}

/** The cell among the opportunities of its importer; null when it is none. */
async function foundIn(blocks: AsyncIterable<CellBlock>, product: number) {
  for await (const block of blocks) {
    const n = block.productN.indexOf(product);
    if (n < 0) continue;
    const [score, opportunityUsd] = [MEASURES.score(block, n), MEASURES.opportunityUsd(block, n)];
    return {
      score,
      opportunityUsd,
      feasibility: MEASURES.feasibility(block, n),
      agreement: block.agreementI[n] ?? 0,
      flags: block.flagN[n] ?? 0,
    };
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
