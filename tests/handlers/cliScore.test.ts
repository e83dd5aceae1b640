import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { runCli } from './cli.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'score-'));
const CODES = ['ARG', 'BRA', 'CHL', 'MEX', 'PER', 'USA'];
const PRODUCTS = ['0101', '0901', '2603', '8703'];
const flows = CODES.flatMap((exporter, e) =>
  CODES.flatMap((importer, m) =>
    PRODUCTS.flatMap((product, p) =>
      exporter !== importer && (7 * e + 5 * m + 11 * p + 3 * e * m * p) % 10 < 5
        ? [`2017,${exporter},${importer},${product},${1000 * (1 + ((3 * e + m + p) % 5)) ** 4}`]
        : [],
    ),
  ),
);
const file = join(folder, 'flows.csv');
writeFileSync(file, `year,exporter,importer,product,valueUsd\n${flows.join('\n')}\n`);
const score = (...args: string[]) => runCli('score', ...args);
const rowsOf = (text: string) => {
  const [header = '', ...lines] = text.trim().split('\n');
  return lines.map((line) =>
    Object.fromEntries(header.split(',').map((name, at) => [name, line.split(',')[at] ?? ''])),
  );
};

describe('portolan score', () => {
  const out = join(folder, 'all.csv');

  it('writes every cell whose importer buys the product, once, with everything that is known of it', async () => {
    const { code, out: printed, errors } = await score(file, '--all', '--out', out);
    expect([code, errors]).toEqual([0, '']);
    const text = readFileSync(out, 'utf8');
    // what was promised first, in its order; what came later behind it
    expect(text.slice(0, text.indexOf('\n'))).toBe(
      'exporter,importer,product,actualUsd,potentialUsd,unrealisedUsd,probability,score,basis,opportunityUsd',
    );
    const rows = rowsOf(text);
    const bought = new Set(flows.map((line) => line.split(',').slice(2, 4).join()));
    expect(rows).toHaveLength(5 * bought.size);
    expect(printed).toContain(`${rows.length} cells of 6 exporters, 2017`);
    expect(new Set(rows.map(({ exporter, importer, product }) => `${exporter} ${importer} ${product}`)).size).toBe(
      rows.length,
    );
    const sold = new Map(flows.map((line) => [line.split(',').slice(1, 4).join(), Number(line.split(',')[4])]));
    for (const row of rows) {
      const actual = sold.get([row.exporter, row.importer, row.product].join()) ?? 0;
      expect(Number(row.actualUsd)).toBe(actual);
      expect(row.basis === 'existing').toBe(actual > 0);
      expect(row.probability === '').toBe(actual > 0);
      if (actual === 0) expect(Number(row.probability) > 0 && Number(row.probability) < 1).toBe(true);
      expect(Number(row.unrealisedUsd)).toBeCloseTo(Math.max(Number(row.potentialUsd) - actual, 0), 1);
      expect(Number(row.opportunityUsd)).toBeGreaterThanOrEqual(0);
      expect(Number(row.score) > 0 && Number(row.score) <= 100).toBe(true);
    }
    // the best of each exporter and basis has 100, and the order is that of the opportunity
    for (const exporter of CODES)
      for (const basis of new Set(rows.map((row) => row.basis))) {
        const own = rows.filter((row) => row.exporter === exporter && row.basis === basis);
        if (own.length === 0) continue;
        own.sort((a, b) => Number(b.score) - Number(a.score));
        expect(Number(own[0]!.score)).toBe(100);
        for (let n = 1; n < own.length; n++)
          expect(Number(own[n]!.opportunityUsd)).toBeLessThanOrEqual(Number(own[n - 1]!.opportunityUsd) + 0.01);
      }
  });

  it('writes the same to a packed file and to Parquet, and only the exporters asked for', async () => {
    const [packed, parquet] = [join(folder, 'some.csv.gz'), join(folder, 'some.parquet')];
    for (const path of [packed, parquet])
      expect((await score(file, '--all', '--exporters', 'per,MEX', '--out', path)).code).toBe(0);
    const whole = rowsOf(readFileSync(out, 'utf8')).filter(({ exporter }) => exporter === 'MEX' || exporter === 'PER');
    expect(rowsOf(gunzipSync(readFileSync(packed)).toString())).toEqual(whole);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const found = await (
      await connection.run(`SELECT exporter, importer, product, score FROM '${parquet}'`)
    ).getRowsJS();
    expect(found).toEqual(whole.map((row) => [row.exporter, row.importer, row.product, Number(row.score)]));
  });

  it('foresees entries with another model where distances are known, and says what is missing', async () => {
    const [near, none, far] = ['near.csv', 'none.csv', 'far.csv'].map((name) => join(folder, name));
    const pairs = CODES.flatMap((from, a) =>
      CODES.flatMap((to, b) => (a === b ? [] : [[from, to, 500 + 900 * Math.abs(a - b)]])),
    );
    writeFileSync(
      near!,
      `iso_o,iso_d,contig,comlang_off,colony,dist\n${pairs.map(([from, to, km]) => `${from},${to},${Number(km === 1400)},1,0,${km}`).join('\n')}\n`,
    );
    writeFileSync(none!, 'iso_o,iso_d,contig,comlang_off,colony,dist\nFRA,DEU,1,0,0,500\n');
    const { code, errors } = await score(file, '--covariates', near!, '--all', '--out', far!);
    expect([code, errors]).toEqual([0, expect.stringContaining('gravity without agreement')]);
    const [with_, without] = [far!, out].map((path) => rowsOf(readFileSync(path, 'utf8')));
    const told = (rows: typeof with_) => rows!.map(({ probability, opportunityUsd, score: _, ...row }) => row);
    expect(told(with_)).toEqual(told(without));
    const probabilities = (rows: typeof with_) => rows!.map(({ probability }) => Number(probability));
    expect(probabilities(with_)).not.toEqual(probabilities(without));
    expect(probabilities(with_).every((p) => p >= 0 && p < 1)).toBe(true);
    // named among the files they are the same
    const again = join(folder, 'again.csv');
    expect((await score(near!, file, '--all', '--out', again)).code).toBe(0);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(far!, 'utf8'));
    const trade = await score(file, '--covariates', none!, '--all', '--out', again);
    expect([trade.code, trade.errors]).toEqual([0, expect.stringContaining('no distance between these countries')]);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(out, 'utf8'));
  });

  it('scores many exporters in threads, with the rows that few have without', async () => {
    const codes = 'ARG AUS BEL BOL BRA CAN CHL CHN COL DEU ESP FRA IND ITA JPN MEX PER USA URY ZAF'.split(' ');
    const many = join(folder, 'many.csv');
    const lines = codes.flatMap((exporter, e) =>
      codes.flatMap((importer, m) =>
        Array.from({ length: 15 }, (_, p) => p).flatMap((p) =>
          e !== m && (7 * e + 5 * m + 11 * p + 3 * e * m * p) % 10 < 5
            ? [`2017,${exporter},${importer},${1001 + p},${1000 * (1 + ((3 * e + m + p) % 5)) ** 4}`]
            : [],
        ),
      ),
    );
    writeFileSync(many, `year,exporter,importer,product,valueUsd\n${lines.join('\n')}\n`);
    const [all, few] = ['many-all.csv', 'many-few.csv'].map((name) => join(folder, name)) as [string, string];
    expect(await score(many, '--all', '--out', all)).toMatchObject({ code: 0, errors: '' });
    const chosen = ['ARG', 'FRA', 'URY', 'ZAF'];
    expect((await score(many, '--all', '--exporters', chosen.join(), '--out', few)).code).toBe(0);
    const packed = join(folder, 'many.csv.gz');
    expect((await score(many, '--all', '--out', packed)).code).toBe(0);
    expect(gunzipSync(readFileSync(packed)).equals(readFileSync(all))).toBe(true);
    const rows = readFileSync(all, 'utf8').trim().split('\n');
    const exporters = rows.slice(1).map((line) => line.slice(0, 3));
    expect([...new Set(exporters)]).toEqual(codes.toSorted());
    expect(exporters).toEqual(exporters.toSorted());
    expect(rows.filter((line) => chosen.includes(line.slice(0, 3)))).toEqual(
      readFileSync(few, 'utf8').trim().split('\n').slice(1),
    );
  });

  it('says that probabilities are ranks at another level, and what is wrong', async () => {
    const fine = join(folder, 'fine.csv');
    writeFileSync(
      fine,
      `year,exporter,importer,product,valueUsd\n${flows.map((line) => line.replace(/,(\d{4}),(\d+)$/, ',$100,$2')).join('\n')}\n`,
    );
    const { code, errors } = await score(fine, '--out', join(folder, 'fine-scores.csv'));
    expect([code, errors]).toEqual([
      0,
      expect.stringContaining('products have 6 digits, the shipped models were trained on 4'),
    ]);
    expect(await score(file)).toMatchObject({ code: 2, errors: expect.stringContaining('--out FILE is missing') });
    expect(await score(file, '--out', 'scores.xlsx')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('.csv, .csv.gz or .parquet'),
    });
    expect(await score(file, '--out', out, '--exporters', 'FRA')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('there are no flows of FRA'),
    });
  });
});
