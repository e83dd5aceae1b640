import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Axis, axis } from '../../lib/core/labels.ts';
import { type Matrix, matrix } from '../../lib/core/matrix.ts';

/** The exports of one golden folder and the axes of its codes. */
export interface Reference {
  readonly folder: URL;
  readonly exporters: Axis;
  readonly products: Axis;
  readonly exports: Matrix;
}

/** Of the files read last: a column at a time is asked of them. */
const lately = new Map<string, Record<string, string>[]>();
const KEPT = 2;

/** Rows of `name.csv` or `name.csv.gz`, by column. No field of these files is quoted, and none changes. */
export function readRows(folder: URL, name: string): Record<string, string>[] {
  const plain = new URL(`${name}.csv`, folder);
  const known = lately.get(plain.href);
  if (known) return known;
  const text = existsSync(plain)
    ? readFileSync(plain, 'utf8')
    : gunzipSync(readFileSync(new URL(`${name}.csv.gz`, folder))).toString();
  const [header, ...lines] = text.trimEnd().split('\n');
  const columns = header!.split(',');
  const rows = lines.map((line) => {
    const fields = line.split(',');
    const row: Record<string, string> = {};
    for (let c = 0; c < columns.length; c++) row[columns[c]!] = fields[c]!;
    return row;
  });
  lately.set(plain.href, rows);
  for (const oldest of [...lately.keys()].slice(0, -KEPT)) lately.delete(oldest);
  return rows;
}

export function readReference(folder: URL): Reference {
  const rows = readRows(folder, 'input');
  const exporters = axis(rows.map(({ country }) => country!));
  const products = axis(rows.map(({ product }) => product!));
  const exports = matrix(exporters.codes.length, products.codes.length);
  for (const { country, product, value } of rows) {
    exports.data[exporters.at.get(country!)! * exports.cols + products.at.get(product!)!]! += Number(value);
  }
  return { folder, exporters, products, exports };
}

/** A column of numbers by country or product, on its axis. */
export function readVector(folder: URL, name: string, key: string, column: string, { at }: Axis): Float64Array {
  const values = new Float64Array(at.size).fill(Number.NaN);
  for (const row of readRows(folder, name)) values[at.get(row[key]!)!] = Number(row[column]);
  return values;
}

/** A column of numbers by two codes, on their axes; pairs that the file leaves out are 0. */
export function readMatrix(
  folder: URL,
  name: string,
  [rowKey, colKey]: readonly [string, string],
  column: string,
  rows: Axis,
  cols: Axis,
): Matrix {
  const values = matrix(rows.codes.length, cols.codes.length);
  for (const row of readRows(folder, name)) {
    values.data[rows.at.get(row[rowKey]!)! * values.cols + cols.at.get(row[colKey]!)!] = Number(row[column]);
  }
  return values;
}

/** The symmetric matrix of an upper triangle, with this diagonal. */
export function mirrored(upper: Matrix, diagonal: number): Matrix {
  const whole = matrix(upper.rows, upper.cols, upper.data.slice());
  for (let r = 0; r < whole.rows; r++) {
    whole.data[r * whole.cols + r] = diagonal;
    for (let c = 0; c < r; c++) whole.data[r * whole.cols + c] = upper.data[c * whole.cols + r]!;
  }
  return whole;
}

/** The largest difference between what we have and what is expected, relative to the larger of the expected and `unit`. */
export function largestError(actual: Float64Array, expected: Float64Array, unit: number): number {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} values, expected ${expected.length}`);
  return actual.reduce((most, value, n) => {
    const error = Math.abs(value - expected[n]!) / Math.max(Math.abs(expected[n]!), unit);
    return error <= most ? most : error; // NaN stays
  }, 0);
}
