/**
 * The entry model against the logistic of seven terms and the three-way fit: which empty cells of 2017 hold 100,000 USD by 2024?
 *
 *     node tests/bench/glassBox.ts [draws]
 *
 * Every candidate of the 108 exporters of the outcomes file is judged by a model that has seen neither its exporter nor its importer (3 × 3 crossed folds); the
 * logistic is fitted on the same rows. Prints one JSON line each: the universe; every score with intervals, its difference from the others over the
 * same draws; parts; calibration; what is lost on each kind of entry without each group of terms.
 */
import { drawExporters, resampleRatio } from '../../lib/core/backtest/bootstrap.ts';
import { CALIBRATION_EDGES, calibrationSums, calibrationTable } from '../../lib/core/backtest/calibration.ts';
import { calibrationSlope } from '../../lib/core/backtest/calibrationSlope.ts';
import { captured } from '../../lib/core/backtest/captured.ts';
import { cellsWhere, HUBS, picked } from '../../lib/core/backtest/cellsWhere.ts';
import { entryCandidates, valueAfter } from '../../lib/core/backtest/entryCandidates.ts';
import { crossedFolds, judgedBy, trains } from '../../lib/core/backtest/folds.ts';
import { interval } from '../../lib/core/backtest/interval.ts';
import { difference, type Judgement, judge, RANKING_METRICS } from '../../lib/core/backtest/judge.ts';
import { density } from '../../lib/core/complexity/density.ts';
import { presence } from '../../lib/core/complexity/presence.ts';
import { minimumProximitySums } from '../../lib/core/complexity/proximitySums.ts';
import { ENTRY_BASES, entryBasisOf } from '../../lib/core/entry/bases.ts';
import { logitAt, probabilityOf } from '../../lib/core/entry/calibration.ts';
import { EVENT_USD, entryContext } from '../../lib/core/entry/entryContext.ts';
import { ENTRY_TERMS, entryFeatures } from '../../lib/core/entry/entryFeatures.ts';
import { scorer } from '../../lib/core/entry/scorer.ts';
import {
  fitShapes,
  sizeLogit,
  type TrainingRows,
  trainEntryModel,
  trainingRows,
} from '../../lib/core/entry/trainEntryModel.ts';
import { exportsMatrix } from '../../lib/core/trade/tradeMatrix.ts';
import { outcomesAreThere, realOutcomes, unreportedPairs } from '../core/backtest/outcomes.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';
import { logistic, sevenTerms } from './sevenTerms.ts';

if (!isThere('hs4') || !outcomesAreThere) throw new Error('the real world and its outcomes are not beside the project');
const draws = Number(process.argv[2] ?? 1_000);
const started = performance.now();
const progress = (text: string) => console.error(`${((performance.now() - started) / 1000).toFixed(0)} s  ${text}`);
const print = (line: unknown) =>
  console.log(JSON.stringify(line, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)));

// the world, what is known of it, and what came of it
const flows = await realWorld('hs4');
const { after, exporterE } = await realOutcomes(flows);
const unknownPairs = unreportedPairs(flows);
const exporterPresence = presence(exportsMatrix(flows));
const context = entryContext(flows, { density: density(exporterPresence, minimumProximitySums(exporterPresence, 0)) });
const candidates = entryCandidates(flows, exporterE, unknownPairs);
const { startE, importerN, productN } = candidates;
const valueN = valueAfter(candidates, after);
const positiveN = Uint8Array.from(valueN, (value) => (value >= EVENT_USD ? 1 : 0));
const judged = { startE, positiveN };
const timesDE = drawExporters(exporterE.length, draws, 1);
const countries = flows.countries.codes;
const { exporterE: exportsE } = context.totals;
const nProducts = flows.products.codes.length;
progress('prepared');
print({
  cells: positiveN.length,
  positives: positiveN.reduce((sum, y) => sum + y, 0),
  draws,
  terms: ENTRY_TERMS.length,
});

// one model for each pair of folds
const folds = crossedFolds(countries, 3);
const MODELS = folds.folds ** 2;
const rows = trainingRows(context, { after, exporterE, unknownPairs }, EVENT_USD);
const seven = await sevenTerms(flows, context);
const sevenTN = seven.ofRows(rows);
progress(`${rows.outcomeN.length} rows`);
const insideOf = (model: number) =>
  Uint32Array.from(rows.outcomeN.keys()).filter((n) => trains(folds, model, rows.exporterN[n]!, rows.importerN[n]!));
const restricted = (at: Uint32Array, terms: readonly number[]): TrainingRows => ({
  terms: terms.map((t) => rows.terms[t]!),
  valueTN: terms.map((t) => Float32Array.from(at, (n) => rows.valueTN[t]![n]!)),
  exporterN: Uint16Array.from(at, (n) => rows.exporterN[n]!),
  importerN: Uint16Array.from(at, (n) => rows.importerN[n]!),
  productN: Uint16Array.from(at, (n) => rows.productN[n]!),
  basisN: Uint8Array.from(at, (n) => rows.basisN[n]!),
  outcomeN: Uint8Array.from(at, (n) => rows.outcomeN[n]!),
  afterN: Float64Array.from(at, (n) => rows.afterN[n]!),
  weightN: Float64Array.from(at, (n) => rows.weightN[n]!),
});
const allTerms = ENTRY_TERMS.map((_, t) => t);
const eachModel = <Of extends { readonly converged: boolean }>(fitOne: (model: number) => Of): Of[] =>
  Array.from({ length: MODELS }, (_, model) => {
    const fitted = fitOne(model);
    if (!fitted.converged) throw new Error(`model ${model} has not converged`);
    progress(`model ${model + 1} of ${MODELS}`);
    return fitted;
  });
const settings = { countries, exportsE, eventUsd: EVENT_USD };
const models = eachModel((model) => trainEntryModel(restricted(insideOf(model), allTerms), settings)).map(
  ({ model }) => model,
);
const logistics = Array.from({ length: MODELS }, (_, model) => {
  const at = insideOf(model);
  return logistic(
    sevenTN.map((values) => Float64Array.from(at, (n) => values[n]!)),
    Uint8Array.from(at, (n) => rows.outcomeN[n]!),
    Float64Array.from(at, (n) => rows.weightN[n]!),
  );
});

// every candidate scored
const cells = positiveN.length;
const [glassN, rawN, probabilityN, sevenN, threeWayN] = Array.from({ length: 5 }, () => new Float64Array(cells)) as [
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
];
const basisN = new Uint8Array(cells);
const basisOf = entryBasisOf(context.totals);
const featuresOf = entryFeatures(context);
const ablated = ['product space', 'related products', 'similar exporters', 'similar importers'].map((group) => ({
  group,
  models: eachModel((model) =>
    fitShapes(
      restricted(
        insideOf(model),
        allTerms.filter((t) => ENTRY_TERMS[t]!.group !== group),
      ),
    ),
  ),
  scoreN: new Float64Array(cells),
}));
const scorersOf = (of: readonly Parameters<typeof scorer>[0][]) => of.map(scorer);
const mainScorers = scorersOf(models);
const ablatedScorers = ablated.map(({ models: of }) => scorersOf(of));
for (const [e, exporter] of exporterE.entries()) {
  const features = featuresOf(exporter);
  const sevenMP = seven.ofExporter(exporter);
  const main = mainScorers.map((score) => score(features));
  const others = ablatedScorers.map((of) => of.map((score) => score(features)));
  const etaP = new Float64Array(nProducts);
  const otherP = others.map(() => new Float64Array(nProducts));
  let last = -1;
  let model = 0;
  for (let n = startE[e]!; n < startE[e + 1]!; n++) {
    const [m, p] = [importerN[n]!, productN[n]!];
    if (m !== last) {
      model = judgedBy(folds, exporter, m);
      main[model]!(m, etaP);
      for (const [at, of] of others.entries()) of[model]!(m, otherP[at]!);
      last = m;
    }
    basisN[n] = basisOf({ exporter, importer: m, product: p });
    const own = models[model]!;
    rawN[n] = etaP[p]!;
    glassN[n] =
      logitAt(own.curves[ENTRY_BASES[basisN[n]!]!], etaP[p]!) + sizeLogit(own.exporterSize, exportsE[exporter]!);
    probabilityN[n] = probabilityOf(glassN[n]!);
    sevenN[n] = logistics[model]!(sevenMP, m * nProducts + p);
    threeWayN[n] = features.threeWay[m * nProducts + p]!;
    for (const [at, { scoreN }] of ablated.entries()) scoreN[n] = otherP[at]![p]!;
  }
}
progress('scored');

// the whole
const judgements = new Map<string, Judgement>();
for (const [name, scoreN] of Object.entries({
  'glass box': glassN,
  'before calibration': rawN,
  'seven terms': sevenN,
  'three-way fit': threeWayN,
})) {
  const own = judge(judged, scoreN, timesDE);
  judgements.set(name, own);
  const { topE, totalE } = captured(startE, scoreN, valueN, 20);
  const found = interval(resampleRatio(topE, totalE, timesDE));
  print({
    score: name,
    ...Object.fromEntries(
      RANKING_METRICS.map((metric) => [
        metric,
        [own.values[metric], own.intervals[metric].low, own.intervals[metric].high],
      ]),
    ),
    capturedIn20: [topE.reduce((a, b) => a + b, 0) / totalE.reduce((a, b) => a + b, 0), found.low, found.high],
  });
}
for (const other of ['seven terms', 'three-way fit']) {
  const over = difference(judgements.get('glass box')!, judgements.get(other)!);
  print({
    'glass box less': other,
    ...Object.fromEntries(
      RANKING_METRICS.map((metric) => [
        metric,
        [over[metric].difference, over[metric].interval.low, over[metric].interval.high],
      ]),
    ),
  });
}

// parts
const hubs = new Set<number>(HUBS.map((code) => flows.countries.at.get(code) ?? -1));
const hubN = new Uint8Array(cells);
for (const [e, exporter] of exporterE.entries()) hubN.fill(hubs.has(exporter) ? 1 : 0, startE[e]!, startE[e + 1]!);
const parts = [
  ...ENTRY_BASES.map((part, label) => ({ part: part as string, ...cellsWhere(judged, basisN, label) })),
  { part: 'without hubs', ...cellsWhere(judged, hubN, 0) },
];
const partScores = {
  'glass box': glassN,
  'seven terms': sevenN,
  'three-way fit': threeWayN,
  'all terms, before calibration': rawN,
};
for (const { part, judged: some, rowN } of parts)
  for (const [name, scoreN] of [
    ...Object.entries(partScores),
    ...ablated.map(({ group, scoreN: own }) => [`without ${group}`, own] as const),
  ]) {
    const {
      values,
      cells: own,
      positives,
    } = judge(some, picked(scoreN, rowN, new Float64Array(rowN.length)), timesDE.subarray(0, exporterE.length));
    print({
      part,
      cells: own,
      positives,
      score: name,
      auc: values.auc,
      averagePrecision: values.averagePrecision,
      precisionAt20: values.precisionAt20,
    });
  }

// probabilities
for (const { from, to, cells: own, expected, observed, ratio, interval: of } of calibrationTable(
  judged,
  probabilityN,
  timesDE,
))
  print({ bin: [from, to], cells: own, expected, observed, ratio: [ratio, of.low, of.high] });
const { slope } = calibrationSlope(probabilityN, positiveN);
const sizes = Array.from(exporterE, (exporter) => exportsE[exporter]!).sort((a, b) => a - b);
const cuts = [sizes[Math.floor(sizes.length / 3)]!, sizes[Math.floor((2 * sizes.length) / 3)]!];
const sizeN = new Uint8Array(cells);
for (const [e, exporter] of exporterE.entries())
  sizeN.fill(cuts.filter((cut) => exportsE[exporter]! >= cut).length, startE[e]!, startE[e + 1]!);
const sums = (groupN: Uint8Array, groups: number) =>
  calibrationSums(judged, probabilityN, groupN, groups).map(({ observed, ratio }, group) => {
    const of = (values: ArrayLike<number>) =>
      Float64Array.from(exporterE, (_, e) => {
        let sum = 0;
        for (let n = startE[e]!; n < startE[e + 1]!; n++) if (groupN[n] === group) sum += values[n]!;
        return sum;
      });
    const { low, high } = interval(resampleRatio(of(probabilityN), of(positiveN), timesDE));
    return { observed, ratio: [ratio, low, high] };
  });
print({
  slope,
  edges: CALIBRATION_EDGES.length,
  all: sums(new Uint8Array(cells), 1),
  basis: sums(basisN, 3),
  exporterSize: sums(sizeN, 3),
});
progress('done');
