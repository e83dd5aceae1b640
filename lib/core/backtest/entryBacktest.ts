import { ENTRY_BASES, type EntryBasis, entryBasisOf } from '../entry/bases.ts';
import { pick } from '../pick.ts';
import type { Flows } from '../trade/flows.ts';
import { hsSection } from '../trade/hsSections.ts';
import { totals } from '../trade/totals.ts';
import type { CellScore } from './baselines.ts';
import { drawExporters, resampleRatio } from './bootstrap.ts';
import { captured } from './captured.ts';
import { cellsWhere, HUBS, type Part } from './cellsWhere.ts';
import { type EntryCandidates, entryCandidates, valueAfter } from './entryCandidates.ts';
import { type Interval, interval } from './interval.ts';
import { difference, type Judgement, judge, RANKING_METRICS, type RankingMetric, TOP } from './judge.ts';

/** What is to be foreseen: which empty cells of the base year hold at least so much afterwards. */
export interface EntryQuestion {
  readonly before: Flows;
  /** on the axes of `before` */
  readonly after: Flows;
  /** exporters whose later trade is known, positions ascending */
  readonly exporterE: Uint16Array;
  /** exporter · number of countries + importer, for pairs whose trade was not reported before */
  readonly unknownPairs: ReadonlySet<number>;
  /** USD */
  readonly eventUsd: number;
  /** trade of years between, on the same axes: an entry that none of them has is late */
  readonly between: readonly Flows[];
  /** a label by country, such as its continent; the parts "by region" are those of the importers */
  readonly regionOf: (country: string) => string;
  readonly draws: number;
  readonly seed: number;
}

export interface MetricValue {
  readonly value: number;
  readonly interval: Interval;
  /** by how much it is better than the reference, over the same draws; null for the reference itself */
  readonly over: { readonly difference: number; readonly interval: Interval } | null;
}

/** What a score is worth on a part of the cells. */
export interface PartResult {
  readonly by: 'basis' | 'region' | 'section' | 'hubs left out' | 'late entries';
  readonly part: string;
  readonly cells: number;
  readonly positives: number;
  readonly auc: number;
  readonly averagePrecision: number;
  readonly precisionAt20: number;
}

export interface ScoreResult {
  readonly name: string;
  readonly about: string;
  readonly metrics: Readonly<Record<RankingMetric, MetricValue>>;
  readonly lift: number;
  readonly precisionAt1000: number;
  readonly bestF1: number;
  /** of all that came into being, the share in the first twenty cells of each exporter; and of what any twenty could have held */
  readonly captured: { readonly share: number; readonly ofBest: number; readonly interval: Interval };
  readonly parts: readonly PartResult[];
}

export interface Universe {
  readonly exporters: number;
  readonly cells: number;
  readonly positives: number;
  readonly prevalence: number;
  /** exporters with at least twenty positives, of which precision at 20 is the mean */
  readonly exportersAt20: number;
  readonly unknownPairs: number;
  /** entries of which no year between knows; null without such years */
  readonly late: number | null;
}

/**
 * Prepares a back-test of entries. Scores are judged one after another, so that one at a time is in memory; the first is the reference that
 * others are compared with.
 *
 * Candidates are the empty cells of exporters with known outcomes whose importer buys the product from somebody (`entryCandidates`); every one of them is
 * judged, ties at expected value, intervals by draws of exporters.
 *
 * @throws NothingEntered without any candidate or positive
 * @source METHODS 6, task B
 */
export function entryBacktest(question: EntryQuestion) {
  const { before, after, exporterE, unknownPairs, eventUsd, between, regionOf, draws, seed } = question;
  const candidates = entryCandidates(before, exporterE, unknownPairs);
  const { startE, importerN, productN } = candidates;
  const valueN = valueAfter(candidates, after);
  const positiveN = Uint8Array.from(valueN, (value) => (value >= eventUsd ? 1 : 0));
  const judged = { startE, positiveN };
  const positives = positiveN.reduce((sum, y) => sum + y, 0);
  if (positives === 0)
    throw new NothingEntered(`of ${positiveN.length} empty cells none reaches ${eventUsd} USD afterwards`);
  const timesDE = drawExporters(exporterE.length, draws, seed);
  const { parts, late } = partsOf(candidates, positiveN, { before, between, regionOf, eventUsd });

  /** Visits every candidate with its number, exporter by exporter. */
  function walk(visitOf: (exporter: number) => (importer: number, product: number, n: number) => void): void {
    for (const [e, exporter] of exporterE.entries()) {
      const visit = visitOf(exporter);
      for (let n = startE[e]!; n < startE[e + 1]!; n++) visit(importerN[n]!, productN[n]!, n);
    }
  }

  let reference: Judgement | null = null;
  return {
    candidates,
    positiveN,
    timesDE,
    universe(): Universe {
      let exportersAt20 = 0;
      for (let e = 0; e < exporterE.length; e++) {
        let own = 0;
        for (let n = startE[e]!; n < startE[e + 1]!; n++) own += positiveN[n]!;
        if (own >= TOP) exportersAt20++;
      }
      return {
        exporters: exporterE.length,
        cells: positiveN.length,
        positives,
        prevalence: positives / positiveN.length,
        exportersAt20,
        unknownPairs: unknownPairs.size,
        late,
      };
    },
    /** The cells of each kind of entry that has an entry at all. */
    bases: parts.flatMap(({ by, part, ...own }) => (by === 'basis' ? [{ basis: part as EntryBasis, ...own }] : [])),
    /** The score of every candidate. */
    scored(scoreOf: (exporter: number) => CellScore): Float64Array {
      const scoreN = new Float64Array(positiveN.length);
      walk((exporter) => {
        const score = scoreOf(exporter);
        return (importer, product, n) => {
          scoreN[n] = score(importer, product);
        };
      });
      return scoreN;
    },
    walk,
    /** Judges the scores of all candidates; the first call is the reference of those after it. */
    judge(name: string, about: string, scoreN: Float64Array): ScoreResult {
      const own = judge(judged, scoreN, timesDE);
      const over = reference === null ? null : difference(own, reference);
      reference ??= own;
      const metrics = Object.fromEntries(
        RANKING_METRICS.map((metric): [RankingMetric, MetricValue] => [
          metric,
          { value: own.values[metric], interval: own.intervals[metric], over: over?.[metric] ?? null },
        ]),
      ) as Record<RankingMetric, MetricValue>;
      const { topE, bestE, totalE } = captured(startE, scoreN, valueN, TOP);
      const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
      return {
        name,
        about,
        metrics,
        lift: own.lift,
        precisionAt1000: own.precisionAt1000,
        bestF1: own.bestF1,
        captured: {
          share: sum(topE) / sum(totalE),
          ofBest: sum(topE) / sum(bestE),
          interval: interval(resampleRatio(topE, totalE, timesDE)),
        },
        parts: parts.map(({ by, part, judged: some, rowN }): PartResult => {
          const scores = pick(scoreN, rowN, new Float64Array(rowN.length));
          const { cells, positives: found, values } = judge(some, scores, timesDE.subarray(0, exporterE.length));
          const { auc, averagePrecision, precisionAt20 } = values;
          return { by, part, cells, positives: found, auc, averagePrecision, precisionAt20 };
        }),
      };
    },
  };
}

type NamedPart = Part & Pick<PartResult, 'by' | 'part'>;

/** The parts with at least one positive. */
function partsOf(
  { exporterE, startE, importerN, productN }: EntryCandidates,
  positiveN: Uint8Array,
  { before, between, regionOf, eventUsd }: Pick<EntryQuestion, 'before' | 'between' | 'regionOf' | 'eventUsd'>,
): { parts: NamedPart[]; late: number | null } {
  const judged = { startE, positiveN };
  const cells = positiveN.length;
  const { countries, products } = before;
  const parts: NamedPart[] = [];
  const add = (by: PartResult['by'], names: readonly string[], labelN: Uint8Array) => {
    for (const [label, part] of names.entries()) {
      const own = cellsWhere(judged, labelN, label);
      if (own.judged.positiveN.includes(1)) parts.push({ by, part, ...own });
    }
  };
  const eachCell = (label: (exporter: number, importer: number, product: number) => number) => {
    const labelN = new Uint8Array(cells);
    for (const [e, exporter] of exporterE.entries())
      for (let n = startE[e]!; n < startE[e + 1]!; n++) labelN[n] = label(exporter, importerN[n]!, productN[n]!);
    return labelN;
  };

  const basisOf = entryBasisOf(totals(before));
  add(
    'basis',
    ENTRY_BASES,
    eachCell((exporter, importer, product) => basisOf({ exporter, importer, product })),
  );
  const regionM = countries.codes.map(regionOf);
  const regions = [...new Set(regionM)].sort();
  add(
    'region',
    regions,
    eachCell((_, importer) => regions.indexOf(regionM[importer]!)),
  );
  const sectionP = products.codes.map((code) => hsSection(code));
  const sections = [...new Set(sectionP)].sort((a, b) => a - b);
  add(
    'section',
    sections.map(String),
    eachCell((_e, _m, product) => sections.indexOf(sectionP[product]!)),
  );
  const hubs = new Set<number>(HUBS.map((code) => countries.at.get(code) ?? -1));
  add(
    'hubs left out',
    ['all other exporters'],
    eachCell((exporter) => (hubs.has(exporter) ? 1 : 0)),
  );
  if (between.length === 0) return { parts, late: null };

  // an entry that a year between knows already is left out of the late ones, and so is nothing else
  const earlyN = new Uint8Array(cells);
  for (const flows of between) {
    const valueN = valueAfter({ exporterE, startE, importerN, productN }, flows);
    for (let n = 0; n < cells; n++) if (valueN[n]! >= eventUsd) earlyN[n] = positiveN[n]!;
  }
  add('late entries', ['none in any year between'], earlyN);
  return { parts, late: positiveN.reduce((sum, y, n) => sum + (y === 1 && earlyN[n] === 0 ? 1 : 0), 0) };
}

/** There is nothing to judge by. */
export class NothingEntered extends RangeError {}

export const PROFIT_UNKNOWN =
  'That a cell filled does not say that it paid, and one that stayed empty may have been a missed opportunity.';

/** What no figure of such a back-test can show; printed with it. */
export const CAVEATS: readonly string[] = [
  'One period and one event: how well a score does in another period is not known. Choices made while looking at this one are exploratory.',
  'Exporters without a later report are left out, so what is said holds for exporters that report.',
  'An empty cell may be trade below the threshold of reporting; a pair that did not report is unknown and not judged where it is named.',
  PROFIT_UNKNOWN,
];
