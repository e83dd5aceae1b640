import { chosen } from './choice.ts';
import {
  type ChoiceState,
  type Definition,
  type FailState,
  isDistributed,
  LAMBDA_INVOKE,
  type MapState,
  type ParallelState,
  type State,
  type TaskState,
  type WaitState,
} from './definition.ts';
import { evaluate, fill, placeAt, type Scope, valueAt } from './paths.ts';
import { means, StateError } from './stateError.ts';

/** What a running execution needs from outside. */
export interface Host {
  /** Runs a function. Its error, or its death, becomes a StateError. */
  invoke(functionReference: string, payload: unknown): Promise<unknown>;
  /**
   * Does a piece of work once per execution: when the execution is taken up again after an interruption, the outcome
   * that was reached before is returned instead.
   */
  once<T>(step: string, work: () => Promise<T>): Promise<T>;
  entered(state: string, step: string): void;
  exited(state: string, step: string): void;
  /** How long a rest that a retrier asks for really is, in milliseconds. */
  rest(seconds: number): number;
}

/** Ends the work of an execution, or a branch of it, that no longer matters. Nothing catches it. */
export class Abandoned extends Error {}

/** State data may have so many bytes. */
const LARGEST_PAYLOAD = 262_144;

/** An item beside a Map's processor, or nothing. */
interface MapContext {
  readonly Item: { readonly Index: number; readonly Value: unknown };
}

/** The part of the context object that is the same for all states. */
export interface ExecutionContext {
  readonly Execution: object;
  readonly StateMachine: object;
}

type Outcome = { readonly next: string | null; readonly data: unknown };

/**
 * Runs a definition to its end.
 *
 * Every task's outcome and every wait goes through `host.once` under a name that says where in the run it is. All
 * between them is a function of their outcomes, so that running again with the same outcomes continues where an
 * interrupted run was.
 *
 * @returns the output
 * @throws StateError when a state fails and nothing catches it
 */
export function interpret(
  definition: Definition,
  input: unknown,
  context: ExecutionContext,
  host: Host,
  signal: AbortSignal,
): Promise<unknown> {
  return runStates(definition, input, { context, host, map: null }, '', signal);
}

interface Surroundings {
  readonly context: ExecutionContext;
  readonly host: Host;
  readonly map: MapContext | null;
}

async function runStates(
  definition: Definition,
  input: unknown,
  around: Surroundings,
  path: string,
  signal: AbortSignal,
): Promise<unknown> {
  let name: string | null = definition.StartAt;
  let data = input;
  for (let count = 0; name !== null; count++) {
    if (signal.aborted) throw new Abandoned();
    const state = definition.States[name] as State;
    const step = `${path}/${count}.${name}`;
    around.host.entered(name, step);
    const scopeOf = (of: unknown): Scope => ({
      input: of,
      context: {
        ...around.context,
        State: { Name: name, EnteredTime: new Date().toISOString() },
        ...(around.map ? { Map: around.map } : {}),
      },
    });
    const outcome: Outcome = await runState(state, data, scopeOf, around, step, signal);
    limit(outcome.data, name);
    around.host.exited(name, step);
    data = outcome.data;
    name = outcome.next;
  }
  return data;
}

function limit(data: unknown, name: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(data) ?? '');
  if (bytes > LARGEST_PAYLOAD)
    throw new StateError('States.DataLimitExceeded', `${name} returned ${bytes} bytes, more than ${LARGEST_PAYLOAD}`);
}

const atPath = (path: string | null | undefined, scope: Scope): unknown =>
  path === null ? {} : path === undefined ? scope.input : valueAt(path, scope);

async function runState(
  state: State,
  raw: unknown,
  scopeOf: (of: unknown) => Scope,
  around: Surroundings,
  step: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const next = state.Next ?? null;
  const leave = (data: unknown): unknown => atPath(state.OutputPath, scopeOf(data));
  try {
    const input = atPath(state.InputPath, scopeOf(raw));
    const scope = scopeOf(input);
    switch (state.Type) {
      case 'Succeed':
        return { next: null, data: leave(input) };
      case 'Fail':
        throw failure(state, scope);
      case 'Choice':
        return { next: branchOf(state, scope), data: leave(input) };
      case 'Wait':
        await wait(state, scope, around, step, signal);
        return { next, data: leave(input) };
      case 'Pass': {
        const prepared = state.Parameters === undefined ? input : fill(state.Parameters, scope);
        return { next, data: leave(merge(state, raw, state.Result ?? prepared)) };
      }
      default: {
        const result = await retried(state, scope, around, step, signal);
        const selected = state.ResultSelector === undefined ? result : fill(state.ResultSelector, scopeOf(result));
        return { next, data: leave(merge(state, raw, selected)) };
      }
    }
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const catcher = state.Catch?.find(({ ErrorEquals }) => means(ErrorEquals, error));
    if (!catcher) throw error;
    return { next: catcher.Next, data: merge(catcher, raw, { Error: error.error, Cause: error.cause }) };
  }
}

/** Puts a result where `ResultPath` says, into what the state was given. */
function merge({ ResultPath }: { readonly ResultPath?: string | null }, raw: unknown, result: unknown): unknown {
  if (ResultPath === null) return raw;
  return ResultPath === undefined ? result : placeAt(ResultPath, raw, result);
}

function failure(state: FailState, scope: Scope): StateError {
  const error = state.ErrorPath === undefined ? state.Error : evaluate(state.ErrorPath, scope);
  const cause = state.CausePath === undefined ? state.Cause : evaluate(state.CausePath, scope);
  return new StateError(String(error ?? ''), String(cause ?? ''));
}

function branchOf(state: ChoiceState, scope: Scope): string {
  const rule = state.Choices.find(({ Next: _, ...condition }) => chosen(condition, scope));
  const next = rule?.Next ?? state.Default;
  if (next === undefined) throw new StateError('States.NoChoiceMatched', 'no choice matched, and there is no default');
  return next;
}

/** Waits until a time that is fixed when the state is entered first. */
async function wait(state: WaitState, scope: Scope, { host }: Surroundings, step: string, signal: AbortSignal) {
  const until = await host.once(`${step} until`, async () => {
    const timestamp = state.Timestamp ?? (state.TimestampPath && valueAt(state.TimestampPath, scope));
    if (timestamp !== undefined) return Date.parse(String(timestamp));
    const seconds = state.Seconds ?? (state.SecondsPath === undefined ? 0 : valueAt(state.SecondsPath, scope));
    return Date.now() + Number(seconds) * 1000;
  });
  await pause(until - Date.now(), signal);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new Abandoned());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

type WorkState = TaskState | ParallelState | MapState;

/** Runs the work of a state, again and again as its retriers say. */
async function retried(state: WorkState, scope: Scope, around: Surroundings, step: string, signal: AbortSignal) {
  const spent = new Map<number, number>();
  for (let attempt = 0; ; attempt++) {
    const trial = `${step}#${attempt}`;
    try {
      return await worked(state, scope, around, trial, signal);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const at = (state.Retry ?? []).findIndex(({ ErrorEquals }) => means(ErrorEquals, error));
      const retrier = state.Retry?.[at];
      const count = spent.get(at) ?? 0;
      if (!retrier || count >= (retrier.MaxAttempts ?? 3)) throw error;
      spent.set(at, count + 1);
      const longest = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** count;
      const capped = Math.min(longest, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
      const seconds = retrier.JitterStrategy === 'FULL' ? Math.random() * capped : capped;
      await around.host.once(`${trial} rest`, () => pause(around.host.rest(seconds), signal));
    }
  }
}

function worked(state: WorkState, scope: Scope, around: Surroundings, trial: string, signal: AbortSignal) {
  switch (state.Type) {
    case 'Task':
      return around.host.once(trial, () => task(state, scope, around.host));
    case 'Parallel': {
      const input = state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
      const branches = state.Branches.map((branch, at) => (inner: AbortSignal) => {
        return runStates(branch, input, around, `${trial}[${at}]`, inner);
      });
      return together(branches, branches.length, signal);
    }
    case 'Map':
      return overItems(state, scope, around, trial, signal);
  }
}

async function task(state: TaskState, scope: Scope, host: Host): Promise<unknown> {
  const payload = state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
  const integration = LAMBDA_INVOKE.test(state.Resource);
  const { FunctionName, Payload = {} } = payload as { FunctionName: string; Payload?: unknown };
  const invoked = integration ? host.invoke(FunctionName, Payload) : host.invoke(state.Resource, payload);
  const result = await inTime(invoked, state.TimeoutSeconds);
  return integration ? { ExecutedVersion: '$LATEST', Payload: result, StatusCode: 200 } : result;
}

async function inTime<T>(work: Promise<T>, seconds: number | undefined): Promise<T> {
  if (seconds === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const timeout = new StateError('States.Timeout', `the task did not end within ${seconds} s`);
    timer = setTimeout(() => reject(timeout), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function overItems(state: MapState, scope: Scope, around: Surroundings, trial: string, signal: AbortSignal) {
  const items = state.ItemsPath === undefined ? scope.input : valueAt(state.ItemsPath, scope);
  if (!Array.isArray(items)) throw new StateError('States.Runtime', `${state.ItemsPath ?? '$'} is not a list`);
  const processor = (state.ItemProcessor ?? state.Iterator) as Definition;
  const selector = state.ItemSelector ?? state.Parameters;
  const runs = items.map((item: unknown, Index) => (inner: AbortSignal) => {
    const map: MapContext = { Item: { Index, Value: item } };
    const itemScope = { input: scope.input, context: { ...(scope.context as object), Map: map } };
    const input = selector === undefined ? item : fill(selector, itemScope);
    return runStates(processor, input, { ...around, map }, `${trial}[${Index}]`, inner);
  });
  const all = together(runs, state.MaxConcurrency || runs.length, signal);
  if (!isDistributed(state)) return all;
  // the items are executions of their own: of what went wrong in one, this one hears only that it did
  return all.catch((error: unknown) => {
    if (!(error instanceof StateError)) throw error;
    throw new StateError('States.ExceedToleratedFailureThreshold', `an item failed: ${error.error}: ${error.cause}`);
  });
}

/** Runs pieces of work side by side, at most so many at once. The first failure abandons the others. */
async function together(
  runs: readonly ((signal: AbortSignal) => Promise<unknown>)[],
  atOnce: number,
  signal: AbortSignal,
): Promise<unknown[]> {
  const siblings = new AbortController();
  const either = AbortSignal.any([signal, siblings.signal]);
  const results: unknown[] = new Array(runs.length);
  let taken = 0;
  const lane = async () => {
    while (taken < runs.length) {
      if (either.aborted) throw new Abandoned();
      const at = taken++;
      results[at] = await (runs[at] as (typeof runs)[number])(either);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, runs.length) }, lane));
  } finally {
    siblings.abort();
  }
  return results;
}
