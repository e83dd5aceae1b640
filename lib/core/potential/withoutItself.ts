/** At least this share of a total is taken to be other cells', so that a potential that fills one is not divided by next to nothing. */
const LEAST_ELSE = 0.25;

/**
 * What would be expected of a cell if its own value were not known: each total that contains it is scaled to what is left.
 *
 *     P Π_t (t - v) / max(t - P, t / 4)        t: v_ik, v_jk, v_ij
 *
 * One sweep of iterative proportional fitting without the cell. Fitted to it, an expectation is drawn towards the value: cells that sell much by chance have
 * a large one. This does not depend on v to first order, so it tells the size of a cell without looking at its noise.
 *
 * @param potential P, USD
 * @param actual v, USD
 * @param totals those that are kept, each ≥ v, USD > 0
 */
export function withoutItself(potential: number, actual: number, ...totals: readonly number[]): number {
  let left = potential;
  for (const total of totals) left *= (total - actual) / Math.max(total - potential, LEAST_ELSE * total);
  return left;
}
