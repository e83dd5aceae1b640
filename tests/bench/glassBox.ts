/**
 * The entry model against the logistic of seven terms and the three-way fit: which empty cells of 2017 hold 100,000 USD by 2024?
 *
 *     node tests/bench/glassBox.ts [draws] [folds] [whole]
 *
 * Every candidate of the 108 exporters of the outcomes file is judged by a model that has seen neither its exporter nor its importer (9 × 9 crossed folds unless
 * told otherwise); the logistic is fitted on the same rows and knows the same covariates. Prints one JSON line each: the universe; every score with intervals, its
 * difference from the others over the same draws; parts; calibration. With "whole" also the model without covariates, what is lost without each group of
 * terms, what choosing among the variants is worth, and labels shuffled.
 */
import { drawExporters, resampleRatio } from '../../lib/core/backtest/bootstrap.ts';
import { CALIBRATION_EDGES, calibrationSums, calibrationTable } from '../../lib/core/backtest/calibration.ts';
import { calibrationSlope } from '../../lib/core/backtest/calibrationSlope.ts';
import { captured } from '../../lib/core/backtest/captured.ts';
import { cellsWhere, HUBS } from '../../lib/core/backtest/cellsWhere.ts';
import { entryCandidates, valueAfter } from '../../lib/core/backtest/entryCandidates.ts';
import { crossedFolds, judgedBy } from '../../lib/core/backtest/folds.ts';
import { interval } from '../../lib/core/backtest/interval.ts';
import { difference, type Judgement, judge, RANKING_METRICS } from '../../lib/core/backtest/judge.ts';
import { ENTRY_BASES, entryBasisOf } from '../../lib/core/entry/bases.ts';
import { logitsOn, probabilityOf } from '../../lib/core/entry/calibration.ts';
import { EVENT_USD, entryContext } from '../../lib/core/entry/entryContext.ts';
import { entryCovariates } from '../../lib/core/entry/entryCovariates.ts';
import { ALL_ENTRY_TERMS, ENTRY_TERMS, entryFeatures } from '../../lib/core/entry/entryFeatures.ts';
import { sizeLogit } from '../../lib/core/entry/exporterSize.ts';
import { scorer } from '../../lib/core/entry/scorer.ts';
import { fitShapes, trainingRows } from '../../lib/core/entry/trainEntryModel.ts';
import { pick } from '../../lib/core/pick.ts';
import { stream, uniform } from '../../lib/core/random.ts';
import { type Flows, sortFlows } from '../../lib/core/trade/flows.ts';
import { outcomesAreThere, realOutcomes, tradeOf2020, unreportedPairs } from '../core/backtest/outcomes.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';
import { crossedModels, rowsSeenBy, seenBy } from './crossedModels.ts';
import { realCovariates } from './realCovariates.ts';
import { chosenInDraws } from './selection.ts';
import { logistic, sevenTerms } from './sevenTerms.ts';

if (!isThere('hs4') || !outcomesAreThere) throw new Error('the real world and its outcomes are not beside the project');
const draws = Number(process.argv[2] ?? 1_000);
const foldsOf = Number(process.argv[3] ?? 9);
const whole = process.argv[4] === 'whole';
const started = performance.now();
const progress = (text: string) => console.error(`${((performance.now() - started) / 1000).toFixed(0)} s  ${text}`);
const print = (line: unknown) =>
  console.log(JSON.stringify(line, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)));

// the world, what is known of it, and what came of it
const flows = await realWorld('hs4');
const { after, exporterE } = await realOutcomes(flows);
const unknownPairs = unreportedPairs(flows);
const covariates = await realCovariates(flows.countries);
const context = entryContext(flows, { covariates: entryCovariates(flows, covariates) });
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
  terms: ALL_ENTRY_TERMS.length,
});

// one model for each pair of folds
const folds = crossedFolds(countries, foldsOf);
const MODELS = folds.folds ** 2;
const rows = trainingRows(context, { after, exporterE, unknownPairs }, EVENT_USD);
const seven = sevenTerms(flows, context, covariates);
const sevenTN = seven.ofRows(rows);
progress(`${rows.outcomeN.length} rows`);
const where = (is: (term: (typeof ALL_ENTRY_TERMS)[number]) => boolean) =>
  ALL_ENTRY_TERMS.flatMap((term, t) => (is(term) ? [t] : []));
const eachModel = <Of extends { readonly converged: boolean }>(name: string, fitOne: (model: number) => Of): Of[] =>
  Array.from({ length: MODELS }, (_, model) => {
    const fitted = fitOne(model);
    if (!fitted.converged) throw new Error(`${name}: model ${model} has not converged`);
    progress(`${name}, model ${model + 1} of ${MODELS}`);
    return fitted;
  });
const settings = { countries, exportsE, eventUsd: EVENT_USD, thirdsOf: exporterE };
const kinds = [
  ['glass box', where(() => true)],
  ['glass box without covariates', where(({ term }) => ENTRY_TERMS.some((own) => own.term === term))],
] as const;
const boxes = [];
for (const [name, terms] of whole ? kinds : kinds.slice(0, 1)) {
  const models = await crossedModels({ rows, folds, settings }, terms, (done, of) =>
    progress(`${name}, model ${done} of ${of}`),
  );
  boxes.push({
    name,
    models: models.map((model) => ({ ...model, logits: ENTRY_BASES.map((basis) => logitsOn(model.curves[basis])) })),
    rawN: new Float64Array(positiveN.length),
    logitN: new Float64Array(positiveN.length),
    probabilityN: new Float64Array(positiveN.length),
  });
}
const GROUPS = ['gravity', 'product space', 'related products', 'similar exporters', 'similar importers'];
const asked = [
  ...GROUPS.map((group) => ({ name: `without ${group}`, terms: where((term) => term.group !== group) })),
  {
    name: 'trade and gravity',
    terms: where(({ term }) => term === 'gravity' || ENTRY_TERMS.some((own) => own.term === term)),
  },
];
const variants = (whole ? asked : []).map(({ name, terms }) => ({
  name,
  models: eachModel(name, (model) => fitShapes(seenBy(model, folds, rows, terms))),
  scoreN: new Float64Array(positiveN.length),
}));
const logistics = Array.from({ length: MODELS }, (_, model) => {
  const at = rowsSeenBy(model, folds, rows);
  return logistic(
    sevenTN.map((values) => Float64Array.from(at, (n) => values[n]!)),
    Uint8Array.from(at, (n) => rows.outcomeN[n]!),
    Float64Array.from(at, (n) => rows.weightN[n]!),
  );
});

// labels dealt out anew: nothing may be found
const cells = positiveN.length;
const positives = positiveN.reduce((sum, y) => sum + y, 0);
const luckyN = new Uint8Array(cells);
const luck = stream(1, 'shuffled labels');
for (let n = 0, left = positives; left > 0; n++) {
  const cell = Math.floor(uniform(luck, n) * cells);
  if (luckyN[cell] === 1) continue;
  luckyN[cell] = 1;
  left--;
}
const luckyModels = whole ? fittedToLuck() : [];
function fittedToLuck() {
  const lucky = trainingRows(context, { after: flowsIn(luckyN), exporterE, unknownPairs }, EVENT_USD);
  const terms = where(() => true);
  return eachModel('shuffled labels', (model) => fitShapes(seenBy(model, folds, lucky, terms)));
}

/** Candidates as flows of the size of an entry. */
function flowsIn(chosenN: Uint8Array): Flows {
  const columns = {
    exporterN: [] as number[],
    importerN: [] as number[],
    productN: [] as number[],
    valueN: [] as number[],
  };
  for (const [e, exporter] of exporterE.entries())
    for (let n = startE[e]!; n < startE[e + 1]!; n++) {
      if (chosenN[n] !== 1) continue;
      columns.exporterN.push(exporter);
      columns.importerN.push(importerN[n]!);
      columns.productN.push(productN[n]!);
      columns.valueN.push(EVENT_USD);
    }
  return sortFlows(flows.countries, flows.products, columns);
}

// every candidate scored
const [sevenN, threeWayN, luckyScoreN] = Array.from({ length: 3 }, () => new Float64Array(cells)) as [
  Float64Array,
  Float64Array,
  Float64Array,
];
const basisN = new Uint8Array(cells);
const basisOf = entryBasisOf(context.totals);
const featuresOf = entryFeatures(context);
const additive = [
  ...boxes.map(({ models, rawN }) => ({ models, scoreN: rawN })),
  ...variants,
  ...(whole ? [{ models: luckyModels, scoreN: luckyScoreN }] : []),
].map(({ models, scoreN }) => ({ scorers: models.map((model) => scorer(model, nProducts)), scoreN }));
for (const [e, exporter] of exporterE.entries()) {
  const features = featuresOf(exporter);
  const sevenMP = seven.ofExporter(exporter);
  const own = additive.map(({ scorers, scoreN }) => ({
    rowOf: scorers.map((score) => score(features)),
    etaP: new Float64Array(nProducts),
    scoreN,
  }));
  let last = -1;
  let model = 0;
  for (let n = startE[e]!; n < startE[e + 1]!; n++) {
    const [m, p] = [importerN[n]!, productN[n]!];
    if (m !== last) {
      model = judgedBy(folds, exporter, m);
      for (const { rowOf, etaP } of own) rowOf[model]!(m, etaP);
      last = m;
    }
    basisN[n] = basisOf({ exporter, importer: m, product: p });
    for (const { etaP, scoreN } of own) scoreN[n] = etaP[p]!;
    for (const { models, rawN, logitN, probabilityN } of boxes) {
      const { logits, exporterSize } = models[model]!;
      logitN[n] = logits[basisN[n]!]!(rawN[n]!) + sizeLogit(exporterSize, exportsE[exporter]!);
      probabilityN[n] = probabilityOf(logitN[n]!);
    }
    sevenN[n] = logistics[model]!(sevenMP, m * nProducts + p);
    threeWayN[n] = features.threeWay[m * nProducts + p]!;
  }
}
progress('scored');

// the whole
const judgements = new Map<string, Judgement>();
for (const [name, scoreN] of [
  ...boxes.map(({ name: box, logitN }) => [box, logitN] as const),
  ['seven terms', sevenN],
  ['three-way fit', threeWayN],
  ['before calibration', boxes[0]!.rawN],
  ...variants.map(({ name: variant, scoreN: own }) => [variant, own] as const),
] as const) {
  const own = judge(judged, scoreN, timesDE);
  judgements.set(name, own);
  const { topE, totalE } = captured(startE, scoreN, valueN, 20);
  const found = interval(resampleRatio(topE, totalE, timesDE));
  print({
    score: name,
    ...perMetric((metric) => [own.values[metric], own.intervals[metric].low, own.intervals[metric].high]),
    capturedIn20: [topE.reduce((a, b) => a + b, 0) / totalE.reduce((a, b) => a + b, 0), found.low, found.high],
  });
  progress(name);
}
for (const [one, other] of [
  ['glass box', 'seven terms'],
  ['glass box', 'three-way fit'],
  ...(whole
    ? [
        ['glass box', 'glass box without covariates'],
        ['glass box without covariates', 'seven terms'],
        ['glass box without covariates', 'three-way fit'],
      ]
    : []),
  ...variants.map(({ name }) => ['before calibration', name]),
] as [string, string][]) {
  const over = difference(judgements.get(one)!, judgements.get(other)!);
  print({
    [`${one} less`]: other,
    ...perMetric((metric) => [over[metric].difference, over[metric].interval.low, over[metric].interval.high]),
  });
}
function perMetric<Of>(of: (metric: (typeof RANKING_METRICS)[number]) => Of) {
  return Object.fromEntries(RANKING_METRICS.map((metric) => [metric, of(metric)]));
}

if (whole) {
  // had the variant been chosen in each draw, and judged on the exporters that are not in it
  for (const told of chosenInDraws(judged, timesDE, ['averagePrecision', 'precisionAt20'], {
    reference: sevenN,
    variants: new Map([
      ...boxes.map(({ name, rawN }) => [name, rawN] as const),
      ...variants.map(({ name, scoreN }) => [name, scoreN] as const),
    ]),
  }))
    print(told);
  progress('chosen in draws');

  const chance = judge({ startE, positiveN: luckyN }, luckyScoreN, timesDE);
  print({
    score: 'shuffled labels',
    prevalence: chance.prevalence,
    averagePrecision: [
      chance.values.averagePrecision,
      chance.intervals.averagePrecision.low,
      chance.intervals.averagePrecision.high,
    ],
    auc: [chance.values.auc, chance.intervals.auc.low, chance.intervals.auc.high],
  });
}

// parts
const hubs = new Set<number>(HUBS.map((code) => flows.countries.at.get(code) ?? -1));
const hubN = new Uint8Array(cells);
for (const [e, exporter] of exporterE.entries()) hubN.fill(hubs.has(exporter) ? 1 : 0, startE[e]!, startE[e + 1]!);
// of one exporter only a year between is known: an entry that 2020 does not have is late
const between = await tradeOf2020(flows);
const earlyValueN = valueAfter(candidates, between);
const lateN = new Uint8Array(cells);
for (const [e, exporter] of exporterE.entries()) {
  if (!between.exporterN.includes(exporter)) continue;
  for (let n = startE[e]!; n < startE[e + 1]!; n++)
    lateN[n] = positiveN[n] === 1 && earlyValueN[n]! >= EVENT_USD ? 1 : 2;
}
const parts = [
  ...ENTRY_BASES.map((part, label) => ({ part: part as string, ...cellsWhere(judged, basisN, label) })),
  { part: 'without hubs', ...cellsWhere(judged, hubN, 0) },
  { part: 'late entries of South Africa', ...cellsWhere(judged, lateN, 2) },
  {
    part: 'all entries of South Africa',
    ...cellsWhere(
      judged,
      lateN.map((label) => (label > 0 ? 1 : 0)),
      1,
    ),
  },
];
for (const { part, judged: some, rowN } of parts) {
  for (const [name, scoreN] of [
    ...boxes.map(({ name: box, logitN }) => [box, logitN] as const),
    ['seven terms', sevenN],
    ['three-way fit', threeWayN],
    ['all terms, before calibration', boxes[0]!.rawN],
    ...variants.map(({ name: variant, scoreN: own }) => [variant, own] as const),
  ] as const) {
    const {
      values,
      cells: own,
      positives: found,
    } = judge(some, pick(scoreN, rowN, new Float64Array(rowN.length)), timesDE.subarray(0, exporterE.length));
    const { auc, averagePrecision, precisionAt20 } = values;
    print({ part, cells: own, positives: found, score: name, auc, averagePrecision, precisionAt20 });
  }
}
progress('parts');

// probabilities
const sizes = Array.from(exporterE, (exporter) => exportsE[exporter]!).sort((a, b) => a - b);
const cuts = [sizes[Math.floor(sizes.length / 3)]!, sizes[Math.floor((2 * sizes.length) / 3)]!];
const sizeN = new Uint8Array(cells);
for (const [e, exporter] of exporterE.entries())
  sizeN.fill(cuts.filter((cut) => exportsE[exporter]! >= cut).length, startE[e]!, startE[e + 1]!);
for (const { name, probabilityN } of boxes) {
  for (const { from, to, cells: own, expected, observed, ratio, interval: of } of calibrationTable(
    judged,
    probabilityN,
    timesDE,
  ))
    print({ score: name, bin: [from, to], cells: own, expected, observed, ratio: [ratio, of.low, of.high] });
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
    score: name,
    slope: calibrationSlope(probabilityN, positiveN).slope,
    edges: CALIBRATION_EDGES.length,
    all: sums(new Uint8Array(cells), 1),
    basis: sums(basisN, 3),
    exporterSize: sums(sizeN, 3),
  });
}
progress('done');
