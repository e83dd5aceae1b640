import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import * as z from 'zod';
import { startRun } from '../../lib/app/startRun.ts';

/** Any messages: what they say does not matter, only that something may have changed (lib/app/startRun.ts). */
export const StartEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })).min(1) });

export const startHandler = (deps: Parameters<typeof startRun>[0]) => {
  const start = startRun(deps);
  const logger = new Logger();
  return middy(async (event: Record<string, unknown>) => {
    StartEvent.parse(event);
    const outcome = await start();
    logger.info('start', { ...outcome });
    return { batchItemFailures: [], ...outcome };
  });
};
