/**
 * Everything somebody outside can act on, one code each, with the facts that a message needs.
 * `functions/http.ts` maps each code to a status: a code without a status does not compile.
 */
export interface Failures {
  /** A request names something that does not exist or is not allowed. `parameter` is the field's name in the request. */
  'request.invalid': { errors: readonly RequestError[] };
  'exporter.unknown': { exporter: string; nearest: readonly string[] };
  'importer.unknown': { importer: string; nearest: readonly string[] };
  'country.unknown': { country: string; nearest: readonly string[] };
  'product.unknown': { product: string; nearest: readonly string[] };
  'run.unknown': { run: string };
  /** The run that a cursor pages through has been overwritten. */
  'cursor.expired': { run: string };
  /** A run has no back-test; `reason` is the second half of a sentence. */
  'backtest.none': { run: string; reason: string };
  /** Nothing has been published yet. */
  'run.none': Record<string, never>;
  'route.unknown': { path: string };
  'method.notAllowed': { method: string; allowed: readonly string[] };
  'format.notAcceptable': { accept: string; allowed: readonly string[] };
  /** No subscription, or not this one, is managed by the token that came along. Unknown and wrong are not told apart. */
  'token.refused': Record<string, never>;
  /** Somebody asks too often. */
  'rate.exceeded': { what: string; perHour: number; retryAfterSeconds: number };
  /** The key of an earlier request comes with another body. */
  'idempotency.conflict': Record<string, never>;
  /** A subscription is not in a state in which this can be done: `reason` is a whole sentence for its owner. */
  'subscription.refused': { reason: string };
  'delivery.unknown': { delivery: string };
  'media.unsupported': { given: string; allowed: readonly string[] };
  /** A dropped file that can't be taken: `reason` is a whole sentence for the person who dropped it. */
  'drop.refused': { reason: string; nearestFormat?: string; missing?: readonly string[] };
  /** An artifact or page that a published run promises is absent or belongs to another run. */
  'store.inconsistent': { what: string };
}

export interface RequestError {
  readonly parameter: string;
  readonly detail: string;
  readonly allowed?: readonly string[];
}

export type FailureCode = keyof Failures;

/** An error that somebody outside can act on: a code of the table above and its typed detail. */
export class Failure<Code extends FailureCode = FailureCode> extends Error {
  readonly code: Code;
  readonly detail: Failures[Code];

  constructor(
    code: Code,
    detail: Failures[Code],
    message: string = `${code} ${JSON.stringify(detail)}`,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Failure';
    this.code = code;
    this.detail = detail;
  }
}
