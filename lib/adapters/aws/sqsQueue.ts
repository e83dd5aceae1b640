import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../../ports/queue.ts';

/** One SQS queue. */
export function sqsQueue(queueUrl: string, client = new SQSClient({})): Queue {
  return {
    async send(body) {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
    },
  };
}
