import { existsSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { nearest } from '../../infra/nearest.ts';
import { identifier, literal, rows } from '../../lib/adapters/files/database.ts';
import { itemsOf } from '../../lib/adapters/files/flowYears.ts';
import { type Axis, axis } from '../../lib/core/labels.ts';
import { type Matrix, matrix } from '../../lib/core/matrix.ts';
import { Stop, UsageError } from './command.ts';
import { columnsOf, explained, textTable } from './tableFile.ts';

/** The columns that a table of exports has, and what other files call them; the first that a file has is taken. */
const ROLES = {
  exporter: ['exporter', 'country', 'region', 'i'],
  product: ['product', 'k'],
  value: ['valueUsd', 'value', 'v'],
  year: ['year', 't'],
  importer: ['importer', 'j'],
} as const;
type Role = keyof typeof ROLES;
const NEEDED: readonly Role[] = ['exporter', 'product', 'value'];

/** Names that replace those of `ROLES`; the importer has no option: it only tells what a country sells to itself. */
export type ColumnNames = Readonly<Partial<Record<Role, string | undefined>>>;

export interface ExportTable {
  readonly exporters: Axis;
  readonly products: Axis;
  /** exporters × products, the mean over the years; USD where the file says what it holds, else the file's own unit */
  readonly exports: Matrix;
  /** years averaged, ascending; empty when the files have none */
  readonly years: readonly number[];
}

export interface Wanted {
  readonly columns: ColumnNames;
  /** digits to cut product codes to */
  readonly level: number | undefined;
  readonly years: readonly number[] | undefined;
}

/** BACI's header, in its order: read with its types given, three times faster than as text. */
const BACI = ['t', 'i', 'j', 'k', 'v', 'q'];

interface Source {
  /** every column as it is written */
  readonly table: string;
  /** the same with BACI's types; null for other files */
  readonly typed: string | null;
  readonly role: Readonly<Partial<Record<Role, string>>>;
  /** thousand USD, and codes of numbers */
  readonly baci: boolean;
}

/**
 * Reads files of exports and adds them up: CSV (also .gz, .zst) or Parquet, in BACI's columns (thousand USD), as tidy flows, or as a table
 * of exporter, product and value. What a country sells to itself is left out.
 *
 *     X[e,p] = Σ value / years
 *
 * @throws Stop or UsageError that name the file, and the column with the nearest that there is, or the value that is no number
 */
export async function readExportTable(
  db: DuckDBConnection,
  paths: readonly string[],
  { columns, level, years: wantedYears }: Wanted,
): Promise<ExportTable> {
  const sources: Source[] = [];
  for (const path of paths) sources.push(await open(db, path, columns));
  const yearless = sources.findIndex(({ role }) => role.year === undefined);
  if (wantedYears && yearless >= 0) throw new UsageError(`complexity: --years: ${paths[yearless]} has no year`);
  if (yearless >= 0 && sources.some(({ role }) => role.year !== undefined))
    throw new UsageError(`complexity: ${paths[yearless]} has no year and other files have: there is no mean of both`);

  // rows or sums of every file; BACI's decimals add up exactly, whatever order two threads read in
  await db.run('SET preserve_insertion_order = false');
  await db.run('CREATE TABLE cells (exporter VARCHAR, product VARCHAR, year INTEGER, value DOUBLE)');
  for (const [at, source] of sources.entries()) {
    const path = paths[at] ?? '';
    await addUp(db, path, source, level, wantedYears);
    await refuseBad(db, path, source, wantedYears);
  }
  const found = await rows<{ year: number }>(db, 'SELECT DISTINCT year FROM cells WHERE year IS NOT NULL ORDER BY 1');
  const years = found.map(({ year }) => year);
  const absent = wantedYears?.filter((year) => !years.includes(year)) ?? [];
  if (absent.length > 0) throw new Stop(`there is nothing of ${absent.join(', ')}; there is ${years.join(', ')}`);

  // the dense table on sorted axes; the engine hands over positions, which is cheaper than texts
  const exporters = await axisOf(db, 'exporter');
  const products = await axisOf(db, 'product');
  const exports = matrix(exporters.codes.length, products.codes.length);
  // BACI's thousands have three decimals, so these are whole dollars and add up exactly; other values are added in their own order, so that the last digit does not depend on the threads
  const sum = sources.every(({ baci }) => baci) ? 'sum(value)' : 'sum(value ORDER BY value)';
  const position = (column: string) => `enum_code(CAST(${column} AS ${column}_code))::UINTEGER`;
  const result = await db.stream(
    `SELECT ${position('exporter')} AS e, ${position('product')} AS p, ${sum} FROM cells GROUP BY ALL`,
  );
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [exporterN, productN, valueN] = [0, 1, 2].map((column) => itemsOf(chunk, column)) as [Items, Items, Items];
    for (let n = 0; n < chunk.rowCount; n++) {
      const at = (exporterN[n] ?? 0) * exports.cols + (productN[n] ?? 0);
      exports.data[at] = (valueN[n] ?? 0) / Math.max(years.length, 1);
    }
  }
  if (!exports.data.some((value) => value > 0)) throw new Stop(`${paths.join(', ')}: no row with a value above 0`);
  return { exporters, products, exports, years };
}

type Items = ArrayLike<number>;

/** The codes of a column, sorted; the type `<column>_code` numbers them in that order. */
async function axisOf(db: DuckDBConnection, column: 'exporter' | 'product'): Promise<Axis> {
  const found = await rows<{ code: string }>(db, `SELECT DISTINCT ${column} AS code FROM cells`);
  const sorted = axis(found.map(({ code }) => code));
  if (found.length > 0) await db.run(`CREATE TYPE ${column}_code AS ENUM (${sorted.codes.map(literal).join(', ')})`);
  return sorted;
}

async function open(db: DuckDBConnection, path: string, names: ColumnNames): Promise<Source> {
  if (!existsSync(path)) throw new Stop(`there is no file ${path}`);
  const isParquet = /\.parquet$/i.test(path);
  const table = isParquet
    ? `read_parquet(${literal(path)})`
    : `read_csv(${literal(path)}, header = true, all_varchar = true, buffer_size = 8388608, max_line_size = 65536)`;
  const has = await columnsOf(db, table, path);
  const role = Object.fromEntries(
    (Object.keys(ROLES) as Role[]).map((one) => [one, columnOf(path, one, names[one], has)]),
  ) as Source['role'];
  const missing = NEEDED.filter((one) => role[one] === undefined);
  if (missing.length > 0) {
    const said = missing.map((one) => {
      const near = nearest(one, has);
      return `no column ${one} (--${one} COLUMN names it${near === null ? '' : `; did you mean ${near}?`})`;
    });
    throw new UsageError(`complexity: ${path} has ${said.join(', ')}; its columns are ${has.join(', ')}`);
  }
  const baci = role.exporter === 'i' && role.product === 'k' && role.value === 'v';
  const typed = !isParquet && has.join() === BACI.join() ? baciTable(path) : null;
  return { table, typed, role, baci };
}

function columnOf(path: string, role: Role, named: string | undefined, has: readonly string[]): string | undefined {
  const find = (name: string) => has.find((column) => column.trim().toLowerCase() === name.toLowerCase());
  if (named === undefined) return ROLES[role].map(find).find((column) => column !== undefined);
  const column = find(named);
  if (column !== undefined) return column;
  const near = nearest(named, has);
  const hint = near === null ? `it has ${has.join(', ')}` : `did you mean ${near}?`;
  throw new UsageError(`complexity: --${role}: ${path} has no column ${named}; ${hint}`);
}

const baciTable = (path: string) =>
  `read_csv(${literal(path)}, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, max_line_size = 65536,
    buffer_size = 8388608, columns = {t: 'SMALLINT', i: 'SMALLINT', j: 'SMALLINT', k: 'INTEGER', v: 'DECIMAL(15, 3)', q: 'VARCHAR'})`;

/** One file into `cells`. What does not have BACI's types (a product 9999AA) is read as text. */
async function addUp(
  db: DuckDBConnection,
  path: string,
  source: Source,
  level: number | undefined,
  years: readonly number[] | undefined,
): Promise<void> {
  const insert = (sql: string) => db.run(`INSERT INTO cells ${sql}`);
  const asText = () => insert(cellsOf(source, level, years)).catch(explained(path));
  if (source.typed === null) await asText();
  else await insert(typedCellsOf(source.typed, level, years)).catch(asText);
}

/** A year that can't be read: kept, to be named. */
const NO_YEAR = -1;

/** Sums of a BACI file by exporter, product and year; codes are padded after the sum, when there are ten times fewer of them. */
function typedCellsOf(typed: string, level: number | undefined, years: readonly number[] | undefined): string {
  const product = `left(lpad(CAST(k AS VARCHAR), 6, '0'), ${level ?? 6})`;
  const chosen = years ? `AND (t IS NULL OR t IN (${years.join(', ')}))` : '';
  return `SELECT lpad(CAST(i AS VARCHAR), 3, '0'), ${product}, coalesce(t, ${NO_YEAR}),
      CASE WHEN least >= 0 AND missing = 0 THEN total ELSE 'NaN'::DOUBLE END
    FROM (SELECT i, k, t, round(sum(v)::DOUBLE * 1000) AS total, min(v) AS least, count(*) - count(v) AS missing
      FROM ${typed} WHERE i IS DISTINCT FROM j ${chosen} GROUP BY ALL)`;
}

/**
 * Rows of one file by exporter, product and year. What is no number of at least 0 is kept as NaN, to be named; a 0 is kept, since its
 * product may have nothing else, and is then listed as left out.
 */
function cellsOf(
  { table, role, baci }: Source,
  level: number | undefined,
  years: readonly number[] | undefined,
): string {
  const text = (one: Role) => `trim(CAST(${identifier(role[one] ?? '')} AS VARCHAR))`;
  const exporter = baci ? `lpad(${text('exporter')}, 3, '0')` : text('exporter');
  const whole = baci ? `lpad(${text('product')}, 6, '0')` : text('product');
  const product = level === undefined ? whole : `left(${whole}, ${level})`;
  const year = role.year === undefined ? 'NULL' : `coalesce(TRY_CAST(${text('year')} AS INTEGER), ${NO_YEAR})`;
  const value = `TRY_CAST(${text('value')} AS DOUBLE)`;
  return `SELECT ${exporter}, ${product}, ${year},
      CASE WHEN ${value} >= 0 AND isfinite(${value}) THEN ${baci ? `round(${value} * 1000)` : value} ELSE 'NaN'::DOUBLE END
    FROM ${table} WHERE ${chosen(role, years)}`;
}

/** The rows of a file that count: sold to somebody else, in a year that is wanted or can't be read. */
function chosen(role: Source['role'], years: readonly number[] | undefined): string {
  const text = (one: Role) => `trim(CAST(${identifier(role[one] ?? '')} AS VARCHAR))`;
  const conditions = [
    'true',
    ...(role.importer === undefined ? [] : [`${text('exporter')} IS DISTINCT FROM ${text('importer')}`]),
    ...(years ? [`coalesce(TRY_CAST(${text('year')} AS INTEGER) IN (${years.join(', ')}), true)`] : []),
  ];
  return conditions.join(' AND ');
}

/** @throws Stop naming the first row whose value, exporter, product or year is none */
async function refuseBad(
  db: DuckDBConnection,
  path: string,
  { table, role }: Source,
  years: readonly number[] | undefined,
): Promise<void> {
  const bad = await rows(
    db,
    `SELECT 1 FROM cells WHERE isnan(value) OR exporter IS NULL OR product IS NULL OR year = ${NO_YEAR} LIMIT 1`,
  );
  if (bad.length === 0) return;
  // which row is asked only now: to number them, they have to be read in order
  await db.run('SET preserve_insertion_order = true');
  const column = (one: Role) => identifier(role[one] ?? '');
  const number = `TRY_CAST(trim(CAST(${column('value')} AS VARCHAR)) AS DOUBLE)`;
  const tests: Partial<Record<Role, string>> = {
    exporter: `${column('exporter')} IS NULL`,
    product: `${column('product')} IS NULL`,
    value: `NOT coalesce(${number} >= 0 AND isfinite(${number}), false)`,
    ...(role.year !== undefined && { year: `TRY_CAST(trim(CAST(${column('year')} AS VARCHAR)) AS INTEGER) IS NULL` }),
  };
  const of = (Object.keys(tests) as Role[])
    .map((one) => `CAST(${column(one)} AS VARCHAR) AS ${one}_text, ${tests[one]} AS ${one}_bad`)
    .join(', ');
  const [first] = await rows<Record<string, string | number | boolean | null>>(
    db,
    `SELECT n::INTEGER AS n, ${of} FROM (SELECT *, row_number() OVER () AS n FROM ${table})
      WHERE ${chosen(role, years)} AND (${Object.values(tests).join(' OR ')}) ORDER BY n LIMIT 1`,
  );
  const wrong = (Object.keys(tests) as Role[]).find((one) => first?.[`${one}_bad`] === true) ?? 'value';
  const said = first?.[`${wrong}_text`] ?? null;
  throw new Stop(
    `${path}, row ${first?.n ?? '?'} (exporter ${first?.exporter_text ?? 'missing'}, product ${first?.product_text ?? 'missing'}): ` +
      `${role[wrong]} is ${said === null ? 'missing' : `'${said}'`}, expected ${EXPECTED[wrong]}`,
  );
}

const EXPECTED: Readonly<Record<Role, string>> = {
  exporter: 'a code',
  importer: 'a code',
  product: 'a code',
  value: 'a finite number of at least 0',
  year: 'a year',
};

/** What files write where they have no number. */
const UNKNOWN = ['', 'na', 'nan', '.', '..', 'null'];

/**
 * Numbers by code, of the newest year where there are several: `code,value` in any of the named columns, CSV or Parquet.
 *
 * @throws Stop or UsageError naming the file, and the columns that it has or the row whose value is no number
 */
export async function readByCode(
  db: DuckDBConnection,
  option: string,
  path: string,
  { codes, values }: { readonly codes: readonly string[]; readonly values: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  if (!existsSync(path)) throw new Stop(`--${option}: there is no file ${path}`);
  const table = textTable(path);
  const has = await columnsOf(db, table, path);
  const find = (names: readonly string[]) =>
    names
      .map((name) => has.find((column) => column.toLowerCase() === name))
      .find((column): column is string => column !== undefined);
  const [code, value, year] = [find(codes), find(values), find(['year'])];
  if (!code || !value)
    throw new UsageError(
      `complexity: --${option}: ${path} needs a column ${codes[0]} and a column ${values[0]}; it has ${has.join(', ')}`,
    );
  const text = (column: string) => `trim(${identifier(column)})`;
  const order = year ? `ORDER BY TRY_CAST(${text(year)} AS INTEGER), n` : 'ORDER BY n';
  const read = await rows<{ n: number; code: string | null; text: string | null }>(
    db,
    `SELECT n::INTEGER AS n, ${text(code)} AS code, ${text(value)} AS text FROM (SELECT *, row_number() OVER () AS n FROM ${table}) ${order}`,
  );
  const numbers = new Map<string, number>();
  for (const { n, code: one, text: written } of read) {
    if (one === null || UNKNOWN.includes((written ?? '').toLowerCase())) continue;
    const number = Number(written);
    if (!Number.isFinite(number))
      throw new Stop(`--${option}: ${path}, row ${n} (${code} ${one}): ${value} is '${written}', expected a number`);
    numbers.set(one, number);
  }
  return numbers;
}
