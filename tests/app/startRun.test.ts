import { beforeEach, describe, expect, it } from 'vitest';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryExecutor } from '../../lib/adapters/memory/memoryExecutor.ts';
import { failRun } from '../../lib/app/failRun.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { freeSlot, startRun } from '../../lib/app/startRun.ts';
import { dropOf, flowDataset } from './records.fixture.ts';

let catalog: ReturnType<typeof memoryCatalog>;
let executor: ReturnType<typeof memoryExecutor>;
const clock = () => new Date('2026-01-10T00:00:00Z');
const start = () => startRun({ catalog, executor, clock, settings: SETTINGS, codeVersion: 'c' })();

async function store(name: string) {
  const dataset = flowDataset({ dataset: name });
  await catalog.putDataset(dataset);
  await catalog.putDrop(dropOf(dataset));
}

beforeEach(() => {
  catalog = memoryCatalog();
  executor = memoryExecutor();
});

describe('startRun', () => {
  it('does nothing without flows', async () => {
    expect(await start()).toEqual({ outcome: 'noFlows' });
  });

  it('starts one execution however often it is woken', async () => {
    await store('a');
    const outcomes = await Promise.all([start(), start(), start()]);
    outcomes.push(await start());
    expect(executor.started).toHaveLength(1);
    expect(outcomes.some((each) => each.outcome === 'started')).toBe(true);
    expect(outcomes.at(-1)?.outcome).toBe('busy');
  });

  it('waits while a run is under way, then scores what came in between', async () => {
    await store('a');
    await start();
    await store('b');
    expect((await start()).outcome).toBe('busy');
    executor.running.clear();
    expect((await start()).outcome).toBe('started');
    expect(executor.started.map((execution) => execution.name)).toHaveLength(2);
  });

  it('takes over a lease whose execution never began', async () => {
    await store('a');
    await catalog.acquire({ owner: 'dead-1', expiresAt: '2026-01-10T01:00:00Z' }, '2026-01-10T00:00:00Z');
    expect((await start()).outcome).toBe('started');
  });

  it('says that the current run is current', async () => {
    await store('a');
    const started = await start();
    if (started.outcome !== 'started') throw new Error(started.outcome);
    await catalog.flip({ run: started.run, slot: 0, publishedAt: '2026-01-10T00:00:00Z', previous: null }, null);
    expect(await start()).toEqual({ outcome: 'current', run: started.run });
  });

  it('tries a failing run three times and then leaves it, with the reason', async () => {
    await store('a');
    for (const attempt of [1, 2, 3]) {
      const started = await start();
      expect(started).toMatchObject({ outcome: 'started', attempt });
      if (started.outcome !== 'started') throw new Error(started.outcome);
      executor.running.clear();
      await failRun({ catalog, clock })({ run: started.run, attempt, reason: 'no space' });
    }
    expect(await start()).toMatchObject({ outcome: 'givenUp', reason: 'no space' });
    await store('b'); // other data: another run, tried again
    expect((await start()).outcome).toBe('started');
  });
});

describe('freeSlot', () => {
  it('is neither current nor previous', () => {
    const pointer = (slot: number, previous: number | null) => ({
      run: 'r',
      slot,
      publishedAt: '2026-01-10T00:00:00Z',
      previous: previous === null ? null : { run: 'p', slot: previous },
    });
    expect(freeSlot(null)).toBe(0);
    expect(freeSlot(pointer(0, null))).toBe(1);
    expect(freeSlot(pointer(1, 0))).toBe(2);
    expect(freeSlot(pointer(2, 1))).toBe(0);
  });
});
