import type { Status } from './states/executions.ts';

/** What happens in a home, for whoever watches. Times are milliseconds. */
export type HomeEvent =
  | { readonly type: 'function.started'; readonly function: string; readonly requestId: string; readonly cold: boolean }
  | {
      readonly type: 'function.finished';
      readonly function: string;
      readonly requestId: string;
      readonly milliseconds: number;
    }
  | {
      readonly type: 'function.failed';
      readonly function: string;
      readonly requestId: string;
      readonly milliseconds: number;
      readonly error: { readonly errorType: string; readonly errorMessage: string };
    }
  | {
      readonly type: 'execution.changed';
      readonly machine: string;
      readonly execution: string;
      readonly status: Status;
      readonly error: string | null;
      readonly cause: string | null;
    }
  | {
      readonly type: 'state.entered';
      readonly machine: string;
      readonly execution: string;
      readonly state: string;
    }
  | {
      readonly type: 'state.exited';
      readonly machine: string;
      readonly execution: string;
      readonly state: string;
      readonly milliseconds: number;
    }
  | { readonly type: 'object.created'; readonly bucket: string; readonly key: string; readonly bytes: number }
  | {
      readonly type: 'event.put';
      readonly bus: string;
      readonly source: string;
      readonly detailType: string;
      readonly detail: unknown;
    }
  | { readonly type: 'mail.arrived'; readonly position: number; readonly receiver: string; readonly subject: string }
  | { readonly type: 'message.dead'; readonly queue: string; readonly body: string; readonly receives: number }
  | { readonly type: 'access.denied'; readonly function: string; readonly action: string; readonly resource: string };
