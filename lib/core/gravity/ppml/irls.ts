import { addEffects, type EffectCoefficients } from './absorbed.ts';
import { type FirstOrder, firstOrder } from './firstOrder.ts';
import { type NewtonStep, newtonStep, partialOut } from './newton.ts';
import type { Panel, PanelColumn } from './panel.ts';
import { type Weighted, weighted } from './reduced.ts';
import type { Found } from './separation.ts';
import { levelSums, startingEffects } from './start.ts';
import { advance, type State, stateAt } from './state.ts';

export interface Controls {
  /** on the relative change of the deviance */
  readonly tolerance: number;
  /** on both first-order conditions */
  readonly firstOrderTolerance: number;
  readonly maxIterations: number;
}

export const CONTROLS: Controls = { tolerance: 1e-8, firstOrderTolerance: 1e-8, maxIterations: 300 };

/** Where the iterations ended. Positions are the panel's. */
export interface Iterated extends State {
  readonly converged: boolean;
  /** why it stopped short: rows that have to be dropped, too many iterations, no share of a step that helps, singular information */
  readonly stopped: 'separated' | 'iterations' | 'noDescent' | 'singular' | null;
  /** what the last look at falling zeros found */
  readonly found: Found;
  readonly iterations: number;
  /** null when none was taken */
  readonly lastNewton: NewtonStep | null;
  /** conjugate-gradient iterations inside all of them */
  readonly innerIterations: number;
  readonly firstOrder: FirstOrder;
  /** coefficients of the standardised columns */
  readonly betaK: Float64Array;
  readonly effects: EffectCoefficients;
  /** final weights w μ; the columns are partialled out with them */
  readonly weights: Weighted;
  /** how much of some regressor is not a combination of the others, in the final information matrix: in [0, 1] */
  readonly smallestPivot: number;
}

/** A root-mean-square step below this is followed by one of about its square: nothing is left to gain. */
const LAST_STEP = 1e-6;
/** From the means of an earlier fit the first step has to be about as exact as that fit was. */
const WARM = 1e-6;
/** Regressors are partialled out this finely for the covariance, in standard deviations. */
const FINAL = 1e-9;

/**
 * Poisson regression by iteratively reweighted least squares with the effects partialled out in each step.
 *
 *     target = (y - μ) / μ        what a fit linearised at μ has to explain, with weights w μ
 *     η     ← η + its least-squares fit on regressors and effects, halved while the deviance rises
 *
 * Regressors stay partialled out from one iteration to the next and are only corrected for the change of the weights. Both inner
 * problems are solved as exactly as the last step was small, so the outer convergence stays quadratic (decision 0017).
 *
 * When the deviance no longer changes, `search` looks for zeros whose means still fall (separation.ts): the fit stops where some are
 * separated. It has converged when nothing falls, the last step was whole and negligible, and both first-order conditions hold.
 *
 * @param columns panel columns that are not collinear; partialled out in place
 * @param warmN means of an earlier fit with more rows: the iterations go on from there
 * @source Correia, Guimaraes and Zylkin (2020), Fast Poisson estimation with high-dimensional fixed effects, Stata Journal 20:95
 */
export function irls(
  panel: Panel,
  columns: readonly PanelColumn[],
  search: (state: State, step: NewtonStep, settled: boolean) => Found,
  warmN: Float64Array | null = null,
  { tolerance, firstOrderTolerance, maxIterations }: Controls = CONTROLS,
): Iterated {
  const { n, absorbed, yN, weightN } = panel;
  const yMargins = levelSums(absorbed, yN, weightN);
  const effects = startingEffects(panel);
  const state = stateAt(panel, effects);
  const betaK = new Float64Array(columns.length);
  const targetN = new Float64Array(n);
  const stepN = new Float64Array(n);

  // first step: from the means of an earlier fit, or the start's blended with the outcomes, where no weight is far too small
  const workingN = warmN ?? blend(state.muN, yN, yMargins.ofG, absorbed.fromG);
  let weights = weightedMeans(panel, workingN);
  for (let at = 0; at < n; at++) targetN[at] = Math.log(workingN[at]!) - state.etaN[at]! + yN[at]! / workingN[at]! - 1;

  let conditions: FirstOrder = { regressors: Infinity, margins: Infinity };
  let stopped: Iterated['stopped'] = null;
  let found: Found = { falls: 0, separated: null };
  let converged = false;
  let lastStep = warmN ? WARM : 1;
  let lastNewton: NewtonStep | null = null;
  let smallestPivot = 1;
  let iterations = 0;
  let innerIterations = 0;
  while (!converged && stopped === null) {
    // step as exactly as it is worth
    const worth = 0.1 * Math.min(1, lastStep);
    innerIterations += partialOut(panel, columns, weights, { absolute: Math.max(FINAL, worth), relative: 0 });
    const inner = { absolute: 1e-13, relative: Math.max(1e-6, worth) };
    const solved = newtonStep(panel, columns, weights, targetN, inner, stepN);
    innerIterations += solved.iterations;
    smallestPivot = solved.step?.smallestPivot ?? 0;
    if (solved.step === null) {
      stopped = 'singular';
      break;
    }
    const before = state.deviance;
    const length = advance(panel, state, stepN);
    if (length === 0) {
      stopped = 'noDescent';
      break;
    }
    iterations++;
    lastNewton = solved.step;
    for (let k = 0; k < columns.length; k++) betaK[k]! += length * solved.step.deltaK[k]!;
    addEffects(effects, length, solved.step.effects);
    lastStep = rootMeanSquare(stepN, weights.weightN);

    // look where that led
    weights = weightedMeans(panel, state.muN);
    for (let at = 0; at < n; at++) targetN[at] = yN[at]! / state.muN[at]! - 1;
    conditions = firstOrder(panel, columns, state.muN, weights, yMargins);
    const change = Math.abs(before - state.deviance) / Math.max(state.deviance, 1e-9 * state.totalY);
    if (change <= tolerance) {
      const settled =
        length === 1 &&
        lastStep <= LAST_STEP &&
        Math.max(conditions.regressors, conditions.margins) <= firstOrderTolerance;
      found = search(state, solved.step, settled);
      if (found.separated) stopped = 'separated';
      else converged = settled && found.falls === 0;
    }
    if (!converged && stopped === null && iterations === maxIterations) stopped = 'iterations';
  }
  if (stopped !== 'separated') innerIterations += partialOut(panel, columns, weights, { absolute: FINAL, relative: 0 });
  return {
    ...state,
    converged,
    stopped,
    found,
    iterations,
    lastNewton,
    innerIterations,
    firstOrder: conditions,
    betaK,
    effects,
    weights,
    smallestPivot,
  };
}

/** (m + y) / 2, where no m is larger than all outcomes of its group together: no fitted mean can be. */
function blend(meanN: Float64Array, yN: Float64Array, totalG: Float64Array, fromG: Uint32Array): Float64Array {
  const blended = new Float64Array(yN.length);
  for (let g = 0; g < totalG.length; g++)
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) blended[n] = (Math.min(meanN[n]!, totalG[g]!) + yN[n]!) / 2;
  return blended;
}

const weightedMeans = ({ absorbed, weightN }: Panel, muN: Float64Array): Weighted =>
  weighted(absorbed, weightN === null ? muN : muN.map((mu, n) => mu * weightN[n]!));

function rootMeanSquare(valueN: Float64Array, weightN: Float64Array): number {
  let squares = 0;
  let total = 0;
  for (let n = 0; n < valueN.length; n++) {
    squares += weightN[n]! * valueN[n]! ** 2;
    total += weightN[n]!;
  }
  return Math.sqrt(squares / total);
}
