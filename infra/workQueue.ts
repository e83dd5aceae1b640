import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { houseAlarm } from './alarm.ts';

const ATTEMPTS = 5;

interface WorkQueueProps {
  /** timeout of the function that works through it */
  readonly workerTimeout: Duration;
  /** how long a message rests before a worker may see it */
  readonly delay?: Duration;
}

/** A queue whose message is tried five times, then kept aside while an alarm says so. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { workerTimeout, delay = Duration.seconds(0) }: WorkQueueProps) {
    super(scope, id);
    const house = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...house, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...house,
      deliveryDelay: delay,
      // Six times the worker's timeout: Lambda's own retries of a throttled batch must end before another worker sees it.
      visibilityTimeout: Duration.seconds(6 * workerTimeout.toSeconds()),
      // The age of a message counts from when it was sent, on both queues: ten days remain to look at one set aside.
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: ATTEMPTS },
    });
    houseAlarm(this, 'DeadLettersAlarm', {
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      threshold: 1,
      what: `Messages of ${id} failed ${ATTEMPTS} times and wait in its dead-letter queue`,
      section: 'Dead letters',
    });
    houseAlarm(this, 'AgeAlarm', {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: Duration.hours(1).toSeconds(),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      what: `A message of ${id} has waited for more than an hour`,
      section: 'Old messages',
    });
  }
}
