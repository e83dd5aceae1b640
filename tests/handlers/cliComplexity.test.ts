import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { largestError, mirrored, readMatrix, readReference, readVector } from '../golden/complexityReferences.ts';
import { runCli } from './cli.fixture.ts';

const run = (...args: string[]) => runCli('complexity', ...args);

async function json(...args: string[]) {
  const { code, out, errors } = await run(...args, '--json');
  return { code, errors, result: JSON.parse(out) };
}

const folderOfItsOwn = () => mkdtempSync(join(tmpdir(), 'complexity-'));

/** A file of its own for one test. */
function fileOf(text: string, name = 'exports.csv'): string {
  const file = join(folderOfItsOwn(), name);
  writeFileSync(file, text);
  return file;
}

const vector = (rows: readonly Record<string, number | null>[], column: string) =>
  Float64Array.from(rows, (row) => row[column] ?? Number.NaN);

/** Errors are relative to the expected number, or to a hundredth where it is smaller. */
const WITHIN = 1e-9;
const UNIT = 0.01;

const goldens = [
  { name: 'ec_toy', at: new URL('../golden/ec_toy/', import.meta.url) },
  { name: 'ec_synth60', at: new URL('../golden/ec_synth60/', import.meta.url) },
  { name: 'ec_world9800', at: new URL('../../../shared/golden/ec_world9800/', import.meta.url) },
];

for (const { name, at: golden } of goldens) {
  if (!existsSync(golden)) {
    test.skip(`${name} through the command (its data may not be distributed, and ../shared is not here)`);
    continue;
  }
  describe(`${name} through the command`, () => {
    const plain = new URL('input.csv', golden);
    const input = fileURLToPath(existsSync(plain) ? plain : new URL('input.csv.gz', golden));
    const { exporters, products } = readReference(golden);

    it('py: exporters, products, cells and proximities', async () => {
      const out = folderOfItsOwn();
      const { code, result } = await json(input, '--convention', 'py', '--out', out);
      expect(code).toBe(0);
      const country = (column: string) => readVector(golden, 'py_country', 'country', column, exporters);
      const product = (column: string) => readVector(golden, 'py_product', 'product', column, products);
      expect(result.exporters.map((row: { exporter: string }) => row.exporter)).toEqual(exporters.codes);
      expect(vector(result.exporters, 'diversity')).toEqual(country('diversity'));
      expect(largestError(vector(result.exporters, 'eci'), country('eci'), UNIT)).toBeLessThan(WITHIN);
      expect(largestError(vector(result.exporters, 'coi'), country('coi'), UNIT)).toBeLessThan(WITHIN);
      expect(vector(result.products, 'ubiquity')).toEqual(product('ubiquity'));
      expect(largestError(vector(result.products, 'pci'), product('pci'), UNIT)).toBeLessThan(WITHIN);

      const read = (column: string, folder: URL, file: string, from: string) =>
        readMatrix(
          folder,
          file,
          from === 'ours' ? ['exporter', 'product'] : ['country', 'product'],
          column,
          exporters,
          products,
        ).data;
      const written = new URL(`file://${out}/`);
      for (const [ours, theirs] of [
        ['rca', 'rca'],
        ['presence', 'mcp'],
        ['density', 'density'],
        ['cog', 'cog'],
      ] as const)
        expect(
          largestError(read(ours, written, 'cells', 'ours'), read(theirs, golden, 'py_cells', 'py'), UNIT),
        ).toBeLessThan(WITHIN);
      const keys = ['product_1', 'product_2'] as const;
      const [phi, expected] = [written, golden].map(
        (folder, n) =>
          mirrored(
            readMatrix(folder, n === 0 ? 'proximity' : 'py_proximity_upper', keys, 'proximity', products, products),
            0,
          ).data,
      ) as [Float64Array, Float64Array];
      expect(largestError(phi, expected, UNIT)).toBeLessThan(WITHIN);
    });

    it('r: eigenvalues, outlook, fitness', async () => {
      const { result } = await json(input, '--convention', 'r', '--fitness');
      const country = (column: string) => readVector(golden, 'r_country', 'country', column, exporters);
      const product = (column: string) => readVector(golden, 'r_product', 'product', column, products);
      expect(largestError(vector(result.exporters, 'eci'), country('eigenvalues'), UNIT)).toBeLessThan(WITHIN);
      expect(largestError(vector(result.exporters, 'coi'), country('coi_eigen'), UNIT)).toBeLessThan(WITHIN);
      expect(largestError(vector(result.products, 'pci'), product('eigenvalues'), UNIT)).toBeLessThan(WITHIN);
      expect(largestError(vector(result.exporters, 'fitness'), country('fitness'), 1e-6)).toBeLessThan(WITHIN);
      expect(largestError(vector(result.products, 'complexity'), product('fitness'), 1e-6)).toBeLessThan(WITHIN);
      expect(result.fitnessLastChange).toBeGreaterThan(0);
    });
  });
}

describe('portolan complexity reads', () => {
  // three exporters, three products, two years: A sells to itself too, which does not count
  const tidy = [
    'year,exporter,importer,product,valueUsd',
    '2020,A,B,010121,30',
    '2022,A,B,010121,50',
    '2020,A,A,010121,9999',
    '2020,A,B,020110,10',
    '2020,B,A,020110,40',
    '2022,B,A,030211,20',
    '2020,C,A,030211,60',
    '2022,C,B,010121,8',
  ];

  it('tidy flows: the mean of the years, without what a country sells to itself', async () => {
    const out = folderOfItsOwn();
    const { result } = await json(fileOf(`${tidy.join('\n')}\n`), '--out', out);
    expect(result.years).toEqual([2020, 2022]);
    expect(result.universe).toEqual({ exporters: 3, products: 3 });
    // A: 40, 5, 0; B: 0, 20, 10; C: 4, 0, 30 a year; of 109
    const [line = ''] = readFileSync(join(out, 'cells.csv'), 'utf8')
      .split('\n')
      .filter((row) => row.startsWith('A,010121,'));
    expect(Number(line.split(',')[2])).toBeCloseTo(40 / 45 / (44 / 109), 12);
  });

  it('minimums in the mean of the years, not in their sum', async () => {
    // over two years A sells 90 + 40 = 130, a mean of 65; B 240, C 92 - means of 120 and 46
    const rows = [
      '2020,A,B,1,90',
      '2021,A,B,2,40',
      '2020,B,A,1,120',
      '2021,B,A,2,120',
      '2020,C,A,1,46',
      '2021,C,A,2,46',
    ];
    const file = fileOf(`year,exporter,importer,product,valueUsd\n${rows.join('\n')}\n`);
    const { result } = await json(file, '--min-exports', '100');
    expect(result.dropped.exporters).toEqual([
      { code: 'A', reason: 'small' },
      { code: 'C', reason: 'small' },
    ]);
  });

  it('one year of two, and codes cut to chapters', async () => {
    const file = fileOf(`${tidy.join('\n')}\n2020,C,B,020120,1\n`);
    const { result } = await json(file, '--years', '2020', '--level', '2');
    expect(result.years).toEqual([2020]);
    expect(result.products.map(({ product }: { product: string }) => product)).toEqual(['01', '02', '03']);
    const { code, errors } = await run(file, '--years', '2020-2021');
    expect(code).toBe(1);
    expect(errors).toContain('there is nothing of 2021; there is 2020');
  });

  it('BACI, with a product that is no number, as the same table in tidy columns', async () => {
    const baci = [
      't,i,j,k,v,q',
      '2020,4,8,10121,0.030,NA',
      '2020,8,4,20110,0.040,1',
      '2020,12,4,30211,0.060,',
      '2020,12,8,9999AA,0.010,2',
    ];
    const same = tidyOf(baci);
    const [ours, expected] = [await json(fileOf(baci.join('\n'))), await json(fileOf(same.join('\n')))];
    const plain = await json(fileOf(baci.slice(0, 4).join('\n')));
    expect(plain.result.exporters.map(({ exporter }: { exporter: string }) => exporter)).toEqual(['004', '008', '012']);
    expect(ours.result.products).toEqual(expected.result.products);
    expect(ours.result.exporters).toEqual(expected.result.exporters);
  });

  it('several files as one', async () => {
    const [header = '', ...rows] = tidy;
    const parts = [rows.slice(0, 4), rows.slice(4)].map((some) => fileOf([header, ...some].join('\n')));
    const [apart, together] = [await json(...parts), await json(fileOf(tidy.join('\n')))];
    expect(apart.result.exporters).toEqual(together.result.exporters);
  });

  it.each([
    ['country,prodct,value\nA,1,2\n', [], 2, /no column product .*did you mean prodct\?/],
    ['country,product,value\nA,1,2\n', ['--value', 'vlue'], 2, /--value: .*no column vlue; did you mean value\?/],
    [
      'country,product,value\nA,1,2\nB,2,x\n',
      [],
      1,
      /exporter B, product 2: the value is no finite number of at least 0/,
    ],
    ['country,product,value\nA,1,-2\n', [], 1, /exporter A, product 1: the value is no finite number/],
    ['country,product,value\nA,1,2\n', ['--convention', 'datawhel'], 2, /did you mean datawheel\?/],
    ['country,product,value\nA,1,2\n', ['--min-exports', 'many'], 2, /--min-exports many: expected a number/],
    ['country,product,value\nA,1,2\n', ['--min-population', '5'], 2, /needs --population/],
    ['country,product,value\nA,1,2\n', ['--years', '2020'], 2, /has no year/],
  ] as const)('%j with %j ends with %i', async (text, options, code, message) => {
    const ended = await run(fileOf(text), ...options);
    expect(ended.code).toBe(code);
    expect(ended.errors).toMatch(message);
  });
});

/** BACI's rows in tidy columns and USD. */
const tidyOf = ([, ...rows]: readonly string[]) => [
  'year,exporter,importer,product,valueUsd',
  ...rows.map((row) => {
    const [t, i = '', j = '', k = '', v] = row.split(',');
    return [t, i.padStart(3, '0'), j.padStart(3, '0'), k.padStart(6, '0'), Math.round(Number(v) * 1000)].join();
  }),
];

describe('portolan complexity says', () => {
  const toy = fileURLToPath(new URL('../golden/ec_toy/input.csv', import.meta.url));

  it('a table, the universe and the convention', async () => {
    const { code, out, errors } = await run(toy, '--fitness');
    expect(code).toBe(0);
    expect(out).toMatch(/exporter +ECI +fitness +COI +diversity +exports/);
    expect(out).toMatch(/universe +5 exporters, 6 products\nconvention +portolan/);
    expect(errors).toMatch(/read 5 exporters × 6 products/);
  });

  it('who was left out and why, under minimums and populations', async () => {
    const population = fileOf('exporter,population\nC1,10\nC2,10\nC3,10\nC4,1\n', 'people.csv');
    const { result } = await json(toy, '--population', population, '--min-population', '5', '--min-trade', '1');
    expect(result.dropped.exporters).toEqual([
      { code: 'C4', reason: 'population' },
      { code: 'C5', reason: 'population' },
    ]);
    expect(result.exporters.find(({ exporter }: { exporter: string }) => exporter === 'C5')).toMatchObject({
      diversity: 0,
      eci: null,
    });
    expect(result.settings).toMatchObject({ minimumPopulation: 5, minimumTrade: 1 });
  });

  it('that nothing identifies ECI in a world of two separate parts, and ends with 1', async () => {
    const apart = fileOf('country,product,value\nA,1,2\nA,2,1\nB,1,1\nB,2,2\nC,3,2\nC,4,1\nD,3,1\nD,4,2\n');
    const { code, out, errors } = await run(apart, '--threshold', '0.1');
    expect(code).toBe(1);
    expect(errors).toContain('not identified (');
    expect(out).toContain('second 1.0000');
    const { result } = await json(apart, '--threshold', '0.1');
    expect(result).toMatchObject({ eciUnstable: true, instabilities: expect.arrayContaining(['disconnected']) });
  });

  it('a product exactly at the threshold: present, or absent when strict', async () => {
    // one product each: every RCA is the world over the product, and in product 3 exactly 1 for everybody
    const file = fileOf('country,product,value\nA,1,1\nA,3,1\nB,2,1\nB,3,1\n');
    const ubiquity = async (...more: string[]) => vector((await json(file, ...more)).result.products, 'ubiquity');
    expect(await ubiquity()).toEqual(Float64Array.of(1, 1, 2));
    expect(await ubiquity('--strict')).toEqual(Float64Array.of(1, 1, 0));
  });

  it("a region's complexity as the mean of the world's PCI over what it has an advantage in", async () => {
    const pci = fileOf('product,pci\nP1,-1\nP2,0.5\nP3,2\n', 'pci.csv');
    const { result } = await json(toy, '--external-pci', pci);
    const { presence } = await presenceOf(toy);
    for (const { exporter, externalEci } of result.exporters) {
      const known = [
        ['P1', -1],
        ['P2', 0.5],
        ['P3', 2],
      ] as const;
      const has = known.filter(([product]) => presence.get(`${exporter},${product}`) === 1);
      const mean = has.reduce((sum, [, value]) => sum + value, 0) / has.length;
      if (has.length === 0) expect(externalEci).toBeNull();
      else expect(externalEci).toBeCloseTo(mean, 12);
    }
  });

  it('advantage per head beside the RCA, other proximities, and the links of the product space', async () => {
    const out = folderOfItsOwn();
    const population = fileOf('exporter,population\nC1,10\nC2,20\nC3,10\nC4,10\nC5,50\n', 'people.csv');
    await json(toy, '--population', population, '--proximity', 'continuous', '--edges', '1', '--out', out);
    expect(readFileSync(join(out, 'cells.csv'), 'utf8')).toMatch(
      /^exporter,product,rca,presence,density,cog,rpop\nC1,P1,/,
    );
    const golden = new URL('../golden/ec_toy/', import.meta.url);
    const { products } = readReference(golden);
    const read = (folder: URL, file: string) =>
      mirrored(readMatrix(folder, file, ['product_1', 'product_2'], 'proximity', products, products), 0).data;
    const written = read(new URL(`file://${out}/`), 'proximity');
    expect(largestError(written, read(golden, 'py_proximity_continuous_upper'), UNIT)).toBeLessThan(WITHIN);
    const edges = readFileSync(join(out, 'edges.csv'), 'utf8').trimEnd().split('\n');
    expect(edges[0]).toBe('product_1,product_2,proximity,tree');
    // the tree joins six products by five links
    expect(edges.filter((line) => line.endsWith(',1'))).toHaveLength(5);
  });

  describe('to a pipe', () => {
    const rows = Array.from({ length: 3000 }, (_, p) => `C${p % 7},${String(p).padStart(6, '0')},${1 + (p % 5)}`);
    const shared = 'C0,000001,3\nC1,000002,1\nC2,000003,1\nC3,000004,2\nC4,000005,1\nC5,000006,1\nC6,000000,4\n';
    const piped = (to: string) => {
      const file = fileOf(`country,product,value\n${rows.join('\n')}\n${shared}`);
      const door = fileURLToPath(new URL('../../functions/cli/portolan.js', import.meta.url));
      const call = `"${process.execPath}" "${door}" complexity "${file}" --json`;
      return spawnSync('sh', ['-c', `{ ${call}; echo "ended with $?" >&2; } | ${to}`], { encoding: 'utf8' });
    };

    it('everything, however long', () => {
      const result = JSON.parse(piped('(sleep 1; cat)').stdout);
      expect(result.products).toHaveLength(3000);
      expect(result.eciUnstable).toBe(true);
    });

    it('no more than it takes, without a complaint', () => {
      const { stdout, stderr } = piped('head -1');
      expect(stdout).toBe('{\n');
      // with 1, since nothing identifies ECI in this world
      expect(stderr).toMatch(/^read 7 exporters × 3,000 products, [\d.]+ s\nended with 1\n$/);
    });
  });
});

async function presenceOf(file: string) {
  const out = folderOfItsOwn();
  await json(file, '--out', out);
  const [, ...lines] = readFileSync(join(out, 'cells.csv'), 'utf8').trimEnd().split('\n');
  const presence = new Map(
    lines.map((line) => {
      const [exporter, product, , present] = line.split(',');
      return [`${exporter},${product}`, Number(present)];
    }),
  );
  return { presence };
}
