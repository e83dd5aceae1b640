import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type * as z from 'zod';
import { consent, type Followed } from '../../lib/app/alerts/consent.ts';
import { PREVIEWS_PER_HOUR, withinLimit } from '../../lib/app/alerts/limits.ts';
import { type Change, ownership, shown } from '../../lib/app/alerts/ownership.ts';
import { previewSubscription } from '../../lib/app/alerts/preview.ts';
import type { Choice, Delivery, Filter, Language } from '../../lib/app/alerts/records.ts';
import { checkFilter, type SubscribeDeps, subscribe } from '../../lib/app/alerts/subscribe.ts';
import { type LinkPurpose, shortHash } from '../../lib/app/alerts/tokens.ts';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import { Failure, type RequestError } from '../../lib/core/errors.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import type { PageStore } from '../../lib/ports/pageStore.ts';
import type { WebhookSender } from '../../lib/ports/webhookSender.ts';
import { nearest } from '../api/nearest.ts';
import { OpportunitiesQuery, OpportunityFilter } from '../api/parameters.ts';
import { parse } from '../api/route.ts';
import { header, type Log, type ProxyEvent, type ProxyResult, prefixOf, type Stack } from '../exchange.ts';
import { conversation } from '../http.ts';
import { problems } from '../problems.ts';
import { type Operation, operations } from './operations.ts';
import { PAGE_HEADERS, pageHtml } from './page.ts';
import { pageOf } from './pages.ts';
import type { ChangeBody, CreateBody, PreviewBody } from './schemas.ts';

export interface SubscriptionsDeps extends Omit<SubscribeDeps, 'scores' | 'nearest' | 'refusal'> {
  readonly catalog: Catalog;
  readonly pages: PageStore;
  readonly webhooks: WebhookSender;
  readonly log: Log;
  readonly corsOrigins: readonly string[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS'];
const HEADERS = 'Accept, Authorization, Content-Type, Idempotency-Key, X-Api-Key, X-Request-Id';
const LARGEST_BODY = 16 << 10;

/** A request as an operation reads it. */
interface Asked {
  readonly id: string;
  readonly delivery: string;
  readonly body: unknown;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** the management token */
  readonly token: string | null;
  readonly event: ProxyEvent;
}

type Doing = (asked: Asked) => Promise<unknown>;

/** Subscriptions to alerts: who may do what is decided by tokens, never by who is known. */
export function subscriptionsHandler(deps: SubscriptionsDeps) {
  const { records, webhooks, clock, catalog } = deps;
  const scores = publishedScores(deps);
  const known: SubscribeDeps = { ...deps, scores, nearest, refusal: webhooks.refusal };
  const begin = subscribe(known);
  const owner = ownership(known);
  const { look, confirm, unsubscribe, challenge } = consent(deps);
  const preview = previewSubscription({ scores, catalog });
  const opened = ({ token, id }: Asked) => owner.open(token, id === '' ? null : id);
  const tokenOf = ({ query }: Asked) => query.token ?? '';

  const doings: Readonly<Record<Operation['id'], Doing>> = {
    async create({ body, event }) {
      const given = body as z.output<typeof CreateBody>;
      const { subscription, token } = await begin({
        choice: { ...given, filter: filterOf(given.filter) } satisfies Choice,
        baseUrl: baseUrlOf(event),
        caller: callerOf(event),
        idempotencyKey: keyOf(event),
      });
      const { secrets, channel } = subscription;
      return {
        subscription: shown(subscription),
        token,
        ...(secrets && { secret: secrets.current }),
        next:
          channel.type === 'webhook'
            ? `When the receiver is ready, POST ${prefixOf(event)}/v1/subscriptions/${subscription.id}/confirm with the token: it is sent a challenge to say back.`
            : 'If messages may go there, a message with a link to confirm is on its way. Nothing else is sent before.',
      };
    },
    async list(asked) {
      return { items: (await owner.list(await opened(asked))).map(shown) };
    },
    async eraseAll(asked) {
      await owner.eraseAll(await opened(asked), asked.query.never === '1');
    },
    async preview({ body, event }) {
      const given = body as z.output<typeof PreviewBody>;
      const filter = filterOf(given.filter);
      await withinLimit(records, 'previews', callerOf(event), PREVIEWS_PER_HOUR, clock());
      await checkFilter(known, filter);
      const found = await preview({ filter, kinds: given.kinds });
      const sentence =
        found === null
          ? 'There is no earlier run to compare the current one with.'
          : `This would have sent ${found.total} ${found.total === 1 ? 'item' : 'items'} on the last run.`;
      return { preview: found, sentence };
    },
    async export(asked) {
      const all = await owner.export(await opened(asked));
      return all;
    },
    async get(asked) {
      return { subscription: shown(await opened(asked)) };
    },
    async change(asked) {
      const own = await opened(asked);
      const { filter, ...rest } = asked.body as z.output<typeof ChangeBody>;
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Change;
      const change: Change = filter === undefined ? given : { ...given, filter: filterOf(filter) };
      return { subscription: shown(await owner.change(own, change)) };
    },
    async erase(asked) {
      await owner.erase(await opened(asked));
    },
    confirmPage: async (asked) => page(asked, 'confirm', await look(asked.id, 'confirm', tokenOf(asked))),
    async confirm(asked) {
      if (asked.token === null) return page(asked, 'confirm', await confirm(asked.id, tokenOf(asked)));
      const refusal = await challenge(await opened(asked));
      if (refusal !== null) throw new Failure('subscription.refused', { reason: refusal });
      return { subscription: shown(await opened(asked)) };
    },
    unsubscribePage: async (asked) => page(asked, 'unsubscribe', await look(asked.id, 'unsubscribe', tokenOf(asked))),
    unsubscribe: async (asked) => page(asked, 'unsubscribe', await unsubscribe(asked.id, tokenOf(asked))),
    pause: async (asked) => ({ subscription: shown(await owner.pause(await opened(asked))) }),
    resume: async (asked) => ({ subscription: shown(await owner.resume(await opened(asked))) }),
    rotateToken: async (asked) => ({ token: await owner.rotateToken(await opened(asked)) }),
    rotateSecret: async (asked) => owner.rotateSecret(await opened(asked)),
    test: async (asked) => ({ delivery: told(await owner.test(await opened(asked))) }),
    deliveries: async (asked) => ({ items: (await owner.log(await opened(asked))).map(told) }),
    replay: async (asked) => ({ delivery: told(await owner.replay(await opened(asked), asked.delivery)) }),
  };

  const router = httpRouter({
    routes: operations.map((operation) => ({
      method: operation.method,
      path: operation.path,
      handler: answering(operation, doings[operation.id]) as never,
    })),
    notFoundResponse: ({ method, path }) => {
      const allowed = operations.filter((each) => matches(each.path, path)).map((each) => each.method);
      if (allowed.length > 0) throw new Failure('method.notAllowed', { method, allowed: [...allowed, 'OPTIONS'] });
      throw new Failure('route.unknown', { path });
    },
  });
  return middy(router as unknown as (event: ProxyEvent) => Promise<ProxyResult>).use([
    conversation(deps.corsOrigins, METHODS, HEADERS),
    problems({ error: (message, cause) => deps.log.error(withoutIds(message), cause) }),
  ] as Stack[]) as unknown as (
    event: Record<string, unknown>,
    context?: { awsRequestId: string },
  ) => Promise<ProxyResult>;
}

/** Reads a request, does what it asks, and puts the answer into words that a client reads. */
const answering =
  (operation: Operation, doing: Doing) =>
  async (event: ProxyEvent): Promise<ProxyResult> => {
    const { subscription: id = '', delivery = '' } = event.pathParameters ?? {};
    const asked: Asked = {
      id,
      delivery,
      body: operation.body ? bodyOf(operation.body, event) : null,
      query: queryOf(operation, event),
      token: /^Bearer +(\S+)$/i.exec(header(event, 'authorization') ?? '')?.[1] ?? null,
      event,
    };
    const answer = await doing(asked);
    if (answer instanceof Shown) return answer.result;
    return {
      statusCode: operation.status,
      headers: {
        'cache-control': 'no-store',
        ...(answer !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
      },
      body: answer === undefined ? '' : JSON.stringify(answer),
    };
  };

/** A page as an answer. */
class Shown {
  readonly result: ProxyResult;
  constructor(result: ProxyResult) {
    this.result = result;
  }
}

function page({ event }: Asked, purpose: LinkPurpose, followed: Followed | null): Shown {
  const language: Language = /^\s*es\b/i.test(header(event, 'accept-language') ?? '') ? 'es' : 'en';
  const statusCode = followed === null ? 404 : followed.outcome === 'tooMany' ? 409 : 200;
  return new Shown({ statusCode, headers: { ...PAGE_HEADERS }, body: pageHtml(pageOf(purpose, followed, language)) });
}

/** A delivery without what only we need of it. */
function told(delivery: Delivery): Omit<Delivery, 'leaseUntil'> {
  const { leaseUntil, ...rest } = delivery;
  return rest;
}

/** The filters, read by the schema of the list itself. */
function filterOf(given: string | Readonly<Record<string, string | number>>): Filter {
  const named = (error: unknown): never => {
    if (!(error instanceof Failure) || error.code !== 'request.invalid') throw error;
    const { errors } = error.detail as { errors: readonly RequestError[] };
    throw new Failure('request.invalid', {
      errors: errors.map((each) => ({ ...each, parameter: `filter.${each.parameter}` })),
    });
  };
  try {
    if (typeof given !== 'string') {
      const texts = Object.entries(given).map(([name, value]) => [name, String(value)]);
      return defined(parse(OpportunityFilter, Object.fromEntries(texts))) as Filter;
    }
    const whole = parse(OpportunitiesQuery, Object.fromEntries(new URLSearchParams(given.replace(/^[^?]*\?/, ''))));
    return defined(
      Object.fromEntries(Object.keys(OpportunityFilter.shape).map((name) => [name, whole[name]])),
    ) as Filter;
  } catch (error) {
    return named(error);
  }
}

const defined = (object: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** A JSON body by its schema. */
function bodyOf(schema: z.ZodType, event: ProxyEvent): unknown {
  const { body, isBase64Encoded } = event as { body?: unknown; isBase64Encoded?: unknown };
  const type = header(event, 'content-type') ?? 'without a type';
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type))
    throw new Failure('media.unsupported', { given: type.slice(0, 100), allowed: ['application/json'] });
  const invalid = (detail: string) => new Failure('request.invalid', { errors: [{ parameter: 'body', detail }] });
  const text = Buffer.from(String(body ?? ''), isBase64Encoded === true ? 'base64' : 'utf8').toString();
  if (Buffer.byteLength(text) > LARGEST_BODY) throw invalid(`is longer than ${LARGEST_BODY} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid('is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Failure('request.invalid', { errors: parsed.error.issues.flatMap(bodyErrors) });
}

function bodyErrors(issue: z.core.$ZodIssue): RequestError[] {
  const place = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ parameter: [...place, key].join('.'), detail: 'is no member here' }));
  const parameter = place.join('.') || 'body';
  if (issue.code === 'invalid_value')
    return [{ parameter, detail: 'has another value than those allowed', allowed: issue.values.map(String) }];
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    const missing = /undefined/.test(issue.message);
    return [{ parameter, detail: missing ? 'is required' : `must be ${issue.expected}` }];
  }
  return [{ parameter, detail: issue.message }];
}

/** Parameters of the query; one that is not known is refused, like everywhere. */
function queryOf({ query = {} }: Operation, { queryStringParameters }: ProxyEvent): Asked['query'] {
  const given = queryStringParameters ?? {};
  const allowed = Object.keys(query);
  const unknown = Object.keys(given).filter((name) => !allowed.includes(name));
  if (unknown.length === 0) return given;
  throw new Failure('request.invalid', {
    errors: unknown.map((parameter) => ({ parameter, detail: 'is no parameter here', allowed })),
  });
}

function keyOf(event: ProxyEvent): string | null {
  const key = header(event, 'idempotency-key');
  if (key === undefined) return null;
  if (/^[\x21-\x7e]{16,128}$/.test(key)) return key;
  const detail = 'must be 16 to 128 printable characters that nobody can guess';
  throw new Failure('request.invalid', { errors: [{ parameter: 'Idempotency-Key', detail }] });
}

/** Who asks, hashed: the API key where there is one, else the address on the network. */
function callerOf({ requestContext }: ProxyEvent): string {
  const { apiKeyId, sourceIp } = (requestContext?.identity ?? {}) as { apiKeyId?: string; sourceIp?: string };
  return shortHash('caller', apiKeyId ?? sourceIp ?? '');
}

/** Where the API was reached: the gateway's own word for it. Only on this machine is that not HTTPS. */
function baseUrlOf(event: ProxyEvent): string {
  const host = String(event.requestContext?.domainName ?? '');
  const scheme = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host) ? 'http' : 'https';
  return `${scheme}://${host}${prefixOf(event)}`;
}

/** Ids of subscriptions are left out of the log: with a link they lead to somebody. */
const withoutIds = (text: string) => text.replace(/[0-9a-f]{32}/g, '…');

/** Whether a path is one of a pattern's, names in braces standing for one segment each. */
const matches = (pattern: string, path: string) => new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}/?$`).test(path);
