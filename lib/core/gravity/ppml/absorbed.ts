import { byLevel, type Factor } from './factor.ts';
import type { Network } from './network.ts';

/**
 * The fixed effects that a fit absorbs, laid out for elimination.
 *
 * The effect with the most levels is eliminated in closed form: rows come in its order, those of its level g at
 * `fromG[g] … fromG[g + 1] - 1`. What remains is solved for jointly: the levels of the other effects are stacked
 * into one list of L, and row n belongs to `idNR[n * remaining + r]` of it for each of the R remaining effects.
 */
export interface Absorbed {
  readonly n: number;
  /** positions in the caller's list of effects: the eliminated one first, then the remaining ones in stacking order */
  readonly order: readonly number[];
  readonly groups: number;
  readonly fromG: Uint32Array;
  readonly remaining: number;
  readonly levels: number;
  /** where each remaining effect starts in the stack */
  readonly startR: Uint32Array;
  readonly idNR: Uint32Array;
  /** what solving on this layout has shown so far (demean.ts) */
  readonly learnt: { network: Network | null; iterations: number };
}

/**
 * Lays out at least one effect, given with dense ids. `rowN` says which row comes n-th in the new order (a stable sort by the
 * eliminated effect), so every other column of the panel has to be read through it.
 */
export function absorb(effects: readonly Factor[]): { absorbed: Absorbed; rowN: Uint32Array } {
  const order = effects.map((_, at) => at).sort((a, b) => effects[b]!.levels.length - effects[a]!.levels.length);
  const { codeN, levels: groupLevels } = effects[order[0]!]!;
  const n = codeN.length;
  const groups = groupLevels.length;

  const { from: fromG, rowN } = byLevel(codeN, groups);

  // stack the levels of the others, and interleave their ids so that a row's are neighbours
  const rest = order.slice(1).map((at) => effects[at]!);
  const startR = new Uint32Array(rest.length);
  let levels = 0;
  for (let r = 0; r < rest.length; r++) {
    startR[r] = levels;
    levels += rest[r]!.levels.length;
  }
  const idNR = new Uint32Array(n * rest.length);
  for (let r = 0; r < rest.length; r++) {
    const ids = rest[r]!.codeN;
    const start = startR[r]!;
    for (let at = 0; at < n; at++) idNR[at * rest.length + r] = start + ids[rowN[at]!]!;
  }
  const learnt = { network: null, iterations: 0 };
  return { absorbed: { n, order, groups, fromG, remaining: rest.length, levels, startR, idNR, learnt }, rowN };
}

/** Coefficients of absorbed effects: of the eliminated effect's levels, and of the stacked remaining levels. */
export interface EffectCoefficients {
  readonly ofG: Float64Array;
  readonly ofL: Float64Array;
}

export const noEffects = ({ groups, levels }: Absorbed): EffectCoefficients => ({
  ofG: new Float64Array(groups),
  ofL: new Float64Array(levels),
});

/** Adds `scale` times `step` to `sum`, in place. */
export function addEffects(sum: EffectCoefficients, scale: number, step: EffectCoefficients): void {
  for (let g = 0; g < sum.ofG.length; g++) sum.ofG[g]! += scale * step.ofG[g]!;
  for (let l = 0; l < sum.ofL.length; l++) sum.ofL[l]! += scale * step.ofL[l]!;
}

/** Adds to each row the sum of its levels' coefficients: out[n] += Σ_effects α[level of n]. */
export function addEffectsToRows(
  { groups, fromG, remaining, idNR }: Absorbed,
  of: EffectCoefficients,
  outN: Float64Array,
) {
  const { ofG, ofL } = of;
  for (let g = 0; g < groups; g++) {
    const own = ofG[g]!;
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) {
      let sum = own;
      for (let r = 0; r < remaining; r++) sum += ofL[idNR[n * remaining + r]!]!;
      outN[n]! += sum;
    }
  }
}
