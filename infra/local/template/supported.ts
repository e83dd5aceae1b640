import type { Resource } from './intrinsics.ts';

/**
 * What the local home makes of a property: it acts on it (`used`), it acts only on some values (`only`), or the property
 * changes nothing on one machine, for the reason given (`inert`). What is not listed stops the home.
 */
type Spec =
  | { readonly kind: 'used' }
  | { readonly kind: 'only'; readonly values: readonly unknown[] }
  | { readonly kind: 'inert'; readonly because: string }
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, Spec>> }
  | { readonly kind: 'each'; readonly item: Spec };

const used: Spec = { kind: 'used' };
const only = (...values: unknown[]): Spec => ({ kind: 'only', values });
const inert = (because: string): Spec => ({ kind: 'inert', because });
const fields = (of: Readonly<Record<string, Spec>>): Spec => ({ kind: 'fields', fields: of });
const each = (item: Spec): Spec => ({ kind: 'each', item });

const words = inert('words for people');
const disk = inert('the disk of this machine is as encrypted as its owner made it');
const oneOwner = inert('only this machine can reach it');
const tags = inert('nothing here is billed or searched by tag');

/** A type all of whose properties change nothing here. */
const wholly = (because: string) => ({ because });

type TypeSpec = Readonly<Record<string, Spec>> | { readonly because: string };

const TYPES: Readonly<Record<string, TypeSpec>> = {
  'AWS::S3::Bucket': {
    BucketName: used,
    NotificationConfiguration: fields({
      EventBridgeConfiguration: fields({ EventBridgeEnabled: used }),
    }),
    BucketEncryption: disk,
    OwnershipControls: oneOwner,
    PublicAccessBlockConfiguration: oneOwner,
    LifecycleConfiguration: inert('expiry takes days; a state directory is deleted by hand'),
    VersioningConfiguration: inert('versions are for undoing mistakes in an account; here the newest is kept'),
    Tags: tags,
  },
  'AWS::S3::BucketPolicy': { Bucket: used, PolicyDocument: used },
  'AWS::DynamoDB::Table': {
    TableName: used,
    KeySchema: each(fields({ AttributeName: used, KeyType: only('HASH', 'RANGE') })),
    AttributeDefinitions: each(fields({ AttributeName: used, AttributeType: only('S', 'B') })),
    BillingMode: only('PAY_PER_REQUEST'),
    DeletionProtectionEnabled: inert('nothing here deletes tables'),
    PointInTimeRecoverySpecification: inert('the state directory is one copy; copy it to have two'),
    SSESpecification: disk,
    TimeToLiveSpecification: inert('DynamoDB may take days to expire an item, so readers compare the time themselves'),
    Tags: tags,
  },
  'AWS::SQS::Queue': {
    QueueName: used,
    DelaySeconds: used,
    VisibilityTimeout: used,
    MessageRetentionPeriod: used,
    ReceiveMessageWaitTimeSeconds: used,
    RedrivePolicy: fields({ deadLetterTargetArn: used, maxReceiveCount: used }),
    SqsManagedSseEnabled: disk,
    Tags: tags,
  },
  'AWS::SQS::QueuePolicy': { Queues: used, PolicyDocument: used },
  'AWS::Events::EventBus': { Name: used, Description: words, Tags: tags },
  'AWS::Events::Rule': {
    Name: used,
    Description: words,
    EventBusName: used,
    EventPattern: used,
    ScheduleExpression: used,
    State: only('ENABLED', 'DISABLED'),
    Targets: each(
      fields({
        Id: inert('targets are told apart by their ARNs'),
        Arn: used,
        RoleArn: used,
        Input: used,
        InputPath: used,
        InputTransformer: fields({ InputPathsMap: used, InputTemplate: used }),
        DeadLetterConfig: inert('a target on the same machine is always reached'),
        RetryPolicy: inert('a target on the same machine is always reached'),
      }),
    ),
  },
  'AWS::Lambda::Function': {
    FunctionName: used,
    Description: words,
    Code: fields({ S3Bucket: inert('files are taken from where they were synthesised'), S3Key: used }),
    Handler: used,
    Runtime: only('nodejs24.x'),
    Architectures: inert('functions run on the processor of this machine'),
    Environment: fields({ Variables: used }),
    Timeout: used,
    MemorySize: inert('reported to the function; its memory is that of this machine'),
    EphemeralStorage: inert('its disk is that of this machine'),
    Layers: used,
    Role: used,
    ReservedConcurrentExecutions: used,
    LoggingConfig: inert('logs go to files in the state directory'),
    TracingConfig: inert('no tracing service here'),
    Tags: tags,
  },
  'AWS::Lambda::LayerVersion': {
    LayerName: used,
    Description: words,
    Content: inert('modules of a layer are taken from node_modules'),
    CompatibleArchitectures: inert('functions run on the processor of this machine'),
    CompatibleRuntimes: inert('there is one runtime'),
  },
  'AWS::Lambda::EventSourceMapping': {
    EventSourceArn: used,
    FunctionName: used,
    BatchSize: used,
    Enabled: only(true),
    FunctionResponseTypes: each(only('ReportBatchItemFailures')),
    MaximumBatchingWindowInSeconds: used,
    ScalingConfig: fields({ MaximumConcurrency: used }),
    Tags: tags,
  },
  'AWS::Lambda::Permission': {
    Action: used,
    FunctionName: used,
    Principal: used,
    SourceArn: used,
    SourceAccount: used,
  },
  'AWS::IAM::Role': {
    RoleName: used,
    Description: words,
    AssumeRolePolicyDocument: used,
    Policies: used,
    ManagedPolicyArns: used,
    Tags: tags,
  },
  'AWS::IAM::Policy': { PolicyName: words, PolicyDocument: used, Roles: used },
  'AWS::StepFunctions::StateMachine': {
    StateMachineName: used,
    DefinitionString: used,
    DefinitionSubstitutions: used,
    RoleArn: used,
    StateMachineType: only('STANDARD'),
    LoggingConfiguration: inert('the journal of executions is in the state directory'),
    TracingConfiguration: inert('no tracing service here'),
    Tags: tags,
  },
  'AWS::ApiGateway::RestApi': {
    Name: words,
    Description: words,
    EndpointConfiguration: inert('there is one endpoint'),
    MinimumCompressionSize: used,
    Tags: tags,
  },
  'AWS::ApiGateway::Resource': { RestApiId: used, ParentId: used, PathPart: used },
  'AWS::ApiGateway::Method': {
    RestApiId: used,
    ResourceId: used,
    HttpMethod: used,
    AuthorizationType: only('NONE'),
    ApiKeyRequired: only(false),
    Integration: fields({
      Type: only('AWS_PROXY', 'MOCK'),
      Uri: used,
      IntegrationHttpMethod: only('POST'),
      RequestTemplates: used,
      IntegrationResponses: each(fields({ StatusCode: used, ResponseParameters: used, ResponseTemplates: used })),
    }),
    MethodResponses: inert('declares for documentation what the integration returns'),
  },
  'AWS::ApiGateway::GatewayResponse': {
    RestApiId: used,
    ResponseType: used,
    StatusCode: used,
    ResponseParameters: used,
    ResponseTemplates: used,
  },
  'AWS::ApiGateway::Deployment': { RestApiId: used, Description: words },
  'AWS::ApiGateway::Stage': {
    RestApiId: used,
    DeploymentId: used,
    StageName: used,
    Description: words,
    MethodSettings: inert('one client on one machine needs no throttle; metrics and logs have nobody to go to'),
    AccessLogSetting: inert('the record of calls is shown instead'),
    TracingEnabled: inert('no tracing service here'),
    Tags: tags,
  },
  'AWS::SES::ConfigurationSet': wholly('nothing bounces here: every e-mail arrives in the inbox of this machine'),
  'AWS::SES::ConfigurationSetEventDestination': wholly('nothing bounces here'),
  'AWS::ApiGateway::UsagePlan': wholly('one client on one machine needs no quota'),
  'AWS::Logs::LogGroup': wholly('logs go to files in the state directory'),
  'AWS::CloudWatch::Alarm': wholly('failures are shown as they happen'),
  'AWS::CloudWatch::CompositeAlarm': wholly('failures are shown as they happen'),
  'AWS::CloudWatch::Dashboard': wholly('progress is shown as it happens'),
  'AWS::Budgets::Budget': wholly('nothing here costs money'),
  'AWS::Glue::Database': wholly('names the lake for Athena, which is not here'),
  'AWS::Glue::Table': wholly('names the lake for Athena, which is not here'),
  'AWS::Athena::WorkGroup': wholly('no Athena here'),
  'AWS::Athena::NamedQuery': wholly('no Athena here'),
  'AWS::CDK::Metadata': wholly('describes the toolchain'),
};

/**
 * Stops at the first thing in the application that this home would silently get wrong.
 *
 * @throws Error that names the resource, its type and the property
 */
export function checkSupported(resources: readonly Resource[]): void {
  for (const { stack, logicalId, type, properties } of resources) {
    const spec = TYPES[type];
    const place = `${stack}/${logicalId} (${type})`;
    if (!spec) throw new Error(`${place}: this resource type is not implemented by the local home`);
    if ('because' in spec && typeof spec.because === 'string') continue;
    check({ kind: 'fields', fields: spec as Readonly<Record<string, Spec>> }, properties, place, '');
  }
}

function check(spec: Spec, value: unknown, place: string, path: string): void {
  switch (spec.kind) {
    case 'used':
    case 'inert':
      return;
    case 'only':
      if (spec.values.includes(value)) return;
      throw new Error(
        `${place}: property ${path} is ${JSON.stringify(value)}; the local home implements ${spec.values.join(', ')}`,
      );
    case 'each':
      if (!Array.isArray(value)) throw new Error(`${place}: property ${path} is not a list`);
      for (const item of value) check(spec.item, item, place, path);
      return;
    case 'fields':
      for (const [name, field] of Object.entries(value as object)) {
        const inner = path === '' ? name : `${path}.${name}`;
        const known = spec.fields[name];
        if (!known) throw new Error(`${place}: property ${inner} is not implemented by the local home`);
        check(known, field, place, inner);
      }
  }
}
