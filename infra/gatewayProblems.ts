import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface GatewayProblem {
  readonly response: ResponseType;
  /** null where one entry stands for many statuses */
  readonly status: number | null;
  readonly type: string;
  readonly title: string;
}

/** What API Gateway answers by itself, before the function is asked. */
const PROBLEMS: readonly GatewayProblem[] = [
  // An unknown path or method: API Gateway takes it for a request that forgot to sign itself.
  {
    response: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 404,
    type: 'route-unknown',
    title: 'There is no such route; /v1/openapi.json lists those that exist',
  },
  { response: ResponseType.ACCESS_DENIED, status: 403, type: 'access-denied', title: 'Access denied' },
  { response: ResponseType.REQUEST_TOO_LARGE, status: 413, type: 'request-too-large', title: 'Request too large' },
  { response: ResponseType.THROTTLED, status: 429, type: 'rate-exceeded', title: 'Too many requests: wait a second' },
  { response: ResponseType.QUOTA_EXCEEDED, status: 429, type: 'quota-exceeded', title: 'The quota is used up' },
  { response: ResponseType.INTEGRATION_TIMEOUT, status: 504, type: 'timeout', title: 'The answer took too long' },
  { response: ResponseType.DEFAULT_4XX, status: null, type: 'request-refused', title: 'The request was refused' },
  { response: ResponseType.DEFAULT_5XX, status: null, type: 'internal', title: 'Something went wrong on our side' },
];

/** Makes the gateway's own answers problem+json (RFC 9457) like those of the function. */
export function gatewayProblems(api: RestApi, corsOrigins: readonly string[]): void {
  // A fixed header can name one origin; pages of several learn the status only.
  const origin = corsOrigins.length === 1 ? { 'access-control-allow-origin': `'${corsOrigins[0]}'` } : {};
  for (const { response, status, type, title } of PROBLEMS) {
    const body = {
      type: `/problems/${type}`,
      title,
      ...(status === null ? {} : { status }),
      requestId: '$context.requestId',
    };
    api.addGatewayResponse(response.responseType, {
      type: response,
      ...(status === null ? {} : { statusCode: String(status) }),
      responseHeaders: { 'content-type': "'application/problem+json'", ...origin },
      templates: { 'application/json': JSON.stringify(body) },
    });
  }
}
