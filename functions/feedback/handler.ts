import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { MailEvent, mailEvents } from '../../lib/app/alerts/mailEvents.ts';
import { oneMessage } from '../messages.ts';

/** One event of the mail service. */
export const FeedbackEvent = oneMessage(MailEvent);

/** Hears of bounces and complaints. Addresses are not logged. */
export const feedbackHandler = (deps: Parameters<typeof mailEvents>[0]) => {
  const hear = mailEvents(deps);
  const logger = new Logger();
  return middy(async (event: Record<string, unknown>) => {
    const [{ messageId, body }] = FeedbackEvent.parse(event).Records;
    const outcome = await hear(body);
    logger.info('feedback', { messageId, what: body['detail-type'], ...outcome });
    return outcome;
  });
};
