import { type Fields, jsonService, type Operation, text } from '../front/jsonService.ts';
import { notImplemented, type Service, ServiceError } from '../front/service.ts';
import type { QueuePlan } from '../template/blueprint.ts';
import { ACCOUNT } from '../template/names.ts';
import { type Message, md5, type Queues } from './queues.ts';

const MOST_MESSAGES = 10;
const LARGEST_MESSAGE = 1 << 20;

/** SQS over HTTP. */
export function sqsService(queues: Queues): Service {
  const onQueue =
    (action: string, run: (queue: QueuePlan, fields: Fields) => Promise<object> | object): Operation =>
    (fields) => {
      const queue = queues.find(text(fields, 'QueueUrl'));
      if (!queue) throw new ServiceError('QueueDoesNotExist', `The specified queue does not exist: ${fields.QueueUrl}`);
      return { resource: queue.arn, needs: [{ action, resource: queue.arn }], run: () => run(queue, fields) };
    };
  const send = (queue: QueuePlan, entry: Fields) => {
    const body = text(entry, 'MessageBody');
    if (entry.MessageGroupId !== undefined) throw notImplemented('SQS: message groups');
    if (Buffer.byteLength(body) > LARGEST_MESSAGE)
      throw new ServiceError('InvalidParameterValue', `a message has at most ${LARGEST_MESSAGE} bytes`);
    const delay = entry.DelaySeconds === undefined ? queue.delaySeconds : Number(entry.DelaySeconds);
    const MessageId = queues.send(queue, body, JSON.stringify(entry.MessageAttributes ?? {}), delay);
    return { MessageId, MD5OfMessageBody: md5(body) };
  };
  /** Runs each entry of a batch by itself, as SQS does. */
  const eachEntry = (fields: Fields, work: (entry: Fields) => object) => {
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of fields.Entries as Fields[]) {
      try {
        Successful.push({ Id: entry.Id, ...work(entry) });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, Failed };
  };

  return jsonService('sqs', '1.0', {
    SendMessage: onQueue('sqs:SendMessage', send),
    SendMessageBatch: onQueue('sqs:SendMessage', (queue, fields) => eachEntry(fields, (entry) => send(queue, entry))),
    ReceiveMessage: onQueue('sqs:ReceiveMessage', async (queue, fields) => {
      const most = Math.min(Number(fields.MaxNumberOfMessages ?? 1), MOST_MESSAGES);
      const visibility = fields.VisibilityTimeout === undefined ? undefined : Number(fields.VisibilityTimeout);
      const patience = Number(fields.WaitTimeSeconds ?? queue.receiveWaitSeconds) * 1000;
      const deadline = Date.now() + patience;
      let messages = queues.receive(queue, most, visibility);
      while (messages.length === 0 && Date.now() < deadline) {
        await readyOr(queues, queue, deadline - Date.now());
        messages = queues.receive(queue, most, visibility);
      }
      return { Messages: messages.map(rendered) };
    }),
    DeleteMessage: onQueue('sqs:DeleteMessage', (queue, fields) => {
      queues.delete(queue, text(fields, 'ReceiptHandle'));
      return {};
    }),
    DeleteMessageBatch: onQueue('sqs:DeleteMessage', (queue, fields) =>
      eachEntry(fields, (entry) => {
        queues.delete(queue, text(entry, 'ReceiptHandle'));
        return {};
      }),
    ),
    ChangeMessageVisibility: onQueue('sqs:ChangeMessageVisibility', (queue, fields) => {
      queues.changeVisibility(queue, text(fields, 'ReceiptHandle'), Number(fields.VisibilityTimeout));
      return {};
    }),
    GetQueueAttributes: onQueue('sqs:GetQueueAttributes', (queue) => {
      const { visible, delayed, inFlight } = queues.counts(queue);
      return {
        Attributes: {
          QueueArn: queue.arn,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesDelayed: String(delayed),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          VisibilityTimeout: String(queue.visibilitySeconds),
          DelaySeconds: String(queue.delaySeconds),
          MessageRetentionPeriod: String(queue.retentionSeconds),
        },
      };
    }),
    PurgeQueue: onQueue('sqs:PurgeQueue', (queue) => {
      queues.purge(queue);
      return {};
    }),
    GetQueueUrl: (fields) => {
      const queue = queues.find(text(fields, 'QueueName'));
      if (!queue)
        throw new ServiceError('QueueDoesNotExist', `The specified queue does not exist: ${fields.QueueName}`);
      return {
        resource: queue.arn,
        needs: [{ action: 'sqs:GetQueueUrl', resource: queue.arn }],
        run: () => ({ QueueUrl: queue.url }),
      };
    },
    ListQueues: () => ({
      resource: '*',
      needs: [{ action: 'sqs:ListQueues', resource: '*' }],
      run: () => ({ QueueUrls: queues.all().map(({ url }) => url) }),
    }),
  });
}

/** Waits until a message may be received, or the time is up. */
function readyOr(queues: Queues, queue: QueuePlan, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    const stop = queues.onReady(queue, done);
  });
}

/** System attributes of a message, as receivers and functions see them. */
export const systemAttributes = (message: Message): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receives),
  SentTimestamp: String(message.sent),
  SenderId: ACCOUNT,
  ApproximateFirstReceiveTimestamp: String(message.firstReceived),
});

const rendered = (message: Message) => ({
  MessageId: message.id,
  ReceiptHandle: message.receipt,
  Body: message.body,
  MD5OfBody: md5(message.body),
  Attributes: systemAttributes(message),
  MessageAttributes: JSON.parse(message.attributes) as object,
});
