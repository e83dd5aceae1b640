import * as z from 'zod';
import { failRun } from '../../lib/app/failRun.ts';
import { task } from '../task.ts';

/** The state machine's Catch: the error's name, and as cause what the step threw (JSON of `errorMessage` when it was a function). */
export const FailEvent = z.object({
  run: z.string(),
  attempt: z.number().int(),
  error: z.object({ Error: z.string(), Cause: z.string().optional() }),
});

const Thrown = z.object({ errorMessage: z.string() });

/** One line that says what went wrong. */
function reasonOf(error: z.infer<typeof FailEvent>['error']): string {
  try {
    return `${error.Error}: ${Thrown.parse(JSON.parse(error.Cause ?? '')).errorMessage}`;
  } catch {
    return error.Cause ? `${error.Error}: ${error.Cause}` : error.Error;
  }
}

export const failHandler = (deps: Parameters<typeof failRun>[0]) => {
  const fail = failRun(deps);
  return task(FailEvent, ({ run, attempt, error }) => fail({ run, attempt, reason: reasonOf(error) }));
};
