import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import * as z from 'zod';

/** One attempt at one run: what every step of the state machine knows. */
export const Attempt = z.object({ run: z.string(), slot: z.number().int(), attempt: z.number().int() });

/**
 * A step of the state machine: its input checked by a schema, its outcome logged, an error thrown on so that the state machine retries
 * or catches it.
 */
export function task<S extends z.ZodType>(schema: S, work: (input: z.output<S>) => Promise<unknown>) {
  const logger = new Logger();
  return middy(async (event: Record<string, unknown>) => {
    const input = schema.parse(event);
    const outcome = await work(input);
    logger.info('done', { input, outcome } as Record<string, unknown> as { outcome: string });
    return outcome;
  });
}
