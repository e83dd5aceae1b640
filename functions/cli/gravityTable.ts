import { existsSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier, rows } from '../../lib/adapters/files/database.ts';
import { itemsOf } from '../../lib/adapters/files/flowYears.ts';
import type { Factor } from '../../lib/core/gravity/ppml/factor.ts';
import { Stop } from './command.ts';
import { columnsOf, explained, textTable } from './tableFile.ts';

/** A file open for reading: every column as text, in the order of its header. */
export interface GravityFile {
  readonly columns: readonly string[];
  readonly table: string;
}

/** What is wanted of a file; `where` is an SQL condition in which columns of numbers are numbers. */
export interface Wanted {
  readonly numbers: readonly string[];
  readonly factors: readonly string[];
  readonly where: string | undefined;
}

/** The rows of a file that have all that is wanted. */
export interface GravityTable {
  readonly rows: number;
  /** rows left out because a wanted value is missing */
  readonly missing: number;
  readonly numbers: ReadonlyMap<string, Float64Array>;
  readonly factors: ReadonlyMap<string, Factor>;
}

/** How missing numbers are written. A category may be called NA. */
const MISSING = `('', 'NA', 'N/A', 'NaN', 'nan', '.', 'null', 'NULL')`;

/** Opens a CSV (also .gz, .zst) or Parquet file. Throws Stop when it is not there, or neither. */
export async function openGravityFile(db: DuckDBConnection, path: string): Promise<GravityFile> {
  if (!existsSync(path)) throw new Stop(`there is no file ${path}`);
  const table = textTable(path);
  return { columns: await columnsOf(db, table, path), table };
}

/**
 * Reads columns as numbers and as factors, rows in the order of the file.
 *
 * @throws Stop naming column and text where a number is none, or DuckDB's words about the condition
 */
export async function readGravityTable(db: DuckDBConnection, file: GravityFile, wanted: Wanted): Promise<GravityTable> {
  const numbers = wanted.numbers.map((name, at) => ({ name, as: identifier(`number ${at}`) }));
  const factors = wanted.factors.map((name, at) => ({ name, as: identifier(`factor ${at}`), type: `level_${at}` }));
  const present = (name: string) =>
    `CASE WHEN trim(${identifier(name)}) NOT IN ${MISSING} THEN trim(${identifier(name)}) END`;
  const texts = [
    ...numbers.map(({ name, as }) => `${present(name)} AS ${as}`),
    ...factors.map(({ name, as }) => `nullif(trim(${identifier(name)}), '') AS ${as}`),
  ];
  const typed = wanted.where === undefined ? [] : await numericColumns(db, file, wanted.where);
  const replaced = typed.map((name) => `TRY_CAST(${identifier(name)} AS DOUBLE) AS ${identifier(name)}`).join(', ');
  const all = [...numbers, ...factors].map(({ as }) => as).join(', ');
  await db
    .run(
      `CREATE TABLE texts AS SELECT ${all} FROM (SELECT ${texts.join(', ')}, *${replaced && ` REPLACE (${replaced})`}
       FROM ${file.table}) ${wanted.where === undefined ? '' : `WHERE ${wanted.where}`}`,
    )
    .catch(explained(wanted.where === undefined ? 'the file' : `the file where ${wanted.where}`, file.columns));

  // every number has to be one
  for (const { name, as } of numbers) {
    const [bad] = await rows<{ text: string }>(
      db,
      `SELECT ${as} AS text FROM texts WHERE ${as} IS NOT NULL AND NOT coalesce(isfinite(TRY_CAST(${as} AS DOUBLE)), false) LIMIT 1`,
    );
    if (bad) throw new Stop(`column ${name} holds ${JSON.stringify(bad.text)}, which is no finite number`);
  }

  // complete rows only; texts become positions among those that occur
  const complete = [...numbers, ...factors].map(({ as }) => `${as} IS NOT NULL`).join(' AND ');
  for (const { as, type } of factors)
    await db.run(`CREATE TYPE ${type} AS ENUM (SELECT DISTINCT ${as} FROM texts WHERE ${complete} ORDER BY 1)`);
  const [counted] = await rows<{ total: bigint; complete: bigint }>(
    db,
    `SELECT count(*) AS total, count(*) FILTER (${complete}) AS complete FROM texts`,
  );
  const [total, kept] = [Number(counted?.total ?? 0), Number(counted?.complete ?? 0)];
  const numberN = numbers.map(() => new Float64Array(kept));
  const codeN = factors.map(() => new Uint32Array(kept));
  const values = [
    ...numbers.map(({ as }) => `CAST(${as} AS DOUBLE)`),
    ...factors.map(({ as, type }) => `enum_code(CAST(${as} AS ${type}))`),
  ];
  const result = await db.stream(`SELECT ${values.join(', ')} FROM texts WHERE ${complete}`);
  for (let n = 0; n < kept; ) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) throw new RangeError(`readGravityTable: ${n} rows read, expected ${kept}`);
    for (const [at, column] of [...numberN, ...codeN].entries()) column.set(itemsOf(chunk, at), n);
    n += chunk.rowCount;
  }
  const labels = await Promise.all(
    factors.map(({ type }) => rows<{ label: string }>(db, `SELECT unnest(enum_range(NULL::${type})) AS label`)),
  );
  return {
    rows: kept,
    missing: total - kept,
    numbers: new Map(numbers.map(({ name }, at) => [name, numberN[at] ?? new Float64Array(0)])),
    factors: new Map(
      factors.map(({ name }, at) => [
        name,
        { name, codeN: codeN[at] ?? new Uint32Array(0), levels: (labels[at] ?? []).map(({ label }) => label) },
      ]),
    ),
  };
}

/** The columns named in a condition whose every value is a number or missing. */
async function numericColumns(db: DuckDBConnection, { columns, table }: GravityFile, where: string): Promise<string[]> {
  const named = columns.filter((name) => where.includes(name));
  if (named.length === 0) return [];
  const tests = named.map((name) => {
    const text = `trim(${identifier(name)})`;
    return `bool_and(${text} IN ${MISSING} OR TRY_CAST(${text} AS DOUBLE) IS NOT NULL) AS ${identifier(name)}`;
  });
  const [found] = await rows<Record<string, boolean>>(db, `SELECT ${tests.join(', ')} FROM ${table}`);
  return named.filter((name) => found?.[name]);
}
