import { auc } from './auc.ts';
import { averagePrecision } from './averagePrecision.ts';
import { bestF1 } from './bestF1.ts';
import { resample, resampleMean } from './bootstrap.ts';
import { type Interval, interval, pairedInterval } from './interval.ts';
import { commonList, exporterLists, type Judged, rankPositives } from './positiveRanks.ts';
import { precisionAt, rPrecision } from './precisionAt.ts';

/** Exporters with at least this many positives are judged by the first twenty places; for the others twenty cannot all be right. */
export const TOP = 20;
/** Places of the common list whose precision is given. */
const COMMON_TOP = 1_000;

/** The metrics that have an interval. */
export const RANKING_METRICS = [
  'auc',
  'averagePrecision',
  'macroAveragePrecision',
  'precisionAt20',
  'rPrecision',
] as const;
export type RankingMetric = (typeof RANKING_METRICS)[number];

/** What one score is worth as a ranking. */
export interface Judgement {
  readonly cells: number;
  readonly positives: number;
  /** positives / cells: the average precision of a ranking that knows nothing */
  readonly prevalence: number;
  readonly values: Readonly<Record<RankingMetric, number>>;
  /** average precision over prevalence */
  readonly lift: number;
  readonly bestF1: number;
  readonly precisionAt1000: number;
  /** how many exporters each of the two is a mean of; macro average precision is over those of the first */
  readonly exporters: { readonly precisionAt20: number; readonly rPrecision: number };
  /** of each exporter alone; NaN where it does not apply */
  readonly perExporter: {
    readonly averagePrecisionE: Float64Array;
    readonly precisionAt20E: Float64Array;
    readonly rPrecisionE: Float64Array;
  };
  /** one value of each metric a draw */
  readonly drawn: Readonly<Record<RankingMetric, Float64Array>>;
  readonly intervals: Readonly<Record<RankingMetric, Interval>>;
}

/**
 * Judges a score as a ranking of cells, with intervals by exporter.
 *
 * AUC and average precision are of the list of all exporters together. Precision at 20 and macro average precision are means over exporters with at least
 * 20 positives, R-precision that over all other exporters with any. Ties stand at expected value.
 *
 * @param timesDE draws × exporters (`drawExporters`); the same for every score that is to be compared
 * @throws RangeError for a score that is NaN
 * @source METHODS 6
 */
export function judge(judged: Judged, scoreN: Float64Array, timesDE: Uint16Array): Judgement {
  const ranks = rankPositives(judged, scoreN);
  const list = commonList(ranks);
  const lists = exporterLists(ranks);

  // each exporter alone
  const averagePrecisionE = Float64Array.from(lists, averagePrecision);
  const precisionAt20E = Float64Array.from(lists, (own) => (own.positives >= TOP ? precisionAt(own, TOP) : Number.NaN));
  const rPrecisionE = Float64Array.from(lists, (own) => (own.positives < TOP ? rPrecision(own) : Number.NaN));

  const macroE = averagePrecisionE.map((value, e) => (lists[e]!.positives >= TOP ? value : Number.NaN));
  const values = {
    auc: auc(list),
    averagePrecision: averagePrecision(list),
    macroAveragePrecision: meanOf(macroE),
    precisionAt20: meanOf(precisionAt20E),
    rPrecision: meanOf(rPrecisionE),
  };
  const { aucD, apD } = resample(ranks, timesDE);
  const drawn = {
    auc: aucD,
    averagePrecision: apD,
    macroAveragePrecision: resampleMean(macroE, timesDE),
    precisionAt20: resampleMean(precisionAt20E, timesDE),
    rPrecision: resampleMean(rPrecisionE, timesDE),
  };
  const prevalence = list.positives / list.cells;
  return {
    cells: list.cells,
    positives: list.positives,
    prevalence,
    values,
    lift: values.averagePrecision / prevalence,
    bestF1: bestF1(list),
    precisionAt1000: precisionAt(list, COMMON_TOP),
    exporters: { precisionAt20: countOf(precisionAt20E), rPrecision: countOf(rPrecisionE) },
    perExporter: { averagePrecisionE, precisionAt20E, rPrecisionE },
    drawn,
    intervals: perMetric((metric) => interval(drawn[metric])),
  };
}

/** By how much one score is better than another over the same draws. */
export interface Difference {
  readonly difference: number;
  readonly interval: Interval;
}

/**
 * The paired comparison of two judgements. One is better beyond chance where the lower bound is above 0.
 *
 * @throws RangeError when the two were not made with as many draws
 */
export function difference(one: Judgement, other: Judgement): Record<RankingMetric, Difference> {
  if (one.drawn.auc.length !== other.drawn.auc.length)
    throw new RangeError(`difference: ${one.drawn.auc.length} draws against ${other.drawn.auc.length}`);
  return perMetric((metric) => ({
    difference: one.values[metric] - other.values[metric],
    interval: pairedInterval(one.drawn[metric], other.drawn[metric]),
  }));
}

const perMetric = <Value>(of: (metric: RankingMetric) => Value) =>
  Object.fromEntries(RANKING_METRICS.map((metric) => [metric, of(metric)])) as Record<RankingMetric, Value>;

const countOf = (valueE: Float64Array) => valueE.filter((value) => !Number.isNaN(value)).length;

function meanOf(valueE: Float64Array): number {
  const known = valueE.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
