/**
 * Which empty cells of 2017 become at least 100,000 USD by 2024? Judges single scores on the real world beside the project, with 1,000 draws by exporter.
 *
 *     node tests/bench/entry.ts [draws]
 *
 * Candidates: the exporters of the outcomes file, importer ≠ exporter, no trade in 2017, the importer buys the product from somebody, and the pair is not
 * among those whose 2017 is unknown. No score has seen 2024. Prints one JSON line a score: metrics with intervals, and the paired difference from the
 * three-way fit of values; then one a basis with the values alone.
 */
import { drawExporters } from '../../lib/core/backtest/bootstrap.ts';
import { cellsWhere } from '../../lib/core/backtest/cellsWhere.ts';
import { entryCandidates, valueAfter } from '../../lib/core/backtest/entryCandidates.ts';
import { pairedInterval } from '../../lib/core/backtest/interval.ts';
import { type Judgement, judge } from '../../lib/core/backtest/judge.ts';
import { ENTRY_BASES, entryBasisOf } from '../../lib/core/entry/bases.ts';
import { countFit, powerFit } from '../../lib/core/entry/dampedFits.ts';
import { potentialOf } from '../../lib/core/gravity/potential.ts';
import { pick } from '../../lib/core/pick.ts';
import { sizeAlone } from '../../lib/core/scoring/staticIndex.ts';
import { totals } from '../../lib/core/trade/totals.ts';
import { outcomesAreThere, realOutcomes, unreportedPairs } from '../core/backtest/outcomes.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';

const EVENT_USD = 100_000;
const METRICS = ['auc', 'averagePrecision', 'precisionAt20'] as const;
if (!isThere('hs4') || !outcomesAreThere) throw new Error('the real world and its outcomes are not beside the project');
const draws = Number(process.argv[2] ?? 1_000);

const flows = await realWorld('hs4');
const { after, exporterE } = await realOutcomes(flows);
const candidates = entryCandidates(flows, exporterE, unreportedPairs(flows));
const { startE, importerN, productN } = candidates;
const positiveN = Uint8Array.from(valueAfter(candidates, after), (value) => (value >= EVENT_USD ? 1 : 0));
console.log(JSON.stringify({ cells: positiveN.length, positives: positiveN.reduce((sum, y) => sum + y, 0) }));
const timesDE = drawExporters(exporterE.length, draws, 1);

const { exporterProduct, importerProduct, productP, pair } = totals(flows);
const nProducts = flows.products.codes.length;
const basisOf = entryBasisOf({ exporterProduct, pair });
const basisN = new Uint8Array(positiveN.length);
for (const [e, exporter] of exporterE.entries())
  for (let n = startE[e]!; n < startE[e + 1]!; n++)
    basisN[n] = basisOf({ exporter, importer: importerN[n]!, product: productN[n]! });
const parts = ENTRY_BASES.map((basis, label) => ({ basis, ...cellsWhere({ startE, positiveN }, basisN, label) }));
const round = (value: number) => Number(value.toFixed(4));
const fitted = (fit: Parameters<typeof potentialOf>[0]) => {
  const of = potentialOf(fit);
  return (exporter: number, importer: number, product: number) => of({ exporter, importer, product });
};
const SCORES: Readonly<Record<string, () => (e: number, m: number, p: number) => number>> = {
  'three-way fit of values': () => fitted(powerFit(flows, 1)),
  'three-way fit of roots': () => fitted(powerFit(flows, 1 / 2)),
  'three-way fit of fourth roots': () => fitted(powerFit(flows, 1 / 4)),
  'three-way fit of counts from 100,000 USD': () => fitted(countFit(flows, EVENT_USD)),
  'three-way fit of counts': () => fitted(countFit(flows, Number.MIN_VALUE)),
  'v_ik v_jk / v_k': () => (e, m, p) =>
    sizeAlone(exporterProduct.data[e * nProducts + p]!, importerProduct.data[m * nProducts + p]!, productP[p]!),
};

let values: Judgement | null = null;
for (const [name, make] of Object.entries(SCORES)) {
  const score = make();
  const scoreN = new Float64Array(positiveN.length);
  for (const [e, exporter] of exporterE.entries())
    for (let n = startE[e]!; n < startE[e + 1]!; n++) scoreN[n] = score(exporter, importerN[n]!, productN[n]!);
  const judged = judge({ startE, positiveN }, scoreN, timesDE);
  values ??= judged;
  const reference = values;
  const told = METRICS.map((metric) => {
    const { low, high } = judged.intervals[metric];
    const over = pairedInterval(judged.drawn[metric], reference.drawn[metric]);
    return [
      metric,
      {
        is: round(judged.values[metric]),
        interval: [round(low), round(high)],
        over: [round(over.low), round(over.high)],
      },
    ];
  });
  console.log(JSON.stringify({ score: name, ...Object.fromEntries(told) }));
  for (const { basis, judged: part, rowN } of parts) {
    const own = judge(part, pick(scoreN, rowN, new Float64Array(rowN.length)), timesDE.subarray(0, startE.length - 1));
    const is = Object.fromEntries(METRICS.map((metric) => [metric, round(own.values[metric])]));
    console.log(JSON.stringify({ score: name, basis, cells: own.cells, positives: own.positives, ...is }));
  }
}
