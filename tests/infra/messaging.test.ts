import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BusEvent, compilePattern } from '../../infra/local/events/pattern.ts';
import { templates } from './templates.ts';

const { ofType, byId, target, text, statements, functions } = templates('dev');
const mappings = ofType('AWS::Lambda::EventSourceMapping');

describe.each(mappings.map(({ Properties }) => ({ queue: target(Properties.EventSourceArn), mapping: Properties })))(
  'queue $queue',
  ({ queue, mapping }) => {
    const { Properties } = byId(queue);
    const worker = byId(target(mapping.FunctionName));
    const deadLetters = target(Properties.RedrivePolicy.deadLetterTargetArn);

    it('hides a message for six times as long as its worker may take', () => {
      expect(Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker.Properties.Timeout);
    });

    it('sets a message aside after five attempts, with a week left to look at it', () => {
      expect(Properties.RedrivePolicy.maxReceiveCount).toBe(5);
      // The age of a message counts from when it was first sent.
      const left = byId(deadLetters).Properties.MessageRetentionPeriod - Properties.MessageRetentionPeriod;
      expect(left).toBeGreaterThan(7 * 24 * 3600);
      // Five attempts have to fit into what the queue keeps.
      expect(Properties.MessageRetentionPeriod).toBeGreaterThan(5 * Properties.VisibilityTimeout);
    });

    it('says so: one message set aside raises an alarm, and so does one that waits', () => {
      const watched = (metric: string) =>
        ofType('AWS::CloudWatch::Alarm')
          .filter((alarm) => alarm.Properties.MetricName === metric)
          .map((alarm) => [target(alarm.Properties.Dimensions[0].Value), alarm.Properties.Threshold]);
      expect(watched('ApproximateNumberOfMessagesVisible')).toContainEqual([deadLetters, 1]);
      expect(watched('ApproximateAgeOfOldestMessage').map(([id]) => id)).toContain(queue);
    });

    it('a batch of several can fail in part', () => {
      const partial = mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false;
      expect(partial || mapping.BatchSize === 1).toBe(true);
    });
  },
);

it('a run that fails, times out or is aborted raises an alarm', () => {
  const runs = ofType('AWS::CloudWatch::Alarm').find(({ id }) => id.startsWith('RunsFailed'))?.Properties;
  const metrics = runs.Metrics.flatMap((each: { MetricStat?: { Metric: { MetricName: string } } }) =>
    each.MetricStat ? [each.MetricStat.Metric.MetricName] : [],
  );
  expect(metrics.sort()).toEqual(['ExecutionsAborted', 'ExecutionsFailed', 'ExecutionsTimedOut']);
  expect(runs).toMatchObject({ Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
});

it('every queue answers over TLS only, and none is open to other accounts', () => {
  for (const { id } of ofType('AWS::SQS::Queue')) {
    const all = ofType('AWS::SQS::QueuePolicy')
      .filter(({ Properties }) => Properties.Queues.some((of: unknown) => target(of) === id))
      .flatMap(({ Properties }) => statements(Properties.PolicyDocument));
    const denied = all.filter(({ Effect }) => Effect === 'Deny');
    expect(denied, id).toMatchObject([{ actions: ['sqs:*'], Condition: { Bool: { 'aws:SecureTransport': 'false' } } }]);
    for (const allowed of all.filter(({ Effect }) => Effect === 'Allow')) {
      expect(allowed.Principal, id).toEqual({ Service: 'events.amazonaws.com' });
      expect(allowed.Condition?.ArnEquals?.['aws:SourceArn'], id).toBeDefined();
    }
  }
});

const rules = ofType('AWS::Events::Rule').map((rule) => ({
  ...rule,
  name: rule.id.slice(0, -8),
  targets: rule.Properties.Targets.map(({ Arn }: { Arn: unknown }) => target(Arn)) as string[],
  bus: rule.Properties.EventBusName ? target(rule.Properties.EventBusName) : 'default',
}));

describe.each(rules.filter(({ Properties }) => Properties.EventPattern))('rule $name', ({ id, targets }) => {
  it('is let in by each of its queues', () => {
    for (const queue of targets) {
      const allowed = ofType('AWS::SQS::QueuePolicy')
        .filter(({ Properties }) => target(Properties.Queues[0]) === queue)
        .flatMap(({ Properties }) => statements(Properties.PolicyDocument))
        .filter(({ Effect, actions }) => Effect === 'Allow' && actions.includes('sqs:SendMessage'))
        .map(({ Condition }) => target(Condition?.ArnEquals?.['aws:SourceArn']));
      expect(allowed, queue).toContain(id);
    }
  });
});

describe('which queue an event reaches', () => {
  const DROPS = '<Drops4D66B0FE>';
  const machine = text({ Ref: ofType('AWS::StepFunctions::StateMachine')[0]?.id });
  /** References in patterns become the same text that the events below use for them. */
  const resolved = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(resolved);
    if (Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'))) return text(value);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
  };
  const reached = (bus: string, event: { source: string; 'detail-type': string; detail: unknown }) =>
    rules
      .filter((rule) => rule.Properties.EventPattern && rule.bus === bus)
      .filter((rule) => compilePattern(resolved(rule.Properties.EventPattern), rule.id)(event as BusEvent))
      .flatMap(({ targets }) => targets)
      .map((id) => id.slice(0, -8));

  const s3 = (name: string, key: string, type = 'Object Created') => ({
    source: 'aws.s3',
    'detail-type': type,
    detail: { bucket: { name }, object: { key } },
  });
  it.each([
    ['a file under drops/', s3(DROPS, 'drops/BACI_HS17_Y2017.csv.gz'), ['IngestQueue']],
    ['a file in a folder under drops/', s3(DROPS, 'drops/2024/january.csv'), ['IngestQueue']],
    ['a file elsewhere in the bucket', s3(DROPS, 'notes.txt'), []],
    ['a file under drops/ of another bucket', s3('<Lake5F1B88EA>', 'drops/a.csv'), []],
    ['a file that is deleted', s3(DROPS, 'drops/a.csv', 'Object Deleted'), []],
  ])('%s', (_, event, queues) => expect(reached('default', event)).toEqual(queues));

  it.each([
    ['SUCCEEDED', ['StartQueue']],
    ['FAILED', ['StartQueue']],
    ['TIMED_OUT', ['StartQueue']],
    ['ABORTED', ['StartQueue']],
    ['RUNNING', []],
  ])('an execution that is %s', (status, queues) => {
    const event = (stateMachineArn: string) => ({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { stateMachineArn, status },
    });
    expect(reached('default', event(machine))).toEqual(queues);
    expect(reached('default', event('arn:of:another:machine'))).toEqual([]);
  });

  it('our own events arrive on our own bus only', () => {
    const ours = (type: string) => ({ source: 'portolan', 'detail-type': type, detail: {} });
    expect(reached('BusEA82B648', ours('dataset.ingested'))).toEqual(['StartQueue']);
    expect(reached('BusEA82B648', ours('scores.published'))).toEqual(['MatchQueue']);
    expect(reached('default', ours('dataset.ingested'))).toEqual([]);
  });

  /** The examples of messages that came over a bus: `<function>.<what>.json`, as the function gets them. */
  const folder = join(import.meta.dirname, '../../events');
  const examples = (existsSync(folder) ? readdirSync(folder) : []).flatMap((file) => {
    const { Records = [] } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return Records.map(({ body }: { body: string }) => ({ file, event: JSON.parse(body) }));
  });
  const overABus = examples.filter(({ event }) =>
    ['aws.s3', 'aws.states', 'aws.ses', 'portolan'].includes(event.source),
  );
  it.each(overABus)('events/$file reaches the function that it is an example for', ({ file, event }) => {
    // An example names a bucket and a machine of its own; here they are those of the template.
    if (event.detail.bucket) event.detail.bucket.name = DROPS;
    if (event.detail.stateMachineArn) event.detail.stateMachineArn = machine;
    const queues = [...reached('default', event), ...reached('BusEA82B648', event)];
    const workers = mappings
      .filter(({ Properties }) => queues.includes(target(Properties.EventSourceArn)?.slice(0, -8) ?? ''))
      .map(({ Properties }) => target(Properties.FunctionName));
    expect(workers).toEqual([functions.get(file.split('.')[0] ?? '')?.id]);
  });
});

it('what nothing else may wake is woken by the clock', () => {
  const scheduled = rules.filter(({ Properties }) => Properties.ScheduleExpression);
  expect(
    scheduled.map(({ name, Properties, targets }) => [name, Properties.ScheduleExpression, targets[0]?.slice(0, -8)]),
  ).toEqual([
    ['Reconciliation', 'rate(5 minutes)', 'ReconcileFunction'],
    ['Matching', 'rate(5 minutes)', 'MatchQueue'],
    ['EveryMinute', 'rate(1 minute)', 'DueFunction'],
  ]);
});
