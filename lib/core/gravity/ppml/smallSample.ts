import { type Factor, isNested, restrict } from './factor.ts';
import type { Panel } from './panel.ts';

/**
 * How a covariance is enlarged because a sample is finite, named after who does it:
 *
 * - `none`: nothing.
 * - `G/(G-1)`: for G clusters (the smaller number of two clusterings); N/(N-1) for `robust`, each row a cluster; 1 for `iid`.
 * - `fixest`: that, times (N - 1)/(N - K), the default of R's fixest. K counts the coefficients, plus the levels of the effects that are
 *   not nested in a cluster, less one for each such effect but the first (decision 0015).
 * - `leverage`: G/(G-1), and the scores of each cluster over √(1 - h): an effect follows those of its rows that are most of it, whose residuals
 *   then say too little. h is the mean, over the cluster's fitted values, of the share that each has in the sums of its effects. Bell and
 *   McCaffrey's (2002) correction CR2, to first order and without the part of the regressors.
 */
export const SMALL_SAMPLES = ['none', 'G/(G-1)', 'fixest', 'leverage'] as const;
export type SmallSample = (typeof SMALL_SAMPLES)[number];

/** A cluster that is nearly all of its effects counts as this: what is left of its residuals is rounding. */
const MOST_LEVERAGE = 0.9;

/** By what scores of a leverage h are multiplied: 1 / √(1 - h). */
export const leverageScale = (leverage: number): number => 1 / Math.sqrt(1 - Math.min(leverage, MOST_LEVERAGE));

/** The factor by which a covariance is multiplied. `clusters` are restricted to the panel's rows, in its order. */
export function factorOf(
  rule: SmallSample,
  kind: 'iid' | 'robust' | 'cluster',
  panel: Panel,
  coefficients: number,
  clusters: readonly Factor[],
): number {
  if (rule === 'none') return 1;
  const { n } = panel;
  const groups = kind === 'robust' ? n : Math.min(...clusters.map(({ levels }) => levels.length));
  const clustered = kind === 'iid' ? 1 : groups / (groups - 1);
  if (rule !== 'fixest') return clustered;
  return (clustered * (n - 1)) / (n - parameters(panel, coefficients, clusters));
}

/** K: coefficients and the levels of effects that no cluster contains. */
export function parameters({ effects, rowN }: Panel, coefficients: number, clusters: readonly Factor[]): number {
  const own = effects
    .map((effect) => restrict(effect, rowN))
    .filter((effect) => !clusters.some((cluster) => isNested(effect, cluster)));
  const levels = own.reduce((sum, effect) => sum + effect.levels.length, 0);
  return coefficients + levels - Math.max(0, own.length - 1);
}

/** Of each row of the panel, the shares that its fitted value has in the sums of its effects, together. */
export function leverages({ effects, rowN }: Panel, informationN: Float64Array): Float64Array {
  const leverageN = new Float64Array(rowN.length);
  for (const effect of effects) {
    const { codeN, levels } = restrict(effect, rowN);
    const sumL = new Float64Array(levels.length);
    for (let n = 0; n < leverageN.length; n++) sumL[codeN[n]!]! += informationN[n]!;
    for (let n = 0; n < leverageN.length; n++)
      if (informationN[n]! > 0) leverageN[n]! += informationN[n]! / sumL[codeN[n]!]!;
  }
  return leverageN;
}
