import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { encodeArrays } from '../../core/arrays.ts';
import type { Level } from '../../core/trade/productCodes.ts';
import type { FlowColumnsMeta, FlowYearFiles } from '../../ports/dropReader.ts';
import { literal, rows } from './database.ts';
import { sound } from './flowTable.ts';

/** Creates the type `product` over the file's products, and the table `product_code` from number to code. Returns the codes in order. */
export async function createProducts(db: DuckDBConnection, level: Level): Promise<string[]> {
  const found = await rows<{ product: number }>(
    db,
    `SELECT DISTINCT product FROM typed WHERE ${sound(level)} ORDER BY product`,
  );
  const codes = found.map(({ product }) => String(product).padStart(level, '0'));
  await db.run(`CREATE TYPE product AS ENUM (${codes.map(literal).join(', ')})`);
  await db.run(`CREATE TABLE product_code AS
    SELECT CAST(code AS UINTEGER) AS number, CAST(code AS product) AS code FROM (SELECT unnest([${codes.map(literal).join(', ')}]) AS code)`);
  return codes;
}

/** Writes one year of the table `typed` as canonical Parquet and as packed columns. */
export async function writeYear(
  db: DuckDBConnection,
  folder: string,
  about: { year: number; level: Level; hsRevision: string; rows: number; valueUsd: number },
  labels: { countries: readonly string[]; products: readonly string[] },
): Promise<FlowYearFiles & { duplicates: number }> {
  const { year, level, hsRevision, valueUsd } = about;

  // sort once; only a file that repeats a cell pays for adding up
  const from = `FROM typed JOIN product_code ON number = product WHERE ${sound(level)} AND year = ${year}`;
  await db.run(`CREATE OR REPLACE TABLE cells AS
    SELECT exporter, importer, code AS product, CAST(value_usd AS DOUBLE) AS value_usd, CAST(quantity_tonnes AS DOUBLE) AS quantity_tonnes
    ${from} ORDER BY exporter, importer, product`);
  let cells = await readCells(db, about.rows);
  const duplicates = repeated(cells);
  if (duplicates > 0) {
    await db.run(`CREATE OR REPLACE TABLE cells AS
      SELECT exporter, importer, code AS product, CAST(sum(value_usd) AS DOUBLE) AS value_usd, CAST(sum(quantity_tonnes) AS DOUBLE) AS quantity_tonnes
      ${from} GROUP BY exporter, importer, code ORDER BY exporter, importer, product`);
    cells = await readCells(db, about.rows - duplicates);
  }

  // the Parquet file keeps the order of the table, so that the same rows give the same bytes
  const parquetPath = join(folder, `${year}.parquet`);
  await db.run(`COPY cells TO ${literal(parquetPath)} (FORMAT parquet, COMPRESSION zstd)`);

  // positions among all known codes become positions among those that occur
  const { exporterN, importerN, productN, valueN } = cells;
  const countries = occurring([exporterN, importerN], labels.countries);
  const products = occurring([productN], labels.products);
  const meta: FlowColumnsMeta = { year, level, hsRevision, countries, products };
  const columns = encodeArrays(meta, { exporterN, importerN, productN, valueN });
  const columnsPath = join(folder, `${year}.bin`);
  await writeFile(columnsPath, columns);
  return {
    year,
    rows: valueN.length,
    valueUsd,
    exporters: countDistinct(exporterN, countries.length),
    importers: countDistinct(importerN, countries.length),
    products: products.length,
    parquetPath,
    columnsPath,
    contentHash: createHash('sha256').update(columns).digest('hex'),
    duplicates,
  };
}

/** Cells of one year in order; the positions are those of the types `country` and `product`. */
interface Cells {
  readonly exporterN: Uint16Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** USD */
  readonly valueN: Float64Array;
}

/** Copies the table `cells` out of DuckDB's vectors, some thousand rows at a time. */
async function readCells(db: DuckDBConnection, nRows: number): Promise<Cells> {
  const cells = {
    exporterN: new Uint16Array(nRows),
    importerN: new Uint16Array(nRows),
    productN: new Uint16Array(nRows),
    valueN: new Float64Array(nRows),
  };
  const columns = Object.values(cells);
  const result = await db.stream(
    // numbers, since every chunk of an enumeration carries all its labels along
    'SELECT enum_code(exporter), enum_code(importer), enum_code(product), value_usd FROM cells',
  );
  let n = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const [at, column] of columns.entries()) column.set(itemsOf(chunk, at), n);
    n += chunk.rowCount;
  }
  if (n !== nRows) throw new RangeError(`readCells: ${n} rows in the table, expected ${nRows}`);
  return cells;
}

/** The array behind a vector, which the package's types keep to themselves; asking it for one value at a time is ten times slower. */
export function itemsOf(chunk: DuckDBDataChunk, column: number): ArrayLike<number> {
  const { items } = chunk.getColumnVector(column) as unknown as { items: ArrayLike<number> };
  if (!ArrayBuffer.isView(items)) throw new TypeError('@duckdb/node-api: a vector no longer has its items in an array');
  return items;
}

/** How many rows name the same cell as the row before. */
function repeated({ exporterN, importerN, productN }: Cells): number {
  let count = 0;
  for (let n = 1; n < productN.length; n++) {
    if (productN[n] === productN[n - 1] && importerN[n] === importerN[n - 1] && exporterN[n] === exporterN[n - 1])
      count++;
  }
  return count;
}

/** Renumbers positions in place so that they count only the labels that occur, and returns these labels, still in order. */
function occurring(columns: readonly Uint16Array[], labels: readonly string[]): string[] {
  const occurs = new Uint8Array(labels.length);
  for (const column of columns) for (let n = 0; n < column.length; n++) occurs[column[n] ?? 0] = 1;
  const position = new Uint16Array(labels.length);
  const kept = labels.filter((_, at) => occurs[at] === 1);
  let next = 0;
  for (let at = 0; at < labels.length; at++) if (occurs[at] === 1) position[at] = next++;
  for (const column of columns) for (let n = 0; n < column.length; n++) column[n] = position[column[n] ?? 0] ?? 0;
  return kept;
}

function countDistinct(column: Uint16Array, size: number): number {
  const seen = new Uint8Array(size);
  for (let n = 0; n < column.length; n++) seen[column[n] ?? 0] = 1;
  return seen.reduce((sum, one) => sum + one, 0);
}
