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
