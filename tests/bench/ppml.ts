/**
 * Fits gravity panels of half a million rows by PPML.
 *
 *     node tests/bench/ppml.ts [panel2|panel3|chain2|chain3]...
 *
 * panel: ../shared/bench/ppml_panel.csv.gz, 226 × 226 countries, 10 years; chain: a line of countries (chainPanel.fixture.ts). 2: exporter-year and
 * importer-year effects; 3: and pairs. Prints one JSON line for each: seconds of the fit (coding of factors to the covariance clustered by
 * pair, all of it), iterations, peak megabytes. Each fit has a process of its own that gets packed columns, so that reading CSV does not count.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { decodeArrays, encodeArrays } from '../../lib/core/arrays.ts';
import { covariance } from '../../lib/core/gravity/ppml/covariance.ts';
import { factor } from '../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../lib/core/gravity/ppml/ppml.ts';
import { chainPanel, type PackedPanel } from '../core/ppml/chainPanel.fixture.ts';

const PANEL = fileURLToPath(new URL('../../../shared/bench/ppml_panel.csv.gz', import.meta.url));
const CASES: Readonly<Record<string, { panel: 'panel' | 'chain'; x: readonly string[]; effects: readonly string[] }>> =
  {
    panel2: { panel: 'panel', x: ['ldist', 'contig', 'comlang', 'rta'], effects: ['exporter_year', 'importer_year'] },
    panel3: { panel: 'panel', x: ['rta'], effects: ['exporter_year', 'importer_year', 'pair'] },
    chain2: { panel: 'chain', x: ['dist', 'rta'], effects: ['exporter_year', 'importer_year'] },
    chain3: { panel: 'chain', x: ['rta'], effects: ['exporter_year', 'importer_year', 'pair'] },
  };

const [first, ...rest] = process.argv.slice(2);
if (first === '--packed') measure(rest[0]!, rest[1]!);
else await prepare(process.argv.slice(2));

/** Packs each panel and hands it to a fresh process. */
async function prepare(asked: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'ppml-'));
  for (const [name, { panel }] of Object.entries(CASES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const file = join(folder, panel);
    if (!existsSync(file)) {
      if (panel === 'panel' && !existsSync(PANEL)) {
        console.error(`${PANEL} is not there`);
        continue;
      }
      const { columns, factors } = panel === 'panel' ? await readPanel() : chainPanel();
      writeFileSync(
        file,
        encodeArrays({ columns: Object.keys(columns), factors: Object.keys(factors) }, { ...columns, ...factors }),
      );
    }
    execFileSync(process.execPath, [import.meta.filename, '--packed', name, file], { stdio: 'inherit' });
  }
  rmSync(folder, { recursive: true });
}

async function readPanel(): Promise<PackedPanel> {
  const columns = { y: 'trade', ldist: 'ldist', contig: 'contig', comlang: 'comlang', rta: 'rta' };
  const factors = { exporter_year: 'exp_year', importer_year: 'imp_year', pair: 'pair' };
  const db = await (await DuckDBInstance.create(':memory:')).connect();
  const select = [
    ...Object.entries(columns).map(([as, name]) => `CAST(${name} AS DOUBLE) AS ${as}`),
    ...Object.entries(factors).map(([as, name]) => `CAST(${name} AS INTEGER) AS ${as}`),
  ];
  const read = (await db.runAndReadAll(`SELECT ${select.join(', ')} FROM read_csv('${PANEL}')`)).getColumnsObject();
  const typed = <Of>(names: object, make: (values: Iterable<number>) => Of) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, make(read[name] as number[])]));
  return {
    columns: typed(columns, (values) => Float64Array.from(values)),
    factors: typed(factors, (values) => Uint32Array.from(values)),
  };
}

function measure(name: string, file: string) {
  const { x, effects } = CASES[name]!;
  const { arrays } = decodeArrays<unknown, string>(readFileSync(file));
  const megabytes = () =>
    Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);
  const before = megabytes();

  const from = performance.now();
  const pair = factor('pair', arrays.pair!);
  const fit = ppml({
    yN: arrays.y as Float64Array,
    columns: x.map((column) => ({ name: column, valueN: arrays[column] as Float64Array })),
    effects: effects.map((effect) => (effect === 'pair' ? pair : factor(effect, arrays[effect]!))),
  });
  const { standardErrorK } = covariance(fit.fitted!, { kind: 'cluster', by: [pair] }, 'fixest');
  const seconds = (performance.now() - from) / 1000;

  const { observations, dropped, converged, iterations, innerIterations, firstOrder, coefficients } = fit;
  console.log(
    JSON.stringify({
      name,
      rows: fit.status.length,
      seconds: Number(seconds.toFixed(2)),
      iterations,
      innerIterations,
      converged,
      firstOrder: Math.max(firstOrder.margins, firstOrder.regressors),
      observations,
      dropped: { ...dropped.separatedBy, singletons: dropped.singletons },
      coefficients: coefficients.map(({ name: column, estimate }, k) => [column, estimate, standardErrorK[k]]),
      megabytesBefore: before,
      peakMegabytes: megabytes(),
    }),
  );
}
