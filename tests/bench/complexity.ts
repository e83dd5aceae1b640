/**
 * Reads a BACI file and computes every complexity measure, proximity included: what numpy_complexity.py does, in one process.
 *
 *     node tests/bench/complexity.ts FILE [hs6|hs4] [--out DIR]
 *
 * Prints one JSON line: seconds of each step and of the whole process, peak megabytes, shape. `--out` writes all results.
 */
import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { encodeArrays } from '../../lib/core/arrays.ts';
import { complexity } from '../../lib/core/complexity/complexity.ts';
import { proximity } from '../../lib/core/complexity/proximity.ts';
import { axis } from '../../lib/core/labels.ts';
import { matrix } from '../../lib/core/matrix.ts';

const [file, level = 'hs6', ...rest] = process.argv.slice(2);
if (!file) throw new Error('usage: node tests/bench/complexity.ts FILE [hs6|hs4] [--out DIR]');

const seconds: Record<string, number> = { start: performance.now() / 1000 };
async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await work();
  seconds[name] = (performance.now() - from) / 1000;
  return result;
}

/** Thousand USD by exporter and product. Decimals add up exactly, whatever order two threads read in; v has three. */
async function readExports(path: string, digits: number) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', preserve_insertion_order: 'false' });
  const db = await instance.connect();
  const columns = `{t: 'SMALLINT', i: 'SMALLINT', j: 'SMALLINT', k: 'INTEGER', v: 'DECIMAL(15, 3)', q: 'VARCHAR'}`;
  // small read buffers keep the peak in the matrices: 100 MB less than with the default ones, at the same speed
  const format = `header = true, delim = ',', quote = '', escape = '', auto_detect = false, max_line_size = 65536, buffer_size = 8388608`;
  const source = `read_csv('${path.replaceAll("'", "''")}', columns = ${columns}, ${format})`;
  const chunks = await (
    await db.run(`SELECT i::INTEGER, k // ${10 ** (6 - digits)}, sum(v)::DOUBLE FROM ${source} GROUP BY ALL`)
  ).fetchAllChunks();
  const cells = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const exporterN = new Int32Array(cells);
  const productN = new Int32Array(cells);
  const valueN = new Float64Array(cells);
  let n = 0;
  for (const chunk of chunks) {
    const [i, k, v] = [chunk.getColumnVector(0), chunk.getColumnVector(1), chunk.getColumnVector(2)];
    const end = chunk.rowCount;
    for (let row = 0; row < end; row++, n++) {
      exporterN[n] = i.getItem(row) as number;
      productN[n] = k.getItem(row) as number;
      valueN[n] = v.getItem(row) as number;
    }
  }
  instance.closeSync();
  return { exporterN, productN, valueN };
}

/** The dense table, on axes of codes padded so that their order is that of the numbers. */
function tableOf({ exporterN, productN, valueN }: Awaited<ReturnType<typeof readExports>>, digits: number) {
  const pad = (width: number) => (code: number) => String(code).padStart(width, '0');
  const exporters = axis([...new Set(exporterN)].map(pad(3)));
  const products = axis([...new Set(productN)].map(pad(digits)));
  const exporterAt = new Map(exporters.codes.map((code, e) => [Number(code), e]));
  const productAt = new Map(products.codes.map((code, p) => [Number(code), p]));
  const exports = matrix(exporters.codes.length, products.codes.length);
  for (let n = 0; n < valueN.length; n++) {
    exports.data[exporterAt.get(exporterN[n]!)! * exports.cols + productAt.get(productN[n]!)!] = valueN[n]!;
  }
  return { exporters, products, exports };
}

const digits = level === 'hs4' ? 4 : 6;
const cells = await step('read', () => readExports(file, digits));
const { exporters, products, exports } = await step('table', () => tableOf(cells, digits));
// the opponent's conventions, so that the two can be compared
const measures = await step('complexity', () =>
  complexity(exports, { diagonal: 1, outlookPci: 'uncentred', outlookIndex: 'standardised' }),
);
const phi = await step('proximity', () => proximity(measures.presence, { diagonal: 1 }));
seconds.total = performance.now() / 1000;

const out = rest.includes('--out') ? rest[rest.indexOf('--out') + 1] : undefined;
if (out) {
  const table = (header: string, codes: readonly string[], ...columns: Float64Array[]) =>
    `${[header, ...codes.map((code, n) => [Number(code), ...columns.map((column) => column[n])].join(','))].join('\n')}\n`;
  const { diversity, eci, outlookIndex, ubiquity, pci } = measures;
  writeFileSync(`${out}/country.csv`, table('i,diversity,eci,coi', exporters.codes, diversity, eci, outlookIndex));
  writeFileSync(`${out}/product.csv`, table('k,ubiquity,pci', products.codes, ubiquity, pci));
  const { rca, presence, density, outlookGain } = measures;
  writeFileSync(
    `${out}/cells.f64`,
    encodeArrays(null, { rca: rca.data, presence: presence.data, density: density.data, gain: outlookGain.data }),
  );
  writeFileSync(`${out}/proximity.f64`, encodeArrays(null, { proximity: phi.data }));
}
const rounded = Object.fromEntries(
  Object.entries(seconds).map(([name, value]) => [name, Math.round(value * 1000) / 1000]),
);
console.log(
  JSON.stringify({
    ...rounded,
    peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
    cells: cells.valueN.length,
    exporters: exports.rows,
    products: exports.cols,
    // sums, so that no engine may leave a result out
    density: measures.density.data.reduce((sum, value) => sum + value, 0),
    gain: measures.outlookGain.data.reduce((sum, value) => sum + value, 0),
    proximities: phi.data.reduce((sum, value) => sum + value, 0),
  }),
);
