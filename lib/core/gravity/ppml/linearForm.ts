import type { EffectCoefficients } from './absorbed.ts';
import type { Model } from './model.ts';
import type { Panel, PanelColumn } from './panel.ts';

/**
 * A linear function of a row, in the model's own terms: constant + Σ_k slope[k] x[k] + Σ_effects ofLevel[effect][level].
 * Fitted predictors, separating directions and dependencies between columns are all of this kind.
 */
export interface LinearForm {
  readonly constant: number;
  /** by position of the column in the model */
  readonly slopeK: Float64Array;
  /** by effect of the model and level of it; NaN for a level without used rows */
  readonly ofLevel: readonly Float64Array[];
}

/** Writes coefficients of standardised panel columns and of absorbed effects as a form over the model. */
export function linearForm(
  model: Model,
  panel: Panel,
  terms: readonly { readonly column: PanelColumn; readonly times: number }[],
  effects: EffectCoefficients,
): LinearForm {
  let constant = 0;
  const slopeK = new Float64Array(model.columns.length);
  for (const { column, times } of terms) {
    if (column.sd === 0) continue;
    slopeK[column.at]! += times / column.sd;
    constant -= (times * column.mean) / column.sd;
  }
  const ofLevel = model.effects.map(({ levels }) => new Float64Array(levels.length).fill(Number.NaN));
  const { groups, fromG, remaining, idNR, order } = panel.absorbed;
  if (model.effects.length === 0) constant += effects.ofG[0]!;
  else {
    const whole = order.map((q) => ({ codeN: model.effects[q]!.codeN, of: ofLevel[q]! }));
    for (let g = 0; g < groups; g++)
      for (let n = fromG[g]!; n < fromG[g + 1]!; n++) {
        const row = panel.rowN[n]!;
        const own = whole[0]!;
        own.of[own.codeN[row]!] = effects.ofG[g]!;
        for (let r = 0; r < remaining; r++) {
          const { codeN, of } = whole[r + 1]!;
          of[codeN[row]!] = effects.ofL[idNR[n * remaining + r]!]!;
        }
      }
  }
  return { constant, slopeK, ofLevel };
}

/** The value of a form at a row; NaN where a level has none. */
export function valueAt(
  { constant, slopeK, ofLevel }: LinearForm,
  xK: ArrayLike<number>,
  levelE: ArrayLike<number>,
): number {
  let value = constant;
  for (let k = 0; k < slopeK.length; k++) if (slopeK[k] !== 0) value += slopeK[k]! * xK[k]!;
  for (let e = 0; e < ofLevel.length; e++) value += ofLevel[e]![levelE[e]!]!;
  return value;
}

/** The form that is zero on every row: a column less the combination that it is equal to. */
export const lessColumn = (form: LinearForm, { at, mean, sd }: PanelColumn): LinearForm => {
  const slopeK = form.slopeK.slice();
  const scale = sd > 0 ? sd : 1;
  slopeK[at]! -= 1 / scale;
  return { ...form, slopeK, constant: form.constant + mean / scale };
};
