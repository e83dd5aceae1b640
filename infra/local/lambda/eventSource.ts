import { type Message, md5, type Queues } from '../sqs/queues.ts';
import { systemAttributes } from '../sqs/sqsService.ts';
import type { MappingPlan, QueuePlan } from '../template/blueprint.ts';
import { REGION } from '../template/names.ts';
import type { Functions } from './functions.ts';
import type { Result } from './invocation.ts';

type Worked = (messages: number, failed: number) => void;

/**
 * Feeds a queue's messages to a function. A batch that was worked off is deleted; of one that was not, each message
 * stays in the queue and is shown again. It is read when it arrives: nobody polls.
 */
export class EventSource {
  private readonly plan: MappingPlan;
  private readonly queue: QueuePlan;
  private readonly queues: Queues;
  private readonly functions: Functions;
  private readonly restSeconds: number;
  private readonly worked: Worked;
  private readonly stop: () => void;
  private batches = 0;
  private gathering: NodeJS.Timeout | null = null;
  private closed = false;

  /**
   * @param restSeconds  a failed message is shown again after so long at most, however long its queue would hide it
   * @param worked       hears of every batch
   */
  constructor(
    plan: MappingPlan,
    queue: QueuePlan,
    queues: Queues,
    functions: Functions,
    restSeconds: number,
    worked: Worked,
  ) {
    this.plan = plan;
    this.queue = queue;
    this.queues = queues;
    this.functions = functions;
    this.restSeconds = restSeconds;
    this.worked = worked;
    this.stop = queues.onReady(queue, () => this.gather());
  }

  /** Whether a message is being worked on, or waits to be. */
  busy(): boolean {
    const { visible, delayed, inFlight } = this.queues.counts(this.queue);
    return this.batches > 0 || visible + delayed + inFlight > 0;
  }

  /** Waits a moment for a batch to fill, if the mapping says so. */
  private gather(): void {
    if (this.plan.batchingSeconds === 0) this.take();
    else
      this.gathering ??= setTimeout(() => {
        this.gathering = null;
        this.take();
      }, this.plan.batchingSeconds * 1000);
  }

  private take(): void {
    const lambda = this.functions.find(this.plan.functionName);
    if (!lambda) throw new Error(`${this.queue.name} feeds ${this.plan.functionName}, which does not exist`);
    const atOnce = Math.min(this.functions.capacity(lambda), this.plan.maxConcurrency ?? Number.POSITIVE_INFINITY);
    while (!this.closed && this.batches < atOnce) {
      const messages = this.queues.receive(this.queue, this.plan.batchSize);
      if (messages.length === 0) return;
      this.batches++;
      const event = { Records: messages.map((message) => record(message, this.queue)) };
      void this.functions.invoke(lambda, JSON.stringify(event)).then((result) => {
        this.batches--;
        if (this.closed) return;
        this.settle(messages, result);
        this.take();
      });
    }
  }

  private settle(messages: readonly Message[], result: Result): void {
    const failed = failedIds(messages, result, this.plan.reportsItemFailures);
    this.worked(messages.length, failed.size);
    for (const { id, receipt } of messages) {
      if (receipt === null) continue;
      if (!failed.has(id)) this.queues.delete(this.queue, receipt);
      else this.queues.changeVisibility(this.queue, receipt, Math.min(this.restSeconds, this.queue.visibilitySeconds));
    }
  }

  close(): void {
    this.closed = true;
    if (this.gathering) clearTimeout(this.gathering);
    this.stop();
  }
}

/** The messages that a function did not work off: all, when it failed or answered nonsense. */
function failedIds(messages: readonly Message[], result: Result, reportsItemFailures: boolean): Set<string> {
  const all = new Set(messages.map(({ id }) => id));
  if (!result.ok) return all;
  if (!reportsItemFailures) return new Set();
  const answer = JSON.parse(result.payload) as { batchItemFailures?: { itemIdentifier?: string }[] | null } | null;
  const failed = new Set((answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier ?? ''));
  return [...failed].every((id) => all.has(id)) ? failed : all;
}

const record = (message: Message, queue: QueuePlan) => ({
  messageId: message.id,
  receiptHandle: message.receipt,
  body: message.body,
  attributes: systemAttributes(message),
  messageAttributes: JSON.parse(message.attributes) as object,
  md5OfBody: md5(message.body),
  eventSource: 'aws:sqs',
  eventSourceARN: queue.arn,
  awsRegion: REGION,
});
