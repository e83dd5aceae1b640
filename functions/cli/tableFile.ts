import type { DuckDBConnection } from '@duckdb/node-api';
import { nearest } from '../../infra/nearest.ts';
import { literal, rows } from '../../lib/adapters/files/database.ts';
import { Stop } from './command.ts';

/** A CSV (also .gz, .zst) or Parquet file as DuckDB reads it, every column as text. */
export function textTable(path: string): string {
  return /\.parquet$/i.test(path)
    ? `(SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(${literal(path)}))`
    : `read_csv(${literal(path)}, header = true, all_varchar = true)`;
}

/**
 * The columns of a table, in their order.
 *
 * @param table what DuckDB reads: `read_csv(…)`, `read_parquet(…)` or a query in brackets
 * @throws Stop with the file's name and DuckDB's words
 */
export async function columnsOf(db: DuckDBConnection, table: string, path: string): Promise<string[]> {
  const described = await rows<{ column_name: string }>(db, `DESCRIBE SELECT * FROM ${table}`).catch(explained(path));
  return described.map(({ column_name }) => column_name);
}

/** DuckDB's first line says what, the rest where in our own SQL. Of an unknown column the nearest that there is follows. */
export const explained =
  (what: string, columns: readonly string[] = []) =>
  (error: Error) => {
    const [line = ''] = error.message.split('\n');
    const unknown = /column "(.+?)" not found/.exec(line)?.[1];
    const near = unknown === undefined || columns.length === 0 ? null : nearest(unknown, columns);
    throw new Stop(`${what} can't be read: ${line}${near === null ? '' : ` Did you mean ${near}?`}`, { cause: error });
  };
