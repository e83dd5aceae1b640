import type { Covariates } from '../covariates/covariates.ts';
import type { EntryBasis } from '../entry/bases.ts';
import type { TrainedOn } from '../entry/trainEntryModel.ts';
import { pick } from '../pick.ts';
import type { Flows } from '../trade/flows.ts';
import { totals } from '../trade/totals.ts';
import { BASELINES } from './baselines.ts';
import { resampleMean } from './bootstrap.ts';
import { type CalibrationBin, calibrationTable } from './calibration.ts';
import { captured } from './captured.ts';
import { entryBacktest, NothingEntered, PROFIT_UNKNOWN, type ScoreResult, type Universe } from './entryBacktest.ts';
import { exporterSample, reportingInBoth } from './exporterSample.ts';
import { type Interval, interval } from './interval.ts';
import { TOP } from './judge.ts';
import type { Judged } from './positiveRanks.ts';
import { quantileGroups } from './quantileGroups.ts';
import { shippedModelRows } from './shippedModelRows.ts';

/** Two years of a world, and what is known beside them. */
export interface JudgedYears {
  readonly base: { readonly year: number; readonly flows: Flows; readonly covariates: Covariates | null };
  /** on the axes of the base year */
  readonly outcome: { readonly year: number; readonly flows: Flows };
  /** on the same axes */
  readonly between: readonly Flows[];
  /** digits of the products */
  readonly level: number;
  readonly synthetic: boolean;
  readonly regionOf: (country: string) => string;
}

export interface ReportSettings {
  /** USD */
  readonly eventUsd: number;
  readonly draws: number;
  readonly seed: number;
  /** that are judged; where the world has more, exporters are drawn */
  readonly mostCells: number;
}

/** How many of an exporter's first twenty cells came true, for exporters of a size. */
export interface CameTrue {
  /** exports of the smallest and of the largest in the base year, USD */
  readonly fromUsd: number;
  readonly toUsd: number;
  readonly exporters: number;
  /** of the first twenty, the mean over exporters */
  readonly cameTrue: number;
  readonly interval: Interval;
}

export interface ReportedScore extends ScoreResult {
  /** by size of the exporter, the smallest first */
  readonly ofTwenty: readonly CameTrue[];
  /** what a probability is worth as such; null for a score that is none */
  readonly calibration: readonly CalibrationBin[] | null;
}

/** The same of the list that an exporter is shown: the cells of one basis by expected gain. */
export interface BasisRecord {
  readonly basis: EntryBasis;
  /** by size of the exporter, the smallest first; exporters without a cell of the basis are not counted */
  readonly sizes: readonly CameTrue[];
}

export interface EntryReport {
  readonly exporters: {
    /** with flows in both years */
    readonly known: number;
    readonly judged: number;
    /** with flows in the base year and none later */
    readonly lost: number;
  };
  /** null when there was nothing to judge */
  readonly universe: Universe | null;
  /** the first is what the others are compared with */
  readonly scores: readonly ReportedScore[];
  /** of the bases with at least one entry */
  readonly lists: readonly BasisRecord[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** what all this does not show, in sentences */
  readonly limits: readonly string[];
  /** why there is nothing to show, a whole sentence; null otherwise */
  readonly reason: string | null;
}

const MODEL = 'entry model';
const SIZES = 3;

/**
 * The back-test that belongs to a run: every score that needs nothing but the base year, and the probabilities of the shipped model, judged on which
 * empty cells filled by the later year.
 *
 * @cost about 8 s a score for 18 million cells, and 60 bytes a cell
 * @source METHODS 6, task B
 */
export function entryReport(years: JudgedYears, settings: ReportSettings): EntryReport {
  const { base, outcome, between, level, regionOf } = years;
  const { eventUsd, draws, seed, mostCells } = settings;
  const before = base.flows;

  // exporters that reported in both years; of many, some
  const knownE = reportingInBoth(before, outcome.flows);
  const exporterE = exporterSample(before, knownE, mostCells, seed);
  const exporters = {
    known: knownE.length,
    judged: exporterE.length,
    lost: new Set(before.exporterN).size - knownE.length,
  };
  const without = (reason: string): EntryReport => ({
    exporters,
    universe: null,
    scores: [],
    lists: [],
    skipped: [],
    limits: [],
    reason,
  });
  if (knownE.length === 0) return without(`No exporter has flows both in ${base.year} and in ${outcome.year}.`);
  if (exporterE.length === 0) return without(`One exporter alone has more than ${mostCells} empty cells to judge.`);
  const test = prepared();
  if (test === null)
    return without(`No cell that was empty in ${base.year} held ${eventUsd} USD or more in ${outcome.year}.`);

  // every score by itself: one at a time is in memory
  const { candidates, positiveN, timesDE, bases } = test;
  const bySize = cameTrueBySize();
  const ofTwenty = (scoreN: Float64Array) => bySize({ startE: candidates.startE, positiveN }, scoreN);
  const scores: ReportedScore[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const { name, about, of } of BASELINES) {
    const scoreOf = of(base);
    if (scoreOf === null) skipped.push({ name, reason: 'It needs distances or agreements, which no file states.' });
    else {
      const scoreN = test.scored(scoreOf);
      scores.push({ ...test.judge(name, about, scoreN), ofTwenty: ofTwenty(scoreN), calibration: null });
    }
  }
  const { model, rowsOf } = shippedModelRows(base);
  const { trainedOn } = model;
  const probabilityN = new Float64Array(positiveN.length);
  const gainN = new Float64Array(positiveN.length);
  test.walk((exporter) => {
    const rowOf = rowsOf(exporter);
    return (importer, product, n) => {
      const { probabilityP, worthP } = rowOf(importer);
      probabilityN[n] = probabilityP[product]!;
      gainN[n] = probabilityP[product]! * worthP[product]!;
    };
  });
  const judged = { startE: candidates.startE, positiveN };
  const about = `the shipped model of entries, trained on ${trainedOn.before} to ${trainedOn.after} at ${trainedOn.level} digits${
    trainedOn.level === level ? '' : ': elsewhere it ranks, and is no probability'
  }`;
  scores.push({
    ...test.judge(MODEL, about, probabilityN),
    ofTwenty: ofTwenty(probabilityN),
    calibration: trainedOn.level === level ? calibrationTable(judged, probabilityN, timesDE) : null,
  });

  const lists = bases.map(({ basis, judged: own, rowN }) => ({
    basis,
    sizes: bySize(own, pick(gainN, rowN, new Float64Array(rowN.length))),
  }));

  const limits = limitsOf(years, exporters, scores.length, trainedOn);
  return { exporters, universe: test.universe(), scores, lists, skipped, limits, reason: null };

  function prepared() {
    const unknownPairs = new Set<number>();
    const after = outcome.flows;
    try {
      return entryBacktest({ before, after, exporterE, unknownPairs, eventUsd, between, regionOf, draws, seed });
    } catch (error) {
      if (error instanceof NothingEntered) return null;
      throw error;
    }
  }

  function cameTrueBySize() {
    const soldE = totals(before).exporterE;
    const exportsE = Float64Array.from(exporterE, (exporter) => soldE[exporter]!);
    const sizeE = quantileGroups(exportsE, SIZES);
    return ({ startE, positiveN: happened }: Judged, scoreN: Float64Array): CameTrue[] => {
      const { topE } = captured(startE, scoreN, Float64Array.from(happened), TOP);
      const isIn = (e: number, size: number) => sizeE[e] === size && startE[e + 1]! > startE[e]!;
      return Array.from({ length: SIZES }, (_, size) => {
        const ownE = topE.map((value, e) => (isIn(e, size) ? value : Number.NaN));
        const members = exportsE.filter((_, e) => isIn(e, size));
        const found = ownE.filter((value) => !Number.isNaN(value));
        return {
          fromUsd: members.reduce((least, usd) => Math.min(least, usd), Number.POSITIVE_INFINITY),
          toUsd: members.reduce((most, usd) => Math.max(most, usd), 0),
          exporters: members.length,
          cameTrue: found.reduce((sum, value) => sum + value, 0) / found.length,
          interval: interval(resampleMean(ownE, timesDE)),
        };
      }).filter(({ exporters: own }) => own > 0);
    };
  }
}

/** What the evidence does not support, as sentences with the numbers of this back-test. */
function limitsOf(
  { base, outcome, between, synthetic }: JudgedYears,
  { known, judged, lost }: EntryReport['exporters'],
  scores: number,
  trainedOn: TrainedOn,
): string[] {
  const period = `${base.year} to ${outcome.year}`;
  const overlaps = trainedOn.before < outcome.year && base.year < trainedOn.after;
  return [
    ...(synthetic ? ['The data are invented: nothing here is evidence about the real world.'] : []),
    `${period} is one period, and one period is one experiment: intervals say how much the exporters drawn matter, not how another period would have gone.`,
    `${scores} scores are compared on the same outcomes, so the best of them looks better than it is. All of this is exploratory; nothing was fixed before the outcomes were seen.`,
    `Only survivors are judged: ${lost} exporters with flows in ${base.year} have none in ${outcome.year}, and what they would have entered is unknown.`,
    'An empty cell may be trade below the threshold of reporting, or of a pair that did not report in the base year, which is not known here: both count as trade that was not there.',
    ...(judged < known
      ? [`Of ${known} exporters ${judged} are judged, drawn at random: all would be too many cells.`]
      : []),
    ...(between.length === 0
      ? ['No year between is stored: entries that came early and those that came late cannot be told apart.']
      : []),
    `Scores are made from ${base.year} alone, while those that the run publishes are made from the mean of its years.`,
    ...(overlaps
      ? [
          `The ${MODEL} was trained on ${trainedOn.before} to ${trainedOn.after}: where the files are of the same world, it has seen these outcomes.`,
        ]
      : []),
    PROFIT_UNKNOWN,
  ];
}
