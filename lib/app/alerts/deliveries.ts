import type { Clock } from '../../ports/clock.ts';
import type { AlertRecords } from './alertRecords.ts';
import type { Delivery, Subscription } from './records.ts';
import { type RandomBytes, shortHash } from './tokens.ts';

/** What the owner of a subscription may do with its deliveries. */
export function deliveries(deps: { records: AlertRecords; clock: Clock; random: RandomBytes }) {
  const { records, clock, random } = deps;

  const due = async (subscription: string, kind: Delivery['kind'], over: Partial<Delivery> = {}): Promise<Delivery> => {
    const now = clock().toISOString();
    const delivery: Delivery = {
      id: shortHash(subscription, kind, Buffer.from(random(16)).toString('base64url')),
      subscription,
      kind,
      status: 'due',
      createdAt: now,
      dueAt: now,
      attempts: 0,
      leaseUntil: null,
      runs: null,
      log: [],
      replays: null,
      ...over,
    };
    await records.putDelivery(delivery, 0);
    return delivery;
  };

  return {
    /** What was delivered in the last 30 days and how each attempt went, the newest first. */
    log: ({ id }: Subscription) => records.deliveries(id),

    /** Sends what a delivery said again, under the same webhook-id. Null when there is no such delivery, or it never said anything. */
    async replay({ id }: Subscription, delivery: string): Promise<Delivery | null> {
      const stored = (await records.delivery(id, delivery))?.value;
      if (!stored?.runs?.length) return null;
      return due(id, 'matched', { runs: stored.runs, replays: stored.replays ?? stored.id });
    },

    /** Sends a message that says it is a test. */
    test: ({ id }: Subscription) => due(id, 'test'),

    /** Asks, where messages would go, whether a pending subscription is wanted: once for each time that it became pending. */
    confirm: ({ id, pendingUntil }: Subscription) =>
      due(id, 'confirm', { id: shortHash(id, 'confirm', pendingUntil ?? '') }),

    /** Sees to it that what was found and nobody took is told. */
    async catchUp({ id }: Subscription): Promise<void> {
      const found = await records.found(id);
      if (found.some(({ value }) => value.takenBy === null)) await due(id, 'matched');
    },
  };
}
