import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqsQueue } from '../../lib/adapters/aws/sqsQueue.ts';
import { memoryQueue } from '../../lib/adapters/memory/memoryQueue.ts';
import { fauxqs } from './fauxqs.ts';

let emulator: Awaited<ReturnType<typeof fauxqs>>;
beforeAll(async () => {
  emulator = await fauxqs();
});
afterAll(() => emulator.close());

describe('queue', () => {
  const body = '{"key":"drops/año.csv"}';

  it('memory keeps the body', async () => {
    const queue = memoryQueue();
    await queue.send(body);
    expect(queue.sent).toEqual([body]);
  });

  it('SQS delivers the body as it was sent', async () => {
    const { queueUrl } = emulator.queue();
    await sqsQueue(queueUrl, emulator.sqs).send(body);
    const { Messages } = await emulator.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1 }));
    expect(Messages?.map((message) => message.Body)).toEqual([body]);
  });
});
