import { describe, expect, it } from 'vitest';
import { STALLED_MS, scored, type Watch } from '../../functions/cli/outcome.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { planRun } from '../../lib/app/planRun.ts';
import type { Drop, Run } from '../../lib/app/records.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { dropOf, flowDataset } from '../app/records.fixture.ts';

const codeVersion = 'c0de';
const at = '2026-01-02T00:00:00.400Z';
const object = (name: string) => ({ key: `drops/${name}.csv`, etag: name, lastModified: '2026-01-02T00:00:00.000Z' });

/** A service in memory whose story is told look by look: story[n] happens while the command line sleeps for the n-th time. */
function service(story: ((catalog: ReturnType<typeof memoryCatalog>, publish: (run: string) => void) => unknown)[]) {
  const catalog = memoryCatalog();
  let clock = 0;
  let published: string | null = null;
  const told: string[] = [];
  const watch: Watch = {
    catalog,
    codeVersion,
    answered: async () => published,
    now: () => clock,
    async sleep(ms) {
      clock += ms;
      await story.shift()?.(catalog, (run) => {
        published = run;
      });
    },
    onOutcome: (drop, stored) => told.push(`${drop.key} ${drop.outcome} ${stored.map(({ dataset }) => dataset)}`),
    onRun: ({ run, status }) => told.push(`${run} ${status}`),
  };
  return { catalog, watch, told };
}

async function store(catalog: ReturnType<typeof memoryCatalog>, name: string, over: Partial<Drop> = {}) {
  const dataset = flowDataset({ dataset: name, lastModified: at });
  await catalog.putDataset(dataset);
  await catalog.putDrop(dropOf(dataset, over));
}

async function due(catalog: ReturnType<typeof memoryCatalog>): Promise<Run> {
  const planned = planRun({ datasets: await catalog.datasets(), drops: await catalog.drops() }, SETTINGS, codeVersion);
  if (!planned) throw new Error('no flows');
  return { ...planned, status: 'running', slot: 0, attempt: 1, startedAt: at };
}

describe('waiting for scores', () => {
  it('ends when the API answers with the run over everything dropped, not with one over a part of it', async () => {
    let partial = '';
    const { catalog, watch, told } = service([
      (stored) => store(stored, 'first'),
      async (stored, publish) => {
        partial = (await due(stored)).run;
        publish(partial);
      },
      (stored) => store(stored, 'second'),
      async (stored) => stored.putRun(await due(stored)),
      async (stored, publish) => publish((await due(stored)).run),
    ]);
    const result = await scored([object('first'), object('second')], watch);
    const { run } = await due(catalog);
    expect(run).not.toBe(partial);
    expect(result).toEqual({ refused: [], run, answeredAt: 5 * 120, failure: null });
    expect(told).toEqual(['drops/first.csv stored first', 'drops/second.csv stored second', `${run} running`]);
  });

  it('ends at once when what was dropped is published already', async () => {
    const { catalog, watch } = service([]);
    await store(catalog, 'same');
    const { run } = await due(catalog);
    expect(await scored([object('same')], { ...watch, answered: async () => run })).toEqual({
      refused: [],
      run,
      answeredAt: null,
      failure: null,
    });
  });

  it('does not take the outcome of an earlier version for that of this one', async () => {
    const { catalog, watch } = service([(stored) => store(stored, 'again')]);
    const { run } = await store(catalog, 'again', { lastModified: '2025-12-31T00:00:00Z' }).then(() => due(catalog));
    expect((await scored([object('again')], { ...watch, answered: async () => run })).run).toBe(run);
    expect(watch.now()).toBe(120);
  });

  it('gives refused drops back with their reason, and waits for no run when there is nothing to score', async () => {
    const refusal = { outcome: 'refused', dataset: undefined, reason: 'the file is empty' } as const;
    const { watch, told } = service([
      (stored) => {
        const { dataset: _, ...drop } = dropOf(flowDataset({ dataset: 'bad' }), { lastModified: at });
        return stored.putDrop({ ...drop, ...refusal, dataset: undefined } as unknown as Drop);
      },
    ]);
    const result = await scored([object('bad')], watch);
    expect(told).toEqual(['drops/bad.csv refused ']);
    expect(result.run).toBe(null);
    expect(result.refused.map(({ reason }) => reason)).toEqual(['the file is empty']);
  });

  it('tells of every file of an archive', async () => {
    const { catalog, watch, told } = service([]);
    await store(catalog, 'one', { key: 'drops/all.zip!/one.csv' });
    await store(catalog, 'two', { key: 'drops/all.zip!/two.csv' });
    await catalog.putDrop({ ...dropOf(flowDataset({ dataset: 'zip', key: 'drops/all.zip' })), lastModified: at });
    const { run } = await due(catalog);
    await scored([{ ...object('zip'), key: 'drops/all.zip' }], { ...watch, answered: async () => run });
    expect(told).toEqual(['drops/all.zip stored one,two']);
  });

  it('stops when the run has failed for good, with its reason; an attempt that will be repeated is waited for', async () => {
    const { catalog, watch } = service([
      async (stored) => stored.putRun({ ...(await due(stored)), status: 'failed', reason: 'out of memory' }),
      async (stored) =>
        stored.putRun({ ...(await due(stored)), status: 'failed', attempt: 3, reason: 'out of memory' }),
    ]);
    await store(catalog, 'big');
    expect((await scored([object('big')], watch)).failure).toMatch(/^run \w+ failed 3 times: out of memory$/);
    expect(watch.now()).toBe(240);
  });

  it('stops when nothing has happened for ten minutes, and says what it waited for', async () => {
    const { watch } = service([]);
    expect((await scored([object('lost')], watch)).failure).toBe(
      'nothing has happened for 10 min 0 s; drops/lost.csv has no outcome',
    );
    expect(watch.now()).toBeGreaterThan(STALLED_MS);
    expect(watch.now()).toBeLessThan(STALLED_MS + 1000);
  });

  it('stops when something was given up: no waiting brings its outcome', async () => {
    const { catalog, watch } = service([(stored) => store(stored, 'good')]);
    const givenUp = () => (watch.now() > 200 ? 'drops/bad.csv was given up' : null);
    const result = await scored([object('good'), object('bad')], { ...watch, givenUp });
    expect(result).toMatchObject({ run: null, failure: 'drops/bad.csv was given up' });
    expect(await catalog.drops()).toHaveLength(1);
  });

  it('asks again when the API fails, and says so when it fails for good', async () => {
    const { catalog, watch } = service([]);
    await store(catalog, 'file');
    const { run } = await due(catalog);
    const failing = (until: number) => async () => {
      if (watch.now() < until) throw new Error('answered 502');
      return run;
    };
    const result = await scored([object('file')], { ...watch, answered: failing(500) });
    expect(result).toMatchObject({ run, answeredAt: 600 });
    const never = await scored([object('file')], { ...watch, answered: failing(Number.POSITIVE_INFINITY) });
    expect(never.failure).toBe('nothing has happened for 10 min 0 s; answered 502');
  });

  it('keeps waiting while anything goes on', async () => {
    const { watch, catalog } = service([]);
    let ticks = 0;
    const busy = {
      ...watch,
      activity: () => (watch.now() < 2 * STALLED_MS ? ticks++ : ticks),
      sleep: (ms: number) => watch.sleep(ms * 100),
    };
    await store(catalog, 'slow');
    expect((await scored([object('slow')], busy)).failure).toContain('the run over what is stored is not started');
    expect(watch.now()).toBeGreaterThan(3 * STALLED_MS);
  });
});
