import { addEffects, type EffectCoefficients, noEffects } from './absorbed.ts';
import { newtonStep, partialOut } from './newton.ts';
import type { Panel, PanelColumn } from './panel.ts';
import { weighted } from './reduced.ts';

/**
 * A proof that rows are separated: a combination z of regressors and effects that is 0 where y > 0, nowhere negative where y = 0,
 * and positive on the rows named. Along it the likelihood rises for ever, and their means fall to zero.
 */
export interface Certificate {
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

/** Weight of a positive outcome against a zero: the larger, the nearer one step comes to z = 0 there; 1e-6 is then rounding. */
const POSITIVE_WEIGHT = 1e6;
/** z of less is zero. The certificate must tell its rows apart from what it violates by a hundred times. */
const ZERO = 1e-5;
const CLEAR = 100;
const INNER = { absolute: 1e-13, relative: 1e-9 };
const MAX_ITERATIONS = 1000;

/**
 * The iterative rectifier: alternates between the nearest combination of regressors and effects that is zero where y > 0, and the
 * nearest nonnegative values where y = 0. If the two meet away from zero, that is a separating combination; if there is none, they
 * meet at zero.
 *
 *     u ← max(0, fit of u on regressors and effects)  where y = 0,   u = 0 where y > 0,   until the fit is nowhere negative
 *
 * @param columns panel columns, partialled out with whatever weights; not changed
 * @param startN where to begin: positive on suspected zeros, 0 elsewhere. From ones on all zeros it finds a separating combination
 *   whenever there is one
 * @returns null when no certificate was found
 * @source Correia, Guimaraes and Zylkin (2019), Verifying the existence of maximum likelihood estimates for GLMs, section 4
 */
export function rectify(panel: Panel, columns: readonly PanelColumn[], startN: Float64Array): Certificate | null {
  const { n, yN, absorbed } = panel;
  const weights = weighted(
    absorbed,
    yN.map((y) => (y > 0 ? POSITIVE_WEIGHT : 1)),
  );
  const own = columns.map((column) => ({
    ...column,
    restN: column.restN.slice(),
    taken: { ofG: column.taken.ofG.slice(), ofL: column.taken.ofL.slice() },
  }));
  partialOut(panel, own, weights, { absolute: 1e-12, relative: 0 });

  // u = fit + rest; only the change of u has to be fitted anew
  const uN = startN.slice();
  const fitN = new Float64Array(n);
  const restN = startN.slice();
  const stepN = new Float64Array(n);
  const betaK = new Float64Array(columns.length);
  const effects = noEffects(absorbed);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { step } = newtonStep(panel, own, weights, restN.slice(), INNER, stepN);
    if (step === null) return null;
    let largest = 0;
    let lowest = 0;
    let onPositive = 0;
    let lowestRest = Infinity;
    for (let at = 0; at < n; at++) {
      fitN[at]! += stepN[at]!;
      const z = fitN[at]!;
      if (yN[at]! > 0) onPositive = Math.max(onPositive, Math.abs(z));
      else {
        largest = Math.max(largest, z);
        lowest = Math.min(lowest, z);
        lowestRest = Math.min(lowestRest, uN[at]! - z);
      }
    }
    for (let k = 0; k < own.length; k++) betaK[k]! += step.deltaK[k]!;
    addEffects(effects, 1, step.effects);

    // nowhere negative: done. Nowhere above u: what is left over is itself the proof that nothing more can be separated
    if (!(largest > ZERO)) return null;
    if (lowest >= -ZERO * largest && onPositive <= ZERO * largest)
      return certificate(own, betaK, effects, fitN, yN, largest);
    if (lowestRest >= 0) return null;
    for (let at = 0; at < n; at++) {
      uN[at] = yN[at]! > 0 ? 0 : Math.max(0, fitN[at]!);
      restN[at] = uN[at]! - fitN[at]!;
    }
  }
  return null;
}

/** Scales z to a largest value of one and reads off its rows; null when they do not stand out clearly. */
function certificate(
  columns: readonly PanelColumn[],
  betaK: Float64Array,
  effects: EffectCoefficients,
  fitN: Float64Array,
  yN: Float64Array,
  largest: number,
): Certificate | null {
  const separated: number[] = [];
  let smallestSeparated = Infinity;
  let lowest = 0;
  let onPositive = 0;
  for (let at = 0; at < fitN.length; at++) {
    const z = fitN[at]! / largest;
    if (yN[at]! > 0) onPositive = Math.max(onPositive, Math.abs(z));
    else if (z > ZERO * CLEAR) {
      separated.push(at);
      smallestSeparated = Math.min(smallestSeparated, z);
    } else lowest = Math.min(lowest, z);
  }
  const scaled = noneLike(effects);
  addEffects(scaled, 1 / largest, effects);
  const terms = columns.map((column, k) => ({ column, times: betaK[k]! / largest }));
  return { separated, terms, effects: scaled, onPositive, lowest, smallestSeparated };
}

const noneLike = ({ ofG, ofL }: EffectCoefficients): EffectCoefficients => ({
  ofG: new Float64Array(ofG.length),
  ofL: new Float64Array(ofL.length),
});
