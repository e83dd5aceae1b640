import { addEffectsToRows, type EffectCoefficients } from './absorbed.ts';
import { halfDeviance } from './deviance.ts';
import type { Panel } from './panel.ts';

/** The linear predictor, the means and the deviance that belong together; advanced in place. */
export interface State {
  readonly etaN: Float64Array;
  readonly muN: Float64Array;
  /** ln y, 0 where y = 0 */
  readonly logYN: Float64Array;
  /** Σ w y */
  readonly totalY: number;
  deviance: number;
}

const HALVINGS = 40;
/** Below this linear predictor a mean is kept at exp(-650), about 1e-282: weights and their quotients stay finite. */
const LOWEST_ETA = -650;

/** The state at given effects, with all coefficients zero. */
export function stateAt(panel: Panel, effects: EffectCoefficients): State {
  const { n, yN, offsetN, weightN } = panel;
  const logYN = new Float64Array(n);
  let totalY = 0;
  for (let at = 0; at < n; at++) {
    const y = yN[at]!;
    logYN[at] = y > 0 ? Math.log(y) : 0;
    totalY += weightN === null ? y : weightN[at]! * y;
  }
  const etaN = offsetN === null ? new Float64Array(n) : offsetN.slice();
  addEffectsToRows(panel.absorbed, effects, etaN);
  const state = { etaN, muN: new Float64Array(n), logYN, totalY, deviance: Infinity };
  state.deviance = moved(panel, state, etaN, 0);
  return state;
}

/**
 * Moves the linear predictor along a step, by half of it and half again while the deviance rises.
 *
 * @returns the share of the step that was taken; 0 when no share lowers the deviance, which leaves the state where it was
 */
export function advance(panel: Panel, state: State, stepN: Float64Array): number {
  const { etaN, deviance, totalY } = state;
  const acceptable = deviance + 1e-10 * deviance + 1e-14 * totalY; // rounding is no rise
  let length = 1;
  let taken = moved(panel, state, stepN, 1);
  for (let halving = 0; !(taken <= acceptable); halving++) {
    if (halving === HALVINGS) {
      moved(panel, state, stepN, -length);
      return 0;
    }
    taken = moved(panel, state, stepN, -length / 2);
    length /= 2;
  }
  for (let at = 0; at < etaN.length; at++) if (!Number.isFinite(etaN[at]!)) return 0;
  state.deviance = taken;
  return length;
}

/** Adds `length` times the step to the linear predictor, brings the means along, and returns the deviance. */
function moved({ yN, weightN }: Panel, { etaN, muN, logYN }: State, stepN: Float64Array, length: number): number {
  let half = 0;
  for (let at = 0; at < etaN.length; at++) {
    const eta = length === 0 ? etaN[at]! : etaN[at]! + length * stepN[at]!;
    const mu = Math.exp(eta < LOWEST_ETA ? LOWEST_ETA : eta);
    etaN[at] = eta;
    muN[at] = mu;
    const row = halfDeviance(yN[at]!, eta, mu, logYN[at]!);
    half += weightN === null ? row : weightN[at]! * row;
  }
  return 2 * half;
}
