import { beforeEach, describe, expect, it } from 'vitest';
import { geography } from '../../functions/cli/geography.ts';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import { scoreCard } from '../../lib/app/scoreCard.ts';
import { demoWorld } from '../../lib/core/demo/world.ts';
import { service } from './service.fixture.ts';

const world = demoWorld({ seed: 3, places: geography(), years: [2016, 2021], countries: 32, products: 120 });
let portolan: ReturnType<typeof service>;
beforeEach(() => {
  portolan = service();
});

/** What the run says of its models, and what a card says of its own. */
async function published(...years: number[]) {
  for (const [at, { flows }] of world.years.entries())
    if (years.includes([2016, 2021][at]!)) await portolan.drop(`y${at}`, [2016, 2021][at]!, 1, 6, flows);
  const { run } = await portolan.publish();
  const { facts } = (await portolan.catalog.getRun(run))!;
  const { pages, catalog, clock } = portolan;
  const scores = publishedScores({ catalog, pages, clock });
  const { card } = await scoreCard({ scores, nearest: () => [] })({
    exporter: 'MEX',
    product: world.products[0]!.code,
    importer: 'USA',
  });
  return { training: facts!.training, note: card.foresightNote };
}

describe('models of a run', () => {
  it('are trained on an earlier year where one is stored, and every card says so', async () => {
    const { training, note } = await published(2016, 2021);
    expect(training).toMatchObject({ entry: { used: 'trained' }, growth: { used: 'trained' } });
    expect(note).toMatch(/^Learned from 6-digit products of 32 exporters: .* from 2016 to 2021\.$/);
  });

  it('are the shipped ones where less than five years lie between', async () => {
    await portolan.drop('y0', 2017, 1, 6, world.years[0]!.flows);
    await portolan.drop('y1', 2021, 1, 6, world.years[1]!.flows);
    const { run } = await portolan.publish();
    const { manifest, facts } = (await portolan.catalog.getRun(run))!;
    expect([manifest.earlier?.year, facts!.training]).toEqual([2017, null]);
  });

  it('are the shipped ones without an earlier year', async () => {
    const { training, note } = await published(2021);
    expect(training).toBeNull();
    expect(note).toMatch(
      /^Learned from 4-digit products of 108 exporters: .* from 2017 to 2024\. Products here have 6 digits/,
    );
  });
});
