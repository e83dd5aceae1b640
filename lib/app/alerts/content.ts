import { ITEMS_KEPT } from './findings.ts';
import type { Found, Item } from './records.ts';

/** What one message tells, whatever the channel. */
export interface Content {
  /** the newest first */
  readonly runs: readonly string[];
  readonly publishedAt: string;
  readonly synthetic: boolean;
  readonly items: readonly Item[];
  /** how many there were, shown or not */
  readonly total: number;
}

/** Brings what several runs brought into one message: of a cell the newest news, the most unrealised value first, what fell last. */
export function contentOf(found: readonly Found[]): Content {
  const newestFirst = [...found].sort((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1));
  const byCell = new Map<string, Item>();
  let repeated = 0;
  for (const item of newestFirst.flatMap(({ items }) => items)) {
    const cell = [item.kind === 'dataPublished', item.exporter, item.product, item.importer].join(' ');
    if (byCell.has(cell)) repeated++;
    else byCell.set(cell, item);
  }
  const items = [...byCell.values()].sort((a, b) => meritOf(b) - meritOf(a)).slice(0, ITEMS_KEPT);
  return {
    runs: newestFirst.map(({ run }) => run),
    publishedAt: newestFirst[0]?.publishedAt ?? '',
    synthetic: found.some(({ synthetic }) => synthetic),
    items,
    total: found.reduce((sum, { total }) => sum + total, 0) - repeated,
  };
}

/** The order of findings.ts: new data, then unrealised value, then cells without one by score, then what fell. */
function meritOf({ kind, direction, unrealisedUsd, previousUnrealisedUsd, score, previousScore }: Item): number {
  if (kind === 'dataPublished') return Number.POSITIVE_INFINITY;
  const merit = (usd: number | null, rank: number | null) => (usd !== null && usd > 0 ? usd + 100 : (rank ?? 0));
  if (kind === 'scoreCrossed' && direction === 'down') return -1 / (1 + merit(previousUnrealisedUsd, previousScore));
  return merit(unrealisedUsd, score);
}
