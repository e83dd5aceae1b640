import { open } from 'node:fs/promises';
import type { Format } from './formats/format.ts';
import { FORMATS } from './formats/formats.ts';
import { refused } from './refused.ts';

/** A file whose format is known: its columns in order, each with the format's own name where it has one. */
export interface Recognised {
  readonly format: Format;
  readonly columns: readonly string[];
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
const LONGEST_HEADER = 64 * 1024;

/** Lines about the file that may stand above its header, as the World Bank has four. */
const MOST_LINES_BEFORE = 10;

/**
 * Reads the header line and finds the format by it, never by the file's name. It is the first line, or one soon after.
 *
 * @returns also how many lines stand above it
 * @throws Failure drop.refused when the file is empty or its header is of no format, with the nearest one and what is missing
 */
export async function recogniseText(
  path: string,
): Promise<Recognised & { readonly delimiter: string; readonly linesBefore: number }> {
  return recogniseStart(await startOf(path));
}

/** The same for what a text begins with, whether or not more follows. */
export function recogniseStart(
  text: string,
): Recognised & { readonly delimiter: string; readonly linesBefore: number } {
  const lines = text.replace(/^\ufeff/, '').split('\n', 1 + MOST_LINES_BEFORE);
  for (const [linesBefore, line] of lines.entries()) {
    for (const delimiter of DELIMITERS) {
      const columns = splitHeader(line, delimiter);
      const format = formatOf(columns);
      if (format) return { format, delimiter, linesBefore, columns: named(columns, format) };
    }
  }
  const readings = DELIMITERS.map((delimiter) => splitHeader(lines[0] ?? '', delimiter));
  throw unknown(readings.reduce((best, reading) => (reading.length > best.length ? reading : best)));
}

/** The same for columns that are named already, as in Parquet. */
export function recogniseColumns(columns: readonly string[]): Recognised {
  const format = formatOf(columns);
  if (!format) throw unknown(columns);
  return { format, columns: named(columns, format) };
}

async function startOf(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_HEADER), 0, LONGEST_HEADER, 0);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    if (text.trim() === '') throw refused('The file is empty.');
    if (!text.includes('\n') && bytesRead === LONGEST_HEADER)
      throw refused(`The first line does not end within ${LONGEST_HEADER} bytes: this is no table of text.`);
    return text;
  } finally {
    await handle.close();
  }
}

/** The fields of one line; a field in double quotes may hold the delimiter, and a doubled quote stands for one. */
export function splitHeader(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '"') {
      if (quoted && line[at + 1] === '"') field += line[at++];
      else quoted = !quoted;
    } else if (character === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  fields.push(field);
  return fields.map((text) => text.trim());
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.toLowerCase();
const missingOf = (format: Format, columns: readonly string[]) =>
  format.required.filter((name) => !columns.some((column) => same(column, name)));

function formatOf(columns: readonly string[]): Format | undefined {
  const format = FORMATS.find((candidate) => missingOf(candidate, columns).length === 0);
  if (!format) return undefined;
  const twice = format.required.find((name) => columns.filter((column) => same(column, name)).length > 1);
  if (twice) throw refused(`The header names the column ${twice} more than once, so which one counts is unclear.`);
  return format;
}

function named(columns: readonly string[], format: Format): string[] {
  const known = [...format.required, ...format.optional];
  return columns.map((column) => known.find((name) => same(column, name)) ?? column);
}

/** The nearest format is the one of whose required columns the largest share is there, then of its others; without any, our own. */
function unknown(columns: readonly string[]) {
  const share = (names: readonly string[]) =>
    names.filter((name) => columns.some((column) => same(column, name))).length / (names.length || 1);
  // trade is what most drops are
  const nearness = (format: Format) =>
    (share(format.required) + share(format.optional) / 100) * (format.kind === 'flows' ? 1 : 0.75);
  const nearest = FORMATS.reduce((best, format) => (nearness(format) > nearness(best) ? format : best));
  const missing = missingOf(nearest, columns);
  const shown = columns.slice(0, 12).map((column) => column.slice(0, 40));
  const header = [...shown, ...(columns.length > 12 ? ['…'] : [])].join(', ');
  return refused(
    `The header (${header}) is of no known format. The nearest is ${nearest.name}, which needs ${nearest.required.join(', ')}; ` +
      `missing: ${missing.join(', ')}.`,
    { nearestFormat: nearest.name, missing },
  );
}
