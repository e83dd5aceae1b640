import { BASES } from '../scoring/scoredCells.ts';
import { NOISE_Z } from '../scoring/unrealised.ts';
import type { AlertCells, CellMemory } from './cells.ts';
import { moveMark } from './hysteresis.ts';

/** A change counts from this many standard deviations of a cell's noise (METHODS 9.11). */
export const NOISE_MULTIPLE = 2;
/** … but half as much again always counts: s is mostly what a model does not know of a cell, which does not change from run to run (decisions/0134). */
const ALWAYS_COUNTS = Math.log(1.5);
/** Without a potential there is no measured noise: an expectation counts as changed when it doubles or halves. */
const CHANGE_WITHOUT_NOISE = Math.LN2;
const ABSENT = -1;

/** How the cells of an exporter moved from one run to the next; row r of every array named R is one cell whose mark moved. */
export interface CellChanges {
  /** per cell of the new run: its row in the memory; −1 when it was no opportunity before */
  readonly beforeN: Int32Array;
  /** rows of the memory that are remembered on though they are no opportunities now; in the new memory they follow the cells of the run */
  readonly lingering: Int32Array;
  /** row in the cells of the new run; −1 when the cell is no opportunity any more */
  readonly nowR: Int32Array;
  /** row in the memory; −1 when the cell was no opportunity before */
  readonly beforeR: Int32Array;
  readonly markBeforeR: Float32Array;
  readonly markAfterR: Float32Array;
}

/** Where codes of the old axes are on the new ones; −1 for a code that is gone. */
export interface AxisShift {
  readonly importerM: Int32Array;
  readonly productP: Int32Array;
}

/**
 * Compares an exporter's opportunities with what is remembered of them.
 *
 * A cell's mark moves only when its worth has changed beyond noise since the mark last moved:
 *
 *     |ln(O / O_ref)| > min(2 s, ln 1.5)     or one of the two is 0          s: the cell's noise (lib/core/scoring/dispersion.ts)
 *
 * so a drift in small steps counts once it has added up, and a score that moved only because other cells did does not count.
 *
 * A cell is an opportunity when its potential exceeds what is sold by z s, so worths begin at 0 there, and cells come and go by chance:
 *
 *     g = ln(mu / v) − z s                               how far it is from there; z = 1.645
 *
 * A cell that was never counted counts from g ≥ 2 s, and one that left from g < 2 s is gone only if it is missing a second time.
 *
 * Of cells without a potential only the best of a basis are known. When that list is full, a cell that left it may be just beyond its end, and one that came
 * may have been: leaving does not count, and a mark rises only in the better half, so that the other half is room to tremble in.
 *
 * @param shift from the memory's axes to those of `now`; null when they are the same
 * @param noiseOf s of a product at a potential in USD
 * @param extensiveKept how many cells without a potential are known of a basis at most
 * @returns the changes in the order of the new cells, then those that are gone; and the new memory. Costs one pass over both
 */
export function compareCells(
  before: CellMemory,
  now: AlertCells,
  axes: { readonly importers: number; readonly products: number },
  shift: AxisShift | null,
  noiseOf: (product: number, potential: number) => number,
  extensiveKept = Number.POSITIVE_INFINITY,
): { changes: CellChanges; memory: CellMemory } {
  const { importers } = axes;

  // where each cell was remembered, by its place on the new axes
  const beforeAt = new Int32Array(importers * axes.products).fill(ABSENT);
  const nBefore = before.importerN.length;
  for (let n = 0; n < nBefore; n++) {
    const m = shift ? shift.importerM[before.importerN[n]!]! : before.importerN[n]!;
    const p = shift ? shift.productP[before.productN[n]!]! : before.productN[n]!;
    if (m >= 0 && p >= 0) beforeAt[p * importers + m] = n;
  }

  const nowR: number[] = [];
  const beforeN = new Int32Array(now.importerN.length);
  const beforeR: number[] = [];
  const markBeforeR: number[] = [];
  const markAfterR: number[] = [];
  const record = (row: number, was: number, from: number, to: number) => {
    nowR.push(row);
    beforeR.push(was);
    markBeforeR.push(from);
    markAfterR.push(to);
  };

  const innerB = BASES.map((_, basis) => {
    const listed = scoresWithoutPotential(now, basis);
    return listed.length >= extensiveKept ? listed[listed.length >> 1]! : null;
  });

  // cells that are opportunities now
  const nNow = now.importerN.length;
  const markN = new Float32Array(nNow);
  const referenceN = new Float32Array(nNow);
  for (let n = 0; n < nNow; n++) {
    const place = now.productN[n]! * importers + now.importerN[n]!;
    const was = beforeAt[place]!;
    beforeAt[place] = ABSENT;
    beforeN[n] = was;
    const from = was < 0 ? 0 : before.markN[was]!;
    const reference = was < 0 ? 0 : before.referenceN[was]!;
    markN[n] = from;
    referenceN[n] = reference;

    // has it changed by more than noise?
    const worth = now.worthN[n]!;
    const potential = now.potentialN[n]!;
    const noise = potential > 0 ? noiseOf(now.productN[n]!, potential) : Number.NaN;
    const least = potential > 0 ? Math.min(NOISE_MULTIPLE * noise, ALWAYS_COUNTS) : CHANGE_WITHOUT_NOISE;
    const otherBasis = was >= 0 && before.basisN[was] !== now.basisN[n];
    if (was >= 0 && !otherBasis && !changed(worth, reference, least)) continue;

    // known, but not counted yet: too near to where cells come and go
    const to = moveMark(from, now.scoreN[n]!);
    const near = !(potential > 0)
      ? now.scoreN[n]! < (innerB[now.basisN[n]!] ?? 0)
      : from === 0 && distance(potential, now.actualN[n]!, noise) < NOISE_MULTIPLE * noise;
    if (near && to > from) continue;
    markN[n] = to;
    referenceN[n] = worth;
    if (markN[n] !== from) record(n, was, from, markN[n]!);
  }

  // cells that were and are not
  const lingering: number[] = [];
  for (const was of beforeAt) {
    if (was < 0) continue;
    const hadPotential = before.potentialN[was]! > 0;
    if (!hadPotential && innerB[before.basisN[was]!] !== null) continue;
    if (hadPotential && before.goneN[was] === 0) {
      const product = shift ? shift.productP[before.productN[was]!]! : before.productN[was]!;
      const noise = noiseOf(product, before.potentialN[was]!);
      if (distance(before.potentialN[was]!, before.actualN[was]!, noise) < NOISE_MULTIPLE * noise) {
        lingering.push(was);
        continue;
      }
    }
    const from = before.markN[was]!;
    const to = moveMark(from, 0);
    if (to !== from) record(ABSENT, was, from, to);
  }
  const rows = Int32Array.from(lingering);
  const known = { ...now, markN, referenceN, goneN: new Uint8Array(nNow) };
  return {
    changes: {
      beforeN,
      lingering: rows,
      nowR: Int32Array.from(nowR),
      beforeR: Int32Array.from(beforeR),
      markBeforeR: Float32Array.from(markBeforeR),
      markAfterR: Float32Array.from(markAfterR),
    },
    memory: rows.length === 0 ? known : withLingering(known, before, rows, shift),
  };
}

/** How far a cell is from where its unrealised value is 0, in log points: ln(mu / v) − z s. Infinite for an empty cell. */
const distance = (potential: number, actual: number, noise: number) => Math.log(potential / actual) - NOISE_Z * noise;

/** The memory of a run with cells of the one before after its own. */
function withLingering(known: CellMemory, before: CellMemory, rows: Int32Array, shift: AxisShift | null): CellMemory {
  const columns = Object.entries(known).map(([name, column]) => {
    const from = before[name as keyof CellMemory];
    const place = name === 'importerN' ? shift?.importerM : name === 'productN' ? shift?.productP : undefined;
    const joined = new (column.constructor as new (length: number) => typeof column)(column.length + rows.length);
    joined.set(column);
    for (let r = 0; r < rows.length; r++) {
      const value = from[rows[r]!]!;
      joined[column.length + r] = name === 'goneN' ? 1 : place ? place[value]! : value;
    }
    return [name, joined];
  });
  return Object.fromEntries(columns) as unknown as CellMemory;
}

/** The scores of the cells of a basis that have no potential, ascending. */
const scoresWithoutPotential = ({ basisN, scoreN, potentialN }: AlertCells, basis: number) =>
  scoreN.filter((_, n) => basisN[n] === basis && !(potentialN[n]! > 0)).sort();

/** Whether a worth has left the band of noise around the one it is compared with. */
function changed(worth: number, reference: number, least: number): boolean {
  if (worth === reference) return false;
  if (!(worth > 0) || !(reference > 0)) return true;
  return Math.abs(Math.log(worth / reference)) > least;
}

/** The memory of cells seen for the first time: their marks are their scores, so nothing crosses. */
export const firstMemory = (now: AlertCells): CellMemory => ({
  ...now,
  markN: now.scoreN.slice(),
  referenceN: now.worthN.slice(),
  goneN: new Uint8Array(now.scoreN.length),
});
