import type { Clock } from '../../ports/clock.ts';
import type { WebhookSender } from '../../ports/webhookSender.ts';
import type { AlertRecords, Versioned } from './alertRecords.ts';
import { ACTIVE_PER_RECEIVER, INVITATIONS_PER_HOUR } from './limits.ts';
import { challengePayload } from './payloads.ts';
import type { Subscription } from './records.ts';
import { signedHeaders } from './signature.ts';
import { type LinkPurpose, linkToken, type RandomBytes, sameText, shortHash } from './tokens.ts';

/** An ended subscription can be exported and erased for this long; then it is forgotten. */
export const ENDED_MS = 30 * 86_400_000;

/** A subscription that still counts: the table takes away what has expired when it finds the time. */
export const isAlive = ({ pendingUntil }: Subscription, now: Date) =>
  pendingUntil === null || pendingUntil > now.toISOString();

/** What came of a link: null when it leads to nothing, whatever the reason. */
export interface Followed {
  readonly subscription: Subscription;
  readonly outcome: 'asked' | 'done' | 'tooMany';
}

/** What the receiver of messages may say without a token of the owner: yes and no. */
export function consent(deps: { records: AlertRecords; webhooks: WebhookSender; clock: Clock; random: RandomBytes }) {
  const { records, webhooks, clock, random } = deps;

  /** The subscription that a link in a message is about. */
  async function linked(id: string, purpose: LinkPurpose, token: string): Promise<Versioned<Subscription> | null> {
    const known = await records.subscription(id);
    if (!known || !isAlive(known.value, clock())) return null;
    return sameText(linkToken(known.value.linkKey, id, purpose), token) ? known : null;
  }

  /** Makes a pending subscription active. */
  async function activate(id: string): Promise<Followed | null> {
    for (;;) {
      const known = await records.subscription(id);
      if (!known) return null;
      const subscription = known.value;
      if (subscription.status === 'active' || subscription.status === 'paused')
        return { subscription, outcome: 'done' };
      const now = clock();
      if (subscription.status !== 'pending' || !isAlive(subscription, now)) return null;
      const others = await records.ofOwner(subscription.owner);
      if (others.filter(({ status }) => status === 'active' || status === 'paused').length >= ACTIVE_PER_RECEIVER)
        return { subscription, outcome: 'tooMany' };
      const next: Subscription = {
        ...subscription,
        status: 'active',
        activatedAt: now.toISOString(),
        pendingUntil: null,
        disabledReason: null,
      };
      if (await records.putSubscription(next, known.version, subscription))
        return { subscription: next, outcome: 'done' };
    }
  }

  return {
    /** What a link leads to before its button is pressed. Changes nothing: programs that look for evil follow links. */
    async look(id: string, purpose: LinkPurpose, token: string): Promise<Followed | null> {
      const known = await linked(id, purpose, token);
      if (!known) return null;
      const { status } = known.value;
      const asked = purpose === 'confirm' ? status === 'pending' : status !== 'ended';
      if (!asked && purpose === 'confirm' && status !== 'active' && status !== 'paused') return null;
      return { subscription: known.value, outcome: asked ? 'asked' : 'done' };
    },

    /** The button of the e-mail's page: messages are wanted. */
    async confirm(id: string, token: string): Promise<Followed | null> {
      return (await linked(id, 'confirm', token)) ? activate(id) : null;
    },

    /** The button, or the one click of a mail program: nothing more is sent. */
    async unsubscribe(id: string, token: string): Promise<Followed | null> {
      for (;;) {
        const known = await linked(id, 'unsubscribe', token);
        if (!known || known.value.status === 'ended') return known && { subscription: known.value, outcome: 'done' };
        const next: Subscription = {
          ...known.value,
          status: 'ended',
          disabledReason: null,
          pendingUntil: new Date(clock().getTime() + ENDED_MS).toISOString(),
        };
        if (await records.putSubscription(next, known.version, known.value))
          return { subscription: next, outcome: 'done' };
      }
    },

    /**
     * Asks a webhook to say a challenge back, signed like everything that it will get, and makes its subscription active when it does.
     *
     * @returns why it did not, or null; nothing of its answer is in it
     */
    async challenge(subscription: Subscription): Promise<string | null> {
      const { id, channel, secrets, owner } = subscription;
      if (channel.type !== 'webhook' || !secrets)
        return 'Messages of this channel are confirmed by the link sent there.';
      if (subscription.status !== 'pending') return null;
      const now = clock();
      // the same words as for a silent receiver: how often others had it asked is nobody's business
      if ((await records.countInHour(`invitations#${owner}`, now)) > INVITATIONS_PER_HOUR) return UNANSWERED;
      const challenge = Buffer.from(random(24)).toString('base64url');
      const body = JSON.stringify(challengePayload(id, challenge, now));
      const headers = signedHeaders(shortHash(id, challenge), now, body, secrets);
      const answer = await webhooks.post(channel.url, { 'content-type': 'application/json', ...headers }, body);
      if (answer.fault !== null || !sameText(saidBack(answer.body), challenge)) return UNANSWERED;
      const followed = await activate(id);
      return followed?.outcome === 'tooMany' ? 'This receiver has too many subscriptions: delete one first.' : null;
    },
  };
}

const UNANSWERED =
  'The receiver did not say the challenge back: it must answer the message subscription.challenge with status 200 and {"challenge": …} as it came. Three attempts an hour are made.';

/** The challenge in an answer: a member of a JSON object, or the whole text. */
function saidBack(body: string): string {
  try {
    const said = JSON.parse(body) as { challenge?: unknown } | null;
    return typeof said?.challenge === 'string' ? said.challenge : '';
  } catch {
    return body.trim();
  }
}
