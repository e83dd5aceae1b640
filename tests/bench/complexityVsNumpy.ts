/**
 * `portolan complexity` side by side with numpy_complexity.py (BLAS on both cores): fresh processes, alternating, the same file.
 *
 *     node tests/bench/complexityVsNumpy.ts NUMPY_COMPLEXITY.PY FILE [ROUNDS] [hs6|hs4]
 *
 * Checks first that both give the same numbers, then prints each pair, the medians and the ratio. Needs /usr/bin/python3 with
 * numpy and pandas (Debian: python3-numpy python3-pandas). Times are whole processes, from spawn to exit.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [script, file, rounds = '5', level = 'hs6'] = process.argv.slice(2);
if (!script || !file) throw new Error('usage: complexityVsNumpy.ts NUMPY_COMPLEXITY.PY FILE [ROUNDS] [hs6|hs4]');

const commands = {
  // the opponent's conventions; it draws no links
  ours: [
    ...[
      process.execPath,
      fileURLToPath(new URL('../../functions/cli/portolan.js', import.meta.url)),
      'complexity',
      file,
    ],
    ...['--convention', 'py', '--edges', '0', '--json', ...(level === 'hs4' ? ['--level', '4'] : [])],
  ],
  numpy: ['/usr/bin/python3', script, file, level],
} as const;
type Side = keyof typeof commands;

interface Answer {
  readonly exporters: readonly Record<'diversity' | 'eci' | 'coi', number>[];
  readonly products: readonly Record<'ubiquity' | 'pci', number>[];
  readonly peakMb?: number;
  readonly peakMB?: number;
}

function run(side: Side, ...more: string[]) {
  const [program = '', ...args] = commands[side];
  const from = performance.now();
  const options = {
    encoding: 'utf8' as const,
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'] as ('ignore' | 'pipe')[],
  };
  const answer = JSON.parse(execFileSync(program, [...args, ...more], options)) as Answer;
  return { seconds: (performance.now() - from) / 1000, peakMB: answer.peakMb ?? answer.peakMB ?? Number.NaN, answer };
}

/** Columns of numbers of a small CSV. */
function readCsv(path: string): Map<string, number[]> {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  return new Map(header!.split(',').map((column, c) => [column, rows.map((row) => row[c]!)]));
}

/** The numbers of a .npy file of float64 in C order. */
function readNpy(path: string): Float64Array {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  return new Float64Array(bytes.buffer, bytes.byteOffset + start, (bytes.length - start) / 8);
}

function largestDifference(length: number, a: (n: number) => number, b: (n: number) => number): number {
  let most = 0;
  for (let n = 0; n < length; n++) {
    const apart = Math.abs(a(n) - b(n));
    most = apart <= most ? most : apart;
  }
  return most;
}

/** The largest absolute difference of each measure. */
async function differences(folder: string, answer: Answer): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const compare = (name: string, ours: readonly number[], theirs: ArrayLike<number>) => {
    found[name] =
      ours.length === theirs.length
        ? largestDifference(
            ours.length,
            (n) => ours[n]!,
            (n) => theirs[n]!,
          )
        : Number.NaN;
  };
  const country = readCsv(join(folder, `np_${level}_country.csv`));
  for (const column of ['diversity', 'eci', 'coi'] as const)
    compare(
      column,
      answer.exporters.map((row) => row[column]),
      country.get(column)!,
    );
  const product = readCsv(join(folder, `np_${level}_product.csv`));
  for (const column of ['ubiquity', 'pci'] as const)
    compare(
      column,
      answer.products.map((row) => row[column]),
      product.get(column)!,
    );

  // all cells, in one order on both sides
  const stacked = readNpy(join(folder, `np_${level}_cells.npy`));
  const measures = ['rca', 'presence', 'density', 'cog'];
  for (const name of measures) found[name] = 0;
  let row = -1;
  for await (const line of createInterface(createReadStream(join(folder, 'cells.csv')))) {
    if (row >= 0)
      for (const [at, text] of line.split(',').slice(2).entries())
        found[measures[at]!] = Math.max(found[measures[at]!]!, Math.abs(Number(text) - stacked[row * 4 + at]!));
    row++;
  }
  if (row !== stacked.length / 4) throw new Error(`${row} cells, expected ${stacked.length / 4}`);

  // pairs of products
  const theirs = readNpy(join(folder, `np_${level}_prox.npy`));
  const codes = product.get('k')!;
  const at = new Map(codes.map((code, p) => [code, p]));
  let sum = 0;
  found.proximity = 0;
  row = -1;
  for await (const line of createInterface(createReadStream(join(folder, 'proximity.csv')))) {
    row++;
    if (row === 0) continue;
    const [p, q, phi] = line.split(',').map(Number) as [number, number, number];
    sum += phi;
    found.proximity = Math.max(found.proximity, Math.abs(phi - theirs[at.get(p)! * codes.length + at.get(q)!]!));
  }
  // no pair of theirs that is not ours
  let total = 0;
  for (let p = 0; p < codes.length; p++)
    for (let q = p + 1; q < codes.length; q++) total += theirs[p * codes.length + q]!;
  found.proximities = Math.abs(sum / total - 1);
  return found;
}

const median = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};

const folder = mkdtempSync(join(tmpdir(), 'complexity-'));
try {
  const { answer } = run('ours', '--out', folder);
  execFileSync(commands.numpy[0], [...commands.numpy.slice(1), '--out', folder]);
  const apart = await differences(folder, answer);
  console.log(
    `largest differences: ${Object.entries(apart)
      .map(([name, value]) => `${name} ${value.toExponential(1)}`)
      .join(', ')}`,
  );
  const disagree = Object.entries(apart).filter(([, value]) => !(value <= 1e-9));
  if (disagree.length > 0) throw new Error(`the two disagree on ${disagree.map(([name]) => name).join(', ')}`);
} finally {
  rmSync(folder, { recursive: true });
}

const pairs = Array.from({ length: Number(rounds) }, (_, round) => {
  const order: Side[] = round % 2 === 0 ? ['ours', 'numpy'] : ['numpy', 'ours'];
  const pair = {} as Record<Side, ReturnType<typeof run>>;
  for (const side of order) pair[side] = run(side);
  const { ours, numpy } = pair;
  console.log(
    `ours ${ours.seconds.toFixed(2)} s  numpy ${numpy.seconds.toFixed(2)} s  ratio ${(ours.seconds / numpy.seconds).toFixed(2)}`,
  );
  return pair;
});
const of = (side: Side, what: 'seconds' | 'peakMB') => median(pairs.map((pair) => pair[side][what]));
const ratio = (what: 'seconds' | 'peakMB') =>
  median(pairs.map(({ ours, numpy }) => ours[what] / numpy[what])).toFixed(2);
console.log(
  `medians: ours ${of('ours', 'seconds').toFixed(2)} s ${of('ours', 'peakMB').toFixed(0)} MB, numpy ${of('numpy', 'seconds').toFixed(2)} s ${of('numpy', 'peakMB').toFixed(0)} MB`,
);
console.log(`median of the ratios: time ${ratio('seconds')}, memory ${ratio('peakMB')}`);
