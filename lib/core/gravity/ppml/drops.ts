import { byLevel, type Factor } from './factor.ts';

/** What became of each row of a model. */
export const ROW = {
  used: 0,
  /** the only row of one of its levels: fitted exactly by that effect, it says nothing about the coefficients */
  singleton: 1,
  /** in a level whose outcomes are all zero: the effect falls to minus infinity and the fitted mean is 0 */
  separatedByEffect: 2,
  /** separated by a combination of regressors and effects, with a certificate */
  separatedByCertificate: 3,
  /** fitted mean vanishing though no certificate was found */
  separatedByMu: 4,
} as const;

export type RowStatus = (typeof ROW)[keyof typeof ROW];

/** A level that lost its rows because they had no positive outcome, or because there was only one of them. */
export interface LevelDrop {
  readonly effect: number;
  readonly level: number;
  readonly reason: typeof ROW.separatedByEffect | typeof ROW.singleton;
}

/**
 * Drops the rows that fixed effects alone decide, until nothing more can be dropped: all rows of a level without a positive outcome,
 * and the row of a level that has only one. Dropping a row may create either, so levels are revisited through a work list.
 *
 * @param status per row; rows that are not `used` on entry count as absent. Updated in place
 * @param dropSingletons false keeps them: they change no coefficient, but the counts that small-sample rules use
 * @param zeros false when the outcome may be any number (least squares), where a level of zeros is nothing special
 * @returns the levels that were dropped for their own sake, in that order
 * @source Correia, Guimaraes and Zylkin (2019), Verifying the existence of maximum likelihood estimates for GLMs, section 3
 */
export function dropByEffects(
  yN: Float64Array,
  effects: readonly Factor[],
  status: Uint8Array,
  { dropSingletons = true, zeros = true }: { dropSingletons?: boolean; zeros?: boolean } = {},
): LevelDrop[] {
  const tallies = effects.map((effect) => tally(yN, effect, status));
  const work: [effect: number, level: number][] = [];
  const due = (q: number, level: number) => {
    const { rows, positives } = tallies[q]!;
    return rows[level]! > 0 && ((zeros && positives[level] === 0) || (dropSingletons && rows[level] === 1));
  };
  for (let q = 0; q < effects.length; q++) {
    const levels = effects[q]!.levels.length;
    for (let level = 0; level < levels; level++) if (due(q, level)) work.push([q, level]);
  }

  const drops: LevelDrop[] = [];
  for (let next = work.pop(); next; next = work.pop()) {
    const [q, level] = next;
    if (!due(q, level)) continue;
    const reason = zeros && tallies[q]!.positives[level] === 0 ? ROW.separatedByEffect : ROW.singleton;
    drops.push({ effect: q, level, reason });
    for (const row of rowsOf(tallies[q]!, effects[q]!, level)) {
      if (status[row] !== ROW.used) continue;
      status[row] = reason;
      // its other levels have one row less, and may now be due themselves
      for (let other = 0; other < effects.length; other++) {
        const at = effects[other]!.codeN[row]!;
        tallies[other]!.rows[at]!--;
        if (yN[row]! > 0) tallies[other]!.positives[at]!--;
        if (due(other, at)) work.push([other, at]);
      }
    }
  }
  return drops;
}

interface Tally {
  readonly rows: Uint32Array;
  readonly positives: Uint32Array;
  /** rows in the order of their level, built when first asked for */
  sorted: { readonly from: Uint32Array; readonly rowN: Uint32Array } | null;
}

function tally(yN: Float64Array, { codeN, levels }: Factor, status: Uint8Array): Tally {
  const rows = new Uint32Array(levels.length);
  const positives = new Uint32Array(levels.length);
  for (let n = 0; n < codeN.length; n++) {
    if (status[n] !== ROW.used) continue;
    rows[codeN[n]!]!++;
    if (yN[n]! > 0) positives[codeN[n]!]!++;
  }
  return { rows, positives, sorted: null };
}

function rowsOf(tallied: Tally, { codeN, levels }: Factor, level: number): Uint32Array {
  tallied.sorted ??= byLevel(codeN, levels.length);
  const { from, rowN } = tallied.sorted;
  return rowN.subarray(from[level]!, from[level + 1]!);
}
