/**
 * Judges scores of a back-test's size.
 *
 *     node tests/bench/backtest.ts [cells] [exporters] [scores] [draws]
 *
 * Cells get outcomes at the rate of the entries at HS4 between 2017 and 2024 (60,553 in 18,015,543) and scores that tell them as well as the
 * best do (AUC about .92, spread over ten orders of magnitude); the last score is in steps, with ties. Prints one JSON line: seconds to find where
 * positives stand, to compute the metrics, and to resample, for each score; peak megabytes.
 */
import { readFileSync } from 'node:fs';
import { auc } from '../../lib/core/backtest/auc.ts';
import { averagePrecision } from '../../lib/core/backtest/averagePrecision.ts';
import { drawExporters, resample } from '../../lib/core/backtest/bootstrap.ts';
import { interval } from '../../lib/core/backtest/interval.ts';
import { commonList, exporterLists, rankPositives } from '../../lib/core/backtest/positiveRanks.ts';
import { precisionAt } from '../../lib/core/backtest/precisionAt.ts';
import { normal, stream, uniform } from '../../lib/core/random.ts';

const [cells = 18_015_543, exporters = 108, scores = 3, draws = 1_000] = process.argv.slice(2).map(Number);
const startE = Uint32Array.from({ length: exporters + 1 }, (_, e) => Math.floor((e * cells) / exporters));
const truth = stream(1, 'outcome');
const positiveN = new Uint8Array(cells);
for (let n = 0; n < cells; n++) positiveN[n] = Number(uniform(truth, n) < 60_553 / 18_015_543);
const timesDE = drawExporters(exporters, draws, 1);

for (let score = 0; score < scores; score++) {
  const of = stream(score, 'score');
  const scoreN = new Float64Array(cells);
  for (let n = 0; n < cells; n++) scoreN[n] = Math.exp(2 * normal(of, n) + 4 * positiveN[n]!);
  if (score > 0 && score === scores - 1)
    for (let n = 0; n < cells; n++) scoreN[n] = Math.floor(4 * Math.log(scoreN[n]!));

  const seconds: Record<string, number> = {};
  const timed = <Result>(name: string, work: () => Result): Result => {
    const from = performance.now();
    const result = work();
    seconds[name] = Number(((performance.now() - from) / 1000).toFixed(2));
    return result;
  };
  const ranks = timed('ranks', () => rankPositives({ startE, positiveN }, scoreN));
  const values = timed('metrics', () => {
    const list = commonList(ranks);
    const own = exporterLists(ranks).map((list) => [averagePrecision(list), precisionAt(list, 20)]);
    return { auc: auc(list), averagePrecision: averagePrecision(list), exporters: own.length };
  });
  const { apD } = timed('resample', () => resample(ranks, timesDE));
  console.log(
    JSON.stringify({
      cells,
      draws,
      seconds,
      entries: ranks.exporterX.length,
      groups: ranks.startG.length - 1,
      ...values,
      averagePrecisionInterval: interval(apD),
      peakMb: Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024),
    }),
  );
}
