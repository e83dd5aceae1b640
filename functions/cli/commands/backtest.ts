import { writeFile } from 'node:fs/promises';
import { ISO_REGIONS } from '../../../lib/adapters/files/isoCountries.ts';
import { loadCovariates } from '../../../lib/app/runCovariates.ts';
import { SETTINGS } from '../../../lib/app/settings.ts';
import { BASELINES } from '../../../lib/core/backtest/baselines.ts';
import {
  CAVEATS,
  entryBacktest,
  type MetricValue,
  type ScoreResult,
  type Universe,
} from '../../../lib/core/backtest/entryBacktest.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { onAxes } from '../../../lib/core/trade/onAxes.ts';
import { command, Stop, UsageError } from '../command.ts';
import { type InMemoryRun, inMemoryRun } from '../inMemoryRun.ts';
import { pairsOf } from '../pairsFile.ts';
import { table } from '../table.ts';
import { count, money, seconds, type Terminal } from '../terminal.ts';

const EVENT_USD = 100_000;
const DRAWS = 1_000;
const SEED = 1;

export const backtest = command({
  name: 'backtest',
  summary:
    'Judges scores of empty cells on what happened later: which filled, and how well each score had ranked them.',
  operands: 'BASE…',
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  options: {
    outcome: { value: 'FILES', help: 'trade of a later year, comma-separated; needed' },
    between: { value: 'FILES', help: 'trade of years between: entries that none of them has are judged apart' },
    'unknown-pairs': { value: 'FILE', help: 'pairs (exporter,importer) whose base year is unknown and not zero' },
    exporters: { value: 'CODES', help: 'judge only these, comma-separated; all with an outcome when not given' },
    event: { value: 'USD', help: `an empty cell counts as entered from this much; ${count(EVENT_USD)} when not given` },
    draws: { value: 'N', help: `bootstrap draws of exporters; ${count(DRAWS)} when not given` },
    out: { value: 'FILE', help: 'write everything, parts and intervals included, as JSON' },
    json: { help: 'print that JSON' },
  },
  details: `BASE are files as they would be dropped: trade of the base year (or years, which are averaged), and with them covariates such as
distances and agreements, without which scores that need them are left out. Judged is every empty cell whose importer buys the product
from somebody, for exporters that the outcome has; equal scores stand at expected value, intervals are of ${count(DRAWS)} draws of exporters.

  portolan backtest flows_2017.csv.gz dist.csv rta.csv --outcome flows_2024.csv.gz

AP is average precision, P@20 the share of each exporter's first twenty that came true (over exporters with at least twenty entries).`,
  async run(paths, values, screen) {
    const started = performance.now();
    const number = (option: 'event' | 'draws', otherwise: number, least: number) => {
      const given = values[option];
      if (given === undefined) return otherwise;
      const read = Number(given);
      if (!(given.trim() !== '' && read >= least && Number.isFinite(read)))
        throw new UsageError(`backtest: --${option} ${given}: expected a number of at least ${least}`);
      return read;
    };
    const eventUsd = number('event', EVENT_USD, 0.01);
    const draws = Math.round(number('draws', DRAWS, 20));
    if (values.outcome === undefined)
      throw new UsageError('backtest: --outcome FILES is missing: trade of a later year to judge by');

    // read both years
    const base = await inMemoryRun(paths, screen);
    const { flows: before } = base;
    const oneYear = { ...SETTINGS, windowYears: 1 };
    const outcome = await inMemoryRun(values.outcome.split(','), screen, oneYear);
    checkYears(base, outcome);
    const after = moved(outcome.flows, before, screen, 'outcome');
    const between: Flows[] = [];
    for (const path of values.between?.split(',') ?? [])
      between.push(moved((await inMemoryRun([path], screen, oneYear)).flows, before, screen, path));
    const unknownPairs = values['unknown-pairs']
      ? await pairsOf(values['unknown-pairs'], before.countries)
      : new Set<number>();
    const exporterE = judgedExporters(after, before, values.exporters);
    const covariates = base.manifest.covariates.length > 0 ? await loadCovariates(base.artifacts, base.run) : null;

    // judge, the first being what the others are compared with
    const test = orStop(() =>
      entryBacktest({
        before,
        after,
        exporterE,
        unknownPairs,
        eventUsd,
        between,
        regionOf: (code) => ISO_REGIONS.get(code) ?? 'elsewhere',
        draws,
        seed: SEED,
      }),
    );
    const universe = test.universe();
    screen.complain(screen.paint('dim', `${told(universe)}, read in ${seconds(performance.now() - started)}`));
    const results: ScoreResult[] = [];
    const skipped: string[] = [];
    for (const { name, about, of } of BASELINES) {
      const from = performance.now();
      const judging = screen.step('judge', name);
      const scoreOf = of({ flows: before, covariates });
      if (scoreOf === null) skipped.push(name);
      else results.push(test.judge(name, about, test.scored(scoreOf)));
      judging.drop();
      if (scoreOf !== null && !values.json)
        screen.complain(screen.paint('dim', `${name}: ${seconds(performance.now() - from)}`));
    }

    const years = { base: base.manifest.years, outcome: outcome.manifest.years };
    const report = { years, eventUsd, draws, universe, scores: results, skipped, caveats: CAVEATS };
    const json = JSON.stringify(report, null, 2);
    if (values.out !== undefined) await writeFile(values.out, `${json}\n`);
    if (values.json) screen.print(json);
    else show(report, screen);
    return 0;
  },
});

/** Nothing to judge is a matter of the files, not of the program. */
function orStop<Of>(prepare: () => Of): Of {
  try {
    return prepare();
  } catch (error) {
    if (error instanceof RangeError) throw new Stop(error.message, { cause: error });
    throw error;
  }
}

type Report = {
  readonly years: { readonly base: readonly number[]; readonly outcome: readonly number[] };
  readonly eventUsd: number;
  readonly universe: Universe;
  readonly scores: readonly ScoreResult[];
  readonly skipped: readonly string[];
};

function checkYears({ manifest: base }: InMemoryRun, { manifest: outcome }: InMemoryRun): void {
  if (outcome.level !== base.level)
    throw new Stop(`the outcome has products of ${outcome.level} digits, the base year of ${base.level}`);
  const [last, next] = [Math.max(...base.years), Math.max(...outcome.years)];
  if (next <= last) throw new Stop(`the outcome is of ${next}, and the base year is ${last}: expected a later year`);
}

function moved(flows: Flows, { countries, products }: Flows, screen: Terminal, what: string): Flows {
  const { flows: own, left } = onAxes(flows, countries, products);
  if (left > 0)
    screen.complain(
      `${what}: ${count(left)} flows of countries or products that the base year does not have are left out`,
    );
  return own;
}

function judgedExporters(after: Flows, { countries }: Flows, asked: string | undefined): Uint16Array {
  const known = new Set(after.exporterN);
  if (asked === undefined) return Uint16Array.from(known).sort();
  const wanted = asked.split(',').map((code) => code.trim().toUpperCase());
  const absent = wanted.filter((code) => !known.has(countries.at.get(code) ?? -1));
  if (absent.length > 0) throw new Stop(`--exporters: the outcome has nothing of ${absent.join(', ')}`);
  return Uint16Array.from(new Set(wanted), (code) => countries.at.get(code) ?? 0).sort();
}

const told = ({ exporters, cells, positives }: Universe) =>
  `${count(exporters)} exporters, ${count(cells)} empty cells, ${count(positives)} of them filled`;

function show({ years, eventUsd, universe, scores, skipped }: Report, { print, paint }: Terminal): void {
  const span = (of: readonly number[]) => (of.length > 1 ? `${of[0]}-${of.at(-1)}` : String(of[0]));
  print(
    `${paint('bold', `${span(years.base)} → ${span(years.outcome)}`)}: ${told(universe)} with at least ${money(eventUsd)} USD (${(100 * universe.prevalence).toFixed(2)} %: the AP of no knowledge)`,
  );
  const metric = ({ value, interval: { low, high } }: MetricValue) =>
    `${value.toFixed(4)} (${low.toFixed(4)}-${high.toFixed(4)})`;
  const main = table(
    [
      { heading: 'score' },
      { heading: 'AUC' },
      { heading: 'AP' },
      { heading: 'P@20' },
      { heading: 'found in 20', number: true },
    ],
    scores.map(({ name, metrics, captured }) => [
      name,
      metric(metrics.auc),
      metric(metrics.averagePrecision),
      metric(metrics.precisionAt20),
      `${(100 * captured.share).toFixed(1)} %`,
    ]),
  );
  print();
  print(paint('bold', main.head));
  for (const line of main.body) print(line);
  print();
  print(
    `P@20 over ${count(universe.exportersAt20)} exporters with at least 20 entries; found in 20: the share of all new trade, in USD.`,
  );

  // by basis, which every score sees differently
  const bases = [
    ...new Set(scores.flatMap(({ parts }) => parts.filter(({ by }) => by === 'basis').map(({ part }) => part))),
  ];
  const byBasis = table(
    [{ heading: 'AP by basis' }, ...bases.map((heading) => ({ heading, number: true }))],
    scores.map(({ name, parts }) => [
      name,
      ...bases.map(
        (basis) => parts.find(({ by, part }) => by === 'basis' && part === basis)?.averagePrecision.toFixed(4) ?? '',
      ),
    ]),
  );
  print();
  print(paint('bold', byBasis.head));
  for (const line of byBasis.body) print(line);
  if (skipped.length > 0) {
    print();
    print(`Left out for want of covariates (name files with distances, agreements): ${skipped.join(', ')}.`);
  }
  print();
  for (const line of CAVEATS) print(paint('dim', line));
}
