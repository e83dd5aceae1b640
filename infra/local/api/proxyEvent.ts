import type { IncomingMessage } from 'node:http';
import type { ApiPlan } from '../template/apiPlan.ts';
import { ACCOUNT } from '../template/names.ts';
import type { Route } from './router.ts';

/** A request as a function behind API Gateway sees it (payload format 1.0). */
export function proxyEvent(
  plan: ApiPlan,
  { method, parameters }: Route,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  body: Uint8Array,
  requestId: string,
): object {
  const now = new Date();
  const headers = grouped(pairs(request.rawHeaders));
  const parameterLists = grouped(query);
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  return {
    resource: method.path,
    path,
    httpMethod: request.method,
    headers: lasts(headers),
    multiValueHeaders: headers,
    queryStringParameters: query.size === 0 ? null : lasts(parameterLists),
    multiValueQueryStringParameters: query.size === 0 ? null : parameterLists,
    pathParameters: parameters,
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId: plan.id,
      stage: plan.stage,
      resourcePath: method.path,
      httpMethod: request.method,
      path,
      protocol: `HTTP/${request.httpVersion}`,
      requestId,
      extendedRequestId: requestId,
      requestTime: now.toUTCString(),
      requestTimeEpoch: now.getTime(),
      domainName: request.headers.host ?? '',
      identity: { sourceIp, userAgent: request.headers['user-agent'] ?? null },
    },
    body: body.length === 0 ? null : Buffer.from(body).toString(),
    isBase64Encoded: false,
  };
}

function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at + 1 < flat.length; at += 2) yield [flat[at] as string, flat[at + 1] as string];
}

function grouped(entries: Iterable<[string, string]>): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of entries) {
    const list = lists[name] ?? [];
    list.push(value);
    lists[name] = list;
  }
  return lists;
}

const lasts = (lists: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1)]));
