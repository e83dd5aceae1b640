import { type Factor, isNested, restrict } from './factor.ts';
import type { Panel } from './panel.ts';

/**
 * How a covariance is enlarged because a sample is finite, named after who does it:
 *
 * - `none`: nothing.
 * - `G/(G-1)`: for G clusters (the smaller number of two clusterings); N/(N-1) for `robust`, each row a cluster; 1 for `iid`.
 * - `fixest`: that, times (N - 1)/(N - K), the default of R's fixest. K counts the coefficients, plus the levels of the effects that are
 *   not nested in a cluster, less one for each such effect but the first (decision 0015).
 */
export type SmallSample = 'none' | 'G/(G-1)' | 'fixest';

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
  if (rule === 'G/(G-1)') return clustered;
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
