import { CfnOutput, Duration } from 'aws-cdk-lib';
import { EventBus, type EventPattern, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import type { DataStack } from './dataStack.ts';
import type { House, ServiceFunction } from './serviceFunction.ts';
import { WorkQueue } from './workQueue.ts';

/** Receivers that are written to at once, so that alerts leave room for the API. */
const DELIVERED_AT_ONCE = 10;

type Functions = Readonly<Record<'match' | 'due' | 'deliver' | 'feedback' | 'subscriptions', ServiceFunction>>;

/** By which ways subscribers may be told in this stage, for the function that takes subscriptions. */
export const channelSettings = ({ mailFrom, alertBuses }: House['settings']): Record<string, string> => ({
  CHANNELS: [...(mailFrom === null ? [] : ['email']), 'webhook', 'slack'].join(','),
  ...(alertBuses.length > 0 ? { ALERT_BUSES: alertBuses.join(',') } : {}),
});

/** What tells subscribers: a published run is matched, what is due is delivered, what comes back is heard. */
export function alerts(
  scope: Construct,
  { settings: { mailFrom, alertBuses } }: House,
  { artifacts, table, bus }: DataStack,
  { match, due, deliver, feedback, subscriptions }: Functions,
): void {
  const matchQueue = new WorkQueue(scope, 'MatchQueue', { workerTimeout: match.timeout });
  const deliverQueue = new WorkQueue(scope, 'DeliverQueue', { workerTimeout: deliver.timeout });
  const feedbackQueue = new WorkQueue(scope, 'FeedbackQueue', { workerTimeout: feedback.timeout });

  match
    .usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'DeleteItem')
    .reads(artifacts, 'ARTIFACTS_BUCKET', 'runs/', 'alerts/')
    .writesLarge(artifacts, 'ARTIFACTS_BUCKET', 'alerts/');
  due
    .usesTable(table, 'TABLE_NAME', 'GetItem', 'Query', 'UpdateItem', 'DeleteItem')
    .sendsTo(deliverQueue.queue, 'DELIVER_QUEUE_URL');
  deliver
    .usesTable(table, 'TABLE_NAME', 'GetItem', 'Query', 'UpdateItem', 'DeleteItem')
    .publishesToOthers(alertBuses, 'ALERT_BUSES');
  feedback.usesTable(table, 'TABLE_NAME', 'GetItem', 'Query', 'UpdateItem', 'DeleteItem');
  // it writes down what is to be sent; it sends nothing itself but challenges, which need no grant
  subscriptions.usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'DeleteItem');

  match.lambda.addEventSource(new SqsEventSource(matchQueue.queue, { batchSize: 10, reportBatchItemFailures: true }));
  deliver.lambda.addEventSource(
    new SqsEventSource(deliverQueue.queue, { batchSize: 1, maxConcurrency: DELIVERED_AT_ONCE }),
  );
  feedback.lambda.addEventSource(new SqsEventSource(feedbackQueue.queue, { batchSize: 1 }));

  const toQueue = (id: string, queue: WorkQueue, eventPattern: EventPattern, onOwnBus = false) =>
    new Rule(scope, id, { eventPattern, targets: [new SqsQueue(queue.queue)], ...(onOwnBus ? { eventBus: bus } : {}) });
  toQueue('ScoresPublished', matchQueue, { source: ['portolan'], detailType: ['scores.published'] }, true);
  // the net under a lost event; and it begins to remember an exporter that somebody has just begun to watch
  new Rule(scope, 'Matching', {
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [new SqsQueue(matchQueue.queue)],
  });
  new Rule(scope, 'EveryMinute', {
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaFunction(due.lambda)],
  });
  toQueue('MailCameBack', feedbackQueue, {
    source: ['aws.ses'],
    detailType: ['Email Bounced', 'Email Complaint Received'],
  });

  if (mailFrom !== null) {
    const mail = new ConfigurationSet(scope, 'Mail');
    mail.addEventDestination('Feedback', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(scope, 'DefaultBus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    deliver.sendsMail(mailFrom, mail, 'MAIL_FROM', 'MAIL_CONFIGURATION_SET');
  }

  for (const [name, { queue, deadLetters }] of Object.entries({
    Match: matchQueue,
    Deliver: deliverQueue,
    Feedback: feedbackQueue,
  })) {
    new CfnOutput(scope, `${name}QueueUrl`, { value: queue.queueUrl });
    new CfnOutput(scope, `${name}DeadLettersUrl`, { value: deadLetters.queueUrl });
  }
}
