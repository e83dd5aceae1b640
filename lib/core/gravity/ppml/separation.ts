import { type Certificate, certificateOf } from './certificate.ts';
import { ROW, type RowStatus } from './drops.ts';
import type { NewtonStep } from './newton.ts';
import type { Panel, PanelColumn } from './panel.ts';
import { rectify } from './rectifier.ts';
import type { State } from './state.ts';

/** Rows for which no maximum of the likelihood exists, how that is known, and the proof where there is one. */
export interface Separated {
  readonly positions: readonly number[];
  readonly status: RowStatus;
  readonly certificate: Certificate | null;
}

export interface Found {
  /** zeros whose means still fall: 0 proves that the maximum exists */
  readonly falls: number;
  /** what to drop; null when nothing falls, or what falls could not be shown to be separated */
  readonly separated: Separated | null;
}

/** A zero whose linear predictor falls by more than this in a step, when the deviance has settled, is suspected. */
const FALL = 0.5;
/** Where all other rows move by less than this, the step is a separating combination as it stands. */
const STILL = 1e-8;
/** While zeros fall, everything else comes nearer to rest by a factor e an iteration: after so many of them it should have. */
const PATIENCE = 20;
/** A zero whose mean is this small against all outcomes of its group may have stopped falling for rounding alone. */
const NEGLIGIBLE = 1e-10;
/** ppmlhdfe's last resort: a mean is called vanishing below this, in standard deviations of y … */
const VANISHING = Math.log(1e-6);
/** … and this much closer to the smallest mean of a positive outcome, in logarithms */
const ABOVE_SMALLEST = 5;

/**
 * Looks for separated rows once the deviance has settled. The last step δ is a proof in itself (decision 0018):
 *
 * - p = μ (1 + δ) - y is orthogonal to every regressor and effect. If δ > -1 on all zeros, p is positive there, so that no combination
 *   can be 0 where y > 0, nowhere negative where y = 0, and positive somewhere: the maximum exists (Stiemke's lemma).
 * - A separated zero falls by at least one in every step. Once all else is at rest, -δ is such a combination.
 *
 * Where a step remains undecided, or means have become so small that rounding decides, the iterative rectifier is asked: from the
 * suspects first, then from all zeros. What it cannot show either falls to ppmlhdfe's rule for vanishing means, and is flagged.
 *
 * @returns a function to call at each state of one fit with settled deviance, and with `anyway` for one that never settled
 */
export function separationSearch(panel: Panel, columns: readonly PanelColumn[]) {
  let looks = 0;
  let asked = false;
  const ask = (suspects: readonly number[]): Certificate | null => {
    if (asked) return null;
    asked = true;
    return rectify(panel, columns, ones(panel, suspects)) ?? rectify(panel, columns, zeros(panel));
  };
  return (state: State, step: NewtonStep, settled: boolean, anyway = false): Found => {
    const falling = fallingZeros(panel, step.stepN);
    const negligible = asked || !(settled || anyway) ? [] : negligibleZeros(panel, state);
    if (falling.length + negligible.length === 0 && !anyway) return { falls: 0, separated: null };
    looks++;
    const patient = looks <= PATIENCE && falling.length > 0 && !anyway;
    const certificate = stepCertificate(panel, columns, step) ?? (patient ? null : ask([...falling, ...negligible]));
    if (certificate !== null && certificate.separated.length > 0) {
      const { separated: positions } = certificate;
      return { falls: falling.length, separated: { positions, status: ROW.separatedByCertificate, certificate } };
    }
    const positions = asked ? vanishing(panel, state, falling) : [];
    if (positions.length === 0) return { falls: falling.length, separated: null };
    return { falls: falling.length, separated: { positions, status: ROW.separatedByMu, certificate: null } };
  };
}

function fallingZeros({ yN }: Panel, stepN: Float64Array): number[] {
  const falling: number[] = [];
  for (let n = 0; n < yN.length; n++) if (yN[n] === 0 && !(stepN[n]! > -FALL)) falling.push(n);
  return falling;
}

/** The last step as a certificate, if every row either falls or is at rest. */
function stepCertificate({ yN }: Panel, columns: readonly PanelColumn[], step: NewtonStep): Certificate | null {
  const { stepN, deltaK, effects } = step;
  let falls = 0;
  for (let n = 0; n < yN.length; n++) {
    const delta = stepN[n]!;
    if (yN[n] === 0 && delta < -FALL) falls++;
    else if (!(Math.abs(delta) <= STILL)) return null;
  }
  if (falls === 0) return null;
  const minus = { ofG: effects.ofG.map((of) => -of), ofL: effects.ofL.map((of) => -of) };
  return certificateOf(
    yN,
    stepN.map((delta) => -delta),
    columns,
    deltaK.map((delta) => -delta),
    minus,
    'step',
  );
}

function negligibleZeros({ yN, absorbed: { groups, fromG } }: Panel, { muN }: State): number[] {
  const negligible: number[] = [];
  for (let g = 0; g < groups; g++) {
    let total = 0;
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) total += yN[n]!;
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) if (yN[n] === 0 && muN[n]! < NEGLIGIBLE * total) negligible.push(n);
  }
  return negligible;
}

function ones({ n }: Panel, at: readonly number[]): Float64Array {
  const startN = new Float64Array(n);
  for (const position of at) startN[position] = 1;
  return startN;
}

const zeros = ({ yN }: Panel): Float64Array => yN.map((y) => (y === 0 ? 1 : 0));

function vanishing({ yN, n }: Panel, { etaN }: State, falling: readonly number[]): number[] {
  let sum = 0;
  let squares = 0;
  let smallest = Infinity;
  for (let at = 0; at < n; at++) {
    sum += yN[at]!;
    if (yN[at]! > 0) smallest = Math.min(smallest, etaN[at]!);
  }
  for (let at = 0; at < n; at++) squares += (yN[at]! - sum / n) ** 2;
  const logSd = 0.5 * Math.log(squares / n);
  const bound = VANISHING + Math.min(smallest - logSd + ABOVE_SMALLEST, 0);
  return falling.filter((at) => etaN[at]! - logSd <= bound);
}
