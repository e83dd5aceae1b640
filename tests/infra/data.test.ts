import { describe, expect, it } from 'vitest';
import { type Resource, templates } from './templates.ts';

const STATEFUL = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table'];

describe.each(['local', 'dev', 'prod'])('data of the %s stage', (stage) => {
  const { ofType, target, statements } = templates(stage);
  const buckets = ofType('AWS::S3::Bucket');

  it.each(buckets.map((bucket) => [bucket.id, bucket] as const))('bucket %s is closed to the public', (_, bucket) => {
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket.Properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    expect(bucket.Properties.BucketEncryption).toBeDefined();
  });

  it.each(buckets.map(({ id }) => id))('bucket %s and its objects answer over TLS only', (id) => {
    const policies = ofType('AWS::S3::BucketPolicy').filter(({ Properties }) => target(Properties.Bucket) === id);
    const denied = policies
      .flatMap(({ Properties }) => statements(Properties.PolicyDocument))
      .filter(({ Effect, Condition }) => Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false');
    expect(denied).toHaveLength(1);
    expect(denied[0]).toMatchObject({ actions: ['s3:*'], resources: [`<${id}.Arn>`, `<${id}.Arn>/*`] });
  });

  it('a dropped file announces itself and can be brought back', () => {
    const drops = buckets.find(({ id }) => id.startsWith('Drops'));
    expect(drops?.Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    expect(drops?.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });

  it('the table can be brought back to any second, forgets what has expired, and costs nothing while idle', () => {
    const [table, ...others] = ofType('AWS::DynamoDB::Table');
    expect(others).toEqual([]);
    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      DeletionProtectionEnabled: stage === 'prod',
    });
  });
});

describe('what happens to data when its stack is deleted or a resource replaced', () => {
  const policies = (stage: string) =>
    templates(stage)
      .resources.filter(({ Type }) => STATEFUL.includes(Type))
      .map(({ DeletionPolicy, UpdateReplacePolicy }: Resource) => [DeletionPolicy, UpdateReplacePolicy]);

  it('stays in prod', () => expect(policies('prod')).toEqual(Array(4).fill(['Retain', 'Retain'])));
  it('goes in dev', () => expect(policies('dev')).toEqual(Array(4).fill(['Delete', 'Delete'])));
});

/** A changed id here replaces the resource and loses what it holds. Migrate the data before changing this list. */
it('logical ids of what holds state do not change', () => {
  const ids = ({ resources }: ReturnType<typeof templates>) =>
    resources.filter(({ Type }) => [...STATEFUL, 'AWS::Events::EventBus'].includes(Type)).map(({ id }) => id);
  const known = ['Drops4D66B0FE', 'Lake5F1B88EA', 'Artifacts82DD59A1', 'TableCD117FA1', 'BusEA82B648'];
  for (const stage of ['local', 'dev', 'prod']) expect(ids(templates(stage)), stage).toEqual(known);
});

describe.each(['dev', 'prod'])('the %s templates fit any account, region and partition', (stage) => {
  const { resources } = templates(stage);
  const source = JSON.stringify(resources);

  it('name no account, region or partition', () => {
    expect(source.match(/\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b|arn:aws[a-z-]*:|amazonaws\.com\.cn/g)).toBeNull();
  });

  it('give no physical name that could be taken', () => {
    const named = resources.flatMap(({ id, Properties = {} }) =>
      [
        'BucketName',
        'TableName',
        'QueueName',
        'FunctionName',
        'RoleName',
        'StateMachineName',
        'LogGroupName',
        'AlarmName',
      ]
        .filter((property) => typeof Properties[property] === 'string')
        .map((property) => `${id}.${property}`),
    );
    expect(named).toEqual([]);
  });

  it('bring no code of somebody else: no custom resource, no function but ours', () => {
    expect(resources.filter(({ Type }) => /^Custom::|CustomResource$/.test(Type))).toEqual([]);
    const functions = resources.filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(functions.map(({ Properties }) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME).sort()).toEqual([
      'api',
      'backtest',
      'changes',
      'complexity',
      'deliver',
      'due',
      'entry',
      'fail',
      'feedback',
      'gravity',
      'ingest',
      'match',
      'noise',
      'plan',
      'publish',
      'reconcile',
      'score',
      'start',
      'subscriptions',
      'tabulate',
    ]);
  });

  it('leave the settings of the account alone', () => {
    expect(resources.filter(({ Type }) => Type === 'AWS::ApiGateway::Account')).toEqual([]);
  });
});
