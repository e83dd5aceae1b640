import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import type { NetOfNoise, NoiseBaseline } from '../../core/scoring/noiseBaseline.ts';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import { numbered, worldPartition } from './keys.ts';

const AGGREGATES_PER_PAGE = 1_000;

/** Of what: its position on the axis of countries or of products. */
export type Aggregate = 'exporters' | 'products';

/** The pages of what exporters and products miss beyond noise. */
export function noisePages({ slot, run }: { slot: number; run: string }, baseline: NoiseBaseline): Page[] {
  const pages = (of: Aggregate) =>
    Array.from({ length: Math.ceil(baseline[of].length / AGGREGATES_PER_PAGE) }, (_, sequence): Page => {
      const here = baseline[of].slice(sequence * AGGREGATES_PER_PAGE, (sequence + 1) * AGGREGATES_PER_PAGE);
      const column = (number: (net: NetOfNoise) => number) => Float32Array.from(here, number);
      return {
        partition: worldPartition(slot),
        sort: sortOf(of, sequence),
        run,
        body: encodeArrays(null, {
          rawA: column(({ raw }) => raw),
          expectedA: column(({ expected }) => expected),
          lowA: column(({ interval }) => interval[0]),
          highA: column(({ interval }) => interval[1]),
        }),
      };
    });
  return [...pages('exporters'), ...pages('products')];
}

const sortOf = (of: Aggregate, sequence: number) => numbered(`beyondNoise#${of}`, sequence);

/** What one exporter or product misses beyond noise: one read. Null while that is not known. */
export async function readBeyondNoise(
  pages: PageStore,
  { slot, run }: { slot: number; run: string },
  of: Aggregate,
  position: number,
): Promise<NetOfNoise | null> {
  const sort = sortOf(of, Math.floor(position / AGGREGATES_PER_PAGE));
  const [page] = await pages.get(run, [{ partition: worldPartition(slot), sort }]);
  if (!page) return null;
  const { arrays } = decodeArrays<null, 'rawA' | 'expectedA' | 'lowA' | 'highA'>(page.body);
  const at = position % AGGREGATES_PER_PAGE;
  const [raw = 0, expected = 0, low = 0, high = 0] = [arrays.rawA, arrays.expectedA, arrays.lowA, arrays.highA].map(
    (column) => column[at],
  );
  return { raw, expected, excess: raw - expected, interval: [low, high] };
}
