import { header, type Log, ProxyEvent, type ProxyResult, requestIdOf, type Stack } from './exchange.ts';
import { problems } from './problems.ts';
import { representation } from './representation.ts';

/** What may be asked of any route. */
export const ALLOWED = ['GET', 'HEAD', 'OPTIONS'] as const;
const EXPOSED =
  'ETag, Link, Retry-After, Content-Disposition, X-Request-Id, X-Run-Id, X-Synthetic, X-Reason, X-Truncated';

/** The whole stack of an API handler, outermost first. */
export const httpStack = (options: { log: Log; codeVersion: string; corsOrigins: readonly string[] }): Stack[] => [
  conversation(options.corsOrigins),
  problems(options.log),
  representation(options.codeVersion),
];

/** What belongs to every exchange: request id, HEAD and OPTIONS, cross-origin and sniffing headers. */
export function conversation(
  corsOrigins: readonly string[],
  allowed: readonly string[] = ALLOWED,
  allowedHeaders = 'Accept, If-None-Match, X-Api-Key, X-Request-Id',
): Stack {
  const common = (event: ProxyEvent, awsRequestId: string | undefined): Record<string, string> => {
    const origin = header(event, 'origin');
    const allowedOrigin = corsOrigins.includes('*') ? '*' : corsOrigins.find((each) => each === origin);
    return {
      'x-request-id': requestIdOf(event, awsRequestId),
      'x-content-type-options': 'nosniff',
      ...(allowedOrigin !== undefined && {
        'access-control-allow-origin': allowedOrigin,
        'access-control-expose-headers': EXPOSED,
      }),
    };
  };
  /** exchanges that were asked by HEAD */
  const heads = new WeakMap<object, boolean>();
  const finish: NonNullable<Stack['after']> = (request) => {
    const response = request.response as ProxyResult;
    const headers = common(request.event, request.context?.awsRequestId);
    const vary = [response.headers.vary, ...(corsOrigins.includes('*') ? [] : ['Origin'])].filter(Boolean).join(', ');
    request.response = {
      ...response,
      headers: { ...response.headers, ...headers, ...(vary && { vary }) },
      body: heads.get(request) ? '' : response.body,
    };
  };
  return {
    before: (request) => {
      // a copy, since the caller's event is not ours to change; the router matches the path itself
      const event = ProxyEvent.parse(request.event);
      const method = event.httpMethod;
      request.event = {
        ...event,
        httpMethod: method === 'HEAD' ? 'GET' : method,
        pathParameters: null,
      };
      heads.set(request, method === 'HEAD');
      if (method !== 'OPTIONS') return undefined;
      return {
        statusCode: 204,
        headers: {
          ...common(event, request.context?.awsRequestId),
          allow: allowed.join(', '),
          'access-control-allow-methods': allowed.join(', '),
          'access-control-allow-headers': allowedHeaders,
          'access-control-max-age': '86400',
        },
        body: '',
      };
    },
    after: finish,
    onError: finish,
  };
}
