import { createReadStream } from 'node:fs';
import type { BadRow } from './source.ts';

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/**
 * The file lines, counted from 1, on which the rows with these ordinals begin. DuckDB counts the rows that it could read; the header, blank
 * lines, bad rows and line ends inside quotes make the difference.
 *
 * @param ordinals of rows among those that were read, from 1, ascending
 * @param badRows the lines that were not read, in file order
 * @param linesBefore lines above the header
 */
export async function lineNumbers(
  path: string,
  ordinals: readonly number[],
  badRows: readonly Pick<BadRow, 'line' | 'lines'>[],
  linesBefore = 0,
): Promise<number[]> {
  const found: number[] = [];
  let bad = 0;
  let row = -1; // the header is row 0
  let line = 0;
  let quoted = false;
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  let begun = Buffer.alloc(0);
  const take = (text: Buffer): boolean => {
    line++;
    if (line <= linesBefore) return false;
    // inside a quoted cell this is no new row
    if (quoted) quoted = odd(text) ? false : quoted;
    else {
      while ((badRows[bad]?.line ?? Number.POSITIVE_INFINITY) + (badRows[bad]?.lines ?? 1) <= line) bad++;
      if (line >= (badRows[bad]?.line ?? Number.POSITIVE_INFINITY) || text.length === 0) return false;
      row++;
      quoted = odd(text);
      if (ordinals[found.length] === row) found.push(line);
    }
    return found.length === ordinals.length;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const bytes = begun.length > 0 ? Buffer.concat([begun, chunk]) : chunk;
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      if (take(bytes.subarray(from, end))) return found;
      from = end + 1;
    }
    begun = Buffer.from(bytes.subarray(from));
  }
  take(begun);
  return found;
}

/** Whether a line opens a quote that it does not close, or closes one that was open. */
function odd(text: Buffer): boolean {
  let quotes = 0;
  for (let at = text.indexOf(QUOTE); at >= 0; at = text.indexOf(QUOTE, at + 1)) quotes++;
  return quotes % 2 === 1;
}
