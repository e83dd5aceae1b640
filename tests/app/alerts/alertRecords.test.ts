import { describe, expect, it } from 'vitest';
import { memoryRecordStore } from '../../../lib/adapters/memory/memoryRecordStore.ts';
import { alertRecords } from '../../../lib/app/alerts/alertRecords.ts';
import type { Delivery, Subscription } from '../../../lib/app/alerts/records.ts';
import { Death, minute, mortalRecords, START, subscriptionOf } from './alerts.fixture.ts';

const LATER = minute(60 * 48);
const pending = subscriptionOf({
  id: 's',
  owner: 'o',
  filter: { exporter: 'MEX' },
  status: 'pending',
  activatedAt: null,
  pendingUntil: LATER,
});
const active: Subscription = { ...pending, status: 'active', activatedAt: START, pendingUntil: null };
const ended: Subscription = { ...active, status: 'ended', pendingUntil: LATER };

const begun = () => {
  const store = memoryRecordStore();
  return { store, records: alertRecords(store) };
};
const ids = (subscriptions: readonly Subscription[]) => subscriptions.map(({ id }) => id);

describe('a subscription', () => {
  it('is found by its owner always, and by its exporter while it is active', async () => {
    const { records } = begun();
    const seen: unknown[] = [];
    const look = async () => seen.push([ids(await records.ofOwner('o')), ids(await records.watching('MEX'))]);
    await records.putSubscription(pending, 0, null);
    await look();
    await records.putSubscription(active, 1, pending);
    await look();
    await records.putSubscription({ ...active, status: 'paused' }, 2, active);
    await look();
    expect(seen).toEqual([
      [['s'], []],
      [['s'], ['s']],
      [['s'], []],
    ]);
    expect(await records.watchedExporters()).toEqual(['MEX']);
  });

  it('is watched under its new exporter when that changes, and under no other', async () => {
    const { records } = begun();
    await records.putSubscription(active, 0, null);
    await records.putSubscription({ ...active, filter: { exporter: 'USA' } }, 1, active);
    expect([ids(await records.watching('MEX')), ids(await records.watching('USA'))]).toEqual([[], ['s']]);
  });

  it('is not written over a version that was not read', async () => {
    const { records } = begun();
    expect(await records.putSubscription(pending, 0, null)).toBe(true);
    expect(await records.putSubscription(pending, 0, null)).toBe(false);
    expect(await records.putSubscription(active, 1, pending)).toBe(true);
    expect(await records.putSubscription({ ...active, status: 'paused' }, 1, pending)).toBe(false);
    expect((await records.subscription('s'))?.value.status).toBe('active');
  });

  it('expires while pending or ended, with what leads to it; not while active', async () => {
    const { store, records } = begun();
    const expiry = async () => [
      (await store.get('sub#s', 'sub'))?.expiresAt,
      (await store.get('owner#o', 'sub#s'))?.expiresAt,
    ];
    await records.putSubscription(pending, 0, null);
    expect(await expiry()).toEqual([LATER, LATER]);
    await records.putSubscription(active, 1, pending);
    expect(await expiry()).toEqual([null, null]);
    await records.putSubscription(ended, 2, active);
    expect(await expiry()).toEqual([LATER, LATER]);
  });

  it.each([
    ['begun', null, pending],
    ['confirmed', pending, active],
    ['ended', active, ended],
  ] as const)('%s by a process that dies at any write is never without what leads to it', async (_, before, after) => {
    const whole = begun();
    const count = new Death();
    if (before) await whole.records.putSubscription(before, 0, null);
    await alertRecords(mortalRecords(whole.store, count)).putSubscription(after, before ? 1 : 0, before);
    expect(count.writes).toBeGreaterThan(1);
    for (let write = 1; write <= count.writes; write++)
      for (const when of ['before', 'after'] as const) {
        const { store, records } = begun();
        if (before) await records.putSubscription(before, 0, null);
        const dying = alertRecords(mortalRecords(store, new Death(write, when)));
        await expect(dying.putSubscription(after, before ? 1 : 0, before)).rejects.toThrow('killed');
        const known = (await records.subscription('s'))?.value;
        if (!known) continue;
        expect(ids(await records.ofOwner('o'))).toEqual(['s']);
        if (known.status === 'active') {
          expect(ids(await records.watching('MEX'))).toEqual(['s']);
          // nothing that leads to an active one goes away by itself
          expect((await store.get('owner#o', 'sub#s'))?.expiresAt).toBeNull();
        }
      }
  });

  it('erased leaves nothing, even when a process dies on the way and it is done again', async () => {
    const delivery: Delivery = {
      id: 'd',
      subscription: 's',
      kind: 'test',
      status: 'sent',
      createdAt: START,
      dueAt: START,
      attempts: 1,
      leaseUntil: null,
      runs: null,
      log: [],
      replays: null,
    };
    const filled = async () => {
      const { store, records } = begun();
      await records.putSubscription(active, 0, null);
      await records.putDelivery(delivery, 0);
      return { store, records };
    };
    const count = new Death();
    const { store } = await filled();
    await alertRecords(mortalRecords(store, count)).erase(active);
    expect(count.writes).toBeGreaterThan(3);
    for (let write = 1; write <= count.writes; write++) {
      const { store: left, records } = await filled();
      const death = new Death(write, 'before');
      await expect(alertRecords(mortalRecords(left, death)).erase(active)).rejects.toThrow('killed');
      // what counts goes last: whoever erases again still finds it
      expect((await records.subscription('s'))?.value.id).toBe('s');
      await records.erase(active);
      expect(await records.subscription('s')).toBeNull();
      expect(await records.deliveries('s')).toEqual([]);
      expect([await records.ofOwner('o'), await records.watching('MEX')]).toEqual([[], []]);
    }
  });
});

it('a count is of one hour', async () => {
  const { records } = begun();
  const count = (at: string) => records.countInHour('x', new Date(at));
  expect([await count(minute(0)), await count(minute(59)), await count(minute(60))]).toEqual([1, 2, 1]);
});
