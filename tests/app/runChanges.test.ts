import { beforeEach, describe, expect, it } from 'vitest';
import { readChanges } from '../../lib/app/layout/changesPages.ts';
import type { CellChangeItem, ExporterChangeItem } from '../../lib/app/listChanges.ts';
import { loadScoring } from '../../lib/app/loadScoring.ts';
import { oldYearsAsKnownNow } from '../../lib/app/runChanges.ts';
import { unrealisedCells } from '../../lib/core/scoring/unrealisedCells.ts';
import { type Attempt, service } from './service.fixture.ts';

/** What is unrealised over all cells with a potential of a run, from its artifacts. */
async function unrealised(of: ReturnType<typeof service>, { run, settings }: Attempt): Promise<number> {
  const { inputs } = await loadScoring(of.artifacts, run);
  let sum = 0;
  for (let e = 0; e < inputs.flows.countries.codes.length; e++) {
    sum += unrealisedCells(inputs, e, settings.floorUsd).shrunkN.reduce((all, value) => all + value, 0);
  }
  return sum;
}
const total = (
  items: readonly ExporterChangeItem[],
  name: 'beforeUsd' | 'afterUsd' | 'modelVersionUsd' | 'dataRevisionUsd' | 'marketMoveUsd',
) => items.reduce((sum, item) => sum + item[name], 0);
/** Pages round USD to seven digits. */
const near = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-6);

let world: ReturnType<typeof service>;
beforeEach(() => {
  world = service();
});

describe('the first run', () => {
  it('has nothing to be compared with, and says so', async () => {
    await world.drop('a', 2020, 1);
    const first = await world.publish();
    const early = await world.ask(`/v1/runs/${first.run}/changes`);
    expect(early.json().reason).toMatchObject({ code: 'NOT_YET' });
    expect(await first.changes()).toMatchObject({ outcome: 'firstRun' });
    const reply = await world.ask(`/v1/runs/${first.run}/changes`);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({ items: [], previous: null, causes: [], reason: { code: 'NO_EARLIER_RUN' } });
  });
});

describe('a run after another', () => {
  it('with one more year alone: every change is the market’s, and nothing is scored again', async () => {
    await world.drop('a', 2020, 1);
    const first = await world.publish();
    await world.drop('b', 2021, 2);
    const second = await world.publish();
    expect(await second.changes()).toMatchObject({ outcome: 'compared' });
    const { items, causes, previous } = (await world.ask(`/v1/runs/${second.run}/changes`)).json<ExporterChangeItem>();
    expect({ causes, previous }).toEqual({ causes: ['marketMove'], previous: first.run });
    near(total(items, 'beforeUsd'), await unrealised(world, first));
    near(total(items, 'afterUsd'), await unrealised(world, second));
    for (const item of items) {
      expect(item.changeUsd).toBeCloseTo(item.afterUsd - item.beforeUsd, 1);
      expect(item.marketMoveUsd).toBe(item.changeUsd);
      expect([item.modelVersionUsd, item.dataRevisionUsd]).toEqual([0, 0]);
    }
    const sizes = items.map(({ changeUsd }) => Math.abs(changeUsd));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(await world.artifacts.get(`runs/${second.run}/changes/marketMove/flows.bin`)).toBeNull();
  });

  it('with another model, a revision and a year more: each has its part, and the parts add up', async () => {
    await world.drop('a', 2020, 1);
    const first = await world.publish();
    await world.drop('a', 2020, 3);
    await world.drop('b', 2021, 2);
    const second = await world.publish({ codeVersion: 'c2', floorUsd: 60_000 });
    expect(await second.changes()).toMatchObject({ outcome: 'compared' });
    const { items, causes } = (await world.ask(`/v1/runs/${second.run}/changes`)).json<ExporterChangeItem>();
    expect(causes).toEqual(['modelVersion', 'dataRevision', 'marketMove']);

    // what each cause changed, from services of their own: the old data under the new model, the revised old year under it
    const fromScratch = async (seed: number) => {
      const other = service();
      await other.drop('a', 2020, seed);
      return unrealised(other, await other.publish({ floorUsd: 60_000 }));
    };
    const [before, oldData, revised, after] = [
      await unrealised(world, first),
      await fromScratch(1),
      await fromScratch(3),
      await unrealised(world, second),
    ];
    near(total(items, 'modelVersionUsd'), oldData - before);
    near(total(items, 'dataRevisionUsd'), revised - oldData);
    near(total(items, 'marketMoveUsd'), after - revised);
    for (const item of items)
      expect(item.modelVersionUsd + item.dataRevisionUsd + item.marketMoveUsd).toBeCloseTo(item.changeUsd, 1);
  });

  it('about an exporter lists the cells that changed most, each with its causes', async () => {
    await world.drop('a', 2020, 1);
    await world.publish();
    await world.drop('a', 2020, 3);
    const second = await world.publish();
    await second.changes();
    const list = (await world.ask(`/v1/runs/${second.run}/changes`)).json<ExporterChangeItem>();
    const { exporter } = list.items[0]!;
    const reply = await world.ask(`/v1/runs/${second.run}/changes/${exporter}?limit=500`);
    const { items, causes, ...body } = reply.json<CellChangeItem>();
    expect(causes).toEqual(['dataRevision']);
    expect(body.exporter).toEqual(list.items[0]);
    expect(items.length).toBeGreaterThan(3);
    for (const item of items) {
      expect(item.exporter).toBe(exporter);
      expect(item.dataRevisionUsd).toBeCloseTo(item.afterUsd - item.beforeUsd, 1);
    }
    const { appeared, gone, rose, fell } = list.items[0]!;
    expect(items.length).toBe(appeared + gone + rose + fell);
    expect(items.reduce((sum, { changeUsd }) => sum + changeUsd, 0)).toBeCloseTo(list.items[0]!.changeUsd, 0);

    // page by page it is the same list
    const pages: CellChangeItem[] = [];
    for (let url: string | undefined = `/v1/runs/${second.run}/changes/${exporter}?limit=2`; url; ) {
      const page: { items: CellChangeItem[]; next?: string } = (await world.ask(url)).json<CellChangeItem>();
      pages.push(...page.items);
      url = page.next;
    }
    expect(pages).toEqual(items);
    expect((await world.ask(`/v1/runs/${second.run}/changes/NOBODY`)).status).toBe(400);
  });

  it('of other products cannot be compared, and says why', async () => {
    await world.drop('a', 2020, 1);
    await world.publish();
    await world.drop('b', 2021, 2, 4);
    const second = await world.publish();
    expect(await second.changes()).toMatchObject({ outcome: 'incomparable' });
    const { reason } = (await world.ask(`/v1/runs/${second.run}/changes`)).json();
    expect(reason).toEqual({
      code: 'NOT_COMPARABLE',
      detail: 'The run before is about HS17 at 6 digits, this one about HS17 at 4 digits.',
    });
  });

  it('that is overtaken writes nothing: the pages of the run before may be gone', async () => {
    await world.drop('a', 2020, 1);
    await world.publish();
    await world.drop('b', 2021, 2);
    const second = await world.publish();
    await world.drop('c', 2022, 4);
    const third = await world.publish();
    expect(await second.changes()).toMatchObject({ outcome: 'overtaken' });
    expect(await readChanges(world.pages, second.run, second.slot)).toBeNull();
    expect(await third.changes()).toMatchObject({ outcome: 'compared' });
  });

  it('that is overtaken while it reads writes nothing either', async () => {
    await world.drop('a', 2020, 1);
    await world.publish();
    await world.drop('b', 2021, 2);
    const second = await world.publish();
    const atFirst = await world.catalog.pointer();
    let asked = 0;
    const later = { ...atFirst!, run: 'another', previous: { run: second.run, slot: second.slot } };
    const pointer = async () => (asked++ === 0 ? atFirst : later);
    expect(await second.changes({ pointer })).toMatchObject({ outcome: 'overtaken' });
    expect(await readChanges(world.pages, second.run, second.slot)).toBeNull();
  });

  it('twice writes the same pages', async () => {
    await world.drop('a', 2020, 1);
    await world.publish();
    await world.drop('b', 2021, 2);
    const second = await world.publish();
    await second.changes();
    const once = await readChanges(world.pages, second.run, second.slot);
    await second.changes();
    expect(await readChanges(world.pages, second.run, second.slot)).toEqual(once);
  });
});

describe('the old years as they are known now', () => {
  const input = (year: number, contentHash: string) => ({ dataset: 'd', year, columnsKey: contentHash, contentHash });
  it('are those of the later run where it has them, and the earlier run’s own where it has left them behind', () => {
    const before = { years: [2019, 2020], inputs: [input(2019, 'a'), input(2020, 'b')] };
    const now = { years: [2020, 2021], inputs: [input(2020, 'B'), input(2020, 'C'), input(2021, 'd')] };
    const found = oldYearsAsKnownNow(before as never, now as never);
    expect(found.years).toEqual([2019, 2020]);
    expect(found.inputs.map(({ contentHash }) => contentHash)).toEqual(['a', 'B', 'C']);
  });
});
