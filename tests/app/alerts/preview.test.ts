import { expect, it } from 'vitest';
import { previewSubscription } from '../../../lib/app/alerts/preview.ts';
import type { Kind } from '../../../lib/app/alerts/records.ts';
import { publishedScores } from '../../../lib/app/layout/publishedScores.ts';
import { SMALL, scoredWorld } from '../scoredWorld.fixture.ts';
import { alertWorld, subscriptionOf } from './alerts.fixture.ts';

const filter = { exporter: 'MEX', minScore: 70 };
const kinds: Kind[] = ['newOpportunity', 'scoreCrossed'];

it('a preview is what the last run would have brought, its markets aside, and leaves nothing behind', async () => {
  const at = alertWorld();
  const { catalog, pages } = at;
  const preview = (asked: Kind[]) =>
    previewSubscription({ scores: publishedScores({ catalog, pages, clock: () => at.clock.now }), catalog })({
      filter,
      kinds: asked,
    });
  await at.subscribe(subscriptionOf({ id: 's', filter, kinds }));
  await at.publish(scoredWorld(SMALL));
  expect(await preview(kinds)).toBeNull();
  await at.match();
  await at.publish(scoredWorld({ ...SMALL, seed: 8 }));
  const shown = await preview(kinds);
  expect(await at.records.found('s')).toEqual([]);
  await at.match();
  const [found] = await at.records.found('s');
  expect(shown).toEqual({
    from: 'run1',
    run: 'run2',
    items: found!.value.items.map((item) => ({ ...item, marketFactor: null, competitor: null })),
    total: found!.value.total,
    notLookedAt: [],
  });
  expect(shown!.total).toBeGreaterThan(20);
  expect((await preview([...kinds, 'marketChange']))?.notLookedAt).toEqual(['marketChange']);
});
