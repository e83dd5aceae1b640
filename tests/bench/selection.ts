import { judge, type RankingMetric } from '../../lib/core/backtest/judge.ts';
import type { Judged } from '../../lib/core/backtest/positiveRanks.ts';

/**
 * What choosing the best of several variants is worth beyond luck: in each draw of exporters the variant is chosen that is best there, and judged on
 * the exporters that were not drawn.
 *
 * @param timesDE draws × exporters
 * @returns by metric: how often each was chosen; the mean difference from the reference of the chosen one inside the draws, and outside: the first
 *   less the second is the optimism of having chosen; and in which share of the draws it is above 0 outside
 */
export function chosenInDraws(
  judged: Judged,
  timesDE: Uint16Array,
  metrics: readonly RankingMetric[],
  { reference, variants }: { reference: Float64Array; variants: ReadonlyMap<string, Float64Array> },
) {
  const outsideDE = timesDE.map((times) => (times === 0 ? 1 : 0));
  const drawnOf = (scoreN: Float64Array) => ({
    inside: judge(judged, scoreN, timesDE).drawn,
    outside: judge(judged, scoreN, outsideDE).drawn,
  });
  const base = drawnOf(reference);
  const each = [...variants].map(([name, scoreN]) => ({ name, ...drawnOf(scoreN) }));
  return metrics.map((metric) => {
    const over = (side: 'inside' | 'outside', d: number, own: (typeof each)[number]) =>
      own[side][metric][d]! - base[side][metric][d]!;
    const draws = base.inside[metric].length;
    const chosen = new Map(each.map(({ name }) => [name, 0]));
    let [inside, outside, above] = [0, 0, 0];
    for (let d = 0; d < draws; d++) {
      const best = each.reduce((one, other) => (over('inside', d, other) > over('inside', d, one) ? other : one));
      chosen.set(best.name, chosen.get(best.name)! + 1);
      inside += over('inside', d, best) / draws;
      outside += over('outside', d, best) / draws;
      if (over('outside', d, best) > 0) above += 1 / draws;
    }
    return { chosenBy: metric, times: Object.fromEntries(chosen), inside, outside, outsideAbove0: above };
  });
}
