import { Failure } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AlertRecords } from './alertRecords.ts';
import { isAlive } from './consent.ts';
import { deliveries } from './deliveries.ts';
import { SENT_PER_HOUR, withinLimit } from './limits.ts';
import type { Choice, Delivery, Found, Subscription } from './records.ts';
import { ROTATION_MS, secretOf } from './signature.ts';
import { checkChoice, invitation, PENDING_MS, type SubscribeDeps } from './subscribe.ts';
import { managementToken, sameText, tokenHash, tokenSubject } from './tokens.ts';

/** What of a choice may change. Another receiver is another subscription, which has to agree. */
export type Change = Partial<Omit<Choice, 'channel'>>;

/** A subscription as its owner sees it. */
export type Shown = ReturnType<typeof shown>;

/** Everything that is kept about somebody. */
export interface Export {
  readonly exportedAt: string;
  readonly subscriptions: readonly (Shown & { deliveries: readonly Delivery[]; found: readonly Found[] })[];
  /** nothing is sent to the address, whatever asks for it */
  readonly suppressed: boolean;
}

/**
 * Without secrets. One that was never confirmed looks pending whatever became of it: whether its address exists, complained or was asked
 * too often is not for whoever typed it.
 */
export function shown(subscription: Subscription) {
  const { id, filter, kinds, cadence, timeZone, hour, weekday, language, channel } = subscription;
  const { createdAt, activatedAt, pendingUntil, disabledReason, status } = subscription;
  const proven = activatedAt !== null;
  return {
    id,
    status: proven ? status : ('pending' as const),
    filter,
    kinds,
    cadence,
    timeZone,
    hour,
    weekday,
    language,
    channel,
    createdAt,
    activatedAt,
    expiresAt: pendingUntil,
    disabledReason: proven ? disabledReason : null,
  };
}

/** What the owner of a subscription may do with it. */
export function ownership(deps: SubscribeDeps & { clock: Clock; records: AlertRecords }) {
  const { records, clock, random } = deps;
  const sending = deliveries(deps);
  const invite = invitation(deps);
  const refused = () => new Failure('token.refused', {});

  /** The subscription of a token. Failure `token.refused` when it is wrong, or about another one, or the subscription is gone. */
  async function open(token: string | null, id: string | null): Promise<Subscription> {
    const subject = tokenSubject(token ?? '');
    const known = subject === null ? null : (await records.subscription(subject))?.value;
    if (!known || !isAlive(known, clock()) || !sameText(tokenHash(token ?? ''), known.tokenHash)) throw refused();
    if (id !== null && id !== known.id) throw refused();
    return known;
  }

  /** Writes what an edit makes of it, again when somebody was faster. */
  async function edit(id: string, next: (now: Subscription) => Subscription | Promise<Subscription>) {
    for (;;) {
      const known = await records.subscription(id);
      if (!known) throw refused();
      const edited = await next(known.value);
      if (edited === known.value || (await records.putSubscription(edited, known.version, known.value))) return edited;
    }
  }

  /**
   * All subscriptions of the same receiver, once this one has shown that it is the receiver's. Buses and webhooks are no persons: many
   * may use one, so each token opens its own.
   */
  async function mine(own: Subscription): Promise<Subscription[]> {
    const { channel, activatedAt, owner } = own;
    if (activatedAt === null || channel.type === 'webhook' || channel.type === 'eventBridge') return [own];
    const all = (await records.ofOwner(owner)).filter((each) => isAlive(each, clock()) && each.activatedAt !== null);
    return all.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  const log = async ({ id, activatedAt }: Subscription) => (activatedAt === null ? [] : records.deliveries(id));
  const proven = (subscription: Subscription) => {
    if (subscription.activatedAt === null)
      throw new Failure('subscription.refused', { reason: 'The subscription is not confirmed yet.' });
    return withinLimit(records, 'tests and replays', subscription.id, SENT_PER_HOUR, clock());
  };

  return {
    open,
    list: mine,
    log,

    async change({ id }: Subscription, change: Change): Promise<Subscription> {
      return edit(id, async (now) => {
        const next = { ...now, ...change };
        await checkChoice(deps, next);
        return next;
      });
    },

    pause: ({ id }: Subscription) =>
      edit(id, (now) => {
        if (now.status === 'paused') return now;
        if (now.status !== 'active') throw stateOf(now, 'Only an active subscription can be paused');
        return { ...now, status: 'paused' };
      }),

    /** Goes on from here: what was published meanwhile is not told. One that its receiver ended has to be agreed to again. */
    async resume({ id, owner, channel }: Subscription): Promise<Subscription> {
      if (channel.type === 'email' && (await records.isSuppressed(owner))) {
        const known = await records.subscription(id);
        if (known?.value.activatedAt)
          throw new Failure('subscription.refused', { reason: 'The address does not take e-mails of this service.' });
      }
      const resumed = await edit(id, (now) => {
        const at = clock();
        if (now.status === 'active') return now;
        if (now.status === 'pending' || now.activatedAt === null)
          throw new Failure('subscription.refused', { reason: 'The subscription is not confirmed yet.' });
        if (now.status === 'ended')
          return { ...now, status: 'pending', pendingUntil: new Date(at.getTime() + PENDING_MS).toISOString() };
        return { ...now, status: 'active', activatedAt: at.toISOString(), disabledReason: null };
      });
      if (resumed.status === 'pending') await invite(resumed);
      else await sending.catchUp(resumed);
      return resumed;
    },

    /** A new token; the old one opens nothing from now on. */
    async rotateToken({ id }: Subscription): Promise<string> {
      const token = managementToken(id, random);
      await edit(id, (now) => ({ ...now, tokenHash: tokenHash(token) }));
      return token;
    },

    /** A new signing secret; messages carry the signatures of both for a day. */
    async rotateSecret({ id, secrets }: Subscription): Promise<{ secret: string; previousUntil: string }> {
      if (!secrets) throw new Failure('subscription.refused', { reason: 'Only messages to webhooks are signed.' });
      const secret = secretOf(random(32));
      const previousUntil = new Date(clock().getTime() + ROTATION_MS).toISOString();
      await edit(id, (now) => ({
        ...now,
        secrets: { current: secret, previous: now.secrets && { secret: now.secrets.current, until: previousUntil } },
      }));
      return { secret, previousUntil };
    },

    async test(subscription: Subscription): Promise<Delivery> {
      await proven(subscription);
      if (!/^(active|paused)$/.test(subscription.status)) throw stateOf(subscription, 'Nothing is sent');
      return sending.test(subscription);
    },

    async replay(subscription: Subscription, delivery: string): Promise<Delivery> {
      await proven(subscription);
      if (subscription.status !== 'active') throw stateOf(subscription, 'Nothing is sent');
      const again = await sending.replay(subscription, delivery);
      if (!again) throw new Failure('delivery.unknown', { delivery });
      return again;
    },

    async export(own: Subscription): Promise<Export> {
      const subscriptions = [];
      for (const each of await mine(own)) {
        const found = (await records.found(each.id)).map(({ value }) => value);
        subscriptions.push({ ...shown(each), deliveries: await log(each), found });
      }
      const suppressed = own.activatedAt !== null && (await records.isSuppressed(own.owner));
      return { exportedAt: clock().toISOString(), subscriptions, suppressed };
    },

    erase: (subscription: Subscription) => records.erase(subscription),

    /**
     * Erases everything of a receiver.
     *
     * @param never  keeps the hash of the address, so that nothing is ever sent there again
     */
    async eraseAll(own: Subscription, never: boolean): Promise<void> {
      if (never) {
        if (own.activatedAt === null || own.channel.type !== 'email')
          throw new Failure('subscription.refused', {
            reason: 'Only a confirmed e-mail address can be closed for good.',
          });
        await records.suppress(own.owner, 'asked for when erased', clock());
      }
      // the one whose token is used goes last, so that a death on the way can be made up for with it
      for (const each of await mine(own)) if (each.id !== own.id) await records.erase(each);
      await records.erase(own);
    },
  };
}

const stateOf = (subscription: Subscription, what: string) =>
  new Failure('subscription.refused', { reason: `${what}; this one is ${shown(subscription).status}.` });
