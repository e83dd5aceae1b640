import { beforeAll, describe, expect, it } from 'vitest';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import { type OpportunityRequest, topOpportunities } from '../../lib/app/topOpportunities.ts';
import { DEEP, publish, type ScoredWorld, scoredWorld } from './scoredWorld.fixture.ts';

/** The bound of what one answer reads, made small enough to be met. */
describe('topOpportunities of more pages than one answer reads', () => {
  let world: ScoredWorld;
  let top: ReturnType<typeof topOpportunities>;
  beforeAll(async () => {
    world = scoredWorld(DEEP);
    const [catalog, pages] = [memoryCatalog(), memoryPageStore()];
    await publish({ catalog, pages }, world, { run: 'r1', slot: 0, at: '2026-03-01T00:00:00.000Z' });
    const scores = publishedScores({ catalog, pages, clock: () => new Date('2026-03-01T00:00:00.000Z') });
    top = topOpportunities({ scores, nearest: () => [], scanPages: 2 });
  });
  const ask = (over: Partial<OpportunityRequest>) =>
    top({ exporter: 'CXX', sort: null, limit: 500, from: null, ...over });

  it('reorders the best 1,000 of each basis, and says so on every page', async () => {
    const first = await ask({ sort: { by: 'potentialUsd', descending: true } });
    expect(first.truncated?.hint).toContain('the best 1,000 opportunities of each basis');
    expect(first.next).toEqual({ run: 'r1', offset: 500 });
    const ranked = world.cellsE[2]!.filter(({ basis }) => basis === 0)
      .sort((a, b) => b.score - a.score || b.shrunk - a.shrunk)
      .slice(0, 1000)
      .map(({ potential }) => potential)
      .sort((a, b) => b - a);
    const shown = first.items.map(({ potentialUsd }) => potentialUsd!);
    expect(shown.map((usd, n) => Math.round((1e5 * usd) / ranked[n]!))).toEqual(shown.map(() => 1e5));
  });

  it('looks at the beginning of a group that is too long, and says so', async () => {
    const chapter = await ask({ product: '84', minPotentialUsd: 1 });
    expect(chapter.items).toHaveLength(500);
    const filtered = await ask({ product: '84', minFeasibility: 0.49 });
    expect(filtered.truncated?.hint).toContain('more opportunities here than one answer looks at');
    expect(filtered.items.every(({ feasibility }) => feasibility! >= 0.49)).toBe(true);
    expect(filtered.items.length).toBeGreaterThan(0);
  });

  it('has nothing to say where the stored order fills the answer', async () => {
    expect((await ask({ product: '84', limit: 10 })).truncated).toBeNull();
    expect((await ask({ importer: 'AXX', limit: 10 })).truncated).toBeNull();
  });
});
