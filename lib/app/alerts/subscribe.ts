import { createHmac } from 'node:crypto';
import { Failure, type RequestError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { countryAt, type Nearest, productsUnder } from '../codes.ts';
import type { PublishedScores } from '../layout/publishedScores.ts';
import type { AlertRecords } from './alertRecords.ts';
import { deliveries } from './deliveries.ts';
import { isTimeZone } from './digestTime.ts';
import { CREATED_PER_HOUR, INVITATIONS_PER_HOUR, withinLimit } from './limits.ts';
import type { Channel, Choice, Filter, Subscription } from './records.ts';
import { sealed, unsealed } from './sealed.ts';
import { secretOf } from './signature.ts';
import { managementToken, ownerOf, type RandomBytes, shortHash, tokenHash } from './tokens.ts';

/** A subscription without consent is forgotten after this. */
export const PENDING_MS = 48 * 3_600_000;
/** An Idempotency-Key is remembered for this long. */
const REMEMBERED_MS = 24 * 3_600_000;

export interface SubscribeDeps {
  readonly records: AlertRecords;
  readonly scores: PublishedScores;
  readonly nearest: Nearest;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** why an address may not be posted to, or null */
  readonly refusal: (url: string) => string | null;
  /** whether the deployment sends e-mails */
  readonly sendsMail: boolean;
  /** event buses that the operator lets subscriptions go to */
  readonly buses: readonly string[];
}

export interface Order {
  readonly choice: Choice;
  /** where the API was reached */
  readonly baseUrl: string;
  /** who asks: a hash */
  readonly caller: string;
  readonly idempotencyKey: string | null;
}

/** A new subscription, with what is shown this once: the token that manages it. */
export interface Subscribed {
  readonly subscription: Subscription;
  readonly token: string;
}

/** What an Idempotency-Key stands for. */
interface Remembered {
  /** keyed hash of the body */
  readonly body: string;
  /** the subscription and its token, to be read with the key only */
  readonly draft: string;
  /** whether it was made: from then on repeating makes nothing */
  readonly made: boolean;
}

/**
 * Begins a subscription, pending until its receiver agrees. What is answered does not depend on what is known of the receiver: neither on
 * its other subscriptions, nor on whether it has been asked too often or wants no e-mails, in which cases nothing is sent.
 *
 * With a key, everything that is drawn is written down first, sealed by the key itself; from there on each step can be repeated, so that
 * a death between any two is made up for by the same request, which gets the same answer.
 */
export function subscribe(deps: SubscribeDeps) {
  const { records, clock, random } = deps;
  const invite = invitation(deps);

  async function make({ subscription }: Subscribed): Promise<void> {
    await records.putSubscription(subscription, 0, null);
    await invite(subscription);
  }

  return async (order: Order): Promise<Subscribed> => {
    const { choice, caller, idempotencyKey } = order;
    await checkChoice(deps, choice);
    const now = clock();
    const draw = async () => {
      await withinLimit(records, 'subscriptions', caller, CREATED_PER_HOUR, now);
      return draftOf(order, now, random);
    };
    if (idempotencyKey === null) {
      const subscribed = await draw();
      await make(subscribed);
      return subscribed;
    }

    const name = shortHash(caller, idempotencyKey);
    const body = createHmac('sha256', idempotencyKey).update(canonical(choice)).digest('base64url');
    for (;;) {
      const known = await records.remembered(name);
      if (known?.expiresAt && known.expiresAt <= now.toISOString()) {
        await records.forget(name);
        continue;
      }
      if (known) {
        const { body: earlier, draft, made } = known.value as Remembered;
        const text = unsealed(draft, idempotencyKey);
        if (earlier !== body || text === null) throw new Failure('idempotency.conflict', {});
        const subscribed = JSON.parse(text) as Subscribed;
        if (!made) {
          await make(subscribed);
          await records.rememberMade(
            name,
            { ...(known.value as Remembered), made: true },
            known.expiresAt ?? undefined,
          );
        }
        return subscribed;
      }
      const draft = sealed(JSON.stringify(await draw()), idempotencyKey, random);
      const until = new Date(now.getTime() + REMEMBERED_MS).toISOString();
      const first: Remembered = { body, draft, made: false };
      await records.remember(name, first, until);
    }
  };
}

/** Asks, where messages would go, whether they are wanted; not more often than a stranger may have somebody asked. */
export function invitation(deps: { records: AlertRecords; clock: Clock; random: RandomBytes }) {
  const { records, clock } = deps;
  const { confirm } = deliveries(deps);
  return async (subscription: Subscription): Promise<void> => {
    // a webhook is asked when its owner says that it is ready to answer
    if (subscription.channel.type === 'webhook') return;
    const asked = await records.countInHour(`invitations#${subscription.owner}`, clock());
    if (asked <= INVITATIONS_PER_HOUR) await confirm(subscription);
  };
}

/** Failure `request.invalid` for what cannot be subscribed to. */
export async function checkChoice(deps: Omit<SubscribeDeps, 'records' | 'clock' | 'random'>, choice: Choice) {
  const errors = [...channelErrors(deps, choice.channel)];
  if (!isTimeZone(choice.timeZone))
    errors.push({ parameter: 'timeZone', detail: `"${choice.timeZone}" is no time zone of the IANA database` });
  if (errors.length > 0) throw new Failure('request.invalid', { errors });
  await checkFilter(deps, choice.filter);
}

/** Failure when the current run has no such country or product. */
export async function checkFilter(
  { scores, nearest }: Pick<SubscribeDeps, 'scores' | 'nearest'>,
  { exporter, importer, product }: Filter,
): Promise<void> {
  const { world } = await scores.current();
  countryAt(world, 'exporter', exporter, nearest);
  if (importer !== undefined) countryAt(world, 'importer', importer, nearest);
  if (product !== undefined) productsUnder(world, product, nearest);
}

function channelErrors(
  { refusal, sendsMail, buses }: Pick<SubscribeDeps, 'refusal' | 'sendsMail' | 'buses'>,
  channel: Channel,
): RequestError[] {
  switch (channel.type) {
    case 'email':
      return sendsMail ? [] : [{ parameter: 'channel.type', detail: 'this deployment sends no e-mails' }];
    case 'eventBridge':
      return buses.includes(channel.bus)
        ? []
        : [{ parameter: 'channel.bus', detail: 'is not among the buses that this deployment may publish on' }];
    default: {
      const refused = refusal(channel.url);
      return refused === null ? [] : [{ parameter: 'channel.url', detail: refused }];
    }
  }
}

/** The receiver of a channel. */
export const receiverOf = (channel: Channel) =>
  channel.type === 'email' ? channel.address : channel.type === 'eventBridge' ? channel.bus : channel.url;

function draftOf({ choice, baseUrl }: Order, now: Date, random: RandomBytes): Subscribed {
  const id = Buffer.from(random(16)).toString('hex');
  const token = managementToken(id, random);
  const { channel } = choice;
  const subscription: Subscription = {
    ...choice,
    id,
    status: 'pending',
    owner: ownerOf(channel.type, receiverOf(channel)),
    tokenHash: tokenHash(token),
    linkKey: Buffer.from(random(32)).toString('base64url'),
    secrets: channel.type === 'webhook' ? { current: secretOf(random(32)), previous: null } : null,
    baseUrl,
    createdAt: now.toISOString(),
    activatedAt: null,
    pendingUntil: new Date(now.getTime() + PENDING_MS).toISOString(),
    disabledReason: null,
  };
  return { subscription, token };
}

/** JSON with the members of every object in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
