/**
 * Which empty cells of 2017 become at least 100,000 USD by 2024? Judges single scores on the real world beside the project, with 1,000 draws by exporter.
 *
 *     node tests/bench/entry.ts [draws]
 *
 * Candidates: the exporters of the outcomes file, importer ≠ exporter, no trade in 2017, the importer buys the product from somebody, and the pair is not
 * among those whose 2017 is unknown. No score has seen 2024. Prints one JSON line a score: metrics with intervals, and the paired difference from the
 * three-way fit of values; then one a basis with the values alone.
 */
import { existsSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { drawExporters } from '../../lib/core/backtest/bootstrap.ts';
import { cellsWhere, picked } from '../../lib/core/backtest/cellsWhere.ts';
import { pairedInterval } from '../../lib/core/backtest/interval.ts';
import { type Judgement, judge } from '../../lib/core/backtest/judge.ts';
import { ENTRY_BASES, entryBasisOf } from '../../lib/core/entry/bases.ts';
import { countFit, powerFit } from '../../lib/core/entry/dampedFits.ts';
import { potentialOf } from '../../lib/core/gravity/potential.ts';
import { sizeAlone } from '../../lib/core/scoring/staticIndex.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import { exporterStarts } from '../../lib/core/trade/flows.ts';
import { totals } from '../../lib/core/trade/totals.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';

const FOLDER = '../shared/data/flows';
const EVENT_USD = 100_000;
const METRICS = ['auc', 'averagePrecision', 'precisionAt20'] as const;
if (!isThere('hs4') || !existsSync(FOLDER)) throw new Error(`${FOLDER} is not there`);
const draws = Number(process.argv[2] ?? 1_000);

const flows = await realWorld('hs4');
const { cells, startE, positiveN } = await candidates(flows);
console.log(JSON.stringify({ cells: positiveN.length, positives: positiveN.reduce((sum, y) => sum + y, 0) }));
const timesDE = drawExporters(startE.length - 1, draws, 1);

const { exporterProduct, importerProduct, productP, pair } = totals(flows);
const nProducts = flows.products.codes.length;
const basisOf = entryBasisOf({ exporterProduct, pair });
const basisN = Uint8Array.from(positiveN, (_, n) =>
  basisOf({ exporter: cells.exporterN[n]!, importer: cells.importerN[n]!, product: cells.productN[n]! }),
);
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
  for (let n = 0; n < scoreN.length; n++)
    scoreN[n] = score(cells.exporterN[n]!, cells.importerN[n]!, cells.productN[n]!);
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
    const own = judge(
      part,
      picked(scoreN, rowN, new Float64Array(rowN.length)),
      timesDE.subarray(0, startE.length - 1),
    );
    const is = Object.fromEntries(METRICS.map((metric) => [metric, round(own.values[metric])]));
    console.log(JSON.stringify({ score: name, basis, cells: own.cells, positives: own.positives, ...is }));
  }
}

/** The candidates, exporter by exporter, and whether the event happened. */
async function candidates(world: Flows) {
  const { countries, products, importerN, productN } = world;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = async (query: string) => (await connection.run(query)).getRowsJS();
  const country = (code: unknown) => countries.at.get(code as string) ?? -1;
  const number = (e: number, m: number, p: number) => (e * countries.codes.length + m) * products.codes.length + p;

  const outcomes = `read_csv('${FOLDER}/world_hs4_2024_outcomes.csv.gz', all_varchar = true)`;
  const judgedExporters = (await read(`SELECT DISTINCT exporter FROM ${outcomes}`))
    .map(([code]) => country(code))
    .sort((a, b) => a - b);
  const events = new Set<number>();
  for (const [e, m, p] of await read(
    `SELECT exporter, importer, product FROM ${outcomes} GROUP BY ALL HAVING sum(valueUsd::DOUBLE) >= ${EVENT_USD}`,
  ))
    events.add(number(country(e), country(m), products.at.get(p as string) ?? -1));
  const unknown = new Set<number>();
  for (const [e, m] of await read(`FROM read_csv('${FOLDER}/world_hs4_2017_unreported_pairs.csv', all_varchar = true)`))
    unknown.add(number(country(e), country(m), 0));

  const { importerProduct: demand } = totals(world);
  const rows = exporterStarts(world);
  const trades = new Uint8Array(countries.codes.length * products.codes.length);
  const found = {
    exporterN: [] as number[],
    importerN: [] as number[],
    productN: [] as number[],
    positive: [] as number[],
  };
  const starts = [0];
  for (const e of judgedExporters) {
    trades.fill(0);
    for (let n = rows[e]!; n < rows[e + 1]!; n++) trades[importerN[n]! * products.codes.length + productN[n]!] = 1;
    for (let m = 0; m < countries.codes.length; m++) {
      if (m === e || unknown.has(number(e, m, 0))) continue;
      for (let p = 0, at = m * products.codes.length; p < products.codes.length; p++, at++) {
        if (trades[at] || !(demand.data[at]! > 0)) continue;
        found.exporterN.push(e);
        found.importerN.push(m);
        found.productN.push(p);
        found.positive.push(events.has(number(e, m, p)) ? 1 : 0);
      }
    }
    starts.push(found.positive.length);
  }
  return {
    cells: {
      exporterN: Uint16Array.from(found.exporterN),
      importerN: Uint16Array.from(found.importerN),
      productN: Uint16Array.from(found.productN),
    },
    startE: Uint32Array.from(starts),
    positiveN: Uint8Array.from(found.positive),
  };
}
