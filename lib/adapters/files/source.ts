import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier, literal, rows } from './database.ts';
import type { ColumnText } from './formats/format.ts';
import { type Recognised, recogniseColumns, recogniseText } from './header.ts';
import { refused } from './refused.ts';
import type { PlainFile } from './unpack.ts';

/** A file as a table of texts, every column by position, and where its rows lie. */
export interface Source extends Recognised {
  readonly file: PlainFile;
  /** lines of a text above its header */
  readonly linesBefore: number;
  /** the table expression to select from; `keepingBad` also notes rows that are not of the table's shape (read them with `badRows`) */
  readonly table: (keepingBad: boolean) => string;
  /** the text of a column of the format as SQL, or NULL when the file does not have it */
  readonly text: ColumnText;
}

/** A line that is not a row of this table. */
export interface BadRow {
  readonly line: number;
  /** lines that it takes up: more than one when a quote is not closed */
  readonly lines: number;
  readonly column: string;
  readonly text: string;
  readonly expected: string;
  readonly reason: string;
}

/**
 * Finds the format of a file and states to DuckDB how to read it: delimiter, quote, header and columns are given, nothing is guessed from
 * the first rows (the first quoted cell may come after row 60,000).
 *
 * @throws Failure drop.refused when the file is empty, of no known format, or damaged
 */
export async function sourceOf(db: DuckDBConnection, file: PlainFile): Promise<Source> {
  return file.kind === 'parquet' ? parquetSource(db, file) : textSource(file);
}

async function textSource(file: PlainFile): Promise<Source> {
  const { delimiter, linesBefore, ...recognised } = await recogniseText(file.path);
  const columns = recognised.columns.map((_, at) => `c${at}: 'VARCHAR'`).join(', ');
  const stated = `auto_detect = false, header = true, skip = ${linesBefore}, delim = ${literal(delimiter)}, quote = '"', escape = '"', columns = {${columns}}`;
  return {
    ...recognised,
    file,
    linesBefore,
    table: (keepingBad) =>
      `read_csv(${literal(file.path)}, ${stated}, ${keepingBad ? 'store_rejects = true' : 'ignore_errors = true'})`,
    text: columnText(recognised.columns),
  };
}

async function parquetSource(db: DuckDBConnection, file: PlainFile): Promise<Source> {
  const read = `read_parquet(${literal(file.path)})`;
  const described = await rows<{ column_name: string }>(db, `DESCRIBE SELECT * FROM ${read}`).catch(unreadable);
  const recognised = recogniseColumns(described.map(({ column_name }) => column_name));
  const texts = described.map(({ column_name }, at) => `CAST(${identifier(column_name)} AS VARCHAR) AS c${at}`);
  const table = `(SELECT ${texts.join(', ')} FROM ${read})`;
  return { ...recognised, file, linesBefore: 0, table: () => table, text: columnText(recognised.columns) };
}

const columnText =
  (columns: readonly string[]): ColumnText =>
  (column) => {
    const at = columns.indexOf(column);
    return at < 0 ? 'NULL' : `c${at}`;
  };

const SHAPES: Readonly<Record<string, string>> = {
  'MISSING COLUMNS': 'too few columns',
  'TOO MANY COLUMNS': 'too many columns',
  'UNQUOTED VALUE': 'quote not closed',
  'LINE SIZE OVER MAXIMUM': 'line too long',
};

/** The rows that the last reading with `keepingBad` could not take, in file order; at most `limit` of them, and how many in all by reason. */
export async function badRows(
  db: DuckDBConnection,
  source: Source,
  limit: number,
): Promise<{ listed: BadRow[]; counts: Map<string, number> }> {
  if (source.file.kind === 'parquet') return { listed: [], counts: new Map() };
  // a row that lacks three columns is noted three times; a line too long is noted as that and as what follows from it
  const byLine = `SELECT line, arg_min(error_type, priority) AS type, any_value(csv_line) AS text FROM (
      SELECT line, CAST(error_type AS VARCHAR) AS error_type, csv_line,
        CASE CAST(error_type AS VARCHAR) WHEN 'LINE SIZE OVER MAXIMUM' THEN 0 ELSE 1 END AS priority FROM reject_errors)
    GROUP BY line`;
  const counted = await rows<{ type: string; n: bigint }>(
    db,
    `SELECT type, count(*) AS n FROM (${byLine}) GROUP BY type`,
  );
  const counts = new Map(counted.map(({ type, n }) => [shape(type), Number(n)]));
  if (counts.size === 0) return { listed: [], counts };
  const found = await rows<{ line: bigint; type: string; text: string; lines: bigint }>(
    db,
    `SELECT line, type, left(ltrim(text, chr(10)), 200) AS text, 1 + len(trim(text, chr(10))) - len(replace(trim(text, chr(10)), chr(10), '')) AS lines
     FROM (${byLine}) ORDER BY line LIMIT ${limit}`,
  );
  const listed = found.map(({ line, type, text, lines }) => ({
    line: Number(line),
    lines: Number(lines),
    column: '',
    text,
    expected: `${source.columns.length} columns`,
    reason: shape(type),
  }));
  return { listed, counts };
}

const shape = (type: string) => SHAPES[type] ?? type.toLowerCase();

/**
 * Tells a file that DuckDB cannot make sense of, which is refused, from trouble on our side (memory, disk, a query of ours), which is
 * thrown on.
 */
export function unreadable(error: Error): never {
  const what = error.message.split('\n')[0] ?? '';
  if (!/^(Invalid|Conversion|Out of Range)/.test(what)) throw error;
  throw refused(`The file is damaged: ${what}`, { cause: error });
}
