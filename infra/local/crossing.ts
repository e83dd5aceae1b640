import type { BusEvent } from './events/pattern.ts';
import type { Call } from './front/record.ts';

/**
 * Something that went from one part of the application to another, as it went. What the template says about each of them can be
 * held against what really happened: that is what the home tells them for.
 */
export type Crossing =
  /** a function asked a service for something */
  | { readonly type: 'call'; readonly call: Call }
  /** an event was put on a bus, and reached these (ARNs) */
  | { readonly type: 'event'; readonly bus: string; readonly event: BusEvent; readonly targets: readonly string[] }
  /** a schedule's rule fired */
  | { readonly type: 'schedule'; readonly rule: string; readonly targets: readonly string[] }
  /** a queue's messages were handed to a function, which could not do so many of them */
  | {
      readonly type: 'batch';
      readonly queue: string;
      readonly function: string;
      readonly messages: number;
      readonly failed: number;
    }
  /** a state machine ran a function; `result` is what it returned, or null when it failed */
  | {
      readonly type: 'task';
      readonly machine: string;
      /** name of the execution */
      readonly execution: string;
      readonly function: string;
      readonly payload: unknown;
      readonly result: unknown;
      readonly error: { readonly error: string; readonly cause: string } | null;
    }
  /** an execution began, or ended */
  | {
      readonly type: 'execution';
      readonly machine: string;
      readonly name: string;
      readonly status: string;
      readonly input: unknown;
    }
  /** a request was answered; `path` is the route's, and null when there is none */
  | {
      readonly type: 'request';
      readonly verb: string;
      readonly url: string;
      readonly path: string | null;
      readonly function: string | null;
      readonly status: number;
    }
  /** a process of a function asked for environment variables for the first time */
  | { readonly type: 'variables'; readonly function: string; readonly names: readonly string[] };
