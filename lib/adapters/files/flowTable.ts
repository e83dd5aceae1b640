import type { DuckDBConnection } from '@duckdb/node-api';
import type { CountryCodes } from '../../core/trade/countryCodes.ts';
import { LEVELS, type Level } from '../../core/trade/productCodes.ts';
import { literal, rows } from './database.ts';
import { FAULT_NUMBER } from './faults.ts';
import type { FlowsFormat } from './formats/format.ts';
import { type Source, unreadable } from './source.ts';

/** How many rows of a file are of which year, level and fault (0: none). */
export interface Census {
  readonly year: number;
  readonly digits: number;
  readonly fault: number;
  readonly rows: number;
  /** of the sound rows, added up exactly */
  readonly valueUsd: number;
}

/** Creates the type `country` and the table `spelling`: every way of writing a code. Returns the codes in the order of the type. */
export async function createSpellings(db: DuckDBConnection, { byNumber, byLetters }: CountryCodes): Promise<string[]> {
  const spellings = new Map<string, string>();
  for (const [number, code] of byNumber)
    for (const width of [1, 2, 3]) spellings.set(String(number).padStart(width, '0'), code);
  for (const [letters, code] of byLetters)
    for (const text of [letters, letters.toLowerCase()]) spellings.set(text, code);
  const codes = [...new Set(spellings.values())].sort();
  const values = [...spellings].map(([text, code]) => `(${literal(text)}, ${literal(code)})`);
  await db.run(`CREATE TYPE country AS ENUM (${codes.map(literal).join(', ')})`);
  await db.run(`CREATE TABLE spelling AS
    SELECT unnest([text, ' ' || text, text || ' ']) AS text, CAST(code AS country) AS code
    FROM (VALUES ${values.join(', ')}) AS given(text, code)`);
  return codes;
}

/**
 * The rows of a flows file with their texts turned into codes and numbers, and the number of the first thing wrong with each: a query over
 * `year, exporter, importer, product, value_usd, quantity_tonnes, fault` and whatever `more` adds.
 *
 * Codes join on their text; the product is the number that its digits make, which orders as the padded code does.
 *
 * @param texts the table of texts; any other column of it can be named in `more`
 */
export function typedRows(source: Source, format: FlowsFormat, texts: string, more: readonly string[] = []): string {
  const { text } = source;
  const { year, exporter, importer, product, value } = format.columns;
  return `SELECT year, exporter, importer, product, value_usd, quantity_tonnes, ${[`${FAULT_NUMBER} AS fault`, ...more].join(', ')} FROM (
    SELECT
      CASE WHEN strlen(${text(year)}) = 4 THEN TRY_CAST(${text(year)} AS USMALLINT) END AS year,
      exporters.code AS exporter,
      importers.code AS importer,
      CASE WHEN regexp_full_match(${text(product)}, ${literal(format.productPattern)}) THEN CAST(${text(product)} AS UINTEGER) END AS product,
      ${format.isExport?.(text) ?? 'true'} AS is_export,
      ${format.valueUsd(text)} AS value_usd,
      ${format.quantityTonnes(text)} AS quantity_tonnes,
      ${text(value)} AS value_text,
      texts.*
    FROM ${texts} AS texts
    LEFT JOIN spelling AS exporters ON exporters.text = ${text(exporter)}
    LEFT JOIN spelling AS importers ON importers.text = ${text(importer)})`;
}

/** Digits of the product code whose number is given: its chapter has no leading zero left to lose. */
const DIGITS = 'CASE WHEN product < 100 THEN 2 WHEN product < 10000 THEN 4 ELSE 6 END';

/** SQL for the rows that are stored: nothing wrong with them, and of the level of the file. */
export const sound = (level: Level): string => `fault = 0 AND ${DIGITS} = ${level}`;

/** Reads the file into the table `typed`, the only time that its text is read unless something is wrong with it, and counts its rows. */
export async function createTyped(db: DuckDBConnection, source: Source, format: FlowsFormat): Promise<Census[]> {
  await db.run(`CREATE TABLE typed AS ${typedRows(source, format, source.table(true))}`).catch(unreadable);
  const counted = await rows<{
    year: number | null;
    digits: number | null;
    fault: number;
    n: bigint;
    value: number | null;
  }>(
    db,
    `SELECT CASE WHEN fault = 0 THEN year END AS year, CASE WHEN fault = 0 THEN ${DIGITS} END AS digits, fault,
       count(*) AS n, CAST(sum(value_usd) AS DOUBLE) AS value
     FROM typed GROUP BY year, digits, fault ORDER BY ALL`,
  );
  return counted.map(({ year, digits, fault, n, value }) => ({
    year: year ?? 0,
    digits: digits ?? 0,
    fault,
    rows: Number(n),
    valueUsd: value ?? 0,
  }));
}

/**
 * The level of a file: that of most of its sound rows, the deeper one when two are equal. Rows of another level are totals of these, or
 * parts: adding both would count trade twice (decisions/0021).
 */
export function levelOf(census: readonly Census[]): Level {
  const rowsAt = (level: Level) =>
    census.reduce((sum, { digits, fault, rows }) => sum + (fault === 0 && digits === level ? rows : 0), 0);
  return LEVELS.reduce((best, level) => (rowsAt(level) >= rowsAt(best) ? level : best));
}
