import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { readBody } from '../front/readBody.ts';
import type { Functions } from '../lambda/functions.ts';
import type { ApiPlan } from '../template/apiPlan.ts';
import { compileGatewayResponses, type Kind } from './gatewayResponses.ts';
import { proxyEvent } from './proxyEvent.ts';
import { compileRoutes, type Route } from './router.ts';

/** Hears of every request: the route that took it, if one did, and what was answered. */
export type Answered = (verb: string, url: string, route: Route | null, status: number) => void;

const compress = promisify(gzip);

/** API Gateway gives up on a function after this, and refuses larger requests. */
const INTEGRATION_MS = 29_000;
const LARGEST_REQUEST = 10 << 20;

interface ProxyResult {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** Serves the routes of the template. The stage is not part of the path, as behind a domain of one's own. */
export function api(plan: ApiPlan, functions: Functions, answered: Answered): RequestListener {
  const route = compileRoutes(plan);
  const gatewayResponse = compileGatewayResponses(plan);

  const refuse = (response: ServerResponse, kind: Kind, requestId: string) => {
    const { status, headers, body } = gatewayResponse(kind, requestId);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const [rawPath = '/', rawQuery = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const found = route(request.method ?? 'GET', rawPath);
    if (!found) return refuse(response, 'MISSING_AUTHENTICATION_TOKEN', requestId);
    const { mock, functionArn } = found.method;
    if (mock) {
      response.writeHead(mock.status, { ...mock.headers, 'x-amzn-requestid': requestId }).end();
      return;
    }
    const lambda = functions.find(functionArn ?? '');
    if (!lambda) return refuse(response, 'INTEGRATION_FAILURE', requestId);
    const body = await readBody(request);
    if (body.length > LARGEST_REQUEST) return refuse(response, 'REQUEST_TOO_LARGE', requestId);

    const query = new URLSearchParams(rawQuery);
    const event = proxyEvent(plan, found satisfies Route, request, rawPath, query, body, requestId);
    const invoked = functions.invoke(lambda, JSON.stringify(event));
    const result = await orLate(invoked);
    if (result === 'late') return refuse(response, 'INTEGRATION_TIMEOUT', requestId);
    const proxied = result.ok ? readResult(result.payload) : null;
    if (!proxied) return refuse(response, 'DEFAULT_5XX', requestId);
    await send(request, response, proxied, requestId);
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    result: ProxyResult,
    requestId: string,
  ): Promise<void> {
    for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value));
    for (const [name, values] of Object.entries(result.multiValueHeaders ?? {}))
      response.setHeader(name, values.map(String));
    response.setHeader('x-amzn-requestid', requestId);
    if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json');
    // API Gateway decodes base64 only for media types that the API declares binary; this one declares none
    let body = Buffer.from(result.body ?? '');
    const accepted = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
    if (plan.compressFrom !== null && accepted && body.length >= plan.compressFrom) {
      if (!response.hasHeader('content-encoding')) {
        body = Buffer.from(await compress(body, { level: 1 }));
        response.setHeader('content-encoding', 'gzip');
      }
    }
    response.statusCode = Number(result.statusCode);
    if (response.statusCode !== 204 && response.statusCode !== 304) response.setHeader('content-length', body.length);
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  return (request, response) => {
    response.once('finish', () => {
      const [verb, url] = [request.method ?? 'GET', request.url ?? '/'];
      answered(verb, url, route(verb, url.replace(/\?.*/s, '')), response.statusCode);
    });
    answer(request, response).catch((error: Error) => response.destroy(error));
  };
}

function readResult(payload: string): ProxyResult | null {
  const result = JSON.parse(payload) as ProxyResult | null;
  if (typeof result !== 'object' || result === null) return null;
  const status = Number(result.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return null;
  return result.body === undefined || result.body === null || typeof result.body === 'string' ? result : null;
}

async function orLate<T>(work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), INTEGRATION_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
