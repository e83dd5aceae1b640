import { beforeEach, describe, expect, it } from 'vitest';
import { type Backtest, backtestOf } from '../../lib/app/backtestRecord.ts';
import { entryBacktest } from '../../lib/core/backtest/entryBacktest.ts';
import { exporterSample } from '../../lib/core/backtest/exporterSample.ts';
import { shippedModelRows } from '../../lib/core/backtest/shippedModelRows.ts';
import { entryContext } from '../../lib/core/entry/entryContext.ts';
import { shippedEntryModel } from '../../lib/core/entry/shippedEntryModel.ts';
import { SHIPPED_GROWTH_MODEL } from '../../lib/core/growth/shippedGrowthModel.ts';
import { axis } from '../../lib/core/labels.ts';
import { stream, uniform } from '../../lib/core/random.ts';
import { foresee } from '../../lib/core/scoring/foreseen.ts';
import { BASES } from '../../lib/core/scoring/scoredCells.ts';
import { threeWayPotentials } from '../../lib/core/scoring/scoringInputs.ts';
import { type Flows, sortFlows } from '../../lib/core/trade/flows.ts';
import { runCli } from '../handlers/cli.fixture.ts';
import { service } from './service.fixture.ts';

const CODES = ['ARG', 'BEL', 'BRA', 'CHL', 'MEX', 'PER', 'USA'];
const PRODUCTS = ['0101', '0901', '2603', '6109', '8703'];

/** Flows of a small world of which `share` in ten cells exist: all cells of a smaller share are among those of a larger one. */
function world(share: number, exporters: readonly string[] = CODES, products: readonly string[] = PRODUCTS): Flows {
  const rows = CODES.flatMap((exporter, e) =>
    CODES.flatMap((importer, m) =>
      products
        .map((_, p) => ({ e, m, p, value: 100_000 * (1 + ((3 * e + m + p) % 5)) ** 3 }))
        .filter(
          ({ p }) =>
            exporter !== importer &&
            exporters.includes(exporter) &&
            uniform(stream(9, 'cells'), (e * 20 + m) * 20 + p) * 10 < share,
        ),
    ),
  );
  return sortFlows(axis([...CODES]), axis([...products]), {
    exporterN: rows.map(({ e }) => e),
    importerN: rows.map(({ m }) => m),
    productN: rows.map(({ p }) => p),
    valueN: rows.map(({ value }) => value),
  });
}

let portolan: ReturnType<typeof service>;
beforeEach(() => {
  portolan = service();
});
const reportOf = async (run: string) => backtestOf((await portolan.artifacts.get(`runs/${run}/backtest.json`))!);

/** A published run over these years at HS4, and its back-test. */
async function judged(
  years: Readonly<Record<number, Flows>>,
  over: Parameters<Awaited<ReturnType<typeof portolan.publish>>['backtest']>[0] = {},
): Promise<Backtest> {
  for (const [year, flows] of Object.entries(years)) await portolan.drop(`y${year}`, Number(year), 1, 4, flows);
  const run = await portolan.publish();
  await run.backtest(over);
  return reportOf(run.run);
}

describe('the back-test of a run', () => {
  it('gives the numbers of the command line: files of the same two years', async () => {
    const { mkdtempSync, writeFileSync } = await import('node:fs');
    const { join } = await import('node:path');
    const { tmpdir } = await import('node:os');
    const folder = mkdtempSync(join(tmpdir(), 'run-backtest-'));
    const file = (year: number, { exporterN, importerN, productN, valueN }: Flows) => {
      const path = join(folder, `${year}.csv`);
      const rows = Array.from(
        valueN,
        (value, n) =>
          `${year},${CODES[exporterN[n]!]},${CODES[importerN[n]!]},${PRODUCTS[productN[n]!]},${value.toFixed(0)}`,
      );
      writeFileSync(path, `year,exporter,importer,product,valueUsd\n${rows.join('\n')}\n`);
      return path;
    };
    const told = JSON.parse(
      (
        await runCli(
          'backtest',
          file(2015, world(4)),
          '--outcome',
          file(2020, world(7)),
          '--between',
          file(2018, world(5)),
          '--draws',
          '30',
          '--json',
        )
      ).out,
    );
    const report = await judged({ 2015: world(4), 2018: world(5), 2020: world(7) });
    const rounded = (value: unknown): unknown =>
      typeof value === 'number' && !Number.isInteger(value)
        ? Number(value.toPrecision(7))
        : Array.isArray(value)
          ? value.map(rounded)
          : value !== null && typeof value === 'object'
            ? Object.fromEntries(Object.entries(value).map(([key, own]) => [key, rounded(own)]))
            : value;
    expect(report).toMatchObject({ base: 2015, outcome: 2020, between: [2018], level: 4, eventUsd: 100_000 });
    expect({ ...report.universe, prevalence: 0 }).toEqual({ ...told.universe, prevalence: 0 });
    expect(told.universe.late).toBeGreaterThan(0);
    const without = ({ scores }: { scores: Backtest['scores'] }) =>
      scores.map(({ calibration: _c, ofTwenty: _o, parts, ...rest }) => ({
        ...rest,
        parts: parts.filter(({ by }) => by !== 'region'),
      }));
    const inRun = { scores: report.scores.filter(({ name }) => name !== 'entry model') };
    expect(without(inRun)).toEqual(rounded(without(told)));
    expect(inRun.scores.length).toBe(7);
    expect(report.skipped.map(({ name }) => name)).toEqual(told.skipped);
  });

  it('judges the shipped model by what it says of each cell, and its probabilities bin by bin', async () => {
    const [before, after] = [world(4), world(7)];
    const report = await judged({ 2015: before, 2020: after });
    const context = entryContext(before);
    const foreseenOf = foresee(
      context,
      { entry: shippedEntryModel(false), growth: SHIPPED_GROWTH_MODEL },
      threeWayPotentials(before, context.startE, context.fits.threeWay),
    );
    let [cells, expected, observed] = [0, 0, 0];
    const later = new Set(
      Array.from(after.valueN, (_, n) => `${after.exporterN[n]} ${after.importerN[n]} ${after.productN[n]}`),
    );
    const { rowsOf } = shippedModelRows({ flows: before, covariates: null });
    for (let e = 0; e < CODES.length; e++) {
      const rowOf = rowsOf(e);
      const { basisN, importerN, productN, probabilityN } = foreseenOf(e);
      for (let n = 0; n < basisN.length; n++) {
        if (BASES[basisN[n]!] === 'existing') continue;
        expect(rowOf(importerN[n]!).probabilityP[productN[n]!]).toBe(probabilityN[n]);
        cells++;
        expected += probabilityN[n]!;
        if (later.has(`${e} ${importerN[n]} ${productN[n]}`)) observed++;
      }
    }
    const { calibration, about } = report.scores.at(-1)!;
    const sum = (of: 'cells' | 'expected' | 'observed') =>
      calibration!.reduce((total, bin) => total + (bin[of] ?? 0), 0);
    expect(sum('cells')).toBe(cells);
    expect(cells).toBe(report.universe?.cells);
    expect(sum('observed')).toBe(observed);
    expect(observed).toBe(report.universe?.positives);
    expect(Math.abs(sum('expected') / expected - 1)).toBeLessThan(1e-6);
    expect(about).toContain('trained on 2017 to 2024 at 4 digits');
  });

  it('says how many of the first twenty came true for exporters of each size', async () => {
    const report = await judged({ 2015: world(4), 2020: world(7) });
    const { ofTwenty } = report.scores[0]!;
    expect(ofTwenty.map(({ exporters }) => exporters).reduce((sum, own) => sum + own, 0)).toBe(CODES.length);
    for (const { cameTrue, fromUsd, toUsd } of ofTwenty) {
      expect(fromUsd).toBeLessThanOrEqual(toUsd!);
      expect(cameTrue).toBeLessThanOrEqual(20);
    }
    // where no exporter has more than twenty empty cells, all entries are among the first twenty, whatever the score
    const few = await (async () => {
      portolan = service();
      return judged({ 2015: world(7), 2020: world(9.5) });
    })();
    const found = few.scores[0]!.ofTwenty.reduce((sum, { cameTrue, exporters }) => sum + cameTrue! * exporters, 0);
    expect(few.universe!.cells).toBeLessThan(20 * CODES.length);
    expect(found).toBeCloseTo(few.universe!.positives, 4);
  });

  it('says the same of the lists that exporters are shown: a basis by expected gain', async () => {
    const products = Array.from({ length: 18 }, (_, n) => `${10 + n}01`);
    const [before, after] = [world(2, CODES, products), world(6, CODES, products)];
    const { lists } = await judged({ 2015: before, 2020: after });
    const context = entryContext(before);
    const foreseenOf = foresee(
      context,
      { entry: shippedEntryModel(false), growth: SHIPPED_GROWTH_MODEL },
      threeWayPotentials(before, context.startE, context.fits.threeWay),
    );
    const later = new Set(
      Array.from(after.valueN, (_, n) => `${after.exporterN[n]} ${after.importerN[n]} ${after.productN[n]}`),
    );
    const exportsE = CODES.map((_, e) => context.totals.exporterE[e]!);
    expect(lists.map(({ basis }) => basis).sort()).toEqual(['newMarket', 'newPair', 'newProduct']);
    let long = 0;
    for (const { basis, sizes } of lists) {
      const trueE = CODES.map((_, e) => {
        const { basisN, importerN, productN, opportunityN } = foreseenOf(e);
        const own = [...basisN.keys()].filter((n) => BASES[basisN[n]!] === basis);
        if (own.length > 20) long++;
        const first = own.sort((x, y) => opportunityN[y]! - opportunityN[x]!).slice(0, 20);
        return own.length === 0
          ? Number.NaN
          : first.filter((n) => later.has(`${e} ${importerN[n]} ${productN[n]}`)).length;
      });
      for (const { fromUsd, toUsd, exporters, cameTrue } of sizes) {
        const members = trueE.filter((n, e) => !Number.isNaN(n) && exportsE[e]! >= fromUsd! && exportsE[e]! <= toUsd!);
        expect(members).toHaveLength(exporters);
        expect(members.reduce((sum, n) => sum + n, 0) / exporters).toBeCloseTo(cameTrue!, 5);
      }
    }
    expect(long).toBeGreaterThan(3);
  });

  it('says what it does not show: survivors, one period, how many scores, what the model has seen', async () => {
    const report = await judged({
      2015: world(4),
      2020: world(7, ['ARG', 'BEL', 'BRA', 'CHL', 'MEX']),
    });
    expect(report.exporters).toEqual({ known: 5, judged: 5, lost: 2 });
    const limits = report.limits.join('\n');
    expect(limits).toContain('2 exporters with flows in 2015 have none in 2020');
    expect(limits).toContain(`${report.scores.length} scores are compared on the same outcomes`);
    expect(limits).toContain('2015 to 2020 is one period');
    expect(limits).toContain('exploratory');
    expect(limits).toContain('it has seen these outcomes');
    expect(limits).not.toContain('invented');
  });

  it('judges some exporters, drawn at random, where all would be too many cells', async () => {
    const [before, after] = [world(4), world(7)];
    const all = await judged({ 2015: before, 2020: after });
    const mostCells = Math.round(all.universe!.cells / 2);
    portolan = service();
    const some = await judged({ 2015: before, 2020: after }, { mostCells });
    expect(some.universe!.cells).toBeLessThanOrEqual(mostCells);
    expect(some.exporters.judged).toBeLessThan(7);
    expect(some.exporters.judged).toBeGreaterThan(1);
    expect(some.limits.join()).toContain(`Of 7 exporters ${some.exporters.judged} are judged`);

    // the numbers are those of the exporters that the sample names
    const exporterE = exporterSample(before, Uint16Array.of(0, 1, 2, 3, 4, 5, 6), mostCells, 1);
    const test = entryBacktest({
      before,
      after,
      exporterE,
      unknownPairs: new Set(),
      eventUsd: 100_000,
      between: [],
      regionOf: () => '',
      draws: 30,
      seed: 1,
    });
    expect(some.universe).toMatchObject({ cells: test.universe().cells, positives: test.universe().positives });
  });

  it('twice writes the same bytes', async () => {
    await portolan.drop('a', 2015, 1, 4, world(4));
    await portolan.drop('b', 2020, 1, 4, world(7));
    const { run, backtest } = await portolan.publish();
    expect(await backtest()).toEqual({ run, outcome: 'judged' });
    const once = await portolan.artifacts.get(`runs/${run}/backtest.json`);
    await backtest();
    expect(await portolan.artifacts.get(`runs/${run}/backtest.json`)).toEqual(once);
  });

  it('says why when nothing was entered, or nobody reported both years', async () => {
    const same = await judged({ 2015: world(4), 2020: world(4) });
    expect(same).toMatchObject({ universe: null, scores: [] });
    expect(same.reason).toBe('No cell that was empty in 2015 held 100000 USD or more in 2020.');
    portolan = service();
    const apart = await judged({ 2015: world(4, ['MEX']), 2020: world(7, ['PER']) });
    expect(apart.reason).toBe('No exporter has flows both in 2015 and in 2020.');
  });
});

describe('/v1/backtest', () => {
  it('answers with the newest run that has one, or with the run asked for, whatever was published since', async () => {
    await portolan.drop('a', 2015, 1, 4, world(4));
    await portolan.drop('b', 2020, 1, 4, world(7));
    const first = await portolan.publish();
    await first.backtest();
    const reply = await portolan.ask('/v1/backtest');
    expect(reply.status).toBe(200);
    const { unit, ...answer } = reply.json();
    expect(unit).toBe('USD');
    expect(answer).toEqual(await reportOf(first.run));

    // later runs: two write the slots again, and have none yet
    for (const [name, year] of [
      ['c', 2021],
      ['d', 2022],
      ['e', 2023],
    ] as const)
      await portolan.drop(name, year, 1, 4, world(7)).then(() => portolan.publish());
    expect((await portolan.ask('/v1/backtest')).json()).toMatchObject({ run: first.run });
    expect((await portolan.ask(`/v1/backtest?run=${first.run}`)).json()).toMatchObject({ run: first.run });
    const runs = (await portolan.ask('/v1/runs')).json<{ run: string; backtestFrom: number | null }>().items;
    expect(runs.map(({ backtestFrom }) => backtestFrom)).toContain(2015);
  });

  it('says what to drop where no earlier year is stored', async () => {
    await portolan.drop('b', 2020, 1, 4, world(7));
    const { run, backtest } = await portolan.publish();
    expect(await backtest()).toEqual({ run, outcome: 'noEarlierYear' });
    for (const path of ['/v1/backtest', `/v1/backtest?run=${run}`]) {
      const reply = await portolan.ask(path);
      expect(reply.status).toBe(404);
      expect(reply.headers['content-type']).toBe('application/problem+json');
      expect(reply.json()).toMatchObject({
        type: '/problems/backtest-none',
        detail: `Run ${run} has no back-test: no trade of an earlier year is stored. Drop a file with flows of a year from 2010 to 2017 (HS17, 4 digits; best 2015), and the next run is judged by what 2020 holds.`,
      });
    }
    const [item] = (await portolan.ask('/v1/runs')).json<{ backtestFrom: number | null }>().items;
    expect(item?.backtestFrom).toBeNull();
  });

  it('says that it is not there yet, and knows no run that is not', async () => {
    expect((await portolan.ask('/v1/backtest')).status).toBe(503);
    await portolan.drop('a', 2015, 1, 4, world(4));
    await portolan.drop('b', 2020, 1, 4, world(7));
    const { run } = await portolan.publish();
    const reply = await portolan.ask(`/v1/backtest?run=${run}`);
    expect([reply.status, reply.json().detail]).toEqual([
      404,
      `Run ${run} has no back-test: its scores are judged after it is published, from 2015 to 2020: ask again in a few minutes.`,
    ]);
    expect((await portolan.ask('/v1/backtest?run=nobody')).json()).toMatchObject({ type: '/problems/run-unknown' });
  });
});
