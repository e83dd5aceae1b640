import { type Blend, modelsIn, type PatternBlend, patternOf, unlearned } from './blend.ts';
import { MODELS, type Model } from './modelEffects.ts';

/** What the models say of one cell together. */
export interface BlendedValue {
  /** USD; 0 where none speaks */
  readonly potential: number;
  readonly weights: PatternBlend['weights'];
  readonly scale: number;
}

/**
 * The blend of one cell from what each model says of it: the same number that a walk over cells gives.
 *
 *     P = s · Π_m P_m^w_m    over the models that are not silent
 *
 * @param by USD; 0 for a model that is silent
 */
export function blendedValue({ patterns }: Blend, by: Readonly<Record<Model, number>>): BlendedValue {
  const pattern = patternOf(MODELS.filter((model) => by[model] > 0));
  const { weights, scale } = patterns.find(({ models }) => patternOf(models) === pattern) ?? unlearned(pattern);
  if (pattern === 0) return { potential: 0, weights, scale };
  return { potential: modelsIn(pattern).reduce((product, m) => product * by[m] ** weights[m], scale), weights, scale };
}
