import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { type IngestDeps, ingestDrop } from '../../lib/app/ingestDrop.ts';
import { ObjectCreated } from '../../lib/app/objectCreated.ts';
import type { Measure } from '../measure.ts';
import { oneMessage } from '../messages.ts';

/** What SQS hands over: one message, whose body is the event of one object (the queue's batch size is 1, a file may be large). */
export const IngestEvent = oneMessage(ObjectCreated);

const MEASURED = {
  stored: 'FilesStored',
  storedWithRejects: 'FilesStoredWithRejects',
  refused: 'FilesRefused',
} as const;

/** Whatever is thrown goes back to the queue, and after some attempts to its dead letters. A refused file is not thrown: it is recorded. */
export const ingestHandler = (deps: IngestDeps & { measure: Measure }) => {
  const ingest = ingestDrop(deps);
  const logger = new Logger();
  return middy(async (event: Record<string, unknown>) => {
    const [{ messageId, body }] = IngestEvent.parse(event).Records;
    const { object } = body.detail;
    const outcome = await ingest(object);
    // the reason of a refusal may quote the file: it is recorded for the person who dropped it, not logged
    const { reason: _, ...facts } = { reason: undefined, ...outcome };
    logger.info('ingest', { messageId, key: object.key, ...facts });
    if (outcome.outcome in MEASURED) deps.measure({ [MEASURED[outcome.outcome as keyof typeof MEASURED]]: 1 });
    return outcome;
  });
};
