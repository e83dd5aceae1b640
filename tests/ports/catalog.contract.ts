import { beforeEach, describe, expect, it } from 'vitest';
import type { Dataset, Drop, Run } from '../../lib/app/records.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';

const drop = (over: Partial<Drop> = {}): Drop => ({
  key: 'drops/a.csv',
  etag: 'e1',
  sequencer: '0055',
  lastModified: '2026-01-02T00:00:00Z',
  bytes: 10,
  outcome: 'stored',
  dataset: 'aa',
  ...over,
});

const dataset = (over: Partial<Dataset> = {}): Dataset => ({
  dataset: 'aa',
  kind: 'flows',
  format: 'baci',
  key: 'drops/a.csv',
  lastModified: '2026-01-02T00:00:00Z',
  bytes: 10,
  rowsRead: 3,
  rowsStored: 2,
  duplicatesSummed: 0,
  rejected: { 'value.negative': 1 },
  ...over,
});

const run = (over: Partial<Run> = {}): Run => ({
  run: 'r1',
  status: 'running',
  slot: 0,
  attempt: 1,
  startedAt: '2026-01-02T00:00:00Z',
  manifest: {
    codeVersion: 'c',
    settings: { windowYears: 3 },
    level: 6,
    hsRevision: 'HS17',
    years: [2020],
    inputs: [],
    earlier: null,
    dictionaries: [],
    covariates: [],
    unused: [],
    synthetic: false,
  },
  ...over,
});

/** What every catalog must do; `fresh` gives an empty one. */
export function catalogContract(name: string, fresh: () => Promise<Catalog>): void {
  describe(`catalog: ${name}`, () => {
    let catalog: Catalog;
    beforeEach(async () => {
      catalog = await fresh();
    });

    it('keeps the newest version of a drop, whatever the order of arrival', async () => {
      expect(await catalog.putDrop(drop({ sequencer: '0A1', etag: 'new' }))).toBe(true);
      expect(await catalog.putDrop(drop({ sequencer: '09FF', etag: 'old' }))).toBe(false); // 09FF < 0A10
      expect((await catalog.drops()).map((stored) => stored.etag)).toEqual(['new']);
    });

    it('takes the same drop twice and compares by time when a version has no sequencer', async () => {
      expect(await catalog.putDrop(drop())).toBe(true);
      expect(await catalog.putDrop(drop())).toBe(true);
      expect(await catalog.putDrop(drop({ sequencer: '', lastModified: '2026-01-01T00:00:00Z' }))).toBe(false);
      expect(await catalog.putDrop(drop({ sequencer: '', lastModified: '2026-01-03T00:00:00Z', etag: 'e2' }))).toBe(
        true,
      );
      expect((await catalog.drops()).map((stored) => stored.etag)).toEqual(['e2']);
    });

    it('two versions racing leave the newer one', async () => {
      await Promise.all(
        ['03', '01', '07', '05'].map((sequencer) => catalog.putDrop(drop({ sequencer, etag: sequencer }))),
      );
      expect((await catalog.drops())[0]?.etag).toBe('07');
    });

    it('replaces a dataset put twice and lists by id', async () => {
      await catalog.putDataset(dataset({ dataset: 'bb' }));
      await catalog.putDataset(dataset());
      await catalog.putDataset(dataset({ rowsStored: 5 }));
      expect((await catalog.datasets()).map((stored) => [stored.dataset, stored.rowsStored])).toEqual([
        ['aa', 5],
        ['bb', 2],
      ]);
      expect(await catalog.getDataset('cc')).toBeNull();
    });

    it('lists runs newest first, each once with its latest state', async () => {
      await catalog.putRun(run());
      await catalog.putRun(run({ run: 'r2', startedAt: '2026-01-03T00:00:00Z' }));
      await catalog.putRun(run({ startedAt: '2026-01-04T00:00:00Z', attempt: 2, status: 'failed', reason: 'x' }));
      expect((await catalog.runs(10)).map((stored) => [stored.run, stored.attempt])).toEqual([
        ['r1', 2],
        ['r2', 1],
      ]);
      expect(await catalog.runs(1)).toHaveLength(1);
    });

    it('flips the pointer only from where it is expected, and a repeated flip holds', async () => {
      const to = (id: string, previous: string | null) => ({
        run: id,
        slot: 1,
        publishedAt: '2026-01-02T00:00:00Z',
        previous: previous === null ? null : { run: previous, slot: 0 },
      });
      expect(await catalog.pointer()).toBeNull();
      expect(await catalog.flip(to('r1', 'r0'), 'r0')).toBe(false);
      expect(await catalog.flip(to('r1', null), null)).toBe(true);
      expect(await catalog.flip(to('r1', null), null)).toBe(true);
      expect(await catalog.flip(to('r2', null), null)).toBe(false);
      expect(await catalog.flip(to('r2', 'r1'), 'r1')).toBe(true);
      expect(await catalog.pointer()).toEqual(to('r2', 'r1'));
    });

    it('gives the lease to one owner at a time, to the same owner again, and to another after it expired', async () => {
      const lease = (owner: string, expiresAt = '2026-01-02T01:00:00Z') => ({ owner, expiresAt });
      expect(await catalog.acquire(lease('a'), '2026-01-02T00:00:00Z')).toBe(true);
      expect(await catalog.acquire(lease('b'), '2026-01-02T00:30:00Z')).toBe(false);
      expect(await catalog.acquire(lease('a'), '2026-01-02T00:30:00Z')).toBe(true);
      expect(await catalog.acquire(lease('b', '2026-01-02T03:00:00Z'), '2026-01-02T01:00:00Z')).toBe(true);
      expect(await catalog.release('a')).toBe(false);
      expect(await catalog.lease()).toEqual(lease('b', '2026-01-02T03:00:00Z'));
      expect(await catalog.release('b')).toBe(true);
      expect(await catalog.lease()).toBeNull();
    });

    it('one of many racing owners gets the lease', async () => {
      const wanted = ['a', 'b', 'c', 'd'].map((owner) => ({ owner, expiresAt: '2026-01-02T01:00:00Z' }));
      const got = await Promise.all(wanted.map((lease) => catalog.acquire(lease, '2026-01-02T00:00:00Z')));
      expect(got.filter(Boolean)).toHaveLength(1);
    });
  });
}
