import type { Aggregate } from './layout/noisePages.ts';
import type { Published } from './layout/publishedScores.ts';
import { cents } from './opportunity.ts';

/** What is missing from an exporter or a product beyond what noise explains; USD. */
export interface BeyondNoise {
  /** Σ max(potential - actual, 0) over cells of 1,000 USD and more in pairs that trade */
  readonly unrealisedRawUsd: number;
  /** the part of it that chance alone would make */
  readonly noiseUsd: number;
  readonly excessUsd: number;
  /** of 95 %: above 0 more is missing than chance explains */
  readonly excessIntervalUsd: readonly [number, number];
}

/** The same, as answers show it; null while it is not known. */
export async function beyondNoise(published: Published, of: Aggregate, position: number): Promise<BeyondNoise | null> {
  const net = await published.beyondNoise(of, position);
  if (!net) return null;
  const usd = (value: number) => cents(value) ?? 0;
  return {
    unrealisedRawUsd: usd(net.raw),
    noiseUsd: usd(net.expected),
    excessUsd: usd(net.excess),
    excessIntervalUsd: [usd(net.interval[0]), usd(net.interval[1])],
  };
}
