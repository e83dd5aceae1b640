import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './cli.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
const file = (name: string, ...lines: string[]) => {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};
const HEADER = 'year,exporter,importer,product,valueUsd';
const CODES = ['ARG', 'BRA', 'CHL', 'MEX', 'PER', 'USA'];
const PRODUCTS = ['0101', '0901', '2603', '8703'];

/** Flows of a small world that grows by a rule: about half of the cells, and more of them later. */
const flowsFile = (name: string, year: number, share: number) =>
  file(
    name,
    HEADER,
    ...CODES.flatMap((exporter, e) =>
      CODES.flatMap((importer, m) =>
        PRODUCTS.flatMap((product, p) =>
          exporter !== importer && (7 * e + 5 * m + 11 * p + 3 * e * m * p) % 10 < share
            ? [`${year},${exporter},${importer},${product},${1000 * (1 + ((3 * e + m + p) % 5)) ** 4}`]
            : [],
        ),
      ),
    ),
  );
const before = flowsFile('base.csv', 2017, 5);
const after = flowsFile('outcome.csv', 2022, 9);
const backtest = (...args: string[]) => runCli('backtest', ...args);

describe('portolan backtest', () => {
  it('reads two years as drops and judges every baseline that needs no covariates', async () => {
    const out = join(folder, 'report.json');
    const {
      code,
      out: printed,
      errors,
    } = await backtest(before, '--outcome', after, '--event', '1000', '--draws', '30', '--out', out);
    expect(errors).not.toMatch(/can't|undefined|NaN/);
    expect(code).toBe(0);
    expect(printed).toMatch(/2017 → 2022: 6 exporters, \d+ empty cells, \d+ of them filled/);
    expect(printed).toMatch(/three-way fit +0\.\d{4} \(0\.\d{4}-[01]\.\d{4}\)/);
    expect(printed).toContain('Left out for want of covariates');
    expect(printed).toContain('One period and one event');
    const report = JSON.parse(readFileSync(out, 'utf8'));
    expect(report.scores.map(({ name }: { name: string }) => name)).toEqual([
      'three-way fit',
      'static index',
      'size',
      'product relatedness',
      'product relatedness as a share',
      'density',
      'advantage',
    ]);
    const rows = readFileSync(before, 'utf8').trim().split('\n').slice(1);
    const bought = new Set(rows.map((row) => row.split(',').slice(2, 4).join()));
    const cells = 5 * bought.size - rows.length;
    expect(report.universe.cells).toBe(cells);
    expect(report.scores[1].metrics.auc.over.difference).toBeCloseTo(
      report.scores[1].metrics.auc.value - report.scores[0].metrics.auc.value,
      12,
    );
  });

  it('leaves out unknown pairs and takes only the exporters asked for', async () => {
    const pairs = file('pairs.csv', 'exporter,importer', 'MEX,USA', 'MEX,PER', 'XXX,MEX');
    const all = JSON.parse(
      (await backtest(before, '--outcome', after, '--event', '1', '--draws', '20', '--exporters', 'mex,PER', '--json'))
        .out,
    );
    const known = JSON.parse(
      (
        await backtest(
          before,
          '--outcome',
          after,
          '--event',
          '1',
          '--draws',
          '20',
          '--exporters',
          'MEX,PER',
          '--unknown-pairs',
          pairs,
          '--json',
        )
      ).out,
    );
    expect(all.universe).toMatchObject({ exporters: 2, unknownPairs: 0 });
    expect(known.universe.unknownPairs).toBe(2);
    expect(known.universe.cells).toBeLessThan(all.universe.cells);
  });

  it('says what is wrong: no outcome, an outcome that is not later, nothing that happened, unknown exporters, bad pairs', async () => {
    const said = async (...args: string[]) => {
      const { code, errors } = await backtest(...args);
      return [code, errors];
    };
    expect(await said(before)).toEqual([2, expect.stringContaining('--outcome FILES is missing')]);
    expect(await said(before, '--outcome', before)).toEqual([
      1,
      expect.stringContaining('the outcome is of 2017, and the base year is 2017: expected a later year'),
    ]);
    expect(await said(before, '--outcome', after, '--event', '1e15')).toEqual([
      1,
      expect.stringContaining('none reaches'),
    ]);
    expect(await said(before, '--outcome', after, '--exporters', 'FRA')).toEqual([
      1,
      expect.stringContaining('nothing of FRA'),
    ]);
    expect(await said(before, '--outcome', after, '--draws', 'many')).toEqual([
      2,
      expect.stringContaining('--draws many: expected a number of at least 20'),
    ]);
    const bad = file('bad.csv', 'exporter,importer', 'MEX;USA');
    expect(await said(before, '--outcome', after, '--unknown-pairs', bad)).toEqual([
      1,
      expect.stringContaining('bad.csv, line 2: MEX;USA, expected two country codes'),
    ]);
    const noFlows = file('noise.csv', 'what,is,this', '1,2,3');
    expect(await said(noFlows, '--outcome', after)).toEqual([1, expect.stringContaining("noise.csv can't be used")]);
  });
});
