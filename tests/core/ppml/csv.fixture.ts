import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Columns of a small CSV without quotes, as text; `.gz` is unpacked. */
export function readColumns(file: string | URL): { names: string[]; text: (name: string) => string[] } {
  const bytes = readFileSync(file);
  const lines = (String(file).endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split(/\r?\n/);
  const names = lines[0]!.split(',');
  const rows = lines.slice(1).map((line) => line.split(','));
  const text = (name: string) => {
    const at = names.indexOf(name);
    if (at < 0) throw new RangeError(`${file}: no column ${name} among ${names}`);
    return rows.map((row) => row[at]!);
  };
  return { names, text };
}

export const numbers = (text: readonly string[]): Float64Array => Float64Array.from(text, Number);

/** Chosen numeric columns of a large CSV without quotes, straight from its bytes. */
export function readNumbers(file: string | URL, wanted: readonly string[]): Float64Array[] {
  const packed = readFileSync(file);
  const bytes = String(file).endsWith('.gz') ? gunzipSync(packed) : packed;
  const headerEnd = bytes.indexOf(10);
  const names = bytes.toString('latin1', 0, headerEnd).trim().split(',');
  let rows = 0;
  for (let at = headerEnd + 1; at < bytes.length; at++) if (bytes[at] === 10) rows++;
  const columns = wanted.map(() => new Float64Array(rows));
  const columnAt = names.map((name) => columns[wanted.indexOf(name)]);
  let from = headerEnd + 1;
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < names.length; c++) {
      let to = from;
      while (bytes[to] !== 44 && bytes[to] !== 10) to++;
      const column = columnAt[c];
      if (column) column[row] = Number(bytes.toString('latin1', from, to));
      from = to + 1;
    }
  return columns;
}
