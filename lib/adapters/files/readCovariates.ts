import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { encodeArrays } from '../../core/arrays.ts';
import { definitionOf, type Measure } from '../../core/covariates/measures.ts';
import { NOBODY } from '../../core/covariates/statements.ts';
import type { CovariateContents, MeasureFiles, ReadContext } from '../../ports/dropReader.ts';
import { literal, rows } from './database.ts';
import { FIRST_YEAR, LAST_YEAR } from './faults.ts';
import { createSpellings } from './flowTable.ts';
import { itemsOf } from './flowYears.ts';
import type { CovariatesFormat, Statement } from './formats/format.ts';
import { lineNumbers } from './lineNumbers.ts';
import { refused } from './refused.ts';
import { LISTED, type Reject, writeRejects } from './rejects.ts';
import { badRows, type Source, unreadable } from './source.ts';

/** Codes of the World Bank that look like a country's and stand for many. */
const AGGREGATES =
  'AFE AFW ARB CEA CEB CEU CLA CME CSA CSS DEA DFS DLA DMN DNS DSA DSF DSS EAP EAR EAS ECA ECS EMU EUU FCS FXS HIC HPC IBB IBD IBT IDA IDB IDX INX LAC LCN LDC LIC LMC LMY LTE MDE MEA MIC MNA NAC NLS NRS OED OSS PRE PSS PST RRS SAS SSA SSF SST SXZ TEA TEC TLA TMN TSA TSS UMC WLD XZN'.split(
    ' ',
  );

/** What can be wrong with a statement, in the order in which it is looked for. */
const FAULTS = {
  aggregate: 'an aggregate, not one economy',
  first: 'unknown country',
  second: 'unknown partner',
  year: 'year out of range',
  product: 'bad product code',
  specific: 'not ad valorem',
  value: 'not a number',
  range: 'value out of range',
  contradiction: 'another value for what is stated above',
} as const;
type Fault = keyof typeof FAULTS;

/** How sources write that they do not know. */
const NOTHING = "('', '.', '..', 'NA', 'N/A', 'NaN', 'nan')";

/**
 * Reads a file of covariates: every row states something of one or several measures; what is faulty is turned away, and each measure is written for
 * itself, sorted, each fact once.
 *
 * @throws Failure drop.refused when the file states nothing that can be used, or its tariffs look like fractions
 */
export async function readCovariates(
  db: DuckDBConnection,
  source: Source,
  format: CovariatesFormat,
  folder: string,
  context: ReadContext,
): Promise<CovariateContents> {
  const statements = format.statements(context.fileName);
  if (statements.length === 0) throw refused(`Nothing in the file can be used: ${format.nothing}.`);
  const countries = await createSpellings(db, context.countries);
  const rowsRead = await createTexts(db, source, format);
  const bad = await badRows(db, source, LISTED);
  if (rowsRead === 0 && bad.counts.size === 0) throw refused('The file has a header and no rows.');

  // type every statement; a fact that is stated twice counts once
  await db.run(
    `CREATE TABLE stated AS ${statements.map((one, at) => stated(source, format, one, at)).join(' UNION ALL ')}`,
  );
  await createFacts(db, statements);
  const [counted] = await rows<{ stored: bigint; repeated: bigint }>(
    db,
    `SELECT count(*) FILTER (stored) AS stored, count(*) FILTER (NOT stored AND agrees) AS repeated
     FROM (SELECT n, bool_or(time = 1) AS stored, bool_and(value = kept) AS agrees FROM fact GROUP BY n)`,
  );
  const [rowsStored, repeated] = [Number(counted?.stored ?? 0), Number(counted?.repeated ?? 0)];

  const { rejected, listed } = await rejectsOf(db, source, format, statements, bad);
  if (rowsStored === 0) throw nothingUsable(rowsRead, rejected, listed[0], format);
  await refuseFractions(db);
  const measures: MeasureFiles[] = [];
  for (const measure of new Set(statements.map((one) => one.measure)))
    measures.push(...(await writeMeasure(db, folder, measure, countries)));

  const rejectsPath = join(folder, 'rejects.csv');
  if (listed.length > 0) await writeRejects(rejectsPath, listed);
  return {
    kind: 'covariates',
    format: format.name,
    rowsRead: rowsRead + [...bad.counts.values()].reduce((sum, n) => sum + n, 0),
    rowsStored,
    duplicatesSummed: repeated,
    rejected: Object.fromEntries([...rejected].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(listed.length > 0 ? { rejectsPath } : {}),
    measures,
  };
}

/** Reads the file once, its rows numbered, into the table `texts`; columns that are years become rows. Returns how many rows the file has. */
async function createTexts(db: DuckDBConnection, source: Source, format: CovariatesFormat): Promise<number> {
  const numbered = `SELECT row_number() OVER () AS n, * FROM ${source.table(true)}`;
  if (!format.yearColumns) {
    await db.run(`CREATE TABLE texts AS ${numbered}`).catch(unreadable);
  } else {
    const years = source.columns.flatMap((name, at) => (/^\d{4}( \[YR\d{4}\])?$/.test(name) ? [{ name, at }] : []));
    if (years.length === 0) throw refused('The header names no years, and so there are no values.');
    await db.run(`CREATE TABLE lines AS ${numbered}`).catch(unreadable);
    const keys = source.columns.flatMap((_, at) => (years.some((year) => year.at === at) ? [] : [`c${at}`]));
    const each = years.map(
      ({ name, at }) =>
        `SELECT n, ${keys.join(', ')}, ${literal(name.slice(0, 4))} AS year, c${at} AS value FROM lines`,
    );
    await db.run(`CREATE TABLE texts AS ${each.join(' UNION ALL ')}`);
  }
  const [read] = await rows<{ n: bigint }>(db, 'SELECT max(n) AS n FROM texts');
  return Number(read?.n ?? 0);
}

/** SQL for the text of a column in the table `texts`. */
const textIn =
  (source: Source, { yearColumns }: CovariatesFormat) =>
  (column: string): string =>
    yearColumns && /^(year|value)$/.test(column) ? column : source.text(column);

/** SQL for what every row states by one statement, typed: NULL fault where it is sound. */
function stated(source: Source, format: CovariatesFormat, one: Statement, at: number): string {
  const text = textIn(source, format);
  const { least, most, flag } = definitionOf(one.measure);
  const said = text(one.column);
  const yearText = one.year === undefined ? "''" : text(one.year);
  const first = spelled(one.first && text(one.first), 'firsts');
  const second = spelled(one.second && text(one.second), 'seconds');
  const { of } = definitionOf(one.measure);
  const isTariff = of === 'tariff';
  const code = (column: string) =>
    `CASE WHEN regexp_full_match(${column}, ${literal(format.productPattern ?? '')}) THEN CASE WHEN length(trim(${column})) % 2 = 1 THEN '0' || trim(${column}) ELSE trim(${column}) END END`;
  const product = one.product === undefined ? 'NULL' : code(text(one.product));
  const nobody = (text: string) => `coalesce(trim(${text}), '') IN ('', '000', '0', 'WLD')`;
  const faults: [Fault, string][] = [
    ['aggregate', `first IS NULL AND upper(trim(first_text)) IN (${AGGREGATES.map(literal).join(', ')})`],
    [
      'first',
      one.first === undefined ? 'false' : `first IS NULL AND NOT (${of === 'importerProduct' ? 'everybody' : 'false'})`,
    ],
    ['second', one.second === undefined ? 'false' : `second IS NULL AND NOT (${isTariff ? 'nobody' : 'false'})`],
    ['year', one.year === undefined ? 'false' : `year IS NULL OR year NOT BETWEEN ${FIRST_YEAR} AND ${LAST_YEAR}`],
    ['product', one.product === undefined ? 'false' : 'product IS NULL'],
    ['specific', isTariff ? 'value IS NULL' : 'false'],
    ['value', 'value IS NULL OR NOT isfinite(value)'],
    ['range', `value NOT BETWEEN ${least} AND ${most}${flag ? ' OR value NOT IN (0, 1)' : ''}`],
  ];
  return `SELECT ${at} AS statement, ${literal(one.measure)} AS measure, n, year, first, second, product, value,
      CASE ${faults.map(([fault, when]) => `WHEN ${when} THEN ${literal(fault)}`).join(' ')} END AS fault
    FROM (SELECT n, ${first.text} AS first_text,
        ${one.year === undefined ? '0' : `CASE WHEN length(trim(${yearText})) = 4 THEN TRY_CAST(${yearText} AS USMALLINT) END`} AS year,
        ${first.code} AS first, ${second.code} AS second,
        ${nobody(first.text)} AS everybody, ${nobody(second.text)} AS nobody, CAST(${product} AS VARCHAR) AS product, ${one.value(text)} AS value
      FROM texts ${first.join} ${second.join}
      WHERE coalesce(trim(${said}), '') NOT IN ${NOTHING} ${one.when ? `AND ${one.when(text)}` : ''})`;
}

/** SQL for a country that a row names, by its text; NULL for a statement without one. */
const spelled = (text: string | undefined, table: string) =>
  text === undefined
    ? { text: 'NULL', code: 'CAST(NULL AS country)', join: '' }
    : { text, code: `${table}.code`, join: `LEFT JOIN spelling AS ${table} ON ${table}.text = ${text}` };

/**
 * Creates `fact`: what is stated soundly, which time of the same fact a row is, and what the first of these says (`kept`). What holds for all years
 * is what the latest year says, also where the file says it year by year.
 */
async function createFacts(db: DuckDBConnection, statements: readonly Statement[]): Promise<void> {
  const key = ['measure', 'year', 'first', 'second', 'product'];
  const order = `n * ${statements.length} + statement`;
  await db.run(`CREATE TABLE twice AS SELECT ${key.join(', ')}, arg_min(value, ${order}) AS kept, min(${order}) AS earliest
    FROM stated WHERE fault IS NULL GROUP BY ${key.join(', ')} HAVING count(*) > 1`);
  const [twice] = await rows<{ n: bigint }>(db, 'SELECT count(*) AS n FROM twice');
  const same = key.map((column) => `stated.${column} IS NOT DISTINCT FROM twice.${column}`);
  await db.run(
    Number(twice?.n) === 0
      ? 'CREATE VIEW sound AS SELECT *, value AS kept, 1 AS time FROM stated WHERE fault IS NULL'
      : `CREATE TABLE sound AS SELECT stated.*, coalesce(kept, value) AS kept, CASE WHEN ${order} > earliest THEN 2 ELSE 1 END AS time
         FROM stated LEFT JOIN twice ON ${same.join(' AND ')} WHERE fault IS NULL`,
  );
  const timeless = statements.filter(({ measure, year }) => !definitionOf(measure).yearly && year !== undefined);
  const measures = [...new Set(timeless.map(({ measure }) => literal(measure)))].join(', ');
  await db.run(
    measures === ''
      ? 'CREATE VIEW fact AS FROM sound'
      : `CREATE TABLE fact AS FROM sound WHERE measure NOT IN (${measures})
         UNION ALL SELECT * REPLACE (0 AS year) FROM sound WHERE measure IN (${measures}) AND time = 1
           QUALIFY row_number() OVER (PARTITION BY measure, first, second, product ORDER BY year DESC) = 1`,
  );
}

/** Rows with a fault: how many of each, and the first of them listed; one fault a row. */
async function rejectsOf(
  db: DuckDBConnection,
  source: Source,
  format: CovariatesFormat,
  statements: readonly Statement[],
  bad: Awaited<ReturnType<typeof badRows>>,
): Promise<{ rejected: Map<string, number>; listed: Reject[] }> {
  const order = 'statement * 10000 + coalesce(year, 0)';
  await db.run(`CREATE TABLE faulty AS
    SELECT n, arg_min(fault, ${order}) AS fault, arg_min(year, ${order}) AS year_at_fault, min(statement) AS statement
    FROM (SELECT n, fault, year, statement FROM stated WHERE fault IS NOT NULL
      UNION ALL SELECT n, 'contradiction', year, statement FROM fact WHERE time > 1 AND value <> kept)
    GROUP BY n`);
  const rejected = new Map(bad.counts);
  for (const { fault, n } of await rows<{ fault: Fault; n: bigint }>(
    db,
    'SELECT fault, count(*) AS n FROM faulty GROUP BY fault ORDER BY fault',
  ))
    rejected.set(FAULTS[fault], Number(n));
  // what these rows say is looked up: few rows are faulty, and all would carry their texts along
  const text = textIn(source, format);
  const said = statements.map((one, at) => {
    const faults = (Object.keys(FAULTS) as Fault[]).map((fault) => {
      const column = columnOf(fault, one);
      return `WHEN ${literal(fault)} THEN ${column === undefined ? "''" : text(column)}`;
    });
    return `SELECT faulty.n, fault, statement, left(coalesce(CASE fault ${faults.join(' ')} END, ''), 200) AS said
      FROM texts JOIN (FROM faulty ORDER BY n LIMIT ${LISTED}) AS faulty
        ON texts.n = faulty.n ${format.yearColumns ? 'AND CAST(year AS USMALLINT) = year_at_fault' : ''}
      WHERE statement = ${at}`;
  });
  const found = await rows<{ n: bigint; fault: Fault; statement: number; said: string }>(
    db,
    `FROM (${said.join(' UNION ALL ')}) ORDER BY n`,
  );
  const ordinals = found.map(({ n }) => Number(n));
  const lines =
    source.file.kind === 'parquet'
      ? ordinals
      : await lineNumbers(source.file.path, ordinals, bad.listed, source.linesBefore);
  const listed = found.map((row, at): Reject => {
    const one = statements[Number(row.statement)];
    return {
      row: lines[at] ?? 0,
      column: (one && columnOf(row.fault, one)) ?? '',
      value: row.said,
      expected: (one && expectedOf(row.fault, one)) ?? '',
      reason: FAULTS[row.fault],
    };
  });
  const shapes = bad.listed.map(
    ({ line, column, text, expected, reason }): Reject => ({ row: line, column, value: text, expected, reason }),
  );
  return { rejected, listed: [...listed, ...shapes].sort((a, b) => a.row - b.row).slice(0, LISTED) };
}

/** The column at fault. */
function columnOf(fault: Fault, one: Statement): string | undefined {
  if (fault === 'aggregate' || fault === 'first') return one.first;
  if (fault === 'second' || fault === 'year' || fault === 'product') return one[fault];
  return one.column;
}

/** What it should say. */
function expectedOf(fault: Fault, one: Statement): string {
  switch (fault) {
    case 'aggregate':
    case 'first':
    case 'second':
      return 'the ISO 3166-1 code of one economy';
    case 'year':
      return `a year from ${FIRST_YEAR} to ${LAST_YEAR}`;
    case 'product':
      return 'an HS code of 2, 4 or 6 digits';
    case 'specific':
      return 'percent of the value; a duty per quantity has no rate without prices';
    case 'contradiction':
      return 'what the first row of the same key says';
    case 'value':
    case 'range':
      return definitionOf(one.measure).expected;
  }
}

/** Tariffs are in percent. A file of which no rate is above 1 was almost surely written in fractions: a hundredth of what is charged. */
async function refuseFractions(db: DuckDBConnection): Promise<void> {
  const [found] = await rows<{ n: bigint; highest: number | null }>(
    db,
    "SELECT count(*) AS n, max(value) AS highest FROM fact WHERE measure = 'tariffPercent' AND value > 0",
  );
  if (found && Number(found.n) >= 20 && (found.highest ?? 0) <= 1)
    throw refused('No rate of the file is above 1, so they look like fractions; please give percent (5 for 5 %).');
}

/** Writes the facts of one measure as Parquet and as packed columns; nothing when there are none. */
async function writeMeasure(
  db: DuckDBConnection,
  folder: string,
  measure: Measure,
  known: readonly string[],
): Promise<MeasureFiles[]> {
  const { of, yearly, listed } = definitionOf(measure);
  const facts = `FROM fact WHERE measure = ${literal(measure)} AND time = 1`;
  const covered = await rows<{ year: number }>(db, `SELECT DISTINCT year ${facts} AND year > 0 ORDER BY year`);
  // of a list only what is on it
  const kept = `${facts}${listed ? ' AND value <> 0' : ''}`;
  const order = 'ORDER BY year, first NULLS LAST, second NULLS LAST, product NULLS LAST';
  const [counted] = await rows<{ n: bigint; all: bigint }>(
    db,
    `SELECT count(*) FILTER (${listed ? 'value <> 0' : 'true'}) AS n, count(*) AS "all" ${facts}`,
  );
  if (!counted || Number(counted.all) === 0) return [];
  const names = {
    pair: ['exporter', 'importer'],
    country: ['country'],
    tariff: ['importer', 'exporter'],
    product: [],
    importerProduct: ['importer'],
  }[of];
  const shown = ['first', 'second'].slice(0, names.length).map((column, at) => `${column} AS ${names[at]}`);
  if (of === 'tariff' || of === 'product' || of === 'importerProduct') shown.push('product');
  const parquetPath = join(folder, `${measure}.parquet`);
  await db.run(`COPY (SELECT nullif(year, 0) AS year, ${shown.join(', ')}, value ${kept} ${order})
    TO ${literal(parquetPath)} (FORMAT parquet, COMPRESSION zstd)`);

  // positions among the products that occur, and then among the countries that do
  const products = (
    await rows<{ code: string }>(db, `SELECT DISTINCT product AS code ${kept} AND product IS NOT NULL ORDER BY code`)
  ).map(({ code }) => code);
  const n = Number(counted.n);
  const columns = {
    yearN: new Uint16Array(n),
    firstN: new Uint16Array(n),
    secondN: new Uint16Array(n),
    productN: new Uint16Array(n),
    valueN: new Float64Array(n),
  };
  await db.run(`CREATE OR REPLACE TABLE product_at AS
    SELECT code, CAST(row_number() OVER (ORDER BY code) - 1 AS USMALLINT) AS position
    FROM (SELECT DISTINCT product AS code ${kept} AND product IS NOT NULL)`);
  const result =
    await db.stream(`SELECT CAST(year AS USMALLINT), CAST(coalesce(enum_code(first), ${NOBODY}) AS USMALLINT),
      CAST(coalesce(enum_code(second), ${NOBODY}) AS USMALLINT), CAST(coalesce(position, ${NOBODY}) AS USMALLINT), value
    FROM (SELECT * ${kept}) LEFT JOIN product_at ON code = product ${order}`);
  for (let row = 0; ; ) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const [at, column] of Object.values(columns).entries()) column.set(itemsOf(chunk, at), row);
    row += chunk.rowCount;
  }
  const countries = occurring([columns.firstN, columns.secondN], known);
  const years = covered.map(({ year }) => year);
  const bytes = encodeArrays({ measure, years: yearly ? years : [], countries, products }, columns);
  const columnsPath = join(folder, `${measure}.bin`);
  await writeFile(columnsPath, bytes);
  return [
    {
      measure,
      rows: n,
      years: yearly ? years : [],
      parquetPath,
      columnsPath,
      contentHash: createHash('sha256').update(bytes).digest('hex'),
    },
  ];
}

/** Renumbers positions in place so that they count only the labels that occur, `NOBODY` apart, and returns these labels in order. */
function occurring(columns: readonly Uint16Array[], labels: readonly string[]): string[] {
  const occurs = new Uint8Array(NOBODY + 1);
  for (const column of columns) for (const at of column) occurs[at] = 1;
  const position = new Uint16Array(NOBODY + 1).fill(NOBODY);
  const kept = labels.filter((_, at) => occurs[at] === 1);
  let next = 0;
  for (let at = 0; at < labels.length; at++) if (occurs[at] === 1) position[at] = next++;
  for (const column of columns) for (let n = 0; n < column.length; n++) column[n] = position[column[n] ?? 0] ?? NOBODY;
  return kept;
}

function nothingUsable(
  rowsRead: number,
  rejected: ReadonlyMap<string, number>,
  first: Reject | undefined,
  { nothing }: CovariatesFormat,
) {
  const reasons = [...rejected].map(([reason, n]) => `${n} × ${reason}`).join(', ');
  const example = first
    ? ` For example line ${first.row}: ${first.column} is "${first.value}", expected ${first.expected}.`
    : '';
  const why = reasons || nothing || 'no row states a value';
  return refused(`None of the ${rowsRead} rows can be used: ${why}.${example}`);
}
