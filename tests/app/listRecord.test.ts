import { beforeEach, describe, expect, it } from 'vitest';
import { type Backtest, backtestJson, backtestPage } from '../../lib/app/backtestRecord.ts';
import { api } from '../handlers/apiClient.fixture.ts';
import { publish, SMALL, scoredWorld } from './scoredWorld.fixture.ts';

const world = scoredWorld(SMALL);
const size = (fromUsd: number, toUsd: number, cameTrue: number) => ({
  fromUsd,
  toUsd,
  exporters: 12,
  cameTrue,
  interval: { low: cameTrue - 1, high: cameTrue + 1, draws: 1_000 },
});
const usd = (code: string) => world.countryFacts[world.countries.at.get(code)!]!.exportsUsd;
const [small, large] = [...world.countries.codes]
  .sort((a, b) => usd(a) - usd(b))
  .filter((code) => usd(code) > 0)
  .slice(0, 2) as [string, string];
const round = (value: number) => Math.round(value / 1e5) * 1e5;
const between = round((usd(small) + usd(large)) / 2);

const BACKTEST: Backtest = {
  run: 'r1',
  base: 2012,
  outcome: 2017,
  between: [],
  level: world.products.codes[0]!.length,
  hsRevision: 'HS17',
  synthetic: false,
  eventUsd: 100_000,
  draws: 1_000,
  exporters: { known: 36, judged: 36, lost: 0 },
  universe: null,
  scores: [],
  lists: [
    {
      basis: 'newMarket',
      sizes: [size(1, between, 2.5), size(between, round(usd(large) * 0.99), 3.5), size(round(usd(large)), 1e9, 9)],
    },
    { basis: 'newPair', sizes: [size(1, round(usd(small) / 2), 0.5)] },
  ],
  skipped: [],
  limits: [],
  reason: null,
};

interface Told {
  record: { run: string; lists: { basis: string; ofTwenty: number }[]; note: string } | null;
  recordReason?: string;
}

let service: ReturnType<typeof api>;
beforeEach(async () => {
  service = api();
  await publish(service, world, { run: 'r1', slot: 0, at: '2026-03-01T00:00:00.000Z' });
});
/** The back-test of the run is there from now on. */
async function judged(over: Partial<Backtest> = {}) {
  const run = (await service.catalog.runs(1))[0]!;
  await service.catalog.putRun({
    ...run,
    manifest: { ...run.manifest, earlier: { year: 2012, inputs: [], between: [] } },
  });
  await service.pages.put([backtestPage('r1', backtestJson({ ...BACKTEST, ...over }))]);
}
const asked = async (exporter: string, more = '') => {
  const reply = await service.ask(`/v1/opportunities?exporter=${exporter}${more}`);
  return { ...(reply.json() as unknown as Told), etag: reply.headers.etag };
};

describe('the record beside a list', () => {
  it('is that of exporters of about the size, of each basis asked for', async () => {
    await judged();
    const told = await asked(small);
    expect(told.record?.lists).toEqual([
      { basis: 'newMarket', ofTwenty: 2.5, low: 1.5, high: 3.5, exporters: 12, fromUsd: 1, toUsd: between },
      // larger than all that were judged: the largest of them
      {
        basis: 'newPair',
        ofTwenty: 0.5,
        low: -0.5,
        high: 1.5,
        exporters: 12,
        fromUsd: 1,
        toUsd: round(usd(small) / 2),
      },
    ]);
    expect(told.record?.note).toContain('held 100,000 USD or more in 2017 when ranked from 2012');
    expect((await asked(large, '&basis=newMarket')).record?.lists).toMatchObject([{ basis: 'newMarket', ofTwenty: 9 }]);
  });

  it('is null where there is none, and says why', async () => {
    expect(await asked(small)).toMatchObject({
      record: null,
      recordReason: expect.stringContaining('no trade of an earlier year'),
    });
    service.wait(60_000);
    await judged();
    expect(await asked(small, '&basis=existing')).toMatchObject({
      record: null,
      recordReason: expect.stringContaining('empty cells'),
    });
  });

  it.each<[string, Partial<Backtest>, string]>([
    ['invented data', { synthetic: true }, 'The newest back-test is of invented data'],
    ['another level', { level: 2 }, 'of real data with 2 digits'],
    ['a year with nothing to judge', { reason: 'No exporter has flows in both years.' }, 'No exporter has flows'],
  ])('is not that of %s', async (_, over, reason) => {
    await judged(over);
    expect(await asked(small)).toMatchObject({ record: null, recordReason: expect.stringContaining(reason) });
  });

  it('comes some time after the run, and the answer is a new one then', async () => {
    const before = await asked(small);
    await judged();
    expect((await asked(small)).etag).toBe(before.etag);
    service.wait(60_000);
    const after = await asked(small);
    expect(after.record?.run).toBe('r1');
    expect(after.etag).not.toBe(before.etag);
  });
});
