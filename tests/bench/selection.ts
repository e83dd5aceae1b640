import { judge, type RankingMetric } from '../../lib/core/backtest/judge.ts';
import type { Judged } from '../../lib/core/backtest/positiveRanks.ts';

/**
 * What choosing the best of several variants is worth beyond luck: in each draw of exporters the variant is chosen that is best there, and judged on
 * the exporters that were not drawn.
 *
 * @param timesDE draws × exporters
 * @returns how often each was chosen; the mean difference from the reference of the chosen one inside the draws, and outside: the first less the
 *   second is the optimism of having chosen
 */
export function chosenInDraws(
  judged: Judged,
  timesDE: Uint16Array,
  metric: RankingMetric,
  { reference, variants }: { reference: Float64Array; variants: ReadonlyMap<string, Float64Array> },
) {
  const outsideDE = timesDE.map((times) => (times === 0 ? 1 : 0));
  const drawnOf = (scoreN: Float64Array) => ({
    inside: judge(judged, scoreN, timesDE).drawn[metric],
    outside: judge(judged, scoreN, outsideDE).drawn[metric],
  });
  const base = drawnOf(reference);
  const each = [...variants].map(([name, scoreN]) => ({ name, ...drawnOf(scoreN), chosen: 0 }));
  const draws = base.inside.length;
  let [inside, outside, above] = [0, 0, 0];
  for (let d = 0; d < draws; d++) {
    const best = each.reduce((one, other) => (other.inside[d]! > one.inside[d]! ? other : one));
    best.chosen++;
    inside += (best.inside[d]! - base.inside[d]!) / draws;
    outside += (best.outside[d]! - base.outside[d]!) / draws;
    if (best.outside[d]! > base.outside[d]!) above += 1 / draws;
  }
  return {
    times: Object.fromEntries(each.map(({ name, chosen }) => [name, chosen])),
    inside,
    outside,
    outsideAbove0: above,
  };
}
