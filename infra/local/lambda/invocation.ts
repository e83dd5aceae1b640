import type { FunctionPlan } from '../template/blueprint.ts';

/** An error as the Lambda service tells it: the function's own, or that it died or took too long. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type Result =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly error: FunctionError };

/** What an invoked function did, for whoever watches. */
export interface Progress {
  /** @param cold  the invocation waits for the handler to load */
  started(plan: FunctionPlan, requestId: string, cold: boolean): void;
  finished(plan: FunctionPlan, requestId: string, milliseconds: number, result: Result): void;
}

/** Lambda's limits for one synchronous invocation. */
export const LARGEST_EVENT = 6 << 20;
export const LARGEST_RESULT = 6 << 20;

export const failed = (errorType: string, errorMessage: string): Result => ({
  ok: false,
  error: { errorType, errorMessage, trace: [] },
});

export const died = (requestId: string, how: string): Result =>
  failed('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime exited with error: ${how}`);

export const timedOut = (requestId: string, seconds: number): Result =>
  failed('Sandbox.Timedout', `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`);
