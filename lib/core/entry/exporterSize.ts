import { solved } from '../gravity/ppml/gram.ts';
import { matrix } from '../matrix.ts';
import { probabilityOf } from './calibration.ts';

/** What the size of an exporter adds: log-odds at a few sizes, straight lines between them, level beyond the first and the last. Survives JSON. */
export interface ExporterSize {
  /** ln v_i, v_i in USD, ascending */
  readonly logUsd: readonly number[];
  readonly logit: readonly number[];
}

/** Cells with log-odds that were found without their own outcomes, of all exporters. */
export interface UnsizedCells {
  readonly exporterN: Uint16Array;
  /** a group below `groups` for each cell: its kind of entry */
  readonly groupN: Uint8Array;
  readonly groups: number;
  readonly logitN: Float64Array;
  readonly outcomeN: Uint8Array;
  readonly weightN: Float64Array;
}

const SIZES = 3;
/** Pulls what is added to 0, as a few entries would: for data of a single exporter. It also tells a size from a group, where one could do for the other. */
const RIDGE = 1;
const STEPS = 60;
/** Log-odds that one step may go. */
const LONGEST = 2;

/**
 * How far probabilities are off for small, middling and large exporters: a number at the middle of each third of the exporters, and a number for each group of cells, such
 * that the probabilities of every third, and of every group, add up to its entries:
 *
 *     p[n] = 1 / (1 + e^−(logit[n] + size(v_i) + shift[g])),    Σ_{n in third h} w (y − p) = ρ size[h],    Σ_{n in group g} w (y − p) = ρ shift[g]
 *
 * With ρ = 0 the sums would agree exactly. By Newton's method on these equations, which have as many unknowns.
 *
 * @param exportsE what each country sells in all, USD
 * @param thirdsOf exporters that are divided into thirds, those of the cells among them; a judge divides all that it judges, whichever of them a model has seen
 * @returns the line, and log-odds to add to each group
 */
export function exporterSizeOf(
  { exporterN, groupN, groups, logitN, outcomeN, weightN }: UnsizedCells,
  exportsE: Float64Array,
  thirdsOf: Iterable<number> = exporterN,
): { exporterSize: ExporterSize; shiftG: Float64Array } {
  const sizeE = exportsE.map(Math.log);
  const sorted = [...new Set(thirdsOf)].map((e) => sizeE[e]!).sort((a, b) => a - b);
  const middle = (third: number) => sorted[Math.floor(((third + 0.5) * sorted.length) / SIZES)]!;
  const logUsd = [...new Set(Array.from({ length: SIZES }, (_, third) => middle(third)))];
  const sizes = logUsd.length;
  const placeE = Array.from(sizeE, (size) => placeOn(logUsd, size));
  // by how many are smaller: exporters of one size are of one third
  const thirdE = sizeE.map((size) => {
    const smaller = sorted.filter((other) => other < size).length;
    return Math.min(sizes - 1, Math.floor((SIZES * smaller) / sorted.length));
  });

  // sizes first, then groups: as unknowns, and as sums
  const unknowns = sizes + groups;
  const added = new Float64Array(unknowns);
  for (let step = 0; step < STEPS; step++) {
    const off = added.map((each) => -RIDGE * each);
    const bend = matrix(unknowns, unknowns);
    for (let u = 0; u < unknowns; u++) bend.data[u * unknowns + u] = RIDGE;
    for (let n = 0; n < exporterN.length; n++) {
      const e = exporterN[n]!;
      const [place, third, group] = [placeE[e]!, thirdE[e]!, sizes + groupN[n]!];
      const { at, share } = place;
      const p = probabilityOf(logitN[n]! + valueAt(added, place) + added[group]!);
      const residual = weightN[n]! * (outcomeN[n]! - p);
      const curvature = weightN[n]! * p * (1 - p);
      off[third]! += residual;
      off[group]! += residual;
      for (const sum of [third * unknowns, group * unknowns]) {
        bend.data[sum + at]! += curvature * (1 - share);
        if (share > 0) bend.data[sum + at + 1]! += curvature * share;
        bend.data[sum + group]! += curvature;
      }
    }
    const move = solution(bend.data, off);
    if (!move) break;
    for (let u = 0; u < unknowns; u++) added[u]! += Math.max(-LONGEST, Math.min(LONGEST, move[u]!));
    if (Math.max(...move.map(Math.abs)) < 1e-10) break;
  }
  return { exporterSize: { logUsd, logit: Array.from(added.subarray(0, sizes)) }, shiftG: added.slice(sizes) };
}

/** x of A x = right for a few unknowns, by AᵀA x = Aᵀ right: A is not symmetric. Null where A says nothing about some combination. */
function solution(a: Float64Array, right: Float64Array): Float64Array | null {
  const size = right.length;
  const normal = matrix(size, size);
  const turned = new Float64Array(size);
  for (let row = 0; row < size; row++)
    for (let i = 0; i < size; i++) {
      turned[i]! += a[row * size + i]! * right[row]!;
      for (let j = 0; j < size; j++) normal.data[i * size + j]! += a[row * size + i]! * a[row * size + j]!;
    }
  return solved(normal, turned);
}

interface Place {
  /** the knot at or before a value */
  readonly at: number;
  /** of the way to the next one */
  readonly share: number;
}

/** Between which two knots a value lies, and how far; before the first and behind the last it is at them. */
function placeOn(knots: readonly number[], value: number): Place {
  const last = knots.length - 1;
  if (!(value > knots[0]!)) return { at: 0, share: 0 };
  if (value >= knots[last]!) return { at: last, share: 0 };
  let at = 0;
  while (knots[at + 1]! <= value) at++;
  return { at, share: (value - knots[at]!) / (knots[at + 1]! - knots[at]!) };
}

/** What a line has at a place. */
const valueAt = (lineK: ArrayLike<number>, { at, share }: Place): number =>
  lineK[at]! * (1 - share) + (share > 0 ? lineK[at + 1]! * share : 0);

/** What the size of an exporter adds to the log-odds. */
export const sizeLogit = ({ logUsd, logit }: ExporterSize, exportsUsd: number): number =>
  valueAt(logit, placeOn(logUsd, Math.log(exportsUsd)));
