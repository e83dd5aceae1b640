import { memoryCatalog } from '../../../lib/adapters/memory/memoryCatalog.ts';
import { memoryObjectStore } from '../../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryPageStore } from '../../../lib/adapters/memory/memoryPageStore.ts';
import { memoryRecordStore } from '../../../lib/adapters/memory/memoryRecordStore.ts';
import { alertRecords } from '../../../lib/app/alerts/alertRecords.ts';
import { matchRun } from '../../../lib/app/alerts/matchRun.ts';
import type { Subscription } from '../../../lib/app/alerts/records.ts';
import { artifactKeys, encodeFlows } from '../../../lib/app/runArtifacts.ts';
import { type FlowColumns, sortFlows } from '../../../lib/core/trade/flows.ts';
import type { ObjectStore } from '../../../lib/ports/objectStore.ts';
import type { RecordStore } from '../../../lib/ports/recordStore.ts';
import { manifestOf, type ScoredWorld } from '../scoredWorld.fixture.ts';

/** A process that dies: the write with this number throws before or after it is done, and everything after it throws too. */
export class Death {
  private readonly at: number;
  private readonly when: 'before' | 'after';
  writes = 0;
  dead = false;

  constructor(at = Number.POSITIVE_INFINITY, when: 'before' | 'after' = 'before') {
    this.at = at;
    this.when = when;
  }

  async write<T>(work: () => Promise<T>): Promise<T> {
    this.breathe();
    // several writes may be under way
    const last = ++this.writes === this.at;
    if (last && this.when === 'before') this.die();
    const result = await work();
    if (last) this.die();
    this.breathe();
    return result;
  }
  breathe(): void {
    if (this.dead) throw new Error('killed');
  }
  private die(): never {
    this.dead = true;
    throw new Error('killed');
  }
}

export const mortalRecords = (store: RecordStore, death: Death): RecordStore => ({
  ...store,
  put: (...put) => death.write(() => store.put(...put)),
  delete: (...key) => death.write(() => store.delete(...key)),
  count: (...count) => death.write(() => store.count(...count)),
});

export const mortalObjects = (store: ObjectStore, death: Death): ObjectStore => ({
  ...store,
  put: (...put) => death.write(() => store.put(...put)),
});

export const START = '2026-01-01T00:00:00.000Z';
/** n minutes after START */
export const minute = (n: number) => new Date(Date.parse(START) + n * 60_000).toISOString();

export function subscriptionOf(over: Partial<Subscription> & Pick<Subscription, 'id' | 'filter'>): Subscription {
  return {
    kinds: ['newOpportunity', 'scoreCrossed'],
    cadence: 'instant',
    timeZone: 'Europe/Berlin',
    hour: 8,
    weekday: 1,
    language: 'en',
    channel: { type: 'webhook', url: 'https://receiver.example.com/hook' },
    status: 'active',
    owner: `owner of ${over.id}`,
    tokenHash: '',
    linkKey: 'bGluaw',
    secrets: null,
    baseUrl: 'https://api.example.com/api',
    createdAt: START,
    activatedAt: START,
    pendingUntil: null,
    disabledReason: null,
    ...over,
  };
}

/** Everything that matching reads and writes, in memory. */
export function alertWorld() {
  const catalog = memoryCatalog();
  const pages = memoryPageStore();
  const artifacts = memoryObjectStore();
  const store = memoryRecordStore();
  const records = alertRecords(store);
  const clock = { now: new Date(minute(0)) };
  let runs = 0;

  /** Makes a world the current run: pages, flows, the run's record, the pointer. */
  async function publish(world: ScoredWorld, manifest: Parameters<typeof manifestOf>[1] = {}) {
    const [run, slot] = [`run${++runs}`, (runs - 1) % 3];
    clock.now = new Date(minute(10 * runs));
    const at = clock.now.toISOString();
    await pages.put(world.pages(run, slot));
    await artifacts.put(artifactKeys(run).flows, encodeFlows(flowsOf(world)));
    const inputs = [{ dataset: 'aa', year: 2014 + runs, columnsKey: '', contentHash: run }];
    await catalog.putRun({
      run,
      status: 'published',
      slot,
      attempt: 1,
      startedAt: at,
      finishedAt: at,
      manifest: manifestOf(world, {
        inputs,
        years: [2014 + runs],
        settings: { extensiveKept: world.shape.extensiveKept },
        ...manifest,
      }),
    });
    const pointer = await catalog.pointer();
    const previous = pointer && { run: pointer.run, slot: pointer.slot };
    await catalog.flip({ run, slot, publishedAt: at, previous }, pointer?.run ?? null);
    clock.now = new Date(clock.now.getTime() + 60_000);
    return run;
  }

  /** Matches in a process that may die. */
  const match = (death = new Death()) =>
    matchRun({
      records: alertRecords(mortalRecords(store, death)),
      catalog,
      pages,
      artifacts: mortalObjects(artifacts, death),
      clock: () => clock.now,
    })();

  const subscribe = async (...subscriptions: Subscription[]) => {
    for (const each of subscriptions) await records.putSubscription(each, 0, null);
  };
  return { catalog, pages, artifacts, store, records, clock, publish, match, subscribe };
}
export type AlertWorld = ReturnType<typeof alertWorld>;

function flowsOf({ countries, products, valueAt }: ScoredWorld) {
  const rows: { e: number; m: number; p: number; value: number }[] = [];
  for (let e = 0; e < countries.codes.length; e++)
    for (let m = 0; m < countries.codes.length; m++)
      for (let p = 0; p < products.codes.length; p++) {
        const value = valueAt(e, p, m);
        if (value > 0) rows.push({ e, m, p, value });
      }
  const columns: FlowColumns = {
    exporterN: rows.map(({ e }) => e),
    importerN: rows.map(({ m }) => m),
    productN: rows.map(({ p }) => p),
    valueN: rows.map(({ value }) => value),
  };
  return sortFlows(countries, products, columns);
}
