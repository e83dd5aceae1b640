import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A row that was turned away: where it is, what it says and what it should say. */
export interface Reject {
  /** line of the file, from 1 (in Parquet the number of the row) */
  readonly row: number;
  readonly column: string;
  readonly value: string;
  readonly expected: string;
  readonly reason: string;
}

/** As many rows as are listed; the counts in the manifest are of all. */
export const LISTED = 100_000;
const LONGEST_VALUE = 200;

/** Writes rejects as CSV that a spreadsheet can open safely. */
export async function writeRejects(path: string, rejects: Iterable<Reject>): Promise<void> {
  await pipeline(Readable.from(csvLines(rejects)), createWriteStream(path));
}

function* csvLines(rejects: Iterable<Reject>): Generator<string> {
  yield 'row,column,value,expected,reason\r\n';
  for (const { row, column, value, expected, reason } of rejects)
    yield `${row},${[column, value.slice(0, LONGEST_VALUE), expected, reason].map(csvCell).join(',')}\r\n`;
}

/**
 * A text as a CSV cell. A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula, and what is
 * rejected was written by somebody else: such a cell gets a leading apostrophe.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
