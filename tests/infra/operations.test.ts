import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MEASURES } from '../../functions/measure.ts';
import { templates, withSettings } from './templates.ts';

const ADDRESS = 'operations@trade.example';
/** prod with every address, so that it has every alarm */
const watched = withSettings('prod', { alarmsTo: ADDRESS, mailFrom: 'alerts@trade.example', budgetUsd: 60 });
const alarms = watched.ofType('AWS::CloudWatch::Alarm');

describe('the runbook', () => {
  const runbook = readFileSync(join(import.meta.dirname, '../../infra/RUNBOOK.md'), 'utf8');
  const [first = ''] = runbook.split('\n# Backup');
  const sections = [...first.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const cited = alarms.map(
    ({ Properties }) => / What to do: infra\/RUNBOOK\.md, (.+)$/.exec(Properties.AlarmDescription)?.[1],
  );

  it('has a section for every alarm, and none that no alarm leads to', () => {
    expect([...new Set(cited)].sort()).toEqual(sections.toSorted());
  });

  it('says something in each', () => {
    const texts = first.split(/^## .+$/m).slice(1);
    for (const [at, text] of texts.entries()) expect(text.split(' ').length, sections[at]).toBeGreaterThan(30);
  });
});

/** What an alarm watches: `namespace/metric of resource`, for one with an expression each of its metrics. */
const watchedBy = ({ Properties }: (typeof alarms)[number]) => {
  interface Of {
    Namespace: string;
    MetricName: string;
    Dimensions?: { Value: unknown }[];
  }
  const plain: Of[] = Properties.MetricName
    ? [Properties]
    : Properties.Metrics.flatMap((each: { MetricStat?: { Metric: Of } }) =>
        each.MetricStat ? [each.MetricStat.Metric] : [],
      );
  return plain.map(({ Namespace, MetricName, Dimensions = [] }) => {
    const of = Dimensions.map(({ Value }) => watched.target(Value) ?? String(Value));
    return `${Namespace}/${MetricName} of ${of.join(' ')}`;
  });
};
const metrics = alarms.flatMap(watchedBy);

describe('an alarm watches', () => {
  it.each(watched.ofType('AWS::SQS::Queue').map(({ id, Properties }) => [id, Properties] as const))(
    'queue %s',
    (id, { RedrivePolicy }) => {
      const metric = RedrivePolicy ? 'ApproximateAgeOfOldestMessage' : 'ApproximateNumberOfMessagesVisible';
      expect(metrics).toContain(`AWS/SQS/${metric} of ${id}`);
    },
  );

  it.each([...watched.functions].map(([name, { id }]) => [name, id] as const))('errors of %s', (_, id) => {
    expect(metrics).toContain(`AWS/Lambda/Errors of ${id}`);
  });

  it.each([...watched.functions].map(([name, { id }]) => [name, id] as const))(
    'refusals to run %s: the first where nobody calls again, lasting ones elsewhere',
    (name, id) => {
      const alarm = alarms.find((each) => watchedBy(each).includes(`AWS/Lambda/Throttles of ${id}`));
      expect(alarm?.Properties).toMatchObject({
        Threshold: 1,
        EvaluationPeriods: ['api', 'due', 'reconcile'].includes(name) ? 1 : 3,
      });
    },
  );

  it('runs, the API, the age of data, and what comes back', () => {
    const machine = watched.ofType('AWS::StepFunctions::StateMachine')[0]?.id;
    for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted', 'ExecutionTime'])
      expect(metrics).toContain(`AWS/States/${metric} of ${machine}`);
    expect(metrics).toContainEqual(expect.stringMatching(/^AWS\/ApiGateway\/5XXError of /));
    expect(metrics).toContain('Portolan/DataAgeDays of reconcile prod');
    expect(metrics).toContain('AWS/SES/Reputation.BounceRate of ');
    expect(metrics).toContain('AWS/SES/Reputation.ComplaintRate of ');
  });

  it('nothing that is silent', () => {
    for (const { id, Properties } of alarms) expect(Properties.TreatMissingData, id).toBe('notBreaching');
  });
});

it('a run counts as long before it is cut, and data as old when the stage says', () => {
  const threshold = (begins: string) => alarms.find(({ id }) => id.startsWith(begins))?.Properties.Threshold;
  expect(threshold('LongRun')).toBe(45 * 60 * 1000);
  expect(threshold('OldData')).toBe(100);
  expect([threshold('BounceRate'), threshold('ComplaintRate')]).toEqual([0.05, 0.001]);
});

describe('with an address', () => {
  it('every alarm writes to it, and says when it is over', () => {
    const [topic, ...others] = watched.ofType('AWS::SNS::Topic');
    expect(others).toEqual([]);
    for (const { id, Properties } of alarms)
      for (const actions of [Properties.AlarmActions, Properties.OKActions])
        expect(actions?.map(watched.target), id).toEqual([topic?.id]);
    const [subscription] = watched.ofType('AWS::SNS::Subscription');
    expect(subscription?.Properties).toMatchObject({ Protocol: 'email', Endpoint: ADDRESS });
  });

  it('only alarms of this account may publish, over TLS', () => {
    const [policy] = watched.ofType('AWS::SNS::TopicPolicy');
    const statements = watched.statements(policy?.Properties.PolicyDocument);
    expect(statements.map(({ Effect, Principal, Condition }) => [Effect, Principal, Condition])).toEqual([
      ['Deny', '*', { Bool: { 'aws:SecureTransport': 'false' } }],
      [
        'Allow',
        { Service: 'cloudwatch.amazonaws.com' },
        { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      ],
    ]);
  });

  it('it hears when a month costs more than was meant, of this stage alone', () => {
    const [budget] = watched.ofType('AWS::Budgets::Budget');
    expect(budget?.Properties.Budget).toMatchObject({
      BudgetLimit: { Amount: 60, Unit: 'USD' },
      TimeUnit: 'MONTHLY',
      CostFilters: { TagKeyValue: ['user:portolan-stage$prod'] },
    });
    for (const { Subscribers } of budget?.Properties.NotificationsWithSubscribers ?? [])
      expect(Subscribers).toEqual([{ SubscriptionType: 'EMAIL', Address: ADDRESS }]);
    expect(budget?.Properties.NotificationsWithSubscribers).toHaveLength(2);
  });

  it('no rule is broken', () => expect(watched.violations).toEqual([]));
});

it('without an address nobody is written to, and no budget is made', () => {
  for (const stage of ['dev', 'prod']) {
    const { ofType } = templates(stage);
    expect([...ofType('AWS::SNS::Topic'), ...ofType('AWS::Budgets::Budget')]).toEqual([]);
  }
});

it('what functions measure is shown, and nothing else of ours', () => {
  const [dashboard, ...others] = watched.ofType('AWS::CloudWatch::Dashboard');
  expect(others).toEqual([]);
  const { 'Fn::Join': joined } = dashboard?.Properties.DashboardBody ?? {};
  const body = joined[1].map((part: unknown) => (typeof part === 'string' ? part : 'x')).join('');
  const { widgets } = JSON.parse(body) as { widgets: { properties: { title: string; metrics: unknown[][] } }[] };
  const ours = widgets
    .flatMap(({ properties }) => properties.metrics)
    .filter(([namespace]) => namespace === 'Portolan');
  expect([...new Set(ours.map(([, name]) => name))].sort()).toEqual(Object.keys(MEASURES).sort());
  expect(widgets.map(({ properties }) => properties.title)).toEqual(
    expect.arrayContaining(['Files', 'Dead letters', 'Answer times, ms']),
  );
});

it('the queues that the redrive command knows are those that there are', async () => {
  const { QUEUES } = await import('../../functions/cli/commands/redrive.ts');
  const service = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../cdk.out/tests/prod/portolan-prod-service.template.json'), 'utf8'),
  );
  const outputs = Object.keys(service.Outputs).flatMap((name) => /^(.+)DeadLettersUrl$/.exec(name)?.[1] ?? []);
  expect(outputs.map((name) => name.toLowerCase()).sort()).toEqual(QUEUES.toSorted());
});
