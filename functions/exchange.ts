import type { MiddlewareObj } from '@middy/core';
import * as z from 'zod';
import type { Format } from './mediaTypes.ts';

/** The part of a REST API proxy event (payload version 1.0) that is read here. */
export const ProxyEvent = z.looseObject({
  httpMethod: z.string(),
  path: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string().optional()).nullish(),
  queryStringParameters: z.record(z.string(), z.string().optional()).nullish(),
  multiValueQueryStringParameters: z.record(z.string(), z.array(z.string()).optional()).nullish(),
  pathParameters: z.record(z.string(), z.string().optional()).nullish(),
  requestContext: z.looseObject({ requestId: z.string().optional(), path: z.string().optional() }).optional(),
});
export type ProxyEvent = z.infer<typeof ProxyEvent>;

export interface ProxyResult {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** What a route answers, before it is put into a format. */
export interface Answer {
  readonly body: Readonly<Record<string, unknown>>;
  /** of an answer that is a list: the same as rows, for CSV and NDJSON */
  readonly table?: {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  };
  /** the run that decides the answer, and beside it what else does; null when it changes at any time */
  readonly run: {
    readonly run: string;
    readonly publishedAt: string;
    readonly synthetic: boolean;
    readonly beside?: string;
  } | null;
  /** the request in one spelling: what the ETag is about */
  readonly canonical: string;
  readonly format: Format | undefined;
  readonly byteOrderMark: boolean;
  readonly next: string | null;
}

export interface Log {
  error(message: string, cause: Error): void | Promise<void>;
}

/** One header of a request, whatever its case. */
export function header(event: ProxyEvent, name: string): string | undefined {
  const found = Object.keys(event.headers ?? {}).find((each) => each.toLowerCase() === name);
  return found === undefined ? undefined : event.headers?.[found];
}

/** What stands before the path in the address that the client used: the stage, or nothing. */
export function prefixOf({ path, requestContext }: ProxyEvent): string {
  const whole = requestContext?.path ?? path;
  return whole.endsWith(path) ? whole.slice(0, whole.length - path.length) : '';
}

const REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** The id by which an exchange is found in the logs: the caller's own when it is a decent one. */
export function requestIdOf(event: ProxyEvent, awsRequestId: string | undefined): string {
  const asked = header(event, 'x-request-id');
  return asked !== undefined && REQUEST_ID.test(asked)
    ? asked
    : (event.requestContext?.requestId ?? awsRequestId ?? 'none');
}

/** A middleware of an API handler: routes give an Answer, the caller gets a ProxyResult. */
export type Stack = MiddlewareObj<ProxyEvent, Answer | ProxyResult, Error>;
