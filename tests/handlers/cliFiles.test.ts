import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { demoFiles } from '../../functions/cli/demoFiles.ts';
import { localFiles } from '../../functions/cli/files.ts';
import { memoryPeak } from '../../functions/cli/memory.ts';
import { announce, requiredService, runningService, type Service, withdraw } from '../../functions/cli/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

describe('files to drop', () => {
  it('are dictionaries first, then covariates, else in the order given; packed ones are looked into', async () => {
    const paths = [
      await file('b.csv', 't,i,j,k,v,q\n2021,8,12,271121,337.204,647.036\n'),
      await file(
        'a.csv.gz',
        gzipSync(`year,exporter,importer,product,valueUsd\n${'2021,MEX,USA,870323,5\n'.repeat(9000)}`),
      ),
      await file('agreements.csv', 'iso3_o,iso3_d,year,rta\nMEX,USA,2020,1\n'),
      await file(
        'gdp.csv',
        '"Data Source","World Development Indicators"\r\n\r\n"Country Name","Country Code","Indicator Name","Indicator Code","2020"\r\n',
      ),
      await file('products.csv', '\ufeff"code","description"\n"10121","horses"\n'),
      await file('countries.csv.gz', gzipSync('country_code;country_name_abbreviation;iso_3digit_alpha\n')),
    ];
    const files = await localFiles(paths);
    expect(files.map(({ key, kind }) => [key, kind])).toEqual([
      ['drops/products.csv', 'products'],
      ['drops/countries.csv.gz', 'countries'],
      ['drops/agreements.csv', 'covariates'],
      ['drops/gdp.csv', 'covariates'],
      ['drops/b.csv', 'flows'],
      ['drops/a.csv.gz', 'flows'],
    ]);
    expect(files[4]?.bytes).toBe(statSync(paths[0] as string).size);
  });

  it('that are empty, broken or of no known kind still go: whoever reads them says what is wrong', async () => {
    const paths = [await file('empty.csv', ''), await file('cut.csv.gz', gzipSync('country_code\n').subarray(0, 12))];
    expect((await localFiles(paths)).map(({ kind }) => kind)).toEqual([null, null]);
  });

  it('are all looked at before one message names every problem', async () => {
    const first = await file('one/flows.csv', 'x');
    const second = await file('two/flows.csv', 'y');
    const refused = localFiles([join(folder, 'absent.csv'), folder, first, second, join(first, 'deeper.csv')]);
    await expect(refused).rejects.toThrow(
      [
        'nothing was dropped',
        `${join(folder, 'absent.csv')}: there is no such file`,
        `${folder}: is a folder; name the files in it`,
        `${join(first, 'deeper.csv')}: a part of the path is not a folder`,
        `${second}: has the same name as ${first}, and would replace it`,
      ].join('\n  '),
    );
  });
});

describe('the demonstration world on disk', () => {
  it('is written once, then found again', async () => {
    const first = await demoFiles(join(folder, 'state'));
    expect(first.generated).toBe(true);
    expect(first.paths.map((path) => path.split('/').at(-1))).toEqual([
      'demo-synthetic-countries.csv',
      'demo-synthetic-products.csv',
      'demo-synthetic-world-2021.csv',
      'demo-synthetic-world-2022.csv',
      'demo-synthetic-world-2023.csv',
    ]);
    const written = new Date('2020-01-01');
    await utimes(first.paths[2] as string, written, written);
    const second = await demoFiles(join(folder, 'state'));
    expect(second).toEqual({ ...first, generated: false });
    expect(first.paths).not.toContain(first.later);
    expect(statSync(first.later).size).toBeGreaterThan(1e6);
    expect(statSync(first.paths[2] as string).mtime).toEqual(written);
    expect(await readdir(join(folder, 'state'))).toHaveLength(1);
  });
});

describe('a running service', () => {
  const state = join(folder, 'service');
  const service: Service = {
    pid: process.pid,
    apiUrl: 'http://127.0.0.1:1/api',
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    dropsBucket: 'drops',
    tableName: 'table',
    codeVersion: '0123456789abcdef',
    control: { url: 'http://127.0.0.1:2', token: 'word' },
  };

  it('is found by its file while it lives, which only this user may read', async () => {
    expect(await runningService(state)).toBe(null);
    await announce(state, service);
    expect(await runningService(state)).toEqual(service);
    expect(statSync(join(state, 'service.json')).mode & 0o077).toBe(0);
    await withdraw(state);
    await expect(requiredService(state)).rejects.toThrow('no service is running');
  });

  it('is not found when its process has gone or its file was cut short', async () => {
    await announce(state, { ...service, pid: 2 ** 22 - 1 });
    expect(await runningService(state)).toBe(null);
    await writeFile(join(state, 'service.json'), '{"pid": ');
    expect(await runningService(state)).toBe(null);
  });
});

describe('the memory that everything takes', () => {
  it.runIf(process.platform === 'linux')('is at least what this process takes now, and never falls', () => {
    const peak = memoryPeak();
    const before = peak.bytes();
    const held = Buffer.alloc(64e6, 1);
    const after = peak.bytes();
    peak.stop();
    expect(before?.together).toBeGreaterThan(20e6);
    expect(after?.together).toBeGreaterThanOrEqual(Math.max(before?.together ?? 0, held.length));
    expect(after?.addedUp).toBeGreaterThanOrEqual(after?.together ?? 0);
  });
});
