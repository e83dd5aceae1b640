import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhookSender } from '../../../lib/adapters/http/webhookSender.ts';
import { memoryAlertBuses } from '../../../lib/adapters/memory/memoryAlertBuses.ts';
import { memoryMailSender } from '../../../lib/adapters/memory/memoryMailSender.ts';
import { memoryQueue } from '../../../lib/adapters/memory/memoryQueue.ts';
import { memoryRecordStore } from '../../../lib/adapters/memory/memoryRecordStore.ts';
import { alertRecords } from '../../../lib/app/alerts/alertRecords.ts';
import { deliver } from '../../../lib/app/alerts/deliver.ts';
import { deliveries } from '../../../lib/app/alerts/deliveries.ts';
import { type DeliveryOrder, dueDeliveries } from '../../../lib/app/alerts/dueDeliveries.ts';
import { mailEvents } from '../../../lib/app/alerts/mailEvents.ts';
import type { Channel, Delivery, Subscription } from '../../../lib/app/alerts/records.ts';
import { secretOf } from '../../../lib/app/alerts/signature.ts';
import { ownerOf } from '../../../lib/app/alerts/tokens.ts';
import { WAITS } from '../../../lib/core/alerts/retry.ts';
import type { MailSender } from '../../../lib/ports/mailSender.ts';
import type { WebhookAnswer, WebhookSender } from '../../../lib/ports/webhookSender.ts';
import { Death, minute, mortalRecords, START, subscriptionOf } from './alerts.fixture.ts';
import { FELL, foundOf, NEW, ROSE } from './items.fixture.ts';

const SECRET = secretOf(new Uint8Array(32).fill(7));
const EMAIL: Channel = { type: 'email', address: 'ana@example.com' };

interface Post {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Receivers of every kind, in memory, and a clock that is turned by hand. */
function world() {
  const store = memoryRecordStore();
  const records = alertRecords(store);
  const clock = { now: new Date(START) };
  const posts: Post[] = [];
  const answers: Partial<WebhookAnswer>[] = [];
  const memoryWebhooks: WebhookSender = {
    refusal: () => null,
    async post(url, headers, body) {
      posts.push({ url, headers, body });
      return { status: 200, retryAfterSeconds: null, fault: null, body: '', ...answers.shift() };
    },
  };
  const mail = memoryMailSender();
  const buses = memoryAlertBuses('customers');
  const queue = memoryQueue();

  /** Everything by a process that may die, which includes whoever hands a message over. */
  const process = (death = new Death(), webhooks: WebhookSender = memoryWebhooks) => {
    const mortal = alertRecords(mortalRecords(store, death));
    const living = <T>(work: () => Promise<T>): Promise<T> => {
      death.breathe();
      return work();
    };
    const deps = {
      records: mortal,
      webhooks: {
        ...webhooks,
        post: (url: string, headers: Post['headers'], body: string) => living(() => webhooks.post(url, headers, body)),
      },
      mail: { send: (each) => living(() => mail.send(each)) } satisfies MailSender,
      buses,
      clock: () => clock.now,
      luck: () => 0,
    };
    return {
      deliver: deliver(deps),
      due: dueDeliveries({
        records: mortal,
        queue: { send: (body) => death.write(() => queue.send(body)) },
        clock: () => clock.now,
      }),
    };
  };

  /** Moves the clock on to the minute after a moment, moves what is due, and delivers it. */
  async function at(moment: string | Date, death = new Death(), webhooks?: WebhookSender) {
    clock.now = new Date(new Date(moment).getTime() + 1);
    const { due, deliver: send } = process(death, webhooks);
    await due();
    const outcomes = [];
    for (const order of queue.sent.splice(0)) {
      try {
        outcomes.push(await send(JSON.parse(order) as DeliveryOrder));
      } catch {
        // what was not finished with comes again
        queue.sent.push(order);
      }
    }
    return outcomes;
  }

  /** Delivers one order now, by the clock of the machine: the published library compares the time of signing with it. */
  async function today({ subscription, id }: Delivery, webhooks?: WebhookSender) {
    clock.now = new Date();
    return process(new Death(), webhooks).deliver({ subscription, delivery: id });
  }

  async function subscribe(over: Partial<Subscription> = {}): Promise<Subscription> {
    const subscription = subscriptionOf({
      id: 's'.repeat(32),
      filter: { exporter: 'MEX' },
      secrets: { current: SECRET, previous: null },
      ...over,
    });
    await records.putSubscription(subscription, 0, null);
    return subscription;
  }
  async function found(subscription: Subscription, run: string, items = [ROSE, NEW, FELL]) {
    await records.putFound(subscription.id, foundOf(run, items));
    const delivery = deliveryOf(subscription, `of${run}`);
    await records.putDelivery(delivery, 0);
    return delivery;
  }
  const stored = async ({ id, subscription }: Delivery) => (await records.delivery(subscription, id))!.value;
  const owned = deliveries({ records, clock: () => clock.now, random: (count) => new Uint8Array(count).fill(++draws) });
  let draws = 0;
  return {
    store,
    records,
    clock,
    posts,
    answers,
    mail,
    buses,
    queue,
    process,
    at,
    today,
    subscribe,
    found,
    stored,
    owned,
  };
}

const deliveryOf = ({ id }: Subscription, name: string, over: Partial<Delivery> = {}): Delivery => ({
  id: name,
  subscription: id,
  kind: 'matched',
  status: 'due',
  createdAt: START,
  dueAt: START,
  attempts: 0,
  leaseUntil: null,
  runs: null,
  log: [],
  replays: null,
  ...over,
});

let on: ReturnType<typeof world>;
beforeEach(() => {
  on = world();
});

describe('a webhook', () => {
  it('is signed so that the published library verifies it, with both secrets while one is being replaced', async () => {
    const former = secretOf(new Uint8Array(32).fill(9));
    const secrets = { current: SECRET, previous: { secret: former, until: minute(600) } };
    const subscription = await on.subscribe({ secrets });
    expect(await on.today(await on.found(subscription, 'run1'))).toEqual({ outcome: 'sent' });
    const [{ body, headers, url }] = on.posts as [Post];
    expect(url).toBe('https://receiver.example.com/hook');
    expect(headers['content-type']).toBe('application/json');
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: 'opportunity.matched' });
    expect(headers['webhook-signature']!.split(' ')).toHaveLength(1);
    expect(() => new Webhook(former).verify(body, headers)).toThrow();

    on = world();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const rotating = await on.subscribe({ secrets: { ...secrets, previous: { secret: former, until } } });
    await on.today(await on.found(rotating, 'run1'));
    const [both] = on.posts as [Post];
    for (const secret of [SECRET, former]) expect(new Webhook(secret).verify(both.body, both.headers)).toBeTruthy();
    expect(() => new Webhook(secretOf(new Uint8Array(32))).verify(both.body, both.headers)).toThrow();
  });

  it('is tried nine times more over three days, the same words under the same id, then its subscription is disabled', async () => {
    const subscription = await on.subscribe();
    const delivery = await on.found(subscription, 'run1');
    on.answers.push(...Array.from({ length: 20 }, () => ({ status: 500, fault: 'status 500' })));
    const waits: number[] = [];
    for (;;) {
      const { dueAt, status } = await on.stored(delivery);
      if (status !== 'due') break;
      waits.push((Date.parse(dueAt) - on.clock.now.getTime()) / 1000);
      await on.at(dueAt);
    }
    expect(waits.slice(1)).toEqual([...WAITS]);
    expect(on.posts).toHaveLength(10);
    expect(new Set(on.posts.map(({ body }) => body)).size).toBe(1);
    expect(new Set(on.posts.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery.id]));
    const ended = await on.stored(delivery);
    expect([ended.status, ended.attempts, ended.log.length]).toEqual(['failed', 10, 10]);
    expect(ended.log.at(-1)!.outcome).toBe('status 500');
    expect((await on.records.subscription(subscription.id))!.value).toMatchObject({
      status: 'disabled',
      disabledReason: '10 attempts failed, the last one: status 500',
    });
    expect(await on.records.watching('MEX')).toEqual([]);
  });

  it('waits as long as the receiver asks', async () => {
    const delivery = await on.found(await on.subscribe(), 'run1');
    on.answers.push({ status: 429, fault: 'status 429', retryAfterSeconds: 7_200 });
    expect(await on.at(START)).toEqual([{ outcome: 'again', reason: 'status 429' }]);
    expect(Date.parse((await on.stored(delivery)).dueAt) - on.clock.now.getTime()).toBe(7_200_000);
    expect(await on.at(minute(60))).toEqual([]);
    expect(await on.at(minute(122))).toEqual([{ outcome: 'sent' }]);
  });

  it('to a receiver that is gone is not tried again, nor anything else', async () => {
    const subscription = await on.subscribe();
    const delivery = await on.found(subscription, 'run1');
    on.answers.push({ status: 410, fault: 'status 410' });
    expect(await on.at(START)).toEqual([{ outcome: 'failed', reason: 'status 410' }]);
    const later = await on.found(subscription, 'run2');
    expect(await on.at(minute(1))).toEqual([{ outcome: 'dropped', reason: 'the subscription is disabled' }]);
    expect([(await on.stored(delivery)).status, (await on.stored(later)).status]).toEqual(['failed', 'dropped']);
    expect(on.posts).toHaveLength(1);
  });

  it('is replayed under its own id, and a test says that it is one', async () => {
    const subscription = await on.subscribe();
    const delivery = await on.found(subscription, 'run1');
    await on.at(START);
    const again = await on.owned.replay(subscription, delivery.id);
    await on.owned.test(subscription);
    expect(await on.at(minute(5))).toEqual([{ outcome: 'sent' }, { outcome: 'sent' }]);
    const [first, ...others] = on.posts as [Post, Post, Post];
    const second = others.find(({ headers }) => headers['webhook-id'] === delivery.id)!;
    expect(second.body).toBe(first.body);
    expect(JSON.parse(others.find((each) => each !== second)!.body)).toMatchObject({ type: 'subscription.test' });
    expect(await on.owned.replay(subscription, 'unknown')).toBeNull();
    const log = await on.owned.log(subscription);
    expect(log.map(({ kind, status }) => `${kind} ${status}`).sort()).toEqual([
      'matched sent',
      'matched sent',
      'test sent',
    ]);
    expect(log.find(({ id }) => id === again!.id)!.replays).toBe(delivery.id);
  });

  it('that was never sent says so: what failed, when, and nothing of the answer', async () => {
    const subscription = await on.subscribe();
    await on.owned.test(subscription);
    on.answers.push({ status: null, fault: 'there was no answer in time' });
    expect(await on.at(START)).toEqual([{ outcome: 'failed', reason: 'there was no answer in time' }]);
    const [log] = await on.owned.log(subscription);
    expect(log!.log).toEqual([{ at: on.clock.now.toISOString(), outcome: 'there was no answer in time' }]);
    expect((await on.records.subscription(subscription.id))!.value.status).toBe('active');
  });
});

describe('a hostile receiver, over real connections', () => {
  let close = () => {};
  afterEach(() => close());

  async function receiver(listener: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = createServer(listener);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    close = () => {
      server.closeAllConnections();
      server.close();
    };
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url: `http://${host}/hook`, sender: webhookSender({ local: [host], timeoutMs: 300 }) };
  }

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
    ['slow', () => undefined, 'there was no answer in time'],
    ['huge and failing', (_, response) => response.writeHead(500).end('x'.repeat(5_000_000)), 'status 500'],
    [
      'redirecting to the metadata of a cloud',
      (_, response) => response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
      'status 307: redirects are not followed',
    ],
    ['resetting', (request) => request.socket.resetAndDestroy(), 'the connection failed'],
  ])('that is %s is tried again later, and the next delivery goes out', async (_, hostile, reason) => {
    const { url, sender } = await receiver((request, response) => {
      if (request.url === '/hook') hostile(request, response);
      else response.end();
    });
    const delivery = await on.found(await on.subscribe({ channel: { type: 'webhook', url } }), 'run1');
    const kind = await on.subscribe({
      id: 'k'.repeat(32),
      channel: { type: 'webhook', url: url.replace('/hook', '/kind') },
    });
    const other = await on.found(kind, 'run1');
    const outcomes = await on.at(START, new Death(), sender);
    expect(outcomes).toEqual(expect.arrayContaining([{ outcome: 'again', reason }, { outcome: 'sent' }]));
    expect([(await on.stored(delivery)).status, (await on.stored(other)).status]).toEqual(['due', 'sent']);
  });

  it('what a receiver sees is verified by the published library on arrival', async () => {
    const verified: unknown[] = [];
    const { url, sender } = await receiver((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        verified.push(new Webhook(SECRET).verify(body, request.headers as Record<string, string>));
        response.writeHead(204).end();
      });
    });
    const subscription = await on.subscribe({ channel: { type: 'webhook', url } });
    expect(await on.today(await on.found(subscription, 'run1'), sender)).toEqual({ outcome: 'sent' });
    expect(verified).toMatchObject([{ type: 'opportunity.matched', data: { run: 'run1', total: 3 } }]);
  });
});

describe('other channels', () => {
  it('a chat gets text, unsigned', async () => {
    await on.found(await on.subscribe({ channel: { type: 'slack', url: 'https://hooks.example.com/x' } }), 'run1');
    await on.at(START);
    expect(Object.keys(JSON.parse(on.posts[0]!.body) as object)).toEqual(['text']);
    expect(on.posts[0]!.headers).toEqual({ 'content-type': 'application/json' });
  });

  it('a bus gets an event; one that does not exist is tried again, as it may be made', async () => {
    await on.found(await on.subscribe({ channel: { type: 'eventBridge', bus: 'customers' } }), 'run1');
    await on.at(START);
    expect(on.buses.published).toMatchObject([
      { bus: 'customers', detailType: 'opportunity.matched', detail: { total: 3 } },
    ]);
    await on.found(await on.subscribe({ id: 'o', channel: { type: 'eventBridge', bus: 'others' } }), 'run1');
    expect(await on.at(minute(1))).toEqual([{ outcome: 'again', reason: 'there is no such bus' }]);
  });

  it('an e-mail goes to the address of the subscription, and can be ended by its header', async () => {
    await on.found(await on.subscribe({ channel: EMAIL }), 'run1');
    await on.at(START);
    expect(on.mail.sent).toMatchObject([{ to: 'ana@example.com', subject: 'Mexico: 3 changes in your markets' }]);
    expect(on.mail.sent[0]!.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
  });

  it('a pending one is asked, nothing else is sent to it', async () => {
    const pending = await on.subscribe({ channel: EMAIL, status: 'pending', pendingUntil: minute(60) });
    await on.owned.confirm(pending);
    await on.found(pending, 'run1');
    const outcomes = await on.at(START);
    expect(outcomes).toEqual(
      expect.arrayContaining([{ outcome: 'sent' }, { outcome: 'dropped', reason: 'the subscription is pending' }]),
    );
    expect(on.mail.sent.map(({ subject }) => subject)).toEqual(['Please confirm your alerts']);
  });
});

describe('orders', () => {
  it('that come twice, at once, early or for what is erased: one message', async () => {
    const subscription = await on.subscribe();
    const { id } = await on.found(subscription, 'run1');
    const order = { subscription: subscription.id, delivery: id };
    const { deliver: send } = on.process();
    const outcomes = await Promise.all([send(order), send(order), send(order)]);
    expect(outcomes.filter(({ outcome }) => outcome === 'sent')).toHaveLength(1);
    expect(await send(order)).toEqual({ outcome: 'nothing to do', reason: 'sent' });
    const early = deliveryOf(subscription, 'early', { dueAt: minute(9) });
    await on.records.putDelivery(early, 0);
    expect(await send({ ...order, delivery: 'early' })).toEqual({ outcome: 'nothing to do', reason: 'not due yet' });
    await on.records.erase(subscription);
    expect(await send(order)).toEqual({ outcome: 'nothing to do', reason: 'erased' });
    expect(on.posts).toHaveLength(1);
  });

  it('of two digests the first takes everything that waits, the other has nothing left to say', async () => {
    const subscription = await on.subscribe();
    await on.found(subscription, 'run1', [ROSE]);
    await on.found(subscription, 'run2', [NEW]);
    const outcomes = await on.at(START);
    expect(outcomes).toEqual([
      { outcome: 'sent' },
      { outcome: 'dropped', reason: 'everything was told by another delivery' },
    ]);
    expect(JSON.parse(on.posts[0]!.body)).toMatchObject({ data: { runs: ['run2', 'run1'], total: 2 } });
  });

  it('while a subscription is paused what is found waits, and goes with the next delivery', async () => {
    const subscription = await on.subscribe();
    const stored = await on.records.subscription(subscription.id);
    await on.records.putSubscription({ ...subscription, status: 'paused' }, stored!.version, subscription);
    await on.found(subscription, 'run1');
    expect(await on.at(START)).toEqual([{ outcome: 'dropped', reason: 'the subscription is paused' }]);
    await on.records.putSubscription(subscription, stored!.version + 1, subscription);
    await on.found(subscription, 'run2', [NEW]);
    await on.at(minute(1));
    expect(JSON.parse(on.posts[0]!.body)).toMatchObject({ data: { runs: ['run2', 'run1'] } });
  });
});

describe('addresses that do not want e-mails', () => {
  const bounce = (bounceType: string, emailAddress: string) => ({
    'detail-type': 'Email Bounced',
    detail: { bounce: { bounceType, bouncedRecipients: [{ emailAddress }] } },
  });
  const heard = (event: Parameters<ReturnType<typeof mailEvents>>[0]) =>
    mailEvents({ records: on.records, clock: () => on.clock.now })(event);
  const owner = ownerOf('email', 'ana@example.com');

  it('a bounce for good and a complaint end what goes there, and keep it ended', async () => {
    for (const event of [
      bounce('Permanent', 'Ana <Ana@example.com>'),
      {
        'detail-type': 'Email Complaint Received',
        detail: { complaint: { complainedRecipients: [{ emailAddress: 'ana@example.com' }] } },
      },
    ]) {
      on = world();
      const subscription = await on.subscribe({ channel: EMAIL, owner });
      await on.found(subscription, 'run1');
      expect(await heard(event)).toEqual({ suppressed: 1, disabled: 1 });
      expect(await heard(event)).toEqual({ suppressed: 1, disabled: 0 });
      expect((await on.records.subscription(subscription.id))!.value.status).toBe('disabled');
      await on.at(START);
      // another subscription of the address, made later
      const other = await on.subscribe({ id: 'later', channel: EMAIL, owner });
      await on.found(other, 'run1');
      expect(await on.at(minute(1))).toEqual([{ outcome: 'dropped', reason: 'the address does not want e-mails' }]);
      expect(on.mail.sent).toEqual([]);
      // nothing that is kept names the address beside the subscriptions themselves
      expect(JSON.stringify(await on.store.get(`owner#${owner}`, 'suppressed'))).not.toContain('ana');
    }
  });

  it('a mailbox that is full for a while keeps its alerts', async () => {
    await on.subscribe({ channel: EMAIL, owner });
    expect(await heard(bounce('Transient', 'ana@example.com'))).toEqual({ suppressed: 0, disabled: 0 });
    expect(await on.records.isSuppressed(owner)).toBe(false);
  });
});

describe('what is due', () => {
  it('an entry that was made late for its minute is found, and each is moved once', async () => {
    const subscription = await on.subscribe();
    await on.at(minute(5));
    await on.records.putDelivery(deliveryOf(subscription, 'late', { dueAt: minute(1) }), 0);
    const { due } = on.process();
    expect(await due()).toMatchObject({ moved: 1 });
    expect(await due()).toMatchObject({ moved: 0 });
  });

  it('a schedule that has never run begins with the first subscription, and looks at next to nothing where there is none', async () => {
    on.clock.now = new Date(minute(600));
    expect((await on.process().due()).minutes).toBeLessThan(20);
    on = world();
    const subscription = await on.subscribe({ createdAt: minute(0) });
    await on.records.putDelivery(deliveryOf(subscription, 'first', { dueAt: minute(1), kind: 'test' }), 0);
    on.clock.now = new Date(minute(600));
    expect(await on.process().due()).toEqual({ minutes: 601, moved: 1 });
    // a later subscription does not move it back
    await on.subscribe({ id: 'another', createdAt: minute(1) });
    expect((await on.process().due()).minutes).toBeLessThan(20);
  });

  it('after hours without the schedule every minute of them is looked at', async () => {
    const subscription = await on.subscribe();
    await on.at(START);
    for (const n of [3, 100, 299]) await on.found(subscription, `run${n}`).then((made) => on.stored(made));
    for (const n of [30, 200, 310])
      await on.records.putDelivery(deliveryOf(subscription, `at${n}`, { dueAt: minute(n), kind: 'test' }), 0);
    await on.at(minute(300));
    expect(
      (await Promise.all([30, 200, 310].map((n) => on.records.delivery(subscription.id, `at${n}`)))).map(
        (each) => each!.value.status,
      ),
    ).toEqual(['sent', 'sent', 'due']);
  });
});

describe('a kill at every write of moving and delivering', () => {
  /** Deliveries of one kind of channel, killed at one write; then the schedule goes on until nothing is left. */
  async function killed(channel: Channel, n: number, when: 'before' | 'after') {
    on = world();
    const subscription = await on.subscribe({ channel });
    const delivery = await on.found(subscription, 'run1');
    const death = new Death(n, when);
    await on.at(START, death).catch(() => undefined);
    for (let minutes = 1; minutes < 10; minutes++) await on.at(minute(minutes));
    return { writes: death.writes, delivery: await on.stored(delivery) };
  }
  const mailTimes = () => on.mail.sent.length;

  it.each(['before', 'after'] as const)('%s it is done: a webhook arrives, again only under its id', async (when) => {
    const { writes } = await killed({ type: 'webhook', url: 'https://r.example.com/' }, Number.POSITIVE_INFINITY, when);
    expect(writes).toBeGreaterThan(8);
    const times: number[] = [];
    for (let n = 1; n <= writes; n++) {
      const { delivery } = await killed({ type: 'webhook', url: 'https://r.example.com/' }, n, when);
      expect(delivery.status).toBe('sent');
      expect(new Set(on.posts.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery.id]));
      expect(new Set(on.posts.map(({ body }) => body)).size).toBe(1);
      times.push(on.posts.length);
    }
    expect(Math.min(...times)).toBe(1);
    expect(Math.max(...times)).toBe(when === 'before' ? 2 : 1);
  });

  it('an e-mail arrives twice only if the process dies between its acceptance and our record of that', async () => {
    // which write is the record: the first after the e-mail was accepted
    on = world();
    await on.found(await on.subscribe({ channel: EMAIL }), 'run1');
    const counting = new Death();
    let accepted = 0;
    const send = on.mail.send.bind(on.mail);
    on.mail.send = (each) => {
      accepted = counting.writes;
      return send(each);
    };
    await on.at(START, counting);
    const repeated: string[] = [];
    for (let n = 1; n <= counting.writes; n++)
      for (const when of ['before', 'after'] as const) {
        const { delivery } = await killed(EMAIL, n, when);
        expect(delivery.status).toBe('sent');
        expect(mailTimes()).toBeGreaterThan(0);
        if (mailTimes() > 1) repeated.push(`${when} write ${n}`);
      }
    expect(repeated).toEqual([`before write ${accepted + 1}`]);
  });
});
