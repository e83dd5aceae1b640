import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from './cli.fixture.ts';

const SMALL = fileURLToPath(new URL('../golden/ppml_small/input.csv.gz', import.meta.url));
const EFFECTS = ['--y', 'trade', '--x', 'ldist,contig,rta', '--fe', 'exporter_year,importer_year', '--cluster', 'pair'];

const run = (...args: string[]) => runCli('ppml', ...args);

/** A CSV of its own for one test. */
function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'ppml-')), 'panel.csv');
  writeFileSync(file, text);
  return file;
}

/** Four exporters and four importers in two years, all trading; `extra` are further lines. */
const panel = (...extra: string[]) => {
  const lines = ['exporter,importer,year,trade,dist,rta'];
  const codes = ['MEX', 'USA', 'CAN', 'NA'];
  for (const [e, exporter] of codes.entries())
    for (const [i, importer] of codes.entries())
      for (const year of [2001, 2002])
        lines.push(
          [
            exporter,
            importer,
            year,
            1 + ((7 * e + 3 * i + year) % 11),
            1 + ((e * 5 + i * 3) % 7),
            (e * i + year) % 2,
          ].join(),
        );
  return fileOf([...lines, ...extra, ''].join('\n'));
};

describe('portolan ppml', () => {
  it("prints fixest's estimates as JSON with all digits, and nothing else on the standard output", async () => {
    const { code, out, errors } = await run(SMALL, ...EFFECTS, '--json');
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result.coefficients[0]).toEqual({
      name: 'ldist',
      estimate: expect.closeTo(-0.974338594316324, 9),
      standardError: expect.closeTo(0.0900682587244648, 7),
    });
    expect(result).toMatchObject({ observations: 2376, converged: true, warnings: [] });
    expect(result.dropped).toMatchObject({ separated: 24, singletons: 0, collinear: [], missing: 0 });
    expect(result.deviance).toBeCloseTo(799993.622064981, 5);
    expect(result.iterations).toBeGreaterThan(0);
    expect(result.seconds).toBeGreaterThan(0);
    expect(result.covariance).toMatchObject({
      kind: 'cluster',
      clusters: [{ name: 'pair', groups: 600 }],
      smallSample: 'fixest',
    });
    expect(errors).toMatch(/read 2,400 rows.*\nfitted in \d+ iterations/);
  });

  it('--model ols: least squares of the logarithm, the zeros left out and counted', async () => {
    const reference = JSON.parse(readFileSync(new URL('../golden/ppml_small/expected.json', import.meta.url), 'utf8'));
    const { ols_fe2: expected } = reference;
    const options = [SMALL, ...EFFECTS, '--model', 'ols', '--small-sample', 'none', '--keep-singletons'];
    const { code, out } = await run(...options, '--json');
    const result = JSON.parse(out);
    expect(code).toBe(0);
    expect(result.observations).toBe(expected.nobs);
    expect(result.observations + result.dropped.notPositive).toBe(2400);
    for (const { name, estimate, standardError } of result.coefficients) {
      expect(Math.abs(estimate / expected.coef[name] - 1)).toBeLessThan(1e-8);
      expect(Math.abs(standardError / expected.se_cluster_pair_noadj[name] - 1)).toBeLessThan(1e-6);
    }
    expect(result.coefficients).toHaveLength(3);
    expect((await run(...options)).out).toMatch(/R² +0\.\d{6}, within effects 0\.\d{6}/);
    expect(await run(SMALL, ...EFFECTS, '--model', 'olss')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--model olss: did you mean ols?'),
    });
  });

  it('prints a table that says what was dropped', async () => {
    const { code, out } = await run(SMALL, ...EFFECTS, '--small-sample', 'none');
    expect(code).toBe(0);
    expect(out).toMatch(/estimate +std\. error +z\nldist +-0\.9743386 +0\.08612067 +-11\.31\n/);
    expect(out).toMatch(/observations +2,376\nseparated +24 \(24 by effects, 0 by a certificate, 0 by means\)/);
    expect(out).toContain('clustered by pair (600), small sample none');
  });

  it('runs as the command that people type', () => {
    const portolanJs = fileURLToPath(new URL('../../functions/cli/portolan.js', import.meta.url));
    const out = execFileSync(process.execPath, [portolanJs, 'ppml', SMALL, ...EFFECTS, '--json'], { stdio: 'pipe' });
    expect(JSON.parse(out.toString()).observations).toBe(2376);
  });

  it('reads logarithms, pairs in either order, conditions and a country called NA', async () => {
    const file = panel();
    const { out } = await run(
      file,
      '--y',
      'trade',
      '--x',
      'log(dist)',
      '--fe',
      'exporter^year,exporter~importer',
      '--json',
    );
    const all = JSON.parse(out);
    expect(all.effects).toEqual(['exporter^year', 'exporter~importer']);
    expect(all.observations).toBe(32);
    const some = await run(
      file,
      '--y',
      'trade',
      '--x',
      'log(dist)',
      '--where',
      "exporter <> importer AND year % 2 = 0 AND exporter = 'NA'",
      '--json',
    );
    expect(JSON.parse(some.out).observations).toBe(3);
  });

  it('leaves rows with missing values out and counts them', async () => {
    const file = panel('MEX,USA,2003,,3,1', 'MEX,USA,2003,5,NA,1', ',USA,2003,5,3,1');
    const { out, errors } = await run(file, '--y', 'trade', '--x', 'dist', '--fe', 'exporter', '--json');
    expect(JSON.parse(out)).toMatchObject({ observations: 32, dropped: { missing: 3 } });
    expect(errors).toContain('left out 3 with missing values');
  });

  it('ends with 1 and says that the numbers are none when the fit did not converge', async () => {
    const file = fileOf('y,x,g\n1,2,a\n2,3,b\n0,4,c\n');
    const { code, out, errors } = await run(file, '--y', 'y', '--x', 'x', '--fe', 'g', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ converged: false, observations: 0, warnings: [{ kind: 'noRows' }] });
    expect(errors).not.toContain('at ');
    const table = await run(file, '--y', 'y', '--x', 'x', '--fe', 'g');
    expect(table.errors).toContain('Not converged: these numbers are no estimates.');
  });

  it.each([
    [['--y', 'trde'], '--y: there is no column trde; did you mean trade?'],
    [['--y', 'trade', '--x', 'log(dits)'], '--x: there is no column dits; did you mean dist?'],
    [['--y', 'trade', '--fe', 'exporter_yeer'], '--fe: there is no column exporter_yeer; did you mean exporter_year?'],
    [['--y', 'trade', '--fe', 'exporter~importr'], '--fe: there is no column importr; did you mean importer?'],
    [
      ['--y', 'trade', '--x', 'population'],
      '--x: there is no column population; the file has exporter, importer, year, trade, dist, rta',
    ],
    [['--x', 'dist'], '--y COLUMN is missing'],
    [['--y', 'trade', '--x', 'dist,rta,dist'], '--x names dist twice'],
    [['--y', 'trade', '--cluster', 'exporter,importer,year'], '--cluster takes one term or two'],
    [['--y', 'trade', '--small-sample', 'fixes'], '--small-sample fixes: did you mean fixest?'],
    [['--y', 'trade', '--iid', '--cluster', 'pair'], '--iid and --cluster exclude each other'],
    [['--y', 'trade', '--x', 'log(rta)'], 'log(rta): the column holds 0, which has no logarithm'],
    [['--y', 'trade', '--lags', '2'], 'there is no option --lags'],
  ])('refuses %j with exit code 2 and says what is near', async (args, reason) => {
    const { code, out, errors } = await run(panel(), ...args);
    expect(errors).toContain(reason);
    expect([code, out]).toEqual([2, '']);
  });

  it.each([
    [['nowhere.csv', '--y', 'trade'], 'there is no file nowhere.csv'],
    [[panel('MEX,USA,2003,lots,3,1'), '--y', 'trade'], 'column trade holds "lots", which is no finite number'],
    [[panel('MEX,USA,2003,inf,3,1'), '--y', 'trade'], 'column trade holds "inf", which is no finite number'],
    [[panel(), '--y', 'trade', '--where', 'yaer > 3'], 'Did you mean year?'],
  ])('stops at %j with exit code 1 and one message', async (args, reason) => {
    const { code, out, errors } = await run(...args);
    expect(errors).toContain(reason);
    expect(errors).not.toMatch(/\n +at /);
    expect([code, out]).toEqual([1, '']);
  });

  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain(
      'portolan ppml panel.csv.gz --y trade --x ldist,rta --fe exporter_year,importer_year --cluster pair',
    );
  });
});
