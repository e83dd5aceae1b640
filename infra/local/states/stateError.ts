/** An error in the words of the States Language: what `Retry` and `Catch` look at. */
export class StateError extends Error {
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.name = 'StateError';
    this.error = error;
    this.cause = cause;
  }
}

/** Errors that nothing catches by a wildcard. */
const UNCATCHABLE = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Errors that a task did not raise itself, so that `States.TaskFailed` does not mean them. */
const NOT_OF_TASKS = new Set(['States.Timeout', ...UNCATCHABLE]);

/** Whether one of the names that a retrier or catcher lists means this error. */
export function means(names: readonly string[], { error }: StateError): boolean {
  return names.some(
    (name) =>
      name === error ||
      (name === 'States.ALL' && !UNCATCHABLE.has(error)) ||
      (name === 'States.TaskFailed' && !NOT_OF_TASKS.has(error)),
  );
}
