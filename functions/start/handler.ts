import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { startRun } from '../../lib/app/startRun.ts';
import { Messages } from '../messages.ts';

/** Any messages: what they say does not matter, only that something may have changed (lib/app/startRun.ts). */
export const StartEvent = Messages;

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
