import type { EffectCoefficients } from './absorbed.ts';
import type { PanelColumn } from './panel.ts';

/**
 * A proof that rows are separated: a combination z of regressors and effects that is 0 where y > 0, nowhere negative where y = 0,
 * and positive on the rows named. Along -z the likelihood rises for ever, and their means fall to zero.
 */
export interface Certificate {
  /** the last Newton step, or the iterative rectifier */
  readonly by: 'step' | 'rectifier';
  /** panel positions with z > 0 */
  readonly separated: readonly number[];
  /** z as coefficients of the standardised columns and of the effects, scaled so that its largest value is 1 */
  readonly terms: readonly { readonly column: PanelColumn; readonly times: number }[];
  readonly effects: EffectCoefficients;
  /** largest |z| where y > 0, the most negative z where y = 0, and the smallest z of a row called separated: 0, 0, and clearly more */
  readonly onPositive: number;
  readonly lowest: number;
  readonly smallestSeparated: number;
}

/** Of a largest z of 1: a separated row has more than this, a thousand times what a combination may violate. */
export const CLEARLY = 1e-5;

/** Scales z to a largest value of one and reads off its rows. */
export function certificateOf(
  yN: Float64Array,
  zN: Float64Array,
  columns: readonly PanelColumn[],
  betaK: Float64Array,
  unscaled: EffectCoefficients,
  by: Certificate['by'],
): Certificate {
  let largest = 0;
  for (let at = 0; at < zN.length; at++) if (yN[at] === 0) largest = Math.max(largest, zN[at]!);
  const separated: number[] = [];
  let smallestSeparated = Infinity;
  let lowest = 0;
  let onPositive = 0;
  for (let at = 0; at < zN.length; at++) {
    const z = zN[at]! / largest;
    if (yN[at]! > 0) onPositive = Math.max(onPositive, Math.abs(z));
    else if (z > CLEARLY) {
      separated.push(at);
      smallestSeparated = Math.min(smallestSeparated, z);
    } else lowest = Math.min(lowest, z);
  }
  const effects = { ofG: unscaled.ofG.map((of) => of / largest), ofL: unscaled.ofL.map((of) => of / largest) };
  const terms = columns.map((column, k) => ({ column, times: betaK[k]! / largest }));
  return { by, separated, terms, effects, onPositive, lowest, smallestSeparated };
}
