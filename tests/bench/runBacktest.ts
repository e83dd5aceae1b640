/**
 * What the back-test step of a run costs at HS4: world_hs4_2017 with its covariates, judged by the outcomes of 2024, in one process.
 *
 *     node tests/bench/runBacktest.ts [draws] [mostCells]
 *
 * Prints one JSON line: what was judged, seconds without reading, peak megabytes, and each score's average precision and precision at 20.
 */

import { inMemoryRun } from '../../functions/cli/inMemoryRun.ts';
import { terminal } from '../../functions/cli/terminal.ts';
import { ISO_REGIONS } from '../../lib/adapters/files/isoCountries.ts';
import { BACKTEST } from '../../lib/app/runBacktest.ts';
import { loadCovariates } from '../../lib/app/runCovariates.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { entryReport } from '../../lib/core/backtest/entryReport.ts';
import { onAxes } from '../../lib/core/trade/onAxes.ts';
import { REAL_WORLDS } from '../core/gravity/realWorlds.fixture.ts';
import { COVARIATE_FILES } from './realCovariates.ts';

const [draws = BACKTEST.draws, mostCells = BACKTEST.mostCells] = process.argv.slice(2).map(Number);
const silent = { write: () => true };
const screen = terminal(silent, silent, { live: false, now: () => performance.now() });
const base = await inMemoryRun([REAL_WORLDS.hs4.file, ...COVARIATE_FILES], screen);
const outcome = await inMemoryRun(['../shared/data/flows/world_hs4_2024_outcomes.csv.gz'], screen, {
  ...SETTINGS,
  windowYears: 1,
});
const { countries, products } = base.flows;
const years = {
  base: { year: 2017, flows: base.flows, covariates: await loadCovariates(base.artifacts, base.run) },
  outcome: { year: 2024, flows: onAxes(outcome.flows, countries, products).flows },
  between: [],
  level: 4,
  synthetic: false,
  regionOf: (country: string) => ISO_REGIONS.get(country) ?? 'elsewhere',
};
const from = performance.now();
const { exporters, universe, scores, reason } = entryReport(years, { ...BACKTEST, draws, mostCells });
const seconds = Math.round((performance.now() - from) / 1000);
console.log(
  JSON.stringify({
    exporters,
    cells: universe?.cells,
    positives: universe?.positives,
    reason,
    seconds,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    scores: scores.map(({ name, metrics: { averagePrecision, precisionAt20 } }) => [
      name,
      Number(averagePrecision.value.toFixed(4)),
      Number(precisionAt20.value.toFixed(3)),
    ]),
  }),
);
