import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface GatewayProblem {
  readonly response: ResponseType;
  /** null where one entry stands for many statuses */
  readonly status: number | null;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

/** What API Gateway answers by itself, before the function is asked; types as in functions/problems.ts where both know one. */
const PROBLEMS: readonly GatewayProblem[] = [
  {
    // An unknown path: API Gateway takes it for a request that forgot to sign itself.
    response: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 404,
    type: 'route-unknown',
    title: 'No such route',
    detail: 'Nothing is found there; /v1/openapi.json lists what is.',
  },
  {
    response: ResponseType.ACCESS_DENIED,
    status: 403,
    type: 'access-denied',
    title: 'Access denied',
    detail: 'The policy of this API does not let you in.',
  },
  {
    response: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    type: 'request-too-large',
    title: 'The request is too large',
    detail: 'Questions are asked in the address, and a subscription is a few lines.',
  },
  {
    response: ResponseType.THROTTLED,
    status: 429,
    type: 'rate-exceeded',
    title: 'Too many requests',
    detail: 'All callers together ask more than this service answers: wait a second and repeat.',
    retryAfterSeconds: 1,
  },
  {
    response: ResponseType.QUOTA_EXCEEDED,
    status: 429,
    type: 'quota-exceeded',
    title: 'The quota is used up',
    detail: 'Your key has no requests left for now.',
  },
  {
    response: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    type: 'timeout',
    title: 'The answer took too long',
    detail: 'Repeat the request, or ask for less at once.',
    retryAfterSeconds: 1,
  },
  {
    response: ResponseType.DEFAULT_4XX,
    status: null,
    type: 'request-refused',
    title: 'The request was refused',
    detail: 'It was refused before it was read; /v1/openapi.json says what may be asked.',
  },
  {
    response: ResponseType.DEFAULT_5XX,
    status: null,
    type: 'internal',
    title: 'The service failed',
    detail: 'Something failed on our side. Its log entry has the request id.',
  },
];

/** Makes the gateway's own answers problem+json (RFC 9457) like those of the function. */
export function gatewayProblems(api: RestApi, corsOrigins: readonly string[]): void {
  // A fixed header can name one origin; pages of several learn the status only.
  const origin = corsOrigins.length === 1 ? { 'access-control-allow-origin': `'${corsOrigins[0]}'` } : {};
  for (const { response, status, type, title, detail, retryAfterSeconds } of PROBLEMS) {
    const body = {
      type: `/problems/${type}`,
      title,
      detail,
      ...(status === null ? {} : { status }),
      requestId: '$context.requestId',
    };
    api.addGatewayResponse(response.responseType, {
      type: response,
      ...(status === null ? {} : { statusCode: String(status) }),
      responseHeaders: {
        'content-type': "'application/problem+json'",
        'cache-control': "'no-store'",
        ...origin,
        ...(retryAfterSeconds === undefined ? {} : { 'retry-after': `'${retryAfterSeconds}'` }),
      },
      templates: { 'application/json': JSON.stringify(body) },
    });
  }
}
