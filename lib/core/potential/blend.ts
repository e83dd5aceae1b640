import { type Matrix, matrix } from '../matrix.ts';
import { MODELS, type Model, type ModelEffects, type Models } from './modelEffects.ts';

/** Which models have something to say of a cell: bits 1 << position in MODELS. */
export type Pattern = number;

/** How the models that speak of a cell are combined; survives JSON. */
export interface PatternBlend {
  /** the models that speak, in the order of MODELS */
  readonly models: readonly Model[];
  /** by model, ≥ 0, sum 1 */
  readonly weights: Readonly<Record<Model, number>>;
  /** Σ v / Σ of the weighted geometric mean over the cells of the pattern; 1 where nothing is learned */
  readonly scale: number;
  /** whether weights and scale are fitted; else gravity speaks alone, or what there is */
  readonly learned: boolean;
  /** cells of the pattern, those that trade, and what they trade, USD */
  readonly cells: number;
  readonly trading: number;
  readonly valueUsd: number;
  /** what weights were fitted to: cells, and Poisson deviance (USD) of the blend and of each model alone, each at its best scale; null where not learned */
  readonly fit: {
    readonly cells: number;
    readonly deviance: number;
    readonly alone: Readonly<Partial<Record<Model, number>>>;
  } | null;
}

/** A blend: one entry for each pattern that occurs. */
export interface Blend {
  readonly patterns: readonly PatternBlend[];
}

export const patternOf = (models: readonly Model[]): Pattern =>
  models.reduce((bits, model) => bits | (1 << MODELS.indexOf(model)), 0);

/** The models of a pattern, in the order of MODELS. */
export const modelsIn = (pattern: Pattern): Model[] => MODELS.filter((_, m) => pattern & (1 << m));

/** What stands for a pattern about which nothing can be learned: gravity, else the three-way fit, else the index, as it is. */
export function unlearned(pattern: Pattern): Pick<PatternBlend, 'models' | 'weights' | 'scale' | 'learned' | 'fit'> {
  const models = modelsIn(pattern);
  const speaks = models.includes('gravity') ? 'gravity' : models[0];
  const weights = { threeWay: 0, gravity: 0, index: 0 };
  if (speaks) weights[speaks] = 1;
  return { models, weights, scale: 1, learned: false, fit: null };
}

/**
 * The blend of one pattern as effects: a weighted geometric mean of products of effects is again one.
 *
 *     P = s · Π_m P_m^w_m = [Π a_m^w_m] [Π b_m^w_m] [s Π c_m^w_m]
 *
 * @returns effects that are 0 wherever a model of the pattern is silent, even one without weight
 */
export function blendedEffects(
  { weights, scale, models }: Pick<PatternBlend, 'weights' | 'scale' | 'models'>,
  by: Models,
): ModelEffects {
  const parts = models.map((model) => ({ effects: by[model]!, weight: weights[model] }));
  const groups = Math.max(...parts.map(({ effects }) => effects.cG.length));
  return {
    a: geometricMean(
      parts.map(({ effects, weight }) => [effects.a, weight]),
      1,
    ),
    b: geometricMean(
      parts.map(({ effects, weight }) => [effects.b, weight]),
      1,
    ),
    cG: Array.from({ length: groups }, (_, g) =>
      geometricMean(
        parts.map(({ effects, weight }) => [ofGroup(effects, g), weight]),
        scale,
      ),
    ),
  };
}

/** The pair effects of a group. */
export const ofGroup = ({ cG }: ModelEffects, group: number): Matrix => cG[cG.length === 1 ? 0 : group]!;

function geometricMean(parts: readonly (readonly [Matrix, number])[], scale: number): Matrix {
  const { rows, cols } = parts[0]![0];
  const mean = matrix(rows, cols);
  for (let at = 0; at < mean.data.length; at++) {
    let value = scale;
    for (const [{ data }, weight] of parts) value *= data[at]! > 0 ? power(data[at]!, weight) : 0;
    mean.data[at] = value;
  }
  return mean;
}

const power = (base: number, weight: number) => (weight === 1 ? base : weight === 0 ? 1 : base ** weight);
