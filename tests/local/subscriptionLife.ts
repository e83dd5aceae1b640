import { setTimeout as sleep } from 'node:timers/promises';
import type { Receiver } from '../../functions/cli/receiver.ts';
import type { Home } from '../../infra/local/home.ts';

const CLOCK = { source: 'test', 'detail-type': 'Scheduled Event' };
const LONGEST_WAIT_MS = 60_000;

interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever came
  readonly json: any;
  readonly text: string;
}

/** What a subscriber sends and gets over HTTP. */
export function subscriber(home: Home) {
  return async function ask(
    method: string,
    path: string,
    { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const reply = await fetch(`${home.apiUrl}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    const isJson = /json/.test(reply.headers.get('content-type') ?? '');
    return { status: reply.status, text, json: isJson && text ? JSON.parse(text) : null };
  };
}

/** How many e-mails the inbox holds. */
export async function mailsIn(home: Home): Promise<number> {
  for (let n = 0; ; n++) if (!(await fetch(`${home.inboxUrl}/${n + 1}/text`)).ok) return n;
}

/**
 * Waits for the next e-mail of a subscription after the first `seen` of the inbox: another subscription may be told of the same data before it.
 *
 * @param path of the subscription, which its links begin with
 * @returns its text, and how many e-mails the inbox held up to it
 */
async function mailOf(home: Home, path: string, seen: number): Promise<{ text: string; upTo: number }> {
  const until = Date.now() + LONGEST_WAIT_MS;
  while (Date.now() < until) {
    await home.invoke('due', CLOCK);
    for (let n = seen + 1; ; n++) {
      const reply = await fetch(`${home.inboxUrl}/${n}/text`);
      if (!reply.ok) break;
      const text = await reply.text();
      if (text.includes(`${path}/`)) return { text, upTo: n };
    }
    await sleep(200);
  }
  throw new Error(`no e-mail of ${path} after ${seen} of the inbox`);
}

/** The link of a kind in an e-mail, as a path of the API. */
export const linkIn = (home: Home, mail: string, kind: 'confirm' | 'unsubscribe'): string => {
  const link = new RegExp(`https?://\\S+/${kind}\\?token=[\\w.-]+`).exec(mail)?.[0];
  if (!link) throw new Error(`no link to ${kind} in: ${mail}`);
  return link.replace(home.apiUrl, '');
};

/**
 * Everything that can be done with subscriptions, one after the other: begun, previewed, confirmed, told, changed, paused, resumed, tested, replayed,
 * exported, ended and erased, by e-mail and by webhook.
 *
 * @param seen e-mails that are in the inbox already
 * @param dropLater drops data that change what is watched
 * @returns what was answered, by what was asked
 */
export async function subscriptionLife(
  home: Home,
  hooks: Receiver,
  { exporter, seen, dropLater }: { exporter: string; seen: number; dropLater: () => Promise<unknown> },
): Promise<Record<string, Reply>> {
  const ask = subscriber(home);
  const replies: Record<string, Reply> = {};
  const filter = { exporter, minScore: 50 };

  // begun, twice with one key; the address is asked
  const key = { 'idempotency-key': 'a-key-that-nobody-can-guess' };
  const wish = { filter, cadence: 'instant', channel: { type: 'email', address: 'life@example.com' } };
  replies.begun = await ask('POST', '/v1/subscriptions', { body: wish, headers: key });
  replies.again = await ask('POST', '/v1/subscriptions', { body: wish, headers: key });
  replies.otherBody = await ask('POST', '/v1/subscriptions', { body: { ...wish, language: 'es' }, headers: key });
  replies.preview = await ask('POST', '/v1/subscriptions/preview', { body: { filter } });
  const { token, subscription } = replies.begun.json;
  const path = `/v1/subscriptions/${subscription.id}`;
  replies.wrongToken = await ask('GET', path, { token: `${token}x` });

  // a link only asks; the button confirms
  const asked = await mailOf(home, path, seen);
  const link = linkIn(home, asked.text, 'confirm');
  replies.page = await ask('GET', link);
  replies.stillPending = await ask('GET', path, { token });
  replies.confirmed = await ask('POST', link);
  replies.active = await ask('GET', path, { token });

  // a webhook says the challenge back
  const hook = { filter, cadence: 'instant', channel: { type: 'webhook', url: `http://${hooks.host}/life` } };
  replies.hook = await ask('POST', '/v1/subscriptions', { body: hook });
  const own = { path: `/v1/subscriptions/${replies.hook.json.subscription.id}`, token: replies.hook.json.token };
  hooks.trust(replies.hook.json.secret);
  replies.challenged = await ask('POST', `${own.path}/confirm`, { token: own.token });
  replies.secret = await ask('POST', `${own.path}/secret`, { token: own.token });
  hooks.trust(replies.secret.json.secret);
  replies.test = await ask('POST', `${own.path}/test`, { token: own.token });

  // data arrive, and the alert does
  await home.invoke('match', { Records: [{ messageId: 'life', body: '{}' }] });
  await dropLater();
  await home.idle();
  home.fire('Matching');
  await home.idle();
  const { text: alert } = await mailOf(home, path, asked.upTo);
  replies.alert = { status: 200, text: alert, json: null };
  await home.invoke('due', CLOCK);
  await home.idle();
  replies.log = await ask('GET', `${own.path}/deliveries`, { token: own.token });
  const sent = replies.log.json.items[0];
  replies.replayed = await ask('POST', `${own.path}/deliveries/${sent?.id}/replay`, { token: own.token });

  // changed, paused, resumed; another token
  replies.changed = await ask('PATCH', path, { token, body: { cadence: 'weekly', weekday: 2 } });
  replies.paused = await ask('POST', `${path}/pause`, { token });
  replies.resumed = await ask('POST', `${path}/resume`, { token });
  replies.rotated = await ask('POST', `${path}/token`, { token });
  const fresh = replies.rotated.json.token;
  replies.oldToken = await ask('GET', path, { token });
  replies.list = await ask('GET', '/v1/subscriptions', { token: fresh });
  replies.exported = await ask('GET', '/v1/subscriptions/export', { token: fresh });

  // ended by one click, and erased
  const out = linkIn(home, alert, 'unsubscribe');
  replies.outPage = await ask('GET', out);
  replies.out = await ask('POST', out, { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  replies.ended = await ask('GET', path, { token: fresh });
  replies.erasedHook = await ask('DELETE', own.path, { token: own.token });
  replies.erased = await ask('DELETE', '/v1/subscriptions?never=1', { token: fresh });
  replies.gone = await ask('GET', path, { token: fresh });
  replies.unknown = await ask('GET', '/v1/subscriptions/00000000000000000000000000000000', { token: fresh });
  return replies;
}
