import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** An answer over HTTP. A stream is sent as it comes. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable | null;
}

/** A permission that a request needs. */
export interface Needed {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** A request that has been understood but not yet carried out. */
export interface Prepared {
  /** the operation in the service's own words, e.g. `PutObject` */
  readonly operation: string;
  /** what it is about, for the record: an ARN, or several with commas */
  readonly resource: string;
  readonly needs: readonly Needed[];
  run(): Promise<Reply> | Reply;
}

/** A request of a known caller. */
export interface Incoming {
  readonly request: IncomingMessage;
  /** still percent-encoded: a key may hold what a URL parser would tidy away */
  readonly path: string;
  readonly query: URLSearchParams;
  /** whether the caller has another permission, for answers that depend on it */
  readonly may: (needed: Needed) => boolean;
}

/** A stand-in for one AWS service, as far as its HTTP goes. */
export interface Service {
  /** the name in the credential scope of a signed request */
  readonly scope: string;
  prepare(incoming: Incoming): Promise<Prepared> | Prepared;
  /** renders an error in the service's own format */
  refuse(error: ServiceError): Reply;
}

/** An error that AWS documents: the caller's SDK turns it into an exception of that name. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  /** further fields of the answer */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, detail: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** What a caller gets for something that AWS has and this machine has not. */
export const notImplemented = (what: string) =>
  new ServiceError('NotImplemented', `${what} is not implemented by the local home`, 501);
