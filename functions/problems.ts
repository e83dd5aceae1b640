import { Failure, type FailureCode, type Failures, type RequestError } from '../lib/core/errors.ts';
import { type Log, prefixOf, requestIdOf, type Stack } from './exchange.ts';

interface Told {
  readonly detail: string;
  readonly errors?: readonly RequestError[];
  readonly headers?: Readonly<Record<string, string>>;
}

type Problem<Code extends FailureCode> = {
  readonly status: number;
  readonly title: string;
  readonly tell: (detail: Failures[Code]) => Told;
};

/** Names a value that the run does not know, and what may have been meant. */
const unknown =
  (parameter: string, what: string) =>
  (detail: Readonly<Record<string, unknown>>): Told => {
    const nearest = detail.nearest as readonly string[];
    const sentence = `"${detail[parameter]}" is no ${what} of this run${
      nearest.length > 0 ? `; did you mean ${nearest.join(' or ')}?` : '.'
    }`;
    return {
      detail: sentence,
      errors: [{ parameter, detail: sentence, ...(nearest.length > 0 && { allowed: nearest }) }],
    };
  };

/** The status and words of every failure: a code that is missing here does not compile. */
const PROBLEMS: { readonly [Code in FailureCode]: Problem<Code> } = {
  'request.invalid': {
    status: 400,
    title: 'The request is not valid',
    tell: ({ errors }) => ({
      detail: errors.map(({ parameter, detail }) => `${parameter}: ${detail}`).join('; '),
      errors,
    }),
  },
  'exporter.unknown': { status: 400, title: 'Unknown exporter', tell: unknown('exporter', 'country') },
  'importer.unknown': { status: 400, title: 'Unknown importer', tell: unknown('importer', 'country') },
  'country.unknown': { status: 400, title: 'Unknown country', tell: unknown('country', 'country') },
  'product.unknown': { status: 400, title: 'Unknown product', tell: unknown('product', 'product') },
  'run.unknown': {
    status: 404,
    title: 'Unknown run',
    tell: ({ run }) => ({ detail: `There is no run "${run}"; /v1/runs lists them.` }),
  },
  'cursor.expired': {
    status: 410,
    title: 'The list has been replaced',
    tell: ({ run }) => ({
      detail: `The cursor belongs to run ${run}, whose scores have been overwritten by later ones: begin again without a cursor.`,
    }),
  },
  'backtest.none': {
    status: 404,
    title: 'No back-test',
    tell: ({ run, reason }) => ({ detail: `Run ${run} has no back-test: ${reason}` }),
  },
  'run.none': {
    status: 503,
    title: 'Nothing has been published yet',
    tell: () => ({
      detail: 'No run has been published yet; /v1/status says what is under way.',
      headers: { 'retry-after': '5' },
    }),
  },
  'route.unknown': {
    status: 404,
    title: 'No such route',
    tell: ({ path }) => ({ detail: `Nothing is found at ${path}; /v1/openapi.json lists what is.` }),
  },
  'method.notAllowed': {
    status: 405,
    title: 'Method not allowed',
    tell: ({ method, allowed }) => ({
      detail: `${method} is not possible here, only ${allowed.join(', ')}.`,
      headers: { allow: allowed.join(', ') },
    }),
  },
  'format.notAcceptable': {
    status: 406,
    title: 'No acceptable format',
    tell: ({ accept, allowed }) => ({
      detail: `None of the formats of this answer (${allowed.join(', ')}) is accepted by "${accept}".`,
      errors: [{ parameter: 'Accept', detail: `"${accept}" is not available`, allowed }],
    }),
  },
  'token.refused': {
    status: 401,
    title: 'The token does not open this',
    tell: () => ({
      detail: 'Send the management token of this subscription: Authorization: Bearer pms_…',
      headers: { 'www-authenticate': 'Bearer' },
    }),
  },
  'rate.exceeded': {
    status: 429,
    title: 'Too many requests',
    tell: ({ what, perHour, retryAfterSeconds }) => ({
      detail: `At most ${perHour} ${what} an hour are taken from one caller.`,
      headers: { 'retry-after': String(retryAfterSeconds) },
    }),
  },
  'idempotency.conflict': {
    status: 409,
    title: 'The key was used for another request',
    tell: () => ({
      detail: 'Another body came with this Idempotency-Key in the last 24 hours: take a new key for a new request.',
      errors: [{ parameter: 'Idempotency-Key', detail: 'was used with another body' }],
    }),
  },
  'subscription.refused': {
    status: 409,
    title: 'Not possible with this subscription as it is',
    tell: ({ reason }) => ({ detail: reason }),
  },
  'delivery.unknown': {
    status: 404,
    title: 'Unknown delivery',
    tell: ({ delivery }) => ({
      detail: `This subscription has no delivery "${delivery}" that said anything in the last 30 days.`,
    }),
  },
  'media.unsupported': {
    status: 415,
    title: 'The body is of another kind',
    tell: ({ given, allowed }) => ({ detail: `The body is ${given}; only ${allowed.join(', ')} is read here.` }),
  },
  'drop.refused': {
    status: 400,
    title: 'The file cannot be taken',
    tell: ({ reason, missing }) => ({
      detail: reason,
      ...(missing && { errors: missing.map((parameter) => ({ parameter, detail: 'is missing' })) }),
    }),
  },
  'store.inconsistent': {
    status: 500,
    title: 'The service failed',
    tell: () => ({ detail: OURS }),
  },
};

const OURS = 'Something failed on our side. Its log entry has the request id.';
const BUSY = /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|TimeoutError|ServiceUnavailable/;

/** A failure as the members of problem+json, with the headers that go with it. */
export function problemOf(
  error: Error,
): Told & { readonly type: string; readonly title: string; readonly status: number } {
  if (error instanceof Failure) {
    const { status, title, tell } = PROBLEMS[error.code as FailureCode] as Problem<FailureCode>;
    return { type: typeOf(error.code), title, status, ...tell(error.detail as Failures[FailureCode]) };
  }
  if (BUSY.test(error.name)) {
    return {
      type: '/problems/store-busy',
      title: 'The service is busy',
      status: 503,
      detail: 'The database did not answer in time: repeat the request.',
      headers: { 'retry-after': '1' },
    };
  }
  return { type: '/problems/internal', title: 'The service failed', status: 500, detail: OURS };
}

/** `product.unknown` → /problems/product-unknown */
const typeOf = (code: FailureCode) =>
  `/problems/${code.replaceAll('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Failures as problem+json (RFC 9457). What is not for the caller is logged with its cause, and the caller reads the request id. */
export function problems(log: Log): Stack {
  return {
    onError: async (request) => {
      const { event } = request;
      const error = request.error ?? new Error('no error was given');
      const requestId = requestIdOf(event, request.context?.awsRequestId);
      const { status, headers, ...problem } = problemOf(error);
      if (status >= 500) await log.error(`${event.httpMethod} ${event.path} failed (${requestId})`, error);
      request.response = {
        statusCode: status,
        headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
        body: JSON.stringify({ ...problem, status, instance: `${prefixOf(event)}${event.path}`, requestId }),
      };
    },
  };
}
