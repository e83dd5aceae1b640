import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { type MatchDeps, matchRun } from '../../lib/app/alerts/matchRun.ts';
import { Messages } from '../messages.ts';

/** Any messages: what they say does not matter, only that something may have been published (lib/app/alerts/matchRun.ts). */
export const MatchEvent = Messages;

export const matchHandler = (deps: MatchDeps) => {
  const match = matchRun(deps);
  const logger = new Logger();
  return middy(async (event: Record<string, unknown>) => {
    MatchEvent.parse(event);
    const outcome = await match();
    logger.info('match', { ...outcome });
    return { batchItemFailures: [], ...outcome };
  });
};
