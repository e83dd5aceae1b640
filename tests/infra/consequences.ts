import type { Resource, templates } from './templates.ts';

/** What follows from a stage's templates for the person who runs it: who may do what, what is lost when, who sees what. Not how many of what. */
export function consequences(stage: ReturnType<typeof templates>) {
  const { ofType, target, statements, functions, text } = stage;
  const short = (id: string | undefined) => (id ?? 'all').replace(/[0-9A-F]{8}$/, '');
  /** Resources as text, with logical ids that a changed property does not rename. */
  const stable = (value: string) =>
    value
      .replace(/<([A-Za-z]+?)[0-9A-F]{8}(?=[.>])/g, '<$1')
      .replace(/arn:<AWS::Partition>:([a-z0-9-]+):<AWS::Region>:<AWS::AccountId>:/g, '$1:');
  const alarmed = (metric: string, id: string) =>
    ofType('AWS::CloudWatch::Alarm').some(
      ({ Properties }) =>
        Properties.MetricName === metric &&
        Properties.Dimensions?.some(({ Value }: { Value: unknown }) => target(Value) === id),
    );
  const onDeletion = ({ DeletionPolicy = 'Delete', UpdateReplacePolicy = 'Delete' }: Resource) =>
    DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain' ? 'kept' : 'deleted';
  const entries = <T>(resources: readonly Resource[], of: (resource: Resource) => T) =>
    Object.fromEntries(resources.map((resource) => [short(resource.id), of(resource)]));

  const workers = new Map(
    ofType('AWS::Lambda::EventSourceMapping').map(({ Properties }) => [
      target(Properties.EventSourceArn),
      ofType('AWS::Lambda::Function').find(({ id }) => id === target(Properties.FunctionName)),
    ]),
  );

  return {
    buckets: entries(ofType('AWS::S3::Bucket'), (bucket) => {
      const {
        PublicAccessBlockConfiguration: block = {},
        BucketEncryption,
        VersioningConfiguration,
      } = bucket.Properties;
      const policies = ofType('AWS::S3::BucketPolicy').filter(
        ({ Properties }) => target(Properties.Bucket) === bucket.id,
      );
      const said = policies.flatMap(({ Properties }) => statements(Properties.PolicyDocument));
      const closed = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];
      return {
        public:
          !closed.every((each) => block[each] === true) ||
          said.some(({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal).includes('"*"')),
        encrypted: BucketEncryption !== undefined,
        tlsOnly: said.some(
          ({ Effect, Condition }) => Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
        ),
        oldVersions: VersioningConfiguration?.Status === 'Enabled' ? 'kept' : 'none',
        whenDeleted: onDeletion(bucket),
      };
    }),
    tables: entries(ofType('AWS::DynamoDB::Table'), (table) => ({
      pointInTimeRecovery: table.Properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false,
      protected: table.Properties.DeletionProtectionEnabled ?? false,
      whenDeleted: onDeletion(table),
    })),
    queues: entries(
      ofType('AWS::SQS::Queue').filter(({ id }) => workers.has(id)),
      ({ id, Properties }) => {
        const deadLetters = target(Properties.RedrivePolicy?.deadLetterTargetArn ?? '');
        const timeout = workers.get(id)?.Properties.Timeout;
        return {
          deadLetters: deadLetters === undefined ? 'lost' : short(deadLetters),
          attempts: Properties.RedrivePolicy?.maxReceiveCount ?? 'for ever',
          alarmed: deadLetters !== undefined && alarmed('ApproximateNumberOfMessagesVisible', deadLetters),
          hiddenForSixTimeouts: Properties.VisibilityTimeout >= 6 * timeout,
          encrypted: Properties.SqsManagedSseEnabled === true || Properties.KmsMasterKeyId !== undefined,
        };
      },
    ),
    functions: Object.fromEntries(
      [...functions].sort().map(([name, { Properties }]) => [
        name,
        {
          runs: `${Properties.Runtime} on ${Properties.Architectures}, ${Properties.Timeout} s, ${Properties.MemorySize} MB`,
          logsKeptDays: stage.byId(target(Properties.LoggingConfig?.LogGroup)).Properties.RetentionInDays ?? 'for ever',
          may: stage
            .grants(Properties.Role)
            .flatMap(({ Effect, actions, resources, Condition }) =>
              actions.flatMap((action) =>
                resources.map(
                  (resource) =>
                    `${Effect === 'Allow' ? '' : 'not '}${action} on ${stable(resource)}${Condition ? ' if' : ''}`,
                ),
              ),
            )
            // the log is the function's own
            .filter((line) => !line.startsWith('logs:'))
            .sort(),
        },
      ]),
    ),
    readers: {
      keyed: ofType('AWS::ApiGateway::Method').some(({ Properties }) => Properties.ApiKeyRequired),
      writes: ofType('AWS::ApiGateway::Method').every(({ Properties }) => Properties.Integration.Type === 'AWS_PROXY')
        ? 'the api function decides'
        : 'other integrations',
      throttled: ofType('AWS::ApiGateway::Stage').map(({ Properties }) =>
        Properties.MethodSettings.map(
          (each: Record<string, unknown>) =>
            `${each.ThrottlingRateLimit} a second, ${each.ThrottlingBurstLimit} at once`,
        ),
      ),
    },
    alarms: ofType('AWS::CloudWatch::Alarm')
      .map(({ Properties }) => String(Properties.AlarmDescription).split('. What to do')[0])
      .sort(),
    clock: entries(
      ofType('AWS::Events::Rule').filter(({ Properties }) => Properties.ScheduleExpression),
      ({ Properties }) =>
        `${Properties.ScheduleExpression} → ${Properties.Targets.map(({ Arn }: { Arn: unknown }) => short(target(Arn)))}`,
    ),
    trusts: entries(ofType('AWS::IAM::Role'), ({ Properties }) =>
      Properties.AssumeRolePolicyDocument.Statement.map(({ Principal }: { Principal: unknown }) =>
        JSON.stringify(Principal),
      ),
    ),
    invokes: ofType('AWS::Lambda::Permission')
      .map(({ Properties }) => `${Properties.Principal} ${stable(text(Properties.SourceArn))}`)
      .sort(),
  };
}
