import { beforeEach, describe, expect, it } from 'vitest';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { cachedPages } from '../../lib/app/layout/cachedPages.ts';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import type { Page, PageStore } from '../../lib/ports/pageStore.ts';
import { publish, type ScoredWorld, SMALL, scoredWorld } from './scoredWorld.fixture.ts';

/** A store that counts the requests it passes on. */
function counted(store: PageStore) {
  let reads = 0;
  const count =
    <Asked extends unknown[], Found>(read: (...asked: Asked) => Found) =>
    (...asked: Asked) => {
      reads++;
      return read(...asked);
    };
  const counting: PageStore = {
    put: (pages) => store.put(pages),
    get: count(store.get),
    atOrBefore: count(store.atOrBefore),
    after: count(store.after),
  };
  return { store: counting, reads: () => reads };
}

const page = (sort: string, bytes = 10, run = 'r1'): Page => ({
  partition: 'p',
  sort,
  run,
  body: new Uint8Array(bytes).fill(1),
});

describe('cachedPages', () => {
  let below: ReturnType<typeof counted>;
  beforeEach(async () => {
    below = counted(memoryPageStore());
    await below.store.put([page('k#0'), page('k#1'), page('k#2'), page('k#0', 10, 'r1')]);
  });
  const key = (sort: string) => ({ partition: 'p', sort });
  const sorts = (pages: (Page | null)[]) => pages.map((each) => each?.sort ?? null);

  it('asks once for what it has read, and only for the part that is missing', async () => {
    const cached = cachedPages(below.store);
    expect(sorts(await cached.get('r1', [key('k#0'), key('k#1')]))).toEqual(['k#0', 'k#1']);
    expect(sorts(await cached.get('r1', [key('k#2'), key('k#1'), key('k#0')]))).toEqual(['k#2', 'k#1', 'k#0']);
    expect(sorts(await cached.get('r1', [key('k#1'), key('k#2')]))).toEqual(['k#1', 'k#2']);
    expect(below.reads()).toBe(2);
    for (let time = 0; time < 3; time++) {
      expect((await cached.atOrBefore('r1', 'p', 'k#', 'k#1'))?.sort).toBe('k#1');
      expect(sorts(await cached.after('r1', 'p', 'k#', 'k#0', 5))).toEqual(['k#1', 'k#2']);
    }
    expect(below.reads()).toBe(4);
  });

  it('does not remember that a page is absent, nor mixes runs', async () => {
    const cached = cachedPages(below.store);
    expect(await cached.get('r1', [key('k#9')])).toEqual([null]);
    expect(await cached.get('r2', [key('k#0')])).toEqual([null]);
    await cached.put([page('k#9')]);
    expect(sorts(await cached.get('r1', [key('k#9')]))).toEqual(['k#9']);
  });

  it('forgets what was unused for longest when its bound is reached', async () => {
    const cached = cachedPages(below.store, 25);
    for (const sort of ['k#0', 'k#1', 'k#0', 'k#2']) await cached.get('r1', [key(sort)]);
    expect(below.reads()).toBe(3);
    await cached.get('r1', [key('k#0')]);
    expect(below.reads()).toBe(3);
    await cached.get('r1', [key('k#1')]);
    expect(below.reads()).toBe(4);
  });
});

describe('publishedScores', () => {
  const world: ScoredWorld = scoredWorld(SMALL);
  let now: number;
  let catalog: Catalog;
  let pages: ReturnType<typeof counted>;
  beforeEach(() => {
    now = Date.parse('2026-03-01T00:00:00Z');
    catalog = memoryCatalog();
    pages = counted(memoryPageStore());
  });
  const open = () => publishedScores({ catalog, pages: pages.store, clock: () => new Date(now) });
  const release = (run: string, slot: number) =>
    publish({ catalog, pages: pages.store }, world, { run, slot, at: new Date(now).toISOString() });

  it('is nothing before the first run, which shows at once', async () => {
    const scores = open();
    await expect(scores.current()).rejects.toMatchObject({ code: 'run.none' });
    expect(await scores.currentOrNull()).toBeNull();
    await release('r1', 0);
    expect((await scores.current()).run).toBe('r1');
  });

  it('follows the pointer within a second and keeps the previous run readable', async () => {
    await release('r1', 0);
    const scores = open();
    expect((await scores.current()).run).toBe('r1');
    await release('r2', 1);
    now += 1_000;
    expect((await scores.current()).run).toBe('r2');
    const before = await scores.still('r1');
    expect(before.run).toBe('r1');
    expect((await before.exporter('MEX').facts())?.profile.exportsUsd).toBeGreaterThan(0);
    await release('r3', 2);
    now += 1_000;
    await expect(scores.still('r1')).rejects.toMatchObject({ code: 'cursor.expired', detail: { run: 'r1' } });
    expect((await scores.still('r2')).run).toBe('r2');
  });

  it('reads what does not change once, however many ask at once', async () => {
    await release('r1', 0);
    const scores = open();
    await Promise.all(Array.from({ length: 20 }, () => scores.current()));
    const reads = pages.reads();
    expect(reads).toBe(3); // countries, products and noise
    now += 60_000;
    await (await scores.current()).exporter('MEX').facts();
    await (await scores.current()).exporter('MEX').facts();
    expect(pages.reads()).toBe(reads + 1);
  });

  it('reads a run anew when it comes back in another slot', async () => {
    await release('r1', 0);
    const scores = open();
    await scores.current();
    await release('r2', 1);
    await release('r1', 2);
    await release('r3', 0);
    now += 1_000;
    const before = await scores.still('r1');
    expect((await before.exporter('CHL').facts())?.profile.exportsUsd).toBeGreaterThan(0);
  });

  it('recovers when a first reading fails', async () => {
    await release('r1', 0);
    let broken = true;
    const scores = publishedScores({
      catalog: {
        ...catalog,
        pointer: async () => (broken ? Promise.reject(new Error('no network')) : catalog.pointer()),
      },
      pages: pages.store,
      clock: () => new Date(now),
    });
    await expect(scores.current()).rejects.toThrow('no network');
    broken = false;
    expect((await scores.current()).run).toBe('r1');
  });
});
