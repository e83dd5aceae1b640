import { beforeEach, describe, expect, it } from 'vitest';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryEventBus } from '../../lib/adapters/memory/memoryEventBus.ts';
import { memoryExecutor } from '../../lib/adapters/memory/memoryExecutor.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { failRun } from '../../lib/app/failRun.ts';
import { publishRun } from '../../lib/app/publishRun.ts';
import { artifactKeys } from '../../lib/app/runArtifacts.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { startRun } from '../../lib/app/startRun.ts';
import { dropOf, flowDataset } from './records.fixture.ts';

const clock = () => new Date('2026-01-10T00:00:00Z');
let catalog: ReturnType<typeof memoryCatalog>;
let executor: ReturnType<typeof memoryExecutor>;
let artifacts: ReturnType<typeof memoryObjectStore>;
let bus: ReturnType<typeof memoryEventBus>;

beforeEach(() => {
  catalog = memoryCatalog();
  executor = memoryExecutor();
  artifacts = memoryObjectStore();
  bus = memoryEventBus();
});

/** Stores a dataset, starts its run and lets every shard leave a receipt. */
async function scored(name: string) {
  const dataset = flowDataset({ dataset: name, lastModified: `2026-01-0${executor.started.length + 1}T00:00:00Z` });
  await catalog.putDataset(dataset);
  await catalog.putDrop(dropOf(dataset));
  const started = await startRun({ catalog, executor, clock, settings: SETTINGS, codeVersion: 'c' })();
  if (started.outcome !== 'started') throw new Error(started.outcome);
  const record = await catalog.getRun(started.run);
  if (record) await catalog.putRun({ ...record, facts: { shards: ['exporter-0-3', 'world-0-0'] } });
  await receipt(started.run, started.attempt, 'exporter-0-3');
  await receipt(started.run, started.attempt, 'world-0-0', { models: { potential: { converged: true } } });
  return started;
}

const receipt = (run: string, attempt: number, shard: string, more: object = {}) =>
  artifacts.put(
    artifactKeys(run).receipt(attempt, shard),
    new TextEncoder().encode(
      JSON.stringify({ cost: { pages: 2, bytes: 100, writeUnits: 3 }, opportunities: 5, ...more }),
    ),
  );
const publish = (attempt: { run: string; slot: number; attempt: number }) =>
  publishRun({ artifacts, catalog, bus, clock })(attempt);

describe('publishRun', () => {
  it('flips the pointer, adds up the receipts, announces the run and gives the lease back', async () => {
    const first = await scored('a');
    await publish(first);
    expect(await catalog.pointer()).toEqual({
      run: first.run,
      slot: 0,
      publishedAt: '2026-01-10T00:00:00.000Z',
      previous: null,
    });
    expect(await catalog.getRun(first.run)).toMatchObject({
      status: 'published',
      facts: { pages: 4, bytes: 200, writeUnits: 6, opportunities: 10, potential: { converged: true } },
    });
    expect(bus.published.map((event) => event.detailType)).toEqual(['scores.published']);
    expect(await catalog.lease()).toBeNull();
  });

  it('keeps the run before as the previous one, in its own slot, over four runs', async () => {
    const runs: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const started = await scored(name);
      executor.running.clear();
      await publish(started);
      runs.push(started.run);
      const pointer = await catalog.pointer();
      expect(pointer?.previous?.run ?? null).toBe(runs.at(-2) ?? null);
      expect(pointer?.previous?.slot).not.toBe(pointer?.slot);
    }
  });

  it('may be repeated after it was killed anywhere behind the flip', async () => {
    const started = await scored('a');
    await publish(started);
    await publish(started);
    expect(await catalog.pointer()).toMatchObject({ run: started.run, previous: null });
  });

  it('refuses while a shard has no receipt, also when an earlier attempt had one', async () => {
    const started = await scored('a');
    await expect(publish({ ...started, attempt: 2 })).rejects.toMatchObject({ code: 'store.inconsistent' });
    expect(await catalog.pointer()).toBeNull();
  });

  it('refuses when the lease went to another run', async () => {
    const started = await scored('a');
    await catalog.release(`${started.run}-1`);
    await catalog.acquire({ owner: 'other-1', expiresAt: '2026-01-11T00:00:00Z' }, '2026-01-10T00:00:00Z');
    await expect(publish(started)).rejects.toMatchObject({ detail: { what: expect.stringContaining('other-1') } });
    expect(await catalog.pointer()).toBeNull();
  });

  it('refuses to publish a slot that readers are in', async () => {
    const first = await scored('a');
    await publish(first);
    executor.running.clear();
    const second = await scored('b');
    await expect(publish({ ...second, slot: first.slot })).rejects.toMatchObject({ code: 'store.inconsistent' });
    expect((await catalog.pointer())?.run).toBe(first.run);
  });
});

describe('failRun', () => {
  it('records the reason, frees the lease and leaves the pointer', async () => {
    const started = await scored('a');
    await failRun({ catalog, clock })({ ...started, reason: 'States.Timeout' });
    expect(await catalog.getRun(started.run)).toMatchObject({ status: 'failed', reason: 'States.Timeout' });
    expect(await catalog.lease()).toBeNull();
    expect(await catalog.pointer()).toBeNull();
  });

  it('does not call a published run failed', async () => {
    const started = await scored('a');
    await publish(started);
    await failRun({ catalog, clock })({ ...started, reason: 'late' });
    expect((await catalog.getRun(started.run))?.status).toBe('published');
  });
});
