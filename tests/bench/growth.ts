/**
 * How well growth of existing flows is foreseen, 2017 to 2024, given that they exist in both.
 *
 *     node tests/bench/growth.ts [draws]
 *
 * Flows of the 108 exporters of the outcomes file; each is judged by a model that has seen neither its exporter nor its importer (3 × 3 crossed folds).
 * Prints one JSON line each: Spearman's correlation with ln(v after / v before) within 200 groups of size, and how much more often than expected at its size the
 * tenth with most unrealised value grew more than the median, both with intervals by draws of exporters; and whether expected gains add up.
 */
import { drawExporters } from '../../lib/core/backtest/bootstrap.ts';
import { crossedFolds, judgedBy, trains } from '../../lib/core/backtest/folds.ts';
import { type GrowthCells, growthSpearman } from '../../lib/core/backtest/growthSpearman.ts';
import { interval } from '../../lib/core/backtest/interval.ts';
import { quantileGroups } from '../../lib/core/backtest/quantileGroups.ts';
import { topDecile } from '../../lib/core/backtest/topDecile.ts';
import { entryContext } from '../../lib/core/entry/entryContext.ts';
import {
  expectedGain,
  type GrowthRows,
  growthRows,
  growthScore,
  trainGrowthModel,
} from '../../lib/core/growth/trainGrowthModel.ts';
import { outcomesAreThere, realOutcomes, unreportedPairs } from '../core/backtest/outcomes.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';

if (!isThere('hs4') || !outcomesAreThere) throw new Error('the real world and its outcomes are not beside the project');
const draws = Number(process.argv[2] ?? 1_000);
const print = (line: unknown) =>
  console.log(JSON.stringify(line, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)));

const flows = await realWorld('hs4');
const { after, exporterE } = await realOutcomes(flows);
const context = entryContext(flows);
const rows = growthRows(context, { after, exporterE, unknownPairs: unreportedPairs(flows) });
const cells = rows.beforeN.length;
const countries = flows.countries.codes;
const folds = crossedFolds(countries, 3);
const restricted = (at: Uint32Array): GrowthRows => ({
  valueTN: rows.valueTN.map((values) => Float32Array.from(at, (n) => values[n]!)),
  exporterN: Uint16Array.from(at, (n) => rows.exporterN[n]!),
  importerN: Uint16Array.from(at, (n) => rows.importerN[n]!),
  productN: Uint16Array.from(at, (n) => rows.productN[n]!),
  beforeN: Float64Array.from(at, (n) => rows.beforeN[n]!),
  afterN: Float64Array.from(at, (n) => rows.afterN[n]!),
});
const models = Array.from({ length: folds.folds ** 2 }, (_, which) => {
  const inside = Uint32Array.from(rows.beforeN.keys()).filter((n) =>
    trains(folds, which, rows.exporterN[n]!, rows.importerN[n]!),
  );
  const { model, converged } = trainGrowthModel(restricted(inside), countries);
  if (!converged) throw new Error(`model ${which} has not converged`);
  console.error(`model ${which + 1} of ${folds.folds ** 2}`);
  return model;
});
const scoreN = new Float64Array(cells);
const gainN = new Float64Array(cells);
const terms = new Float32Array(rows.valueTN.length);
for (let n = 0; n < cells; n++) {
  for (let t = 0; t < terms.length; t++) terms[t] = rows.valueTN[t]![n]!;
  const model = models[judgedBy(folds, rows.exporterN[n]!, rows.importerN[n]!)]!;
  scoreN[n] = growthScore(model, terms);
  gainN[n] = expectedGain(model, scoreN[n]!, rows.beforeN[n]!);
}

const row = new Map(Array.from(exporterE, (exporter, e) => [exporter, e]));
const common: Omit<GrowthCells, 'scoreN'> = {
  growthN: rows.beforeN.map((before, n) => Math.log(rows.afterN[n]! / before)),
  sizeN: quantileGroups(rows.beforeN, 200),
  exporterN: Uint16Array.from(rows.exporterN, (exporter) => row.get(exporter)!),
};
const threeWayN = rows.beforeN.map((before, n) => rows.valueTN[1]![n]! * before);
const timesDE = drawExporters(exporterE.length, draws, 1);
const drawn = (measure: (timesE?: ArrayLike<number>) => number) =>
  Float64Array.from({ length: draws }, (_, d) =>
    measure(timesDE.subarray(d * exporterE.length, (d + 1) * exporterE.length)),
  );
const told = (is: number, of: Float64Array) => [is, interval(of).low, interval(of).high];

print({ flows: cells, draws, note: 'only flows that exist in both years: exits are not in the outcomes' });
const model = growthSpearman({ ...common, scoreN });
const threeWay = growthSpearman({
  ...common,
  scoreN: rows.valueTN[1]!.length > 0 ? Float64Array.from(rows.valueTN[1]!, (ratio) => Math.log(ratio + 1e-9)) : scoreN,
});
const [modelD, threeWayD] = [drawn(model), drawn(threeWay)];
print({
  spearman: {
    model: told(model(), modelD),
    threeWay: told(threeWay(), threeWayD),
    difference: told(
      model() - threeWay(),
      modelD.map((value, d) => value - threeWayD[d]!),
    ),
  },
});
// unrealised value: the geometric mean of the three-way potential and of the flow as it is expected to grow, less the flow
const blendN = rows.beforeN.map((before, n) => Math.sqrt(threeWayN[n]! * before * Math.exp(scoreN[n]!)) - before);
for (const [name, unrealisedN] of [
  ['blend', blendN],
  ['three-way', rows.beforeN.map((before, n) => Math.max(threeWayN[n]! - before, 0))],
  ['model alone', rows.beforeN.map((before, n) => before * (Math.exp(scoreN[n]!) - 1))],
] as const) {
  const decile = topDecile({ ...common, scoreN: unrealisedN });
  const { observed, expected, excess } = decile();
  print({
    topDecile: name,
    observed,
    expected,
    excess: told(
      excess,
      drawn((timesE) => decile(timesE).excess),
    ),
  });
}
const sum = (of: ArrayLike<number>) =>
  Array.prototype.reduce.call(of, (a, b) => (a as number) + (b as number), 0) as number;
const gained = rows.beforeN.map((before, n) => Math.max(rows.afterN[n]! - before, 0));
print({ expectedGain: sum(gainN), gained: sum(gained), ratio: sum(gainN) / sum(gained) });
