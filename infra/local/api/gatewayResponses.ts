import type { ApiPlan } from '../template/apiPlan.ts';

/** What API Gateway answers by itself: its type, its status unless the template sets another, its message. */
const KINDS = {
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long'],
  INTEGRATION_FAILURE: [504, 'Internal server error'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out'],
  // a function that failed or answered nonsense: a kind without a name, so that only the default for 5xx changes it
  DEFAULT_5XX: [502, 'Internal server error'],
} as const;

export type Kind = keyof typeof KINDS;

export interface GatewayReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Variables = Readonly<Record<string, string>>;

/**
 * Compiles the answers that the template sets for what never reaches a function.
 *
 * @throws Error for a template with a variable that is not implemented
 */
export function compileGatewayResponses(plan: ApiPlan): (kind: Kind, requestId: string) => GatewayReply {
  for (const [type, { template }] of Object.entries(plan.gatewayResponses))
    fill(template ?? '', variables('', '', type));
  return (kind, requestId) => {
    const [defaultStatus, message] = KINDS[kind];
    const general = defaultStatus < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
    const set = plan.gatewayResponses[kind] ?? plan.gatewayResponses[general];
    const template = set?.template ?? '{"message":$context.error.messageString}';
    return {
      status: set?.status ?? defaultStatus,
      headers: { 'content-type': 'application/json', ...set?.headers, 'x-amzn-requestid': requestId },
      body: fill(template, variables(requestId, message, kind)),
    };
  };
}

const variables = (requestId: string, message: string, type: string): Variables => ({
  requestId,
  extendedRequestId: requestId,
  'error.message': message,
  'error.messageString': JSON.stringify(message),
  'error.responseType': type,
});

function fill(template: string, values: Variables): string {
  return template.replace(/\$(?:context\.([\w.]*\w)|\w+)/g, (whole, name: string | undefined) => {
    const value = values[name ?? ''];
    if (value === undefined)
      throw new Error(`a gateway response uses ${whole}, which is not implemented by the local home`);
    return value;
  });
}
