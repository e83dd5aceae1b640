import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import * as z from 'zod';
import { type DeliverDeps, deliver } from '../../lib/app/alerts/deliver.ts';
import { oneMessage } from '../messages.ts';

/** One order (the queue's batch size is 1: a receiver may take its time). */
export const DeliverEvent = oneMessage(z.object({ subscription: z.string(), delivery: z.string() }));

/** What goes wrong at a receiver is recorded, not thrown. Whatever is thrown goes back to the queue, and after some attempts to its dead letters. */
export const deliverHandler = (deps: DeliverDeps) => {
  const send = deliver(deps);
  const logger = new Logger();
  return middy(async (event: Record<string, unknown>) => {
    const [{ messageId, body }] = DeliverEvent.parse(event).Records;
    const outcome = await send(body);
    logger.info('deliver', { messageId, ...body, ...outcome });
    return outcome;
  });
};
