import type { Cause } from '../alerts/causes.ts';

/** What the cells of one exporter are worth in one state of data and model, on axes that all states share. Cells not listed are worth 0. */
export interface WorthCells {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** USD */
  readonly worthN: Float64Array;
}

/** The cells that changed most; row r of every array is one cell. Rises first, each the largest change first. */
export interface ChangedCells {
  readonly importerR: Uint16Array;
  readonly productR: Uint16Array;
  /** USD */
  readonly beforeR: Float64Array;
  readonly afterR: Float64Array;
  /** USD, steps × rows: what each step of the path changed; the steps of a row add up to after − before */
  readonly stepSR: Float64Array;
}

/** How one exporter's worth moved from one run to the next. */
export interface ExporterChanges {
  /** USD, sums over cells */
  readonly before: number;
  readonly after: number;
  /** USD: what each step changed in sum; they add up to after − before */
  readonly byStep: readonly number[];
  /** cells worth something only afterwards, only before, more, less, the same */
  readonly counts: { appeared: number; gone: number; rose: number; fell: number; same: number };
  readonly top: ChangedCells;
}

/**
 * The changes between two runs, cell by cell, shared out among their causes without a remainder.
 *
 * The path leads from the earlier run to the later one through states that were never published, one cause a step: the old data scored by the new
 * model, then the old years as they are known now, then the new years. Each step is what its cause changed, given those before it:
 *
 *     W_after − W_before = Σ_s (W[s + 1] − W[s])
 *
 * @param states worth in each state of the path, the earlier run first and the later run last; at least two
 * @param shape how many importers and products the shared axes have
 * @param kept how many rises, and how many falls, are listed
 * @returns sums over all cells, and the cells with the largest changes (ties: product, then importer)
 * @throws RangeError for fewer than two states
 * @source METHODS 9.11
 */
export function exporterChanges(
  states: readonly WorthCells[],
  { importers, products }: { importers: number; products: number },
  kept: number,
): ExporterChanges {
  if (states.length < 2) throw new RangeError(`exporterChanges: ${states.length} states, expected at least 2`);
  const steps = states.length - 1;

  // the worth of each cell that is listed in any state, by product and importer
  const worthSC = states.map(({ importerN, productN, worthN }) => {
    const worthC = new Float64Array(products * importers);
    for (let n = 0; n < worthN.length; n++) worthC[productN[n]! * importers + importerN[n]!] = worthN[n]!;
    return worthC;
  });
  const cells = new Set<number>();
  for (const { importerN, productN } of states)
    for (let n = 0; n < productN.length; n++) cells.add(productN[n]! * importers + importerN[n]!);
  const ordered = Uint32Array.from(cells).sort();

  // sums and counts
  const sums = new Float64Array(states.length);
  const counts = { appeared: 0, gone: 0, rose: 0, fell: 0, same: 0 };
  const [first, last] = [worthSC[0]!, worthSC[steps]!];
  const rises: number[] = [];
  const falls: number[] = [];
  for (const cell of ordered) {
    for (let s = 0; s <= steps; s++) sums[s]! += worthSC[s]![cell]!;
    const [before, after] = [first[cell]!, last[cell]!];
    if (before === after) counts.same++;
    else if (before === 0) counts.appeared++;
    else if (after === 0) counts.gone++;
    else if (after > before) counts.rose++;
    else counts.fell++;
    if (after > before) rises.push(cell);
    if (after < before) falls.push(cell);
  }

  // the largest; sorting is stable, so ties stay in the order of products and importers
  const size = (cell: number) => Math.abs(last[cell]! - first[cell]!);
  const largest = (of: number[]) => of.sort((a, b) => size(b) - size(a)).slice(0, kept);
  const rows = [...largest(rises), ...largest(falls)];
  return {
    before: sums[0]!,
    after: sums[steps]!,
    byStep: Array.from({ length: steps }, (_, s) => sums[s + 1]! - sums[s]!),
    counts,
    top: {
      importerR: Uint16Array.from(rows, (cell) => cell % importers),
      productR: Uint16Array.from(rows, (cell) => Math.floor(cell / importers)),
      beforeR: Float64Array.from(rows, (cell) => first[cell]!),
      afterR: Float64Array.from(rows, (cell) => last[cell]!),
      stepSR: Float64Array.from({ length: steps * rows.length }, (_, at) => {
        const [s, cell] = [Math.floor(at / rows.length), rows[at % rows.length]!];
        return worthSC[s + 1]![cell]! - worthSC[s]![cell]!;
      }),
    },
  };
}

/** The causes in the order in which a path takes them: the model first, since what it would have said of old data can still be computed. */
export const STEP_ORDER = ['modelVersion', 'dataRevision', 'marketMove'] as const satisfies readonly Cause[];
