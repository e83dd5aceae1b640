import { addEffectsToRows, noEffects } from './absorbed.ts';
import { demean } from './demean.ts';
import { ROW } from './drops.ts';
import { type LinearForm, linearForm, valueAt } from './linearForm.ts';
import type { PpmlFit } from './ppml.ts';
import { weighted } from './reduced.ts';

/** A row to predict: regressors by name, levels by effect name, and its offset. */
export interface NewRow {
  readonly x: Readonly<Record<string, number>>;
  readonly levels: Readonly<Record<string, string>>;
  readonly offset?: number;
}

/** A mean in the outcome's unit, or null and why there is none. */
export type Prediction =
  | { readonly mean: number; readonly why: null | 'separated' }
  | { readonly mean: null; readonly why: 'unseenLevel' | 'singletonLevel' | 'notIdentified' | 'unbounded' | 'noFit' };

/** Forms that should be zero are computed from coefficients of order one. */
const ZERO = 1e-6;

/**
 * Predictions of a fit for rows that it may not have seen.
 *
 *     mean = exp(offset + Σ_k β[k] x[k] + Σ_effects α[level])
 *
 * - 0, `separated`: the row lies on the falling side of a separating direction; a level without a positive outcome is one.
 * - null: a level that was never seen, or only in a dropped singleton; the growing side of a separating direction; or a sum of effects
 *   that the data do not determine. Effects are unique only up to null vectors of the design (a constant from exporters to importers,
 *   one for each connected component of the network). A random null vector is made once: where it does not cancel in a row, the row
 *   joins levels that no data connect.
 *
 * @returns a function of a row. RangeError when the row lacks a regressor or an effect of the model
 */
export function predictor(fit: PpmlFit): (row: NewRow) => Prediction {
  const { model, predictor: form } = fit;
  if (form === null) return () => ({ mean: null, why: 'noFit' });
  const codes = model.effects.map(({ levels }) => new Map(levels.map((label, code) => [label, code])));
  const dropped = levelDrops(fit);
  const directions = [...fit.history.entries()].flatMap(([when, event]) =>
    'direction' in event ? [[when, event] as const] : [],
  );
  const nullForms = [...fit.dependencies, ...nullVector(fit)];
  return ({ x, levels, offset = 0 }) => {
    const xK = model.columns.map(({ name }) => given(x, name, 'regressor'));
    const levelE = model.effects.map(({ name }, e) => codes[e]!.get(given(levels, name, 'effect')) ?? -1);
    if (levelE.includes(-1)) return { mean: null, why: 'unseenLevel' };
    // what was dropped first decides: later drops were made in a world without it
    const levelDropped = Math.min(...levelE.map((level, e) => dropped[e]![level]!));
    for (const [when, event] of directions) {
      if (when > levelDropped) break;
      const z = valueAt(event.direction, xK, levelE);
      if (z > ZERO) return { mean: 0, why: 'separated' };
      if (z < -ZERO) return { mean: null, why: 'unbounded' };
    }
    const event = fit.history[levelDropped];
    if (event && 'reason' in event)
      return event.reason === ROW.singleton ? { mean: null, why: 'singletonLevel' } : { mean: 0, why: 'separated' };
    const eta = offset + valueAt(form, xK, levelE);
    if (Number.isNaN(eta)) return { mean: null, why: 'notIdentified' };
    if (nullForms.some((nothing) => Math.abs(valueAt(nothing, xK, levelE)) > ZERO * (1 + size(xK))))
      return { mean: null, why: 'notIdentified' };
    return { mean: Math.exp(eta), why: null };
  };
}

function given<Value>(record: Readonly<Record<string, Value>>, name: string, what: string): Value {
  const value = record[name];
  if (value === undefined) throw new RangeError(`the row to predict has no ${what} ${name}`);
  return value;
}

const size = (xK: readonly number[]) => xK.reduce((sum, x) => sum + Math.abs(x), 0);

/** By effect and level, when in the history of the fit the level was dropped; Infinity when it was not. */
function levelDrops({ model, history }: PpmlFit): Float64Array[] {
  const whenE = model.effects.map(({ levels }) => new Float64Array(levels.length).fill(Infinity));
  for (const [when, event] of history.entries()) if ('reason' in event) whenE[event.effect]![event.level] = when;
  return whenE;
}

/** A random vector of effects less its projection: it sums to zero on every used row. Of one effect there is none but zero. */
function nullVector({ model, fitted }: PpmlFit): LinearForm[] {
  if (fitted === null || model.effects.length < 2) return [];
  const { panel } = fitted;
  const { absorbed } = panel;
  const vector = noEffects(absorbed);
  // multiples of an irrational number, modulo one: spread evenly, related to no structure of the data
  for (let g = 0; g < absorbed.groups; g++) vector.ofG[g] = (((g + 1) * Math.SQRT2) % 1) - 0.5;
  for (let l = 0; l < absorbed.levels; l++) vector.ofL[l] = (((l + 1) * Math.E) % 1) - 0.5;
  const sumN = new Float64Array(panel.n);
  addEffectsToRows(absorbed, vector, sumN);
  const projected = noEffects(absorbed);
  demean(absorbed, weighted(absorbed, new Float64Array(panel.n).fill(1)), sumN, projected, {
    absolute: 1e-12,
    relative: 0,
  });
  for (let g = 0; g < absorbed.groups; g++) vector.ofG[g]! -= projected.ofG[g]!;
  for (let l = 0; l < absorbed.levels; l++) vector.ofL[l]! -= projected.ofL[l]!;
  return [linearForm(model, panel, [], vector)];
}
