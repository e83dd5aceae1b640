import { addEffects, noEffects } from './absorbed.ts';
import { type Certificate, certificateOf } from './certificate.ts';
import { newtonStep, partialOut } from './newton.ts';
import type { Panel, PanelColumn } from './panel.ts';
import { weighted } from './reduced.ts';

/** z of less than this, of a largest of 1, is zero. */
const ZERO = 1e-8;
/** Weight of a row where z has to be zero against one where it is free: each iteration comes about this much nearer to it. */
const PINNED_WEIGHT = 1e6;
/** z is a combination however inexactly its parts are fitted: that only costs iterations. */
const INNER = { absolute: 1e-13, relative: 1e-6 };
const FEW = 20;
const MANY = 1000;

/**
 * The iterative rectifier: alternates between the nearest combination of regressors and effects that is zero where y > 0, and the
 * nearest nonnegative values where y = 0. If the two meet away from zero, that is a separating combination.
 *
 *     u ← max(0, fit of u on regressors and effects)  where y = 0,   u = 0 where y > 0,   until the fit is nowhere negative
 *
 * Where the combinations and the nonnegative values meet at a small angle this takes thousands of steps. So after a few, rows that are
 * still negative are pinned to zero like those with y > 0, round by round; only if that leaves nothing, the plain iteration goes on.
 * What a certificate from pinned rows misses is found when the fit is repeated without the rows found.
 *
 * @param columns panel columns, partialled out with whatever weights; not changed
 * @param startN where to begin: positive on suspected zeros, 0 elsewhere
 * @returns null when no certificate was found
 * @source Correia, Guimaraes and Zylkin (2019), Verifying the existence of maximum likelihood estimates for GLMs, section 4
 */
export function rectify(panel: Panel, columns: readonly PanelColumn[], startN: Float64Array): Certificate | null {
  const positive = Uint8Array.from(panel.yN, (y) => (y > 0 ? 1 : 0));
  const pinned = positive.slice();
  let last = alternate(panel, columns, startN, pinned, FEW);
  while (last.certificate === null && last.negative.length > 0) {
    for (const n of last.negative) pinned[n] = 1;
    last = alternate(panel, columns, startN, pinned, FEW);
  }
  return last.certificate ?? alternate(panel, columns, startN, positive, MANY).certificate;
}

interface Alternated {
  readonly certificate: Certificate | null;
  /** rows where the last fit was negative; empty when the iterations came to an end */
  readonly negative: readonly number[];
}

/** The alternation, with u = 0 on pinned rows: every y > 0 among them. */
function alternate(
  panel: Panel,
  columns: readonly PanelColumn[],
  startN: Float64Array,
  pinned: Uint8Array,
  maxIterations: number,
): Alternated {
  const { n, yN, absorbed } = panel;
  const weights = weighted(
    absorbed,
    Float64Array.from(pinned, (isPinned) => (isPinned ? PINNED_WEIGHT : 1)),
  );
  const own = columns.map((column) => ({
    ...column,
    restN: column.restN.slice(),
    taken: { ofG: column.taken.ofG.slice(), ofL: column.taken.ofL.slice() },
  }));
  partialOut(panel, own, weights, { absolute: 1e-9, relative: 0 });

  // z is the fit of u = z + rest; only the change of u has to be fitted anew
  const uN = startN.map((u, at) => (pinned[at] ? 0 : u));
  const zN = new Float64Array(n);
  const restN = uN.slice();
  const stepN = new Float64Array(n);
  const betaK = new Float64Array(columns.length);
  const effects = noEffects(absorbed);
  for (let iteration = 1; ; iteration++) {
    const { step } = newtonStep(panel, own, weights, restN, INNER, stepN);
    if (step === null) return { certificate: null, negative: [] };
    for (let k = 0; k < own.length; k++) betaK[k]! += step.deltaK[k]!;
    addEffects(effects, 1, step.effects);
    let largest = 0;
    let lowest = 0;
    let onPositive = 0;
    let lowestRest = Infinity;
    for (let at = 0; at < n; at++) {
      zN[at]! += stepN[at]!;
      const z = zN[at]!;
      if (yN[at]! > 0) onPositive = Math.max(onPositive, Math.abs(z));
      else {
        largest = Math.max(largest, z);
        lowest = Math.min(lowest, z);
        lowestRest = Math.min(lowestRest, uN[at]! - z);
      }
    }

    // nothing left; or nowhere negative; or below u on all zeros: the rest is orthogonal to every combination and positive, so there is none
    if (!(largest > ZERO) || lowestRest > ZERO) return { certificate: null, negative: [] };
    if (lowest >= -ZERO * largest && onPositive <= ZERO * largest)
      return { certificate: certificateOf(yN, zN, own, betaK, effects, 'rectifier'), negative: [] };
    if (iteration === maxIterations) return { certificate: null, negative: below(zN, -ZERO * largest, pinned) };
    for (let at = 0; at < n; at++) {
      uN[at] = pinned[at] ? 0 : Math.max(0, zN[at]!);
      restN[at] = uN[at]! - zN[at]!;
    }
  }
}

function below(zN: Float64Array, bound: number, pinned: Uint8Array): number[] {
  const rows: number[] = [];
  for (let n = 0; n < zN.length; n++) if (zN[n]! < bound && !pinned[n]) rows.push(n);
  return rows;
}
