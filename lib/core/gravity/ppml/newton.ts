import { addEffects, addEffectsToRows, type EffectCoefficients, noEffects } from './absorbed.ts';
import { demean, type Tolerance } from './demean.ts';
import { crossProducts, dot, inverseOf, times } from './gram.ts';
import type { Panel, PanelColumn } from './panel.ts';
import type { Weighted } from './reduced.ts';

/** A step towards the maximum: the same one in rows, in coefficients of the standardised columns, and in effects. */
export interface NewtonStep {
  readonly stepN: Float64Array;
  readonly deltaK: Float64Array;
  readonly effects: EffectCoefficients;
  readonly smallestPivot: number;
}

/** Partials columns out once more with new weights: what was taken before is kept, so little is left to do. */
export function partialOut(
  { absorbed }: Panel,
  columns: readonly PanelColumn[],
  weights: Weighted,
  tolerance: Tolerance,
): number {
  const step = noEffects(absorbed);
  let iterations = 0;
  for (const { restN, taken } of columns) {
    iterations += demean(absorbed, weights, restN, step, tolerance).iterations;
    addEffects(taken, 1, step);
  }
  return iterations;
}

/**
 * The weighted least-squares fit of a target on the effects and on columns that are already partialled out.
 *
 *     Δβ = (rest_x' W rest_x)^-1 rest_x' W rest_target,    step = D (θ_target) + rest_x Δβ
 *
 * @param targetN overwritten by its rest
 * @returns null where the columns say nothing about some combination of coefficients
 */
export function newtonStep(
  { absorbed }: Panel,
  columns: readonly PanelColumn[],
  weights: Weighted,
  targetN: Float64Array,
  tolerance: Tolerance,
  stepN: Float64Array,
): { step: NewtonStep | null; iterations: number } {
  const effects = noEffects(absorbed);
  const { iterations } = demean(absorbed, weights, targetN, effects, tolerance);
  const restsKN = columns.map(({ restN }) => restN);
  const solved = inverseOf(crossProducts(restsKN, weights.weightN));
  if (solved === null) return { step: null, iterations };
  const deltaK = times(
    solved.inverse,
    restsKN.map((restN) => dot(restN, targetN, weights.weightN)),
  );

  stepN.fill(0);
  addEffectsToRows(absorbed, effects, stepN);
  for (let k = 0; k < columns.length; k++) {
    const { restN, taken } = columns[k]!;
    const delta = deltaK[k]!;
    for (let n = 0; n < stepN.length; n++) stepN[n]! += delta * restN[n]!;
    addEffects(effects, -delta, taken);
  }
  return { step: { stepN, deltaK, effects, smallestPivot: solved.smallestPivot }, iterations };
}
