/**
 * `portolan score` on a year of the world at HS4, with covariates: every cell of every exporter, wall time and peak memory of fresh processes; then where the time
 * goes, in one thread, without writing.
 *
 *     node tests/bench/score.ts [csv] [parquet] [best] [stages]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryPeak } from '../../functions/cli/memory.ts';
import { scoreRows } from '../../functions/cli/score/scoreRows.ts';
import { entryContext, prepareEntries } from '../../lib/core/entry/entryContext.ts';
import { entryCovariates } from '../../lib/core/entry/entryCovariates.ts';
import { entryFeatures } from '../../lib/core/entry/entryFeatures.ts';
import { entryPredictor } from '../../lib/core/entry/predictor.ts';
import { shippedEntryModel } from '../../lib/core/entry/shippedEntryModel.ts';
import { threeWayFit } from '../../lib/core/gravity/threeWay.ts';
import { SHIPPED_GROWTH_MODEL } from '../../lib/core/growth/shippedGrowthModel.ts';
import { foresee } from '../../lib/core/scoring/foreseen.ts';
import { threeWayPotentials } from '../../lib/core/scoring/scoringInputs.ts';
import { REAL_WORLDS, realWorld } from '../core/gravity/realWorlds.fixture.ts';
import { COVARIATE_FILES, realCovariates } from './realCovariates.ts';

const RUNS = {
  csv: ['scores.csv', '--all'],
  parquet: ['scores.parquet', '--all'],
  best: ['scores.parquet'],
} as const;
const asked = process.argv.slice(2);
const wanted = (name: string) => asked.length === 0 || asked.includes(name);

for (const [name, [out, ...options]] of Object.entries(RUNS)) if (wanted(name)) await whole(name, out, options);
if (wanted('stages')) await stages();

/** The command in a process of its own. */
async function whole(name: string, out: string, options: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-bench-'));
  try {
    const memory = memoryPeak(50);
    const from = performance.now();
    const command = fileURLToPath(new URL('../../functions/cli/portolan.js', import.meta.url));
    const path = join(folder, out);
    const covariates = ['--covariates', COVARIATE_FILES.join(',')];
    const child = spawn(
      process.execPath,
      [command, 'score', REAL_WORLDS.hs4.file, ...covariates, '--out', path, ...options],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let printed = '';
    child.stdout.on('data', (text) => {
      printed += text;
    });
    const [code] = await once(child, 'exit');
    const seconds = (performance.now() - from) / 1000;
    memory.stop();
    if (code !== 0) throw new Error(`portolan score ended with ${code}`);
    const peak = (memory.bytes()?.together ?? Number.NaN) / 1e9;
    const size = statSync(path).size / 1e9;
    console.log(
      `${name}: ${seconds.toFixed(1)} s, peak ${peak.toFixed(2)} GB with this process, file ${size.toFixed(2)} GB; ${printed.trim().split('/').at(-1)}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function stages(): Promise<void> {
  let last = performance.now();
  const lap = (stage: string) => {
    const now = performance.now();
    console.log(`  ${stage}: ${((now - last) / 1000).toFixed(2)} s`);
    last = performance.now();
  };
  const flows = await realWorld('hs4');
  const known = await realCovariates(flows.countries);
  console.log('in one thread:');
  last = performance.now();
  const threeWay = threeWayFit(flows);
  lap('three-way fit');
  const prepared = prepareEntries(flows);
  lap('four fits of damped trade, similarities, relatives, density');
  const covariates = entryCovariates(flows, known);
  lap('gravity by HS section, near countries');
  const context = entryContext(flows, { threeWay, prepared, covariates });
  lap('totals');
  const nCountries = flows.countries.codes.length;
  const featuresOf = entryFeatures(context);
  for (let e = 0; e < nCountries; e++) featuresOf(e);
  lap('features');
  const entry = shippedEntryModel(true);
  const predictorOf = entryPredictor(entry, context.totals);
  for (let e = 0; e < nCountries; e++) {
    const rowOf = predictorOf(e, featuresOf(e));
    for (let m = 0; m < nCountries; m++) rowOf(m);
  }
  lap('features, probabilities and worth');
  const potentials = threeWayPotentials(flows, context.startE, threeWay);
  const foreseenOf = foresee(context, { entry, growth: SHIPPED_GROWTH_MODEL }, potentials);
  let cells = 0;
  for (let e = 0; e < nCountries; e++) cells += foreseenOf(e).scoreN.length;
  lap(`the same with potentials, growth and percentiles of ${cells} cells`);
  const textOf = scoreRows(flows);
  let bytes = 0;
  for (let e = 0; e < nCountries; e++) {
    const foreseen = foreseenOf(e);
    bytes += textOf(e, foreseen, Uint32Array.from(foreseen.scoreN.keys())).length;
  }
  lap(`the same with ${(bytes / 1e9).toFixed(2)} GB of text`);
}
