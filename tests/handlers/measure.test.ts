import { afterEach, describe, expect, it, vi } from 'vitest';
import { ingestHandler } from '../../functions/ingest/handler.ts';
import { MEASURES, type Measure, measure } from '../../functions/measure.ts';
import { reconcileHandler } from '../../functions/reconcile/handler.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryQueue } from '../../lib/adapters/memory/memoryQueue.ts';
import { readAgain } from '../../lib/app/objectCreated.ts';
import { flowsCsv, ingestWorld } from '../app/ingest.fixture.ts';

const measured: Parameters<Measure>[0][] = [];
const keep: Measure = (values) => void measured.push(values);
afterEach(() => {
  measured.length = 0;
  vi.restoreAllMocks();
});
const context = {} as never;

it('a measure is one line of the log, in the format that CloudWatch reads', () => {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  // to this process's console, and there too
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'reconcile');
  measure('prod')({ DataAgeDays: 3.5, Resent: 2 });
  vi.unstubAllEnvs();
  expect(lines).toHaveLength(1);
  const { _aws, ...values } = JSON.parse(lines[0] ?? '');
  expect(values).toEqual({ service: 'reconcile', stage: 'prod', DataAgeDays: 3.5, Resent: 2 });
  const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics;
  expect(Namespace).toBe('Portolan');
  expect(Dimensions.map((set: string[]) => set.toSorted())).toEqual([['service', 'stage']]);
  expect(Metrics.map(({ Name, Unit }: Record<string, string>) => [Name, Unit])).toEqual([
    ['DataAgeDays', MEASURES.DataAgeDays],
    ['Resent', MEASURES.Resent],
  ]);
});

describe('reconcile', () => {
  const clock = () => new Date('2026-02-01T12:00:00Z');
  const run = async (drops: { lastModified: string; outcome: 'stored' | 'refused' }[]) => {
    const catalog = memoryCatalog();
    for (const [at, drop] of drops.entries())
      await catalog.putDrop({ key: `drops/${at}`, etag: 'e', sequencer: '', bytes: 1, ...drop });
    const deps = { drops: memoryObjectStore(clock), bucket: 'b', catalog, ingest: memoryQueue(), start: memoryQueue() };
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
    await reconcileHandler({ ...deps, clock, measure: keep })(event, context);
    return measured.at(-1);
  };

  it('measures the age of the newest file that is stored; a refused one makes nothing younger', async () => {
    const drops = [
      { lastModified: '2026-01-01T00:00:00Z', outcome: 'stored' },
      { lastModified: '2026-01-22T00:00:00Z', outcome: 'stored' },
      { lastModified: '2026-01-31T00:00:00Z', outcome: 'refused' },
    ] as const;
    expect(await run([...drops])).toEqual({ Resent: 0, DataAgeDays: 10.5 });
  });

  it('measures no age where there are no data', async () => expect(await run([])).toEqual({ Resent: 0 }));
});

describe('ingest', () => {
  it.each([
    ['FilesRefused', 'colour,shape\nred,round\n'],
    ['FilesStored', flowsCsv('2020,MEX,USA,870323,1500')],
    ['FilesStoredWithRejects', flowsCsv('2020,MEX,USA,870323,1500', '2020,XQX,USA,870323,1500')],
  ])('counts %s', async (name, text) => {
    const { deps, put } = ingestWorld();
    await put('drops/a.csv', text);
    for await (const object of deps.drops.list('drops/')) {
      const record = { messageId: 'm', body: readAgain(deps.bucket, object) };
      await ingestHandler({ ...deps, measure: keep })({ Records: [record] }, context);
    }
    expect(measured).toEqual([{ [name]: 1 }]);
  });
});
