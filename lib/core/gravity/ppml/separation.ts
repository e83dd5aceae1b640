import { ROW, type RowStatus } from './drops.ts';
import type { Panel, PanelColumn } from './panel.ts';
import { type Certificate, rectify } from './rectifier.ts';
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

/** A zero whose linear predictor falls by more than this in a step, when all else has settled, is suspected. */
const FALL = 0.5;
/** A zero whose mean is this small against all outcomes of its group may have stopped falling for rounding alone. */
const NEGLIGIBLE = 1e-10;
/** ppmlhdfe's last resort: a mean is called vanishing below this, in standard deviations of y … */
const VANISHING = Math.log(1e-6);
/** … and this much closer to the smallest mean of a positive outcome, in logarithms */
const ABOVE_SMALLEST = 5;

/**
 * Looks for separated rows once the iterations have settled.
 *
 * The last step is a proof in itself. With step δ, p = μ (1 + δ) - y is orthogonal to every regressor and effect; if δ > -1 on all
 * zeros, p is positive there, so that no combination can be 0 where y > 0 and nowhere negative, yet positive somewhere, where y = 0:
 * the maximum exists (Stiemke's lemma). A separated zero instead falls by at least one in every step, until rounding holds it up.
 * So the iterative rectifier is asked only where zeros fall or have become negligible: from those first, then from all zeros
 * (decision 0083).
 *
 * @returns a function that remembers what it asked: call it at each settled state of one fit, and with `anyway` for a fit that did not
 *   settle, where nothing needs to fall for the rectifier to be asked
 */
export function separationSearch(panel: Panel, columns: readonly PanelColumn[]) {
  let asked = false;
  return (state: State, stepN: Float64Array, anyway = false): Found => {
    const falling = fallingZeros(panel, stepN);
    const negligible = asked ? [] : negligibleZeros(panel, state);
    if (falling.length + negligible.length === 0 && !anyway) return { falls: 0, separated: null };
    if (!asked) {
      asked = true;
      const suspects = [...falling, ...negligible];
      const certificate = rectify(panel, columns, ones(panel, suspects)) ?? rectify(panel, columns, zeros(panel));
      if (certificate !== null && certificate.separated.length > 0) {
        const { separated: positions } = certificate;
        return { falls: falling.length, separated: { positions, status: ROW.separatedByRectifier, certificate } };
      }
    }
    const positions = vanishing(panel, state, falling);
    if (positions.length === 0) return { falls: falling.length, separated: null };
    return { falls: falling.length, separated: { positions, status: ROW.separatedByMu, certificate: null } };
  };
}

function fallingZeros({ yN }: Panel, stepN: Float64Array): number[] {
  const falling: number[] = [];
  for (let n = 0; n < yN.length; n++) if (yN[n] === 0 && !(stepN[n]! > -FALL)) falling.push(n);
  return falling;
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
