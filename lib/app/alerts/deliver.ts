import { waitBefore } from '../../core/alerts/retry.ts';
import type { AlertBuses } from '../../ports/alertBuses.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MailSender } from '../../ports/mailSender.ts';
import type { WebhookSender } from '../../ports/webhookSender.ts';
import type { AlertRecords, Versioned } from './alertRecords.ts';
import { minuteOf } from './alertRecords.ts';
import { type Content, contentOf } from './content.ts';
import type { DeliveryOrder } from './dueDeliveries.ts';
import { alertLetter, confirmLetter, mailOf, testLetter } from './letters.ts';
import { type Payload, payloadOf, slackBody } from './payloads.ts';
import type { Delivery, Found, Subscription } from './records.ts';
import { signedHeaders } from './signature.ts';

/** Nobody else sends in this time: longer than a sending may take, which the function's own time limits. */
export const LEASE_MS = 3 * 60_000;

export interface DeliverDeps {
  readonly records: AlertRecords;
  readonly webhooks: WebhookSender;
  /** null where the deployment sends no e-mail */
  readonly mail: MailSender | null;
  readonly buses: AlertBuses;
  readonly clock: Clock;
  /** uniform in [0, 1): spreads the waits */
  readonly luck: () => number;
}

/** What became of an order: one word, and why where it was not sent. No address is in it. */
export interface DeliverOutcome {
  readonly outcome: 'sent' | 'again' | 'failed' | 'dropped' | 'nothing to do';
  readonly reason?: string;
}

/**
 * Sends one delivery. Its writes, in this order:
 *
 *     1  sending, with a lease and an entry at its end      a death from here on is made up for when the lease ends
 *     2  the findings that it takes, then which runs         so that every attempt says the same
 *        … the message goes out …
 *     3  sent, or due again at another time, or failed
 *
 * An order that comes twice or early finds nothing to do. A death between the message and 3 sends it again: a webhook under the same
 * webhook-id, by which receivers know it; an e-mail a second time. There is no other such window.
 */
export function deliver(deps: DeliverDeps) {
  const { records, clock } = deps;
  return async ({ subscription: id, delivery: name }: DeliveryOrder): Promise<DeliverOutcome> => {
    const [known, stored] = await Promise.all([records.subscription(id), records.delivery(id, name)]);
    if (!known || !stored) return { outcome: 'nothing to do', reason: 'erased' };
    const now = clock();
    const waiting = notNow(stored.value, now);
    if (waiting !== null) return { outcome: 'nothing to do', reason: waiting };
    const subscription = known.value;

    // 1
    const unwanted = await notWanted(deps, subscription, stored.value);
    if (unwanted !== null) return end(deps, stored, 'dropped', unwanted);
    const leaseUntil = new Date(now.getTime() + LEASE_MS).toISOString();
    const claimed = await claim(deps, stored, leaseUntil);
    if (!claimed) return { outcome: 'nothing to do', reason: 'somebody else sends it' };

    // 2
    const chosen = await choose(deps, subscription, claimed);
    if (chosen === null) return { outcome: 'nothing to do', reason: 'somebody else sends it' };
    const { taken, content } = chosen;
    if (taken.value.kind === 'matched' && content === null) {
      const why = taken.value.replays ? 'what it said is not kept any more' : 'everything was told by another delivery';
      return end(deps, taken, 'dropped', why);
    }

    // 3
    const sent = await send(deps, subscription, taken.value, content);
    const ended = await settle(deps, subscription, taken, sent);
    await records.leaveDue(minuteOf(new Date(leaseUntil)), `${id}#${name}`);
    return ended;
  };
}

/** Why a delivery is not to be sent at this moment, or null. */
function notNow({ status, dueAt, leaseUntil }: Delivery, now: Date): string | null {
  if (status === 'due') return dueAt > now.toISOString() ? 'not due yet' : null;
  if (status === 'sending') return (leaseUntil ?? '') > now.toISOString() ? 'somebody else sends it' : null;
  return status;
}

/** Why a delivery must not be sent any more, or null. */
async function notWanted({ records }: DeliverDeps, subscription: Subscription, { kind }: Delivery) {
  const { status, channel, owner } = subscription;
  const wanted = kind === 'confirm' ? 'pending' : 'active';
  if (status !== wanted && !(kind === 'test' && status === 'paused')) return `the subscription is ${status}`;
  if (channel.type === 'email' && (await records.isSuppressed(owner))) return 'the address does not want e-mails';
  return null;
}

async function claim({ records }: DeliverDeps, { value, version }: Versioned<Delivery>, leaseUntil: string) {
  const next: Delivery = { ...value, status: 'sending', attempts: value.attempts + 1, leaseUntil };
  return (await records.putDelivery(next, version)) ? { value: next, version: version + 1 } : null;
}

/** What the delivery says: chosen once, and the same ever after. */
async function choose({ records }: DeliverDeps, { id }: Subscription, claimed: Versioned<Delivery>) {
  const { value, version } = claimed;
  if (value.kind !== 'matched') return { taken: claimed, content: null };
  const all = await records.found(id);
  let taken = claimed;
  if (value.runs === null) {
    const mine: string[] = [];
    for (const found of all) {
      const { takenBy, run } = found.value;
      if (takenBy === value.id || (takenBy === null && (await records.takeFound(id, found, value.id)) !== null))
        mine.push(run);
    }
    const next: Delivery = { ...value, runs: mine };
    if (!(await records.putDelivery(next, version))) return null;
    taken = { value: next, version: version + 1 };
  }
  const found: Found[] = all.flatMap(({ value: each }) => (taken.value.runs?.includes(each.run) ? [each] : []));
  return { taken, content: found.length > 0 ? contentOf(found) : null };
}

/** How a sending went. */
interface Sent {
  readonly fault: string | null;
  /** may go better later */
  readonly again: boolean;
  readonly afterSeconds: number | null;
  /** the receiver wants nothing any more */
  readonly gone: boolean;
}

async function send(
  { webhooks, mail, buses, clock }: DeliverDeps,
  subscription: Subscription,
  delivery: Delivery,
  content: Content | null,
): Promise<Sent> {
  const { channel, secrets } = subscription;
  switch (channel.type) {
    case 'webhook': {
      const body = JSON.stringify(payloadOf(subscription, delivery, content));
      const signed = secrets ? signedHeaders(delivery.replays ?? delivery.id, clock(), body, secrets) : {};
      return answered(await webhooks.post(channel.url, { 'content-type': 'application/json', ...signed }, body));
    }
    case 'slack': {
      const body = slackBody(subscription, delivery.kind, content);
      return answered(await webhooks.post(channel.url, { 'content-type': 'application/json' }, body));
    }
    case 'eventBridge': {
      const payload: Payload = payloadOf(subscription, delivery, content);
      const fault = await buses.publish(channel.bus, payload.type, { ...payload.data, timestamp: payload.timestamp });
      return { fault, again: true, afterSeconds: null, gone: false };
    }
    case 'email': {
      if (!mail) return { fault: 'this deployment sends no e-mail', again: false, afterSeconds: null, gone: false };
      const letter =
        delivery.kind === 'confirm'
          ? confirmLetter(subscription)
          : content
            ? alertLetter(subscription, content)
            : testLetter(subscription);
      const { fault, again } = await mail.send(mailOf(subscription, channel.address, letter));
      return { fault, again, afterSeconds: null, gone: false };
    }
  }
}

const answered = ({ status, fault, retryAfterSeconds }: Awaited<ReturnType<WebhookSender['post']>>): Sent => ({
  fault,
  again: true,
  afterSeconds: retryAfterSeconds,
  gone: status === 410,
});

/** Writes down how it went, and what follows from it. */
async function settle(
  deps: DeliverDeps,
  subscription: Subscription,
  taken: Versioned<Delivery>,
  { fault, again, afterSeconds, gone }: Sent,
): Promise<DeliverOutcome> {
  const { records, clock, luck } = deps;
  const delivery = taken.value;
  if (fault === null) return end(deps, taken, 'sent', 'sent');
  if (gone) {
    await disable(deps, subscription, 'the receiver answered that it is gone (410)');
    return end(deps, taken, 'failed', fault);
  }
  // a test is tried once: somebody waits for its answer
  const wait = again && delivery.kind !== 'test' ? waitBefore(delivery.attempts, luck(), afterSeconds) : null;
  if (wait === null) {
    if (again && delivery.kind === 'matched')
      await disable(deps, subscription, `${delivery.attempts} attempts failed, the last one: ${fault}`);
    return end(deps, taken, 'failed', fault);
  }
  const now = clock();
  const next: Delivery = {
    ...delivery,
    status: 'due',
    leaseUntil: null,
    dueAt: new Date(now.getTime() + 1000 * wait).toISOString(),
    log: [...delivery.log, { at: now.toISOString(), outcome: fault }],
  };
  await records.putDelivery(next, taken.version);
  return { outcome: 'again', reason: fault };
}

async function end(
  { records, clock }: DeliverDeps,
  { value, version }: Versioned<Delivery>,
  status: 'sent' | 'failed' | 'dropped',
  outcome: string,
): Promise<DeliverOutcome> {
  const log = [...value.log, { at: clock().toISOString(), outcome }];
  await records.putDelivery({ ...value, status, leaseUntil: null, log }, version);
  return status === 'sent' ? { outcome: status } : { outcome: status, reason: outcome };
}

/** Nothing more is sent; what the subscription waits for stays until its owner resumes it. */
async function disable({ records }: DeliverDeps, { id }: Subscription, reason: string): Promise<void> {
  for (;;) {
    const known = await records.subscription(id);
    if (known?.value.status !== 'active') return;
    const next: Subscription = { ...known.value, status: 'disabled', disabledReason: reason };
    if (await records.putSubscription(next, known.version, known.value)) return;
  }
}
