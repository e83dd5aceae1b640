/**
 * Complexity side by side with numpy_complexity.py (BLAS on both cores): fresh processes, alternating, the same file.
 *
 *     node tests/bench/complexityVsNumpy.ts NUMPY_COMPLEXITY.PY FILE [ROUNDS] [hs6|hs4]
 *
 * Checks first that both give the same numbers, then prints each pair, the medians and the ratio. Needs /usr/bin/python3 with
 * numpy and pandas (Debian: python3-numpy python3-pandas). Times are whole processes, from spawn to exit.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeArrays } from '../../lib/core/arrays.ts';

const [script, file, rounds = '5', level = 'hs6'] = process.argv.slice(2);
if (!script || !file) throw new Error('usage: complexityVsNumpy.ts NUMPY_COMPLEXITY.PY FILE [ROUNDS] [hs6|hs4]');

const commands = {
  ours: [process.execPath, new URL('./complexity.ts', import.meta.url).pathname, file, level],
  numpy: ['/usr/bin/python3', script, file, level],
} as const;
type Side = keyof typeof commands;

function run(side: Side, ...more: string[]) {
  const [program, ...args] = commands[side];
  const from = performance.now();
  const { peakMB } = JSON.parse(execFileSync(program, [...args, ...more], { encoding: 'utf8' })) as { peakMB: number };
  return { seconds: (performance.now() - from) / 1000, peakMB };
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

/** The largest absolute difference of each measure. Its own function, so that hundreds of megabytes are free again before the timing. */
function differences(folder: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, columns] of [
    ['country', ['i', 'diversity', 'eci', 'coi']],
    ['product', ['k', 'ubiquity', 'pci']],
  ] as const) {
    const [ours, theirs] = [readCsv(join(folder, `${name}.csv`)), readCsv(join(folder, `np_${level}_${name}.csv`))];
    for (const column of columns) {
      const [a, b] = [ours.get(column)!, theirs.get(column)!];
      found[column] =
        a.length === b.length
          ? largestDifference(
              a.length,
              (n) => a[n]!,
              (n) => b[n]!,
            )
          : Number.NaN;
    }
  }
  const cells = decodeArrays<null, 'rca' | 'presence' | 'density' | 'gain'>(
    readFileSync(join(folder, 'cells.f64')),
  ).arrays;
  const stacked = readNpy(join(folder, `np_${level}_cells.npy`));
  for (const [position, measure] of (['rca', 'presence', 'density', 'gain'] as const).entries()) {
    const ours = cells[measure];
    found[measure] = largestDifference(
      stacked.length / 4,
      (n) => ours[n]!,
      (n) => stacked[n * 4 + position]!,
    );
  }
  const { proximity } = decodeArrays<null, 'proximity'>(readFileSync(join(folder, 'proximity.f64'))).arrays;
  const theirs = readNpy(join(folder, `np_${level}_prox.npy`));
  found.proximity = largestDifference(
    theirs.length,
    (n) => proximity[n]!,
    (n) => theirs[n]!,
  );
  return found;
}

const median = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};

const folder = mkdtempSync(join(tmpdir(), 'complexity-'));
try {
  run('ours', '--out', folder);
  run('numpy', '--out', folder);
  const apart = differences(folder);
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
