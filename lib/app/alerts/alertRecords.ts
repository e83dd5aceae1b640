import type { RecordStore } from '../../ports/recordStore.ts';
import { Delivery, Found, Subscription } from './records.ts';

/**
 * Where the facts of alerts lie, and in which order they are written: no process may die between two writes in a way that loses something.
 *
 *     sub#<id>          sub                     the subscription: what counts
 *                       delivery#<id>           its deliveries
 *                       found#<run>             what a run brought for it
 *     owner#<hash>      sub#<id>                the subscriptions of an address
 *                       suppressed              nothing may be sent there
 *     watching#<exporter>  <id>                 a copy for matching: present for every active subscription, perhaps for others
 *     watching          <exporter>
 *     due#<minute>      <delivery>              to be looked at in that minute
 *     matched#<exporter>  state                 how far matching has come with it
 */
export type AlertRecords = ReturnType<typeof alertRecords>;

/** How long what was delivered can be seen and replayed. */
export const KEPT_DAYS = 30;

export interface Versioned<T> {
  readonly version: number;
  readonly value: T;
}

export function alertRecords(store: RecordStore) {
  const subPartition = (id: string) => `sub#${id}`;
  const after = (at: Date, days: number) => new Date(at.getTime() + days * 86_400_000).toISOString();

  async function subscription(id: string): Promise<Versioned<Subscription> | null> {
    const record = await store.get(subPartition(id), 'sub');
    return record && { version: record.version, value: Subscription.parse(record.value) };
  }

  /** Writes up to where was looked for what is due, over the version that was read (0: nobody has looked yet). False when somebody was faster. */
  const moveDueCursor = async (minute: string, expected: number): Promise<boolean> =>
    (await store.put('due', 'cursor', minute, expected)) !== null;

  return {
    subscription,

    /** Writes a subscription over the version that was read (0: a new one). False when somebody was faster. */
    async putSubscription(next: Subscription, expected: number, previous: Subscription | null): Promise<boolean> {
      const { id, owner, filter, status } = next;
      // what leads to it comes first: a pointer to nothing is stepped over, a subscription without one would be lost
      const point = () => store.put(`owner#${owner}`, `sub#${id}`, {}, null, next.pendingUntil ?? undefined);
      if (expected === 0 || (next.pendingUntil === null && previous?.pendingUntil != null)) await point();
      // nothing is due before the first subscription
      if (expected === 0) await moveDueCursor(minuteOf(new Date(next.createdAt)), 0);
      if (status === 'active') {
        await store.put('watching', filter.exporter, {}, null);
        await store.put(`watching#${filter.exporter}`, id, next, null);
      }
      const written = await store.put(subPartition(id), 'sub', next, expected, next.pendingUntil ?? undefined);
      if (written === null) return false;
      if (previous && next.pendingUntil !== previous.pendingUntil && next.pendingUntil !== null) await point();
      if (previous && (status !== 'active' || previous.filter.exporter !== filter.exporter))
        await store.delete(`watching#${previous.filter.exporter}`, id);
      return true;
    },

    /** Everything of a subscription, itself last. */
    async erase({ id, owner, filter }: Subscription): Promise<void> {
      await store.delete(`watching#${filter.exporter}`, id);
      for await (const { sort } of store.list(subPartition(id)))
        if (sort !== 'sub') await store.delete(subPartition(id), sort);
      await store.delete(`owner#${owner}`, `sub#${id}`);
      await store.delete(subPartition(id), 'sub');
    },

    async ofOwner(owner: string): Promise<Subscription[]> {
      const found: Subscription[] = [];
      for await (const { sort } of store.list(`owner#${owner}`, 'sub#')) {
        const known = await subscription(sort.slice('sub#'.length));
        if (known) found.push(known.value);
      }
      return found;
    },

    async suppress(owner: string, reason: string, at: Date): Promise<void> {
      await store.put(`owner#${owner}`, 'suppressed', { reason, at: at.toISOString() }, null);
    },
    isSuppressed: async (owner: string) => (await store.get(`owner#${owner}`, 'suppressed')) !== null,

    async watchedExporters(): Promise<string[]> {
      const exporters: string[] = [];
      for await (const { sort } of store.list('watching')) exporters.push(sort);
      return exporters;
    },
    async watching(exporter: string): Promise<Subscription[]> {
      const found: Subscription[] = [];
      for await (const { value } of store.list(`watching#${exporter}`)) found.push(value as Subscription);
      return found;
    },

    /** Keeps what a run brought, unless it is kept already. */
    async putFound(id: string, found: Found): Promise<void> {
      const { run, publishedAt } = found;
      await store.put(subPartition(id), `found#${run}`, found, 0, after(new Date(publishedAt), KEPT_DAYS));
    },
    async foundIn(id: string, run: string): Promise<Found | null> {
      const record = await store.get(subPartition(id), `found#${run}`);
      return record && Found.parse(record.value);
    },
    async found(id: string): Promise<Versioned<Found>[]> {
      const all: Versioned<Found>[] = [];
      for await (const { value, version } of store.list(subPartition(id), 'found#'))
        all.push({ version, value: Found.parse(value) });
      return all.sort((a, b) => (a.value.publishedAt < b.value.publishedAt ? -1 : 1));
    },
    takeFound: (id: string, { value, version }: Versioned<Found>, takenBy: string) =>
      store.put(
        subPartition(id),
        `found#${value.run}`,
        { ...value, takenBy },
        version,
        after(new Date(value.publishedAt), KEPT_DAYS),
      ),

    async delivery(subscription: string, id: string): Promise<Versioned<Delivery> | null> {
      const record = await store.get(subPartition(subscription), `delivery#${id}`);
      return record && { version: record.version, value: Delivery.parse(record.value) };
    },
    async deliveries(subscription: string): Promise<Delivery[]> {
      const all: Delivery[] = [];
      for await (const { value } of store.list(subPartition(subscription), 'delivery#'))
        all.push(Delivery.parse(value));
      return all.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
    /** Writes a delivery over the version that was read; one that waits is entered for its minute first. */
    async putDelivery(next: Delivery, expected: number): Promise<boolean> {
      if (next.status === 'due' || next.status === 'sending') {
        const when = next.status === 'due' ? next.dueAt : (next.leaseUntil ?? next.dueAt);
        await this.enterDue(next, new Date(when));
      }
      const until = after(new Date(next.createdAt), KEPT_DAYS);
      const { subscription, id } = next;
      return (await store.put(subPartition(subscription), `delivery#${id}`, next, expected, until)) !== null;
    },

    enterDue: ({ subscription, id }: Pick<Delivery, 'subscription' | 'id'>, at: Date) =>
      store.put(
        `due#${minuteOf(at)}`,
        `${subscription}#${id}`,
        { subscription, delivery: id },
        null,
        after(at, KEPT_DAYS),
      ),
    async dueIn(minute: string): Promise<{ sort: string; value: { subscription: string; delivery: string } }[]> {
      const due: { sort: string; value: { subscription: string; delivery: string } }[] = [];
      for await (const { sort, value } of store.list(`due#${minute}`))
        due.push({ sort, value: value as { subscription: string; delivery: string } });
      return due;
    },
    leaveDue: (minute: string, sort: string) => store.delete(`due#${minute}`, sort),

    async dueCursor(): Promise<Versioned<string> | null> {
      const record = await store.get('due', 'cursor');
      return record && { version: record.version, value: String(record.value) };
    },
    moveDueCursor,

    /** What of an exporter has been matched: the run, and where its memory lies. */
    async matched(exporter: string): Promise<Versioned<Matched> | null> {
      const record = await store.get(`matched#${exporter}`, 'state');
      return record && { version: record.version, value: record.value as Matched };
    },
    putMatched: async (exporter: string, next: Matched, expected: number) =>
      (await store.put(`matched#${exporter}`, 'state', next, expected)) !== null,

    forgetMatched: (exporter: string) => store.delete(`matched#${exporter}`, 'state'),

    /** How often something was done in an hour. */
    countInHour: (what: string, now: Date) =>
      store.count(`limit#${what}`, now.toISOString().slice(0, 13), 1, after(now, 1)),

    async remembered(key: string): Promise<{ value: unknown; expiresAt: string | null } | null> {
      return store.get(`idempotency#${key}`, 'answer');
    },
    remember: async (key: string, value: unknown, until: string) =>
      (await store.put(`idempotency#${key}`, 'answer', value, 0, until)) !== null,
    rememberMade: async (key: string, value: unknown, until: string | undefined) =>
      (await store.put(`idempotency#${key}`, 'answer', value, null, until)) !== null,
    forget: (key: string) => store.delete(`idempotency#${key}`, 'answer'),
  };
}

export interface Matched {
  /** the run whose cells are remembered */
  readonly run: string;
  /** a run that was being compared with it; another one than before may repeat what that one found */
  readonly comparing: string | null;
}

/** `2026-03-01T08:30` */
export const minuteOf = (at: Date) => at.toISOString().slice(0, 16);
