import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { readDrop, readFlowFile, refusalOf, zipOf } from './reading.ts';

const SHARED = join(import.meta.dirname, '../../../../shared/data/flows');
const GENUINE = join(SHARED, 'baci_hs17_y2020_exporters_004_710.csv.gz');

const tidy = (...rows: string[]) =>
  `year,exporter,importer,product,valueUsd\n${rows.map((row) => `${row}\n`).join('')}`;
const baci = (...rows: string[]) => `t,i,j,k,v,q\n${rows.map((row) => `${row}\n`).join('')}`;
const sound = '2020,MEX,USA,870323,1500';

/** Lines of the list of rejects, without its header. */
const rejectLines = (rejects: string) => rejects.split('\r\n').slice(1, -1);

describe('flows in BACI columns', () => {
  it('are year, exporter, importer, product and thousand USD, sorted by code', async () => {
    const { contents, flows } = await readFlowFile(
      baci('2020,484,842,870323,1.5,2.000', '2020,36,484,20230,0.198,', '2020,36,251,020230,12,NA'),
      { hsRevision: 'HS17' },
    );
    expect(flows).toEqual([
      { year: 2020, exporter: 'AUS', importer: 'FRA', product: '020230', valueUsd: 12_000 },
      { year: 2020, exporter: 'AUS', importer: 'MEX', product: '020230', valueUsd: 198 },
      { year: 2020, exporter: 'MEX', importer: 'USA', product: '870323', valueUsd: 1500 },
    ]);
    expect(contents).toMatchObject({
      format: 'baci',
      level: 6,
      hsRevision: 'HS17',
      rowsRead: 3,
      rowsStored: 3,
      duplicatesSummed: 0,
      rejected: {},
    });
    expect(contents.years).toMatchObject([
      { year: 2020, rows: 3, valueUsd: 13_698, exporters: 2, importers: 3, products: 2 },
    ]);
  });

  it('may be quoted, with blanks around quantities and codes, and numbers of three digits', async () => {
    const { flows } = await readFlowFile('"t","i","j","k","v","q"\n"2020","036"," 842","20230","2","       13.235"\n');
    expect(flows).toEqual([{ year: 2020, exporter: 'AUS', importer: 'USA', product: '020230', valueUsd: 2000 }]);
  });

  it('take a product of five digits for one that lost its zero, and no shorter or longer one', async () => {
    const { flows, rejects } = await readFlowFile(
      baci('2020,36,842,20230,1,', '2020,36,842,203,1,', '2020,36,842,9999AA,1,', '2020,36,842,1020230,1,'),
    );
    expect(flows.map(({ product }) => product)).toEqual(['020230']);
    expect(rejectLines(rejects)).toEqual([
      '3,k,203,an HS code of 6 digits (5 when its leading zero was lost),bad product code',
      '4,k,9999AA,an HS code of 6 digits (5 when its leading zero was lost),bad product code',
      '5,k,1020230,an HS code of 6 digits (5 when its leading zero was lost),bad product code',
    ]);
  });

  it('use the country numbers of a supplied dictionary before ours', async () => {
    const file = baci('1997,58,842,020230,1,', '1997,999,842,020230,2,');
    const before = await readFlowFile(file);
    expect(before.flows.map(({ exporter }) => exporter)).toEqual(['BLX']);
    expect(before.contents.rejected).toEqual({ 'unknown exporter': 1 });
    const supplied = [
      { numeric: 58, alpha3: 'BEL' },
      { numeric: 999, alpha3: 'XKX' },
    ];
    expect((await readFlowFile(file, { supplied })).flows.map(({ exporter }) => exporter)).toEqual(['BEL', 'XKX']);
  });

  it('of Taiwan are those of "Other Asia, nes"', async () => {
    expect((await readFlowFile(baci('2020,490,842,851712,1,'))).flows[0]?.exporter).toBe('TWN');
  });
});

describe('flows in our tidy format', () => {
  it('come with any of the four delimiters, letters or numbers, columns in any order, and more columns', async () => {
    const expected = [{ year: 2020, exporter: 'MEX', importer: 'USA', product: '8703', valueUsd: 1500.25 }];
    for (const delimiter of [',', ';', '\t', '|']) {
      const file = 'source,product,valueUsd,importer,exporter,year\n"x",8703,1500.25,usa,484,2020\n'.replaceAll(
        ',',
        delimiter,
      );
      expect((await readFlowFile(file)).flows).toEqual(expected);
    }
  });

  it('come in gzip, in zip, with CR LF and a byte order mark', async () => {
    const plain = await readFlowFile(tidy(sound));
    const windows = `\ufeff${tidy(sound)}`.replaceAll('\n', '\r\n');
    for (const drop of [gzipSync(tidy(sound)), await zipOf({ 'a/b.csv': tidy(sound) }), windows])
      expect((await readFlowFile(drop)).flows).toEqual(plain.flows);
  });

  it('come with names in Latin-1 beside them, and a quoted cell with a delimiter and a line end', async () => {
    const file =
      'year,exporter,importer,product,valueUsd,source\n2020,MEX,USA,8703,5,Año\n2020,MEX,CAN,8703,6,"a,\nb"\n2020,??,USA,8703,7,\n';
    const { flows, rejects } = await readFlowFile(Buffer.from(file, 'latin1'));
    expect(flows.map(({ valueUsd }) => valueUsd)).toEqual([6, 5]);
    expect(rejectLines(rejects)[0]).toMatch(/^5,exporter,\?\?,/);
  });

  it('come in Parquet, whatever the types of its columns', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portolan-test-'));
    try {
      const path = join(folder, 'flows.parquet');
      const db = await (await DuckDBInstance.create(':memory:')).connect();
      await db.run(`COPY (SELECT * FROM (VALUES (2020, 'MEX', 'USA', '8703', 1500.25::DOUBLE, 3), (2020, 'MEX', 'CAN', '0101', -1, NULL))
        AS t(Year, exporter, importer, product, "valueUSD", quantity)) TO '${path}' (FORMAT parquet)`);
      const { flows, rejects, contents } = await readFlowFile({ path });
      expect(flows).toEqual([{ year: 2020, exporter: 'MEX', importer: 'USA', product: '8703', valueUsd: 1500.25 }]);
      expect(rejectLines(rejects)).toEqual(['2,valueUsd,\'-1.0,"a number, 0 or more",negative value']);
      expect(contents.rowsRead).toBe(2);

      // cut short, and with the description of its first page overwritten
      const bytes = await readFile(path);
      const overwritten = Buffer.from(bytes).fill(0xff, 4, 30);
      for (const damaged of [bytes.subarray(0, bytes.length - 10), overwritten])
        expect((await refusalOf(readDrop(damaged))).reason).toMatch(/^The file is damaged: Invalid/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('add up quantities in tonnes and kilograms, and state the revision in a column', async () => {
    const file = `year,exporter,importer,product,valueUsd,quantity,unit,hsRevision
2020,MEX,USA,8703,5,2,t,HS17
2020,MEX,USA,8703,5,500,kg,HS17
2020,MEX,CAN,8703,5,9,litres,HS17
`;
    const { contents, parquet } = await readFlowFile(file, { hsRevision: 'HS92' });
    expect(contents).toMatchObject({ hsRevision: 'HS17', duplicatesSummed: 1 });
    const rows = await parquetRows(parquet[0]!);
    expect(rows).toEqual([
      { exporter: 'MEX', importer: 'CAN', product: '8703', value_usd: 5, quantity_tonnes: null },
      { exporter: 'MEX', importer: 'USA', product: '8703', value_usd: 10, quantity_tonnes: 2.5 },
    ]);
  });

  it('of two revisions are refused, since their codes do not mean the same', async () => {
    const file =
      'year,exporter,importer,product,valueUsd,hsRevision\n2020,MEX,USA,8703,5,HS92\n2020,MEX,CAN,8703,5,HS17\n';
    expect((await refusalOf(readDrop(file))).reason).toContain(
      'mixes revisions of the product classification (HS17, HS92)',
    );
  });

  it('that importers report are turned away: the same trade would count twice', async () => {
    const file =
      'year,exporter,importer,product,valueUsd,flow\n2020,MEX,USA,8703,5,X\n2020,MEX,USA,8703,6,M\n2020,MEX,CAN,8703,7,\n';
    const { flows, contents } = await readFlowFile(file);
    expect(flows.map(({ valueUsd }) => valueUsd)).toEqual([7, 5]);
    expect(contents.rejected).toEqual({ 'not an export': 1 });
  });
});

describe('rows with a fault', () => {
  it('are turned away, each with its line, column, value and what was expected; the others are stored', async () => {
    const { contents, flows, rejects } = await readFlowFile(
      tidy(
        sound, // line 2
        '1066,MEX,USA,870323,1',
        'MMXX,MEX,USA,870323,1',
        '2020,ATLANTIS,USA,870323,1',
        '2020,MEX,999,870323,1',
        '2020,MEX,MEX,870323,1',
        '2020,MEX,USA,CARS,1',
        '2020,MEX,USA,870323,many',
        '2020,MEX,USA,870323,-5', // line 10
        '2020,MEX,USA,870323,Infinity',
        '2020,MEX,USA,870323,NaN',
        '2020,MEX,USA,870323,',
        '2020,MEX,USA,870323,"8,542"',
        '2020,MEX,USA,870323,1e30',
        '2020,MEX,USA,870323,0',
        '2020,MEX,USA',
        '2020,MEX,USA,870323,1,extra',
        '',
        '2020,MEX,CAN,870323,=1+1', // line 20
        '2020,MEX,CAN,870323,2.5',
      ),
    );
    expect(flows.map(({ importer, valueUsd }) => [importer, valueUsd])).toEqual([
      ['CAN', 2.5],
      ['USA', 1500],
    ]);
    expect(rejectLines(rejects)).toEqual([
      '3,year,1066,a year from 1900 to 2100,year out of range',
      '4,year,MMXX,a year from 1900 to 2100,year out of range',
      '5,exporter,ATLANTIS,"an ISO 3166-1 code, three letters or the number",unknown exporter',
      '6,importer,999,"an ISO 3166-1 code, three letters or the number",unknown importer',
      '7,importer,MEX,an importer other than the exporter,same country',
      '8,product,CARS,"an HS code of 2, 4 or 6 digits",bad product code',
      '9,valueUsd,many,"a number, 0 or more, below 10^14 USD, with a point before its decimals",value not a number',
      `10,valueUsd,'-5,"a number, 0 or more",negative value`,
      '11,valueUsd,Infinity,"a number, 0 or more",value not finite',
      '12,valueUsd,NaN,"a number, 0 or more",value not finite',
      '13,valueUsd,,"a number, 0 or more",empty value',
      '14,valueUsd,"8,542","a number, 0 or more, below 10^14 USD, with a point before its decimals",value not a number',
      '15,valueUsd,1e30,"a number, 0 or more, below 10^14 USD, with a point before its decimals",value not a number',
      '17,,"2020,MEX,USA",5 columns,too few columns',
      '18,,"2020,MEX,USA,870323,1,extra",5 columns,too many columns',
      `20,valueUsd,'=1+1,"a number, 0 or more, below 10^14 USD, with a point before its decimals",value not a number`,
    ]);
    expect(contents).toMatchObject({ rowsRead: 19, rowsStored: 2 });
    expect(contents.rejected).toEqual({
      'bad product code': 1,
      'empty value': 1,
      'negative value': 1,
      'same country': 1,
      'too few columns': 1,
      'too many columns': 1,
      'unknown exporter': 1,
      'unknown importer': 1,
      'value not a number': 4,
      'value not finite': 2,
      'year out of range': 2,
      'zero value': 1,
    });
  });

  it('whose value is zero are counted, and are no fault', async () => {
    const { contents, rejects } = await readFlowFile(
      tidy(sound, '2020,MEX,CAN,870323,0.00', '2020,MEX,CHN,870323,0.0001'),
    );
    expect(contents.rejected).toEqual({ 'zero value': 2 });
    expect(contents.rejectsPath).toBeUndefined();
    expect(rejects).toBe('');
  });

  it('of another product level than most are totals or parts of these, and are turned away', async () => {
    const { contents, flows, rejects } = await readFlowFile(
      tidy(sound, '2020,MEX,CAN,870323,1', '2020,MEX,USA,87,1500', '2020,MEX,USA,8703,1500'),
    );
    expect(flows.map(({ product }) => product)).toEqual(['870323', '870323']);
    expect(contents.level).toBe(6);
    expect(contents.rejected).toEqual({ 'other product level': 2 });
    expect(rejectLines(rejects)[0]).toBe('4,product,87,"6 digits, as most of the file has",other product level');
  });

  it('that are all there is make a refusal that says why', async () => {
    const { reason } = await refusalOf(
      readDrop(tidy('2020,XX,USA,870323,1', '2020,XX,USA,870323,1', '2020,MEX,USA,870323,x')),
    );
    expect(reason).toBe(
      'None of the 3 rows can be used: 2 × unknown exporter, 1 × value not a number. For example line 2: exporter is "XX", expected an ISO 3166-1 code, three letters or the number.',
    );
  });

  it('are absent from a file that is empty or has only a header: refused', async () => {
    expect(await refusalOf(readDrop(''))).toEqual({ reason: 'The file is empty.' });
    expect(await refusalOf(readDrop(tidy()))).toEqual({ reason: 'The file has a header and no rows.' });
  });

  it('may be more than are listed: the counts are of all', async () => {
    const many = Array.from({ length: 100_050 }, (_, n) => `2020,MEX,USA,870323,-${n + 1}`);
    const { contents, rejects } = await readFlowFile(tidy(...many, sound));
    expect(contents.rejected).toEqual({ 'negative value': 100_050 });
    expect(rejectLines(rejects)).toHaveLength(100_000);
    expect(rejectLines(rejects).at(-1)).toMatch(/^100001,valueUsd,'-100000,/);
  });

  it('keep their line behind rows that lack a column, whether that column counts or not', async () => {
    const lacking = await readFlowFile(
      't,i,j,k,v,q\n2020,484,842,870323,1\n2020,484,842,CARS,1,\n2020,484,842,870323,1,\n',
    );
    expect(rejectLines(lacking.rejects).map((line) => line.split(',', 2))).toEqual([
      ['2', ''],
      ['3', 'k'],
    ]);
    const more = await readFlowFile(
      'year,exporter,importer,product,valueUsd,note\n2020,MEX,USA,870323,1\n2020,MEX,USA,CARS,1,x\n2020,MEX,CAN,870323,1,x\n',
    );
    expect(rejectLines(more.rejects).at(-1)).toMatch(/^3,product,CARS/);
    expect(more.contents.rowsRead).toBe(3);
  });

  it('may be lines of megabytes', async () => {
    const { flows, rejects } = await readFlowFile(tidy(sound, 'x'.repeat(3_000_000), '2020,MEX,CAN,870323,2'));
    expect(flows.map(({ importer }) => importer)).toEqual(['CAN', 'USA']);
    expect(rejectLines(rejects)).toEqual([`3,,${'x'.repeat(200)},5 columns,line too long`]);
  });

  it('do not hold back the rows after an unclosed quote that is closed again', async () => {
    const { flows, contents } = await readFlowFile(tidy(sound, '2020,MEX,CAN,870323,"5"x', '2020,MEX,CHN,870323,2'));
    expect(flows.map(({ importer }) => importer)).toEqual(['CHN', 'USA']);
    expect(contents.rejected).toEqual({ 'quote not closed': 1 });
  });
});

describe('stored flows', () => {
  it('sum rows of one cell exactly, to the third decimal, and count them', async () => {
    const cents = Array.from({ length: 1000 }, () => '2020,MEX,USA,870323,0.1');
    const { contents, flows } = await readFlowFile(tidy(...cents, '2020,MEX,CAN,870323,7'));
    expect(flows.map(({ valueUsd }) => valueUsd)).toEqual([7, 100]);
    expect(contents).toMatchObject({ duplicatesSummed: 999, rowsRead: 1001, rowsStored: 2 });
    expect(contents.years[0]?.valueUsd).toBe(107);
  });

  it('lie in one Parquet file and one buffer a year, with the same rows', async () => {
    const { contents, flows, parquet, columns } = await readFlowFile(
      tidy('2021,USA,MEX,0101,3', '2020,MEX,USA,8703,1.5', '2021,MEX,USA,8703,2', '2021,MEX,USA,0101,1'),
    );
    expect(contents.years.map(({ year, rows, exporters, products }) => [year, rows, exporters, products])).toEqual([
      [2020, 1, 1, 1],
      [2021, 3, 2, 2],
    ]);
    const inParquet = (await Promise.all(parquet.map(parquetRows))).flat();
    expect(inParquet.map((row) => [row.exporter, row.importer, row.product, row.value_usd])).toEqual(
      flows.map(({ exporter, importer, product, valueUsd }) => [exporter, importer, product, valueUsd]),
    );
    const hashes = columns.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    expect(contents.years.map(({ contentHash }) => contentHash)).toEqual(hashes);
  });

  it('do not depend on the order of rows or columns: same rows, same bytes', async () => {
    const rows = Array.from({ length: 5000 }, (_, n) => {
      const importer = ['USA', 'CAN', 'CHN', 'DEU'][n % 4];
      return `2020,MEX,${importer},${String(10_101 + Math.floor(n / 4) * 7).padStart(6, '0')},${(n % 977) + 0.125}`;
    });
    const one = await readFlowFile(tidy(...rows));
    const other = await readFlowFile(tidy(...rows.toReversed()));
    expect(one.contents.rowsStored).toBeGreaterThan(4900);
    expect(Buffer.compare(one.columns[0]!, other.columns[0]!)).toBe(0);
    expect(Buffer.compare(one.parquet[0]!, other.parquet[0]!)).toBe(0);
  });
});

describe.skipIf(!existsSync(GENUINE))('genuine BACI rows (skipped where ../shared is absent)', () => {
  it('are all stored, with their exact sum, twice the same bytes', async () => {
    const first = await readFlowFile({ path: GENUINE }, { hsRevision: 'HS17' });
    expect(first.contents).toMatchObject({
      rowsRead: 72_097,
      rowsStored: 72_097,
      rejected: {},
      duplicatesSummed: 0,
      level: 6,
    });
    // 51,605,142.675 thousand USD, added up by hand with awk
    expect(first.contents.years).toMatchObject([{ year: 2020, valueUsd: 51_605_142_675, exporters: 2 }]);
    expect(first.flows.reduce((sum, { valueUsd }) => sum + valueUsd, 0)).toBe(51_605_142_675);
    expect(new Set(first.flows.map(({ product }) => product.length))).toEqual(new Set([6]));
    const quantities = (await parquetRows(first.parquet[0]!)).filter((row) => row.quantity_tonnes !== null);
    expect(quantities.length).toBeGreaterThan(60_000);

    const second = await readFlowFile({ path: GENUINE }, { hsRevision: 'HS17' });
    expect(Buffer.compare(first.columns[0]!, second.columns[0]!)).toBe(0);
    expect(Buffer.compare(first.parquet[0]!, second.parquet[0]!)).toBe(0);
  });
});

interface ParquetRow {
  readonly exporter: string;
  readonly importer: string;
  readonly product: string;
  readonly value_usd: number;
  readonly quantity_tonnes: number | null;
}

async function parquetRows(bytes: Uint8Array): Promise<ParquetRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-test-'));
  try {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(folder, 'x.parquet'), bytes);
    const db = await (await DuckDBInstance.create(':memory:')).connect();
    const reader = await db.runAndReadAll(`SELECT * FROM read_parquet('${join(folder, 'x.parquet')}')`);
    return reader.getRowObjectsJS() as unknown as ParquetRow[];
  } finally {
    await rm(folder, { recursive: true });
  }
}
