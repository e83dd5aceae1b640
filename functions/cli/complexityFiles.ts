import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Complexity } from '../../lib/core/complexity/complexity.ts';
import type { Edge } from '../../lib/core/complexity/productSpace.ts';
import type { Axis } from '../../lib/core/labels.ts';
import type { Matrix } from '../../lib/core/matrix.ts';

/** What there is to write, on one pair of axes; `proximity` is products × products, symmetric or not. */
export interface ComplexityTables {
  readonly exporters: Axis;
  readonly products: Axis;
  readonly measures: Complexity;
  readonly proximity: Matrix;
  /** exporters × exporters */
  readonly exporterProximity: Matrix;
  readonly symmetric: boolean;
  readonly edges: readonly Edge[];
}

/** A cell of CSV: NaN is empty, a text is quoted where it has to be. */
const field = (value: number | string) =>
  typeof value === 'string'
    ? /[",\n]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : value
    : Number.isNaN(value)
      ? ''
      : String(value);

/** Lines as they come, in pieces that fit in memory. */
async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  const failed = once(file, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < 1 << 20) continue;
    if (!file.write(piece)) await Promise.race([once(file, 'drain'), failed]);
    piece = '';
  }
  file.end(piece);
  await Promise.race([once(file, 'finish'), failed]);
}

/**
 * Writes `cells.csv` (exporter, product, rca, presence, density, cog, with a population rpop too), `proximity.csv` and `exporter_proximity.csv`
 * (pairs above 0, each once where the measure is symmetric) and `edges.csv` (links of the product space). All digits; empty where a
 * measure is undefined.
 */
export async function writeComplexity(folder: string, tables: ComplexityTables): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeLines(join(folder, 'cells.csv'), cells(tables));
  const { exporters, products, proximity, symmetric, exporterProximity } = tables;
  await writeLines(join(folder, 'proximity.csv'), pairs('product', products, proximity, symmetric));
  await writeLines(join(folder, 'exporter_proximity.csv'), pairs('exporter', exporters, exporterProximity, true));
  await writeLines(join(folder, 'edges.csv'), edges(tables));
}

function* cells({ exporters, products, measures }: ComplexityTables): Generator<string> {
  const { rca, presence, density, outlookGain, rpop } = measures;
  yield ['exporter', 'product', 'rca', 'presence', 'density', 'cog', ...(rpop ? ['rpop'] : [])].join();
  const matrices = [rca, presence, density, outlookGain, ...(rpop ? [rpop] : [])];
  const codes = products.codes.map(field);
  for (const [e, exporter] of exporters.codes.entries())
    for (const [p, product] of codes.entries())
      yield [
        field(exporter),
        product,
        ...matrices.map(({ data, cols }) => field(data[e * cols + p] ?? Number.NaN)),
      ].join();
}

function* pairs(of: string, axis: Axis, { cols, data }: Matrix, symmetric: boolean): Generator<string> {
  yield `${of}_1,${of}_2,proximity`;
  const codes = axis.codes.map(field);
  for (let p = 0; p < cols; p++)
    for (let q = symmetric ? p + 1 : 0; q < cols; q++) {
      const phi = data[p * cols + q] ?? 0;
      if (p !== q && phi > 0) yield `${codes[p]},${codes[q]},${phi}`;
    }
}

function* edges({ products: { codes }, edges: links }: ComplexityTables): Generator<string> {
  yield 'product_1,product_2,proximity,tree';
  for (const { from, to, proximity, tree } of links)
    yield [field(codes[from] ?? ''), field(codes[to] ?? ''), proximity, tree ? 1 : 0].join();
}
