import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProxyResult } from '../../functions/exchange.ts';
import { subscriptionsHandler } from '../../functions/subscriptions/handler.ts';
import { webhookSender } from '../../lib/adapters/http/webhookSender.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import { confirmLink, unsubscribeLink } from '../../lib/app/alerts/links.ts';
import { mailEvents } from '../../lib/app/alerts/mailEvents.ts';
import type { Subscription } from '../../lib/app/alerts/records.ts';
import { ownerOf } from '../../lib/app/alerts/tokens.ts';
import type { RecordStore } from '../../lib/ports/recordStore.ts';
import type { WebhookSender } from '../../lib/ports/webhookSender.ts';
import { type AlertWorld, alertWorld, Death, mortalRecords } from '../app/alerts/alerts.fixture.ts';
import { SMALL, scoredWorld } from '../app/scoredWorld.fixture.ts';

/** Members of answers that tests look at. */
// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever came
type Json = any;
interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
  json: Json;
}
interface Request {
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
  ip?: string;
  apiKey?: string;
}

let at: AlertWorld;
let logged: string[];
let webhooks: WebhookSender;
beforeEach(async () => {
  at = alertWorld();
  logged = [];
  webhooks = webhookSender();
  await at.publish(scoredWorld(SMALL));
  await at.publish(scoredWorld({ ...SMALL, seed: 8 }));
});

/** Bytes that are other ones at each draw, and the same in every test. */
function draws(seed = '') {
  let n = 0;
  return (count: number) => createHash('sha512').update(`${seed} ${n++}`).digest().subarray(0, count);
}

/** The function on stores in memory, asked as API Gateway asks it. */
function service(store: RecordStore = at.store, random = draws()) {
  const handler = subscriptionsHandler({
    records: alertRecords(store),
    catalog: at.catalog,
    pages: at.pages,
    webhooks: { refusal: (url) => webhooks.refusal(url), post: (...post) => webhooks.post(...post) },
    clock: () => at.clock.now,
    random,
    sendsMail: true,
    buses: ['partners'],
    log: { error: (message, cause) => void logged.push(`${message} ${cause.message}`) },
    corsOrigins: ['*'],
  });
  return async (
    method: string,
    url: string,
    { body, token, headers = {}, ip, apiKey }: Request = {},
  ): Promise<Reply> => {
    const { pathname, searchParams } = new URL(url, 'https://example.org');
    const result: ProxyResult = await handler({
      httpMethod: method,
      path: pathname,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      queryStringParameters: searchParams.size > 0 ? Object.fromEntries(searchParams) : null,
      pathParameters: null,
      requestContext: {
        requestId: 'gateway-request',
        path: `/api${pathname}`,
        domainName: 'api.example.org',
        identity: { sourceIp: ip ?? '192.0.2.4', ...(apiKey && { apiKeyId: apiKey }) },
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      isBase64Encoded: false,
    });
    const isJson = /json/.test(result.headers['content-type'] ?? '');
    return {
      status: result.statusCode,
      headers: result.headers,
      text: result.body,
      json: isJson ? JSON.parse(result.body) : null,
    };
  };
}

const wish = (address = 'ana@example.com', over: Record<string, unknown> = {}) => ({
  filter: { exporter: 'MEX', minScore: 60 },
  channel: { type: 'email', address },
  ...over,
});
const stored = async (id: string) => (await at.records.subscription(id))?.value as Subscription;
const pathOf = (link: string) => link.replace('https://api.example.org/api', '');
const invitations = async (id: string) => (await at.records.deliveries(id)).filter(({ kind }) => kind === 'confirm');
const hours = (n: number) => {
  at.clock.now = new Date(at.clock.now.getTime() + n * 3_600_000);
};

/** Begins a subscription by e-mail and presses the button. */
async function subscribed(ask = service(), address = 'ana@example.com') {
  const { json } = await ask('POST', '/v1/subscriptions', { body: wish(address) });
  const { id } = json.subscription;
  const subscription = await stored(id);
  expect((await ask('POST', pathOf(confirmLink(subscription)))).status).toBe(200);
  return { id, token: json.token as string, path: `/v1/subscriptions/${id}` };
}

/** An answer without what is drawn anew for each. */
const shape = ({ status, json }: Reply) => {
  const text = JSON.stringify(json)
    .replace(/pms_[0-9a-f]{32}_[\w-]{43}/g, 'TOKEN')
    .replace(/[0-9a-f]{32}/g, 'ID')
    .replace(/[\w.]+@example\.com/g, 'ADDRESS');
  return { status, text };
};

describe('answers do not say whether an address is known', () => {
  /** What became of each address before somebody types it. */
  const pasts: Record<string, (address: string) => Promise<void>> = {
    unknown: async () => undefined,
    subscribed: async (address) => void (await subscribed(service(at.store, draws(address)), address)),
    'asked too often': async (address) => {
      const ask = service(at.store, draws(address));
      for (let n = 0; n < 5; n++) await ask('POST', '/v1/subscriptions', { body: wish(address), ip: `192.0.2.${n}` });
    },
    suppressed: (address) => at.records.suppress(ownerOf('email', address), 'complained', at.clock.now),
  };
  it.each(Object.keys(pasts))('%s: begun, looked at, logged, listed, exported, resumed', async (past) => {
    const everything = async (address: string) => {
      const ask = service(at.store, draws(`later ${address}`));
      const begun = await ask('POST', '/v1/subscriptions', { body: wish(address), ip: '198.51.100.1' });
      const { token } = begun.json;
      const path = `/v1/subscriptions/${begun.json.subscription.id}`;
      return [
        begun,
        await ask('GET', path, { token }),
        await ask('GET', `${path}/deliveries`, { token }),
        await ask('GET', '/v1/subscriptions', { token }),
        await ask('GET', '/v1/subscriptions/export', { token }),
        await ask('POST', `${path}/resume`, { token }),
        await ask('POST', `${path}/pause`, { token }),
        await ask('POST', `${path}/test`, { token }),
        await ask('DELETE', '/v1/subscriptions?never=1', { token }),
      ].map(shape);
    };
    await pasts[past]?.('past@example.com');
    expect(await everything('past@example.com')).toEqual(await everything('stranger@example.com'));
  });

  it('nor whether it turned out not to exist', async () => {
    const ask = service();
    const begun = await ask('POST', '/v1/subscriptions', { body: wish('gone@example.com') });
    const { token, subscription } = begun.json;
    const path = `/v1/subscriptions/${subscription.id}`;
    const before = await ask('GET', path, { token });
    const bounce = { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'gone@example.com' }] };
    await mailEvents({ records: at.records, clock: () => at.clock.now })({
      'detail-type': 'Email Bounced',
      detail: { bounce },
    });
    expect((await stored(subscription.id)).status).toBe('disabled');
    expect((await ask('GET', path, { token })).json).toEqual(before.json);
  });

  it('an address that was asked three times in an hour is not asked again in it', async () => {
    const ask = service();
    const asked: number[] = [];
    for (let n = 0; n < 5; n++) {
      const { json } = await ask('POST', '/v1/subscriptions', { body: wish(), ip: `192.0.2.${n}` });
      asked.push((await invitations(json.subscription.id)).length);
    }
    expect(asked).toEqual([1, 1, 1, 0, 0]);
    hours(1);
    const { json } = await ask('POST', '/v1/subscriptions', { body: wish() });
    expect(await invitations(json.subscription.id)).toHaveLength(1);
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'Idempotency-Key': '7c0f1c1e-6f0a-4c57-9d7a-2f8f3f1b6f10' };

  it('brings the same answer for the same body, whatever the order of its members; another body is refused', async () => {
    const ask = service();
    const first = await ask('POST', '/v1/subscriptions', { body: wish(), headers: key });
    const { filter, channel } = wish();
    const again = await ask('POST', '/v1/subscriptions', { body: { channel, filter }, headers: key });
    expect(again.json).toEqual(first.json);
    expect(await invitations(first.json.subscription.id)).toHaveLength(1);
    const other = await ask('POST', '/v1/subscriptions', { body: wish('eva@example.com'), headers: key });
    expect(other).toMatchObject({ status: 409, json: { type: '/problems/idempotency-conflict' } });
  });

  it('of somebody else is another key', async () => {
    const ask = service();
    const mine = await ask('POST', '/v1/subscriptions', { body: wish(), headers: key });
    const theirs = await ask('POST', '/v1/subscriptions', { body: wish(), headers: key, ip: '203.0.113.9' });
    expect(theirs.status).toBe(202);
    expect(theirs.json.token).not.toBe(mine.json.token);
  });

  it('makes nothing again that was erased, and is forgotten after a day', async () => {
    const ask = service();
    const { json } = await ask('POST', '/v1/subscriptions', { body: wish(), headers: key });
    const path = `/v1/subscriptions/${json.subscription.id}`;
    expect((await ask('DELETE', path, { token: json.token })).status).toBe(204);
    expect((await ask('POST', '/v1/subscriptions', { body: wish(), headers: key })).json).toEqual(json);
    // what was answered is shown again; it opens nothing
    expect(await stored(json.subscription.id)).toBeUndefined();
    expect((await ask('GET', path, { token: json.token })).status).toBe(401);
    hours(25);
    expect((await ask('POST', '/v1/subscriptions', { body: wish(), headers: key })).json.token).not.toBe(json.token);
  });

  it('makes up for a death at any write: one subscription, one answer, one invitation', async () => {
    const whole = new Death();
    await service(mortalRecords(at.store, whole))('POST', '/v1/subscriptions', { body: wish(), headers: key });
    expect(whole.writes).toBeGreaterThan(5);
    for (let write = 1; write <= whole.writes; write++)
      for (const when of ['before', 'after'] as const) {
        at = alertWorld();
        await at.publish(scoredWorld(SMALL));
        const dying = service(mortalRecords(at.store, new Death(write, when)));
        expect((await dying('POST', '/v1/subscriptions', { body: wish(), headers: key })).status).toBe(500);
        const ask = service();
        const answer = await ask('POST', '/v1/subscriptions', { body: wish(), headers: key });
        expect((await ask('POST', '/v1/subscriptions', { body: wish(), headers: key })).json).toEqual(answer.json);
        const { id, channel } = answer.json.subscription;
        const mine = await at.records.ofOwner(ownerOf('email', channel.address));
        expect(mine.map((each) => each.id)).toEqual([id]);
        expect(await invitations(id)).toHaveLength(1);
      }
  });

  it.each(['short', 'x'.repeat(129), 'with a space in the middle'])('%s is refused', async (text) => {
    const reply = await service()('POST', '/v1/subscriptions', { body: wish(), headers: { 'Idempotency-Key': text } });
    expect(reply).toMatchObject({ status: 400, json: { errors: [{ parameter: 'Idempotency-Key' }] } });
  });
});

describe('limits', () => {
  it('one caller begins twenty an hour, an API key being one caller', async () => {
    const ask = service();
    const begin = (n: number, from: Request) =>
      ask('POST', '/v1/subscriptions', { body: wish(`a${n}@example.com`), ...from });
    for (let n = 0; n < 20; n++) expect((await begin(n, { apiKey: 'k', ip: `192.0.2.${n}` })).status).toBe(202);
    const refused = await begin(20, { apiKey: 'k', ip: '192.0.2.99' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await begin(21, { apiKey: 'another' })).status).toBe(202);
    hours(1);
    expect((await begin(22, { apiKey: 'k' })).status).toBe(202);
  });

  it('a subscription is tested ten times an hour', async () => {
    const ask = service();
    const { path, token } = await subscribed(ask);
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push((await ask('POST', `${path}/test`, { token })).status);
    expect(statuses).toEqual([...new Array(10).fill(202), 429]);
  });

  it('a webhook is asked three times an hour; the fourth answer is that of a silent one', async () => {
    const ask = service();
    let posts = 0;
    webhooks = {
      refusal: () => null,
      post: async () => {
        posts++;
        return { status: 200, retryAfterSeconds: null, fault: null, body: '{"challenge":"another"}' };
      },
    };
    const body = { ...wish(), channel: { type: 'webhook', url: 'https://hooks.example.com/x' } };
    const { json } = await ask('POST', '/v1/subscriptions', { body });
    const replies: unknown[] = [];
    for (let n = 0; n < 4; n++)
      replies.push(
        (await ask('POST', `/v1/subscriptions/${json.subscription.id}/confirm`, { token: json.token })).json,
      );
    expect(posts).toBe(3);
    expect(replies[3]).toEqual(replies[0]);
    expect((await stored(json.subscription.id)).status).toBe('pending');
  });
});

describe('links', () => {
  it('only ask; buttons act, once or twice', async () => {
    const ask = service();
    const { json } = await ask('POST', '/v1/subscriptions', { body: wish() });
    const { id } = json.subscription;
    const confirm = pathOf(confirmLink(await stored(id)));
    for (const method of ['GET', 'HEAD']) expect((await ask(method, confirm)).status).toBe(200);
    expect((await stored(id)).status).toBe('pending');
    for (let n = 0; n < 2; n++) expect((await ask('POST', confirm)).status).toBe(200);
    expect((await stored(id)).status).toBe('active');

    const out = pathOf(unsubscribeLink(await stored(id)));
    expect((await ask('GET', out)).text).toContain('<form method="post">');
    expect((await stored(id)).status).toBe('active');
    const oneClick = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
    for (let n = 0; n < 2; n++) expect((await ask('POST', out, oneClick)).status).toBe(200);
    expect((await stored(id)).status).toBe('ended');
    hours(1);
    // what was refused is not agreed to by an old link, and the owner's wish has to be agreed to anew
    await ask('POST', confirm);
    expect((await stored(id)).status).toBe('ended');
    expect((await ask('POST', `/v1/subscriptions/${id}/resume`, { token: json.token })).json.subscription.status).toBe(
      'pending',
    );
    expect(await invitations(id)).toHaveLength(2);
  });

  it('with a wrong token, that of another purpose or subscription, or of none are one page', async () => {
    const ask = service();
    const { id } = await subscribed(ask);
    const other = await subscribed(ask, 'eva@example.com');
    const token = (link: string) => link.replace(/^.*token=/, '');
    const [mine, theirs] = [await stored(id), await stored(other.id)];
    const pages: string[] = [];
    for (const [of, secret] of [
      [id, 'x'],
      [id, token(confirmLink(mine))],
      [id, token(unsubscribeLink(theirs))],
      ['0'.repeat(32), token(unsubscribeLink(mine))],
    ] as const)
      for (const method of ['GET', 'POST']) {
        const reply = await ask(method, `/v1/subscriptions/${of}/unsubscribe?token=${secret}`);
        expect(reply.status).toBe(404);
        pages.push(reply.text);
      }
    expect((await ask('GET', `/v1/subscriptions/${id}/unsubscribe`)).text).toBe(pages[0]);
    expect(new Set(pages).size).toBe(1);
    expect((await stored(id)).status).toBe('active');
  });

  it.each(['en', 'es'] as const)('lead to pages in %s that fetch nothing and run nothing', async (language) => {
    const ask = service();
    const { json } = await ask('POST', '/v1/subscriptions', { body: wish('ana@example.com', { language }) });
    const link = pathOf(confirmLink(await stored(json.subscription.id)));
    const lost = await ask('GET', '/v1/subscriptions/x/confirm?token=y', { headers: { 'Accept-Language': language } });
    for (const { headers, text } of [await ask('GET', link), await ask('POST', link), lost]) {
      expect(text).toContain(`<html lang="${language}">`);
      expect(text).toContain('name="viewport" content="width=device-width, initial-scale=1"');
      expect(text).not.toMatch(/<script|<img|<link|src=|href=|url\(|https?:|style=|@example|token/i);
      const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      );
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
  });
});

describe('time', () => {
  it('a pending subscription is over after 48 hours, whether or not the table has taken it away', async () => {
    const ask = service();
    const { json } = await ask('POST', '/v1/subscriptions', { body: wish() });
    const { id } = json.subscription;
    const link = pathOf(confirmLink(await stored(id)));
    hours(47);
    expect((await ask('GET', link)).status).toBe(200);
    hours(2);
    for (const method of ['GET', 'POST']) expect((await ask(method, link)).status).toBe(404);
    expect((await ask('GET', `/v1/subscriptions/${id}`, { token: json.token })).status).toBe(401);
    expect((await stored(id)).status).toBe('pending');
  });

  it('an ended one can be exported for 30 days', async () => {
    const ask = service();
    const { id, token } = await subscribed(ask);
    await ask('POST', pathOf(unsubscribeLink(await stored(id))));
    hours(29 * 24);
    expect((await ask('GET', '/v1/subscriptions/export', { token })).json.subscriptions).toHaveLength(1);
    hours(2 * 24);
    expect((await ask('GET', '/v1/subscriptions/export', { token })).status).toBe(401);
  });
});

describe('tokens', () => {
  it('open their own subscription; of a confirmed address all confirmed ones are listed', async () => {
    const ask = service();
    const [one, two] = [await subscribed(ask), await subscribed(ask, 'ANA@example.com')];
    const eva = await subscribed(ask, 'eva@example.com');
    const pending = await ask('POST', '/v1/subscriptions', { body: wish() });
    const listed = async (token: string) =>
      ((await ask('GET', '/v1/subscriptions', { token })).json.items as { id: string }[]).map(({ id }) => id).sort();
    expect(await listed(one.token)).toEqual([one.id, two.id].sort());
    expect(await listed(eva.token)).toEqual([eva.id]);
    expect(await listed(pending.json.token)).toEqual([pending.json.subscription.id]);
    for (const token of [eva.token, 'pms_', `${one.token}x`, undefined]) {
      const reply = await ask('GET', one.path, token === undefined ? {} : { token });
      expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    }
  });

  it('erased is erased: nothing of it is left but, when asked, the hash of the address', async () => {
    const ask = service();
    const { token, id } = await subscribed(ask);
    await ask('POST', `/v1/subscriptions/${id}/test`, { token });
    expect((await ask('DELETE', '/v1/subscriptions?never=1', { token })).status).toBe(204);
    const owner = ownerOf('email', 'ana@example.com');
    expect(await stored(id)).toBeUndefined();
    expect(await at.records.deliveries(id)).toEqual([]);
    expect(await at.records.ofOwner(owner)).toEqual([]);
    expect(await at.records.watching('MEX')).toEqual([]);
    expect(await at.records.isSuppressed(owner)).toBe(true);
  });

  it('neither tokens nor secrets are in what is stored, but for the secret that signs', async () => {
    const kept: string[] = [];
    const spying: RecordStore = {
      ...at.store,
      put: (partition, sort, value, ...rest) => {
        kept.push(`${partition} ${sort} ${JSON.stringify(value)}`);
        return at.store.put(partition, sort, value, ...rest);
      },
    };
    const headers = { 'Idempotency-Key': '7c0f1c1e-6f0a-4c57-9d7a-2f8f3f1b6f10' };
    const { json } = await service(spying)('POST', '/v1/subscriptions', { body: wish(), headers });
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.filter((text) => text.includes(json.token) || text.includes(headers['Idempotency-Key']))).toEqual([]);
    // the address is in the subscription alone
    expect(kept.filter((text) => text.includes('ana@example.com')).every((text) => /^sub#\w+ sub /.test(text))).toBe(
      true,
    );
  });

  it('what fails is logged without anybody in it', async () => {
    const broken: RecordStore = {
      ...at.store,
      get: async () => {
        throw new Error('the table is away');
      },
    };
    const ask = service();
    const { path, token } = await subscribed(ask);
    expect((await service(broken)('GET', path, { token })).status).toBe(500);
    expect((await service(broken)('GET', `${path}/confirm?token=abc`)).status).toBe(500);
    expect(logged).toHaveLength(2);
    expect(logged.join('\n')).not.toMatch(/pms_|abc|@|[0-9a-f]{32}/);
  });
});

describe('what is asked for', () => {
  it('the filter of a subscription is that of the list, as an object or as its query', async () => {
    const ask = service();
    const filters = [
      { exporter: 'mex', importer: 'usa', minScore: 60 },
      'exporter=MEX&importer=USA&minScore=60',
      '/v1/opportunities?exporter=MEX&importer=USA&minScore=60&sort=-potentialUsd&limit=5&format=csv',
    ];
    for (const filter of filters) {
      const { json } = await ask('POST', '/v1/subscriptions', { body: wish('ana@example.com', { filter }) });
      expect(json.subscription.filter).toEqual({ exporter: 'MEX', importer: 'USA', minScore: 60 });
    }
  });

  it.each([
    ['an unknown filter', { filter: { exporter: 'MEX', minScor: 3 } }, 'filter.minScor'],
    ['a filter out of bounds', { filter: { exporter: 'MEX', minScore: 101 } }, 'filter.minScore'],
    ['no exporter', { filter: {} }, 'filter.exporter'],
    ['an unknown member', { colour: 'blue' }, 'colour'],
    ['an unknown cadence', { cadence: 'hourly' }, 'cadence'],
    ['a time zone that is none', { timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['no e-mail address', { channel: { type: 'email', address: 'ana' } }, 'channel.address'],
    ['a webhook inside', { channel: { type: 'webhook', url: 'https://169.254.169.254/' } }, 'channel.url'],
    ['a chat by plain HTTP', { channel: { type: 'slack', url: 'http://hooks.example.com/' } }, 'channel.url'],
    ['a bus that is not listed', { channel: { type: 'eventBridge', bus: 'default' } }, 'channel.bus'],
  ])('%s is refused by name', async (_, over, parameter) => {
    const reply = await service()('POST', '/v1/subscriptions', { body: wish('ana@example.com', over) });
    expect(reply.status).toBe(400);
    expect(reply.json.errors).toContainEqual(expect.objectContaining({ parameter }));
  });

  it('a body that is no JSON, of another kind or too large', async () => {
    const ask = service();
    const send = (body: string, headers = {}) => ask('POST', '/v1/subscriptions', { body, headers });
    expect((await send('{')).status).toBe(400);
    expect((await send('a=b', { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await send(JSON.stringify({ x: 'x'.repeat(20_000) }))).status).toBe(400);
    expect(await ask('PUT', '/v1/subscriptions')).toMatchObject({ status: 405, json: { status: 405 } });
  });

  it('a preview counts what the last run would have brought, and keeps nothing', async () => {
    const { status, json } = await service()('POST', '/v1/subscriptions/preview', {
      body: { filter: 'exporter=MEX&minScore=60' },
    });
    expect(status).toBe(200);
    expect(json.preview.total).toBeGreaterThan(0);
    expect(json.sentence).toBe(`This would have sent ${json.preview.total} items on the last run.`);
    expect(await at.records.watchedExporters()).toEqual([]);
  });
});
