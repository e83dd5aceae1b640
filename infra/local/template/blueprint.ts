import { type ApiPlan, apiPlan } from './apiPlan.ts';
import type { StackTemplate } from './assembly.ts';
import type { Resource } from './intrinsics.ts';
import { Properties } from './properties.ts';

/** What an application consists of, as far as it has an effect on this machine. */
export interface Blueprint {
  readonly buckets: readonly BucketPlan[];
  readonly tables: readonly TablePlan[];
  readonly queues: readonly QueuePlan[];
  readonly buses: readonly BusPlan[];
  readonly rules: readonly RulePlan[];
  readonly functions: readonly FunctionPlan[];
  readonly mappings: readonly MappingPlan[];
  readonly machines: readonly MachinePlan[];
  readonly api: ApiPlan | null;
}

export interface BucketPlan {
  readonly name: string;
  readonly arn: string;
  /** raises events on the default bus */
  readonly raisesEvents: boolean;
}

export interface TablePlan {
  readonly name: string;
  readonly arn: string;
  readonly partitionKey: KeyPlan;
  readonly sortKey: KeyPlan | null;
}

export interface KeyPlan {
  readonly name: string;
  readonly type: 'S' | 'B';
}

export interface QueuePlan {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly delaySeconds: number;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceives: number } | null;
}

export interface BusPlan {
  readonly name: string;
  readonly arn: string;
}

export interface RulePlan {
  readonly id: string;
  readonly arn: string;
  readonly bus: string;
  readonly pattern: unknown;
  readonly schedule: string | null;
  readonly enabled: boolean;
  readonly targets: readonly TargetPlan[];
}

export interface TargetPlan {
  readonly arn: string;
  readonly roleArn: string | null;
  readonly input: string | null;
  readonly inputPath: string | null;
  readonly transformer: { readonly paths: Readonly<Record<string, string>>; readonly template: string } | null;
}

export interface FunctionPlan {
  /** the construct's name in the code of the application, e.g. `ingest`: what messages and logs call it */
  readonly label: string;
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly directory: string;
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly hasLayers: boolean;
  readonly reservedConcurrency: number | null;
  readonly roleArn: string;
}

export interface MappingPlan {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly batchingSeconds: number;
  readonly reportsItemFailures: boolean;
  readonly maxConcurrency: number | null;
}

export interface MachinePlan {
  readonly label: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly definition: string;
}

/**
 * Sorts checked, resolved resources into what each stand-in needs.
 *
 * @throws Error that names the resource which does not fit together with the others
 */
export function blueprint(resources: readonly Resource[], stacks: readonly StackTemplate[]): Blueprint {
  const assets = new Map(stacks.flatMap((stack) => [...stack.assets]));
  const every = <T>(type: string, make: (properties: Properties) => T): T[] =>
    resources.filter((resource) => resource.type === type).map((resource) => make(new Properties(resource)));
  const arnOf = (resource: Resource) => resource.identity.attributes.Arn ?? resource.identity.ref;

  return {
    buckets: every('AWS::S3::Bucket', (bucket) => ({
      name: bucket.resource.identity.ref,
      arn: arnOf(bucket.resource),
      raisesEvents:
        bucket.record<{ EventBridgeEnabled?: boolean }>('NotificationConfiguration').EventBridgeConfiguration
          ?.EventBridgeEnabled === true,
    })),
    tables: every('AWS::DynamoDB::Table', (table) => {
      const types = new Map(
        table
          .list<{ AttributeName: string; AttributeType: 'S' | 'B' }>('AttributeDefinitions')
          .map((definition) => [definition.AttributeName, definition.AttributeType]),
      );
      const key = (kind: string): KeyPlan | null => {
        const name = table
          .list<{ AttributeName: string; KeyType: string }>('KeySchema')
          .find(({ KeyType }) => KeyType === kind)?.AttributeName;
        return name === undefined ? null : { name, type: types.get(name) ?? 'S' };
      };
      const partitionKey = key('HASH');
      if (!partitionKey) throw new Error(`${table.place}: KeySchema has no HASH key`);
      return {
        name: table.resource.identity.ref,
        arn: arnOf(table.resource),
        partitionKey,
        sortKey: key('RANGE'),
      };
    }),
    queues: every('AWS::SQS::Queue', (queue) => {
      const redrive = queue.record<unknown>('RedrivePolicy');
      return {
        name: queue.resource.identity.attributes.QueueName as string,
        arn: arnOf(queue.resource),
        url: queue.resource.identity.ref,
        delaySeconds: queue.number('DelaySeconds', 0),
        visibilitySeconds: queue.number('VisibilityTimeout', 30),
        retentionSeconds: queue.number('MessageRetentionPeriod', 345_600),
        receiveWaitSeconds: queue.number('ReceiveMessageWaitTimeSeconds', 0),
        redrive:
          redrive.deadLetterTargetArn === undefined
            ? null
            : { deadLetterArn: String(redrive.deadLetterTargetArn), maxReceives: Number(redrive.maxReceiveCount) },
      };
    }),
    buses: every('AWS::Events::EventBus', ({ resource }) => ({ name: resource.identity.ref, arn: arnOf(resource) })),
    rules: every('AWS::Events::Rule', (rule) => ({
      id: rule.resource.logicalId,
      arn: arnOf(rule.resource),
      bus: rule.textOr('EventBusName', 'default').split('/').at(-1) ?? 'default',
      pattern: rule.resource.properties.EventPattern ?? null,
      schedule: rule.textOr('ScheduleExpression', null),
      enabled: rule.textOr('State', 'ENABLED') === 'ENABLED',
      targets: rule.list<Readonly<Record<string, unknown>>>('Targets').map((values) => {
        const target = new Properties(rule.resource, values);
        const transformer = values.InputTransformer as
          | { InputPathsMap?: Record<string, string>; InputTemplate: string }
          | undefined;
        return {
          arn: target.text('Arn'),
          roleArn: target.textOr('RoleArn', null),
          input: target.textOr('Input', null),
          inputPath: target.textOr('InputPath', null),
          transformer: transformer
            ? { paths: transformer.InputPathsMap ?? {}, template: transformer.InputTemplate }
            : null,
        };
      }),
    })),
    functions: every('AWS::Lambda::Function', (lambda) => {
      const key = lambda.record<string>('Code').S3Key;
      const directory = key === undefined ? undefined : assets.get(key);
      if (!directory) throw new Error(`${lambda.place}: its code ${key} is not among the files of the application`);
      return {
        label: label(lambda.resource.logicalId, 'Function'),
        logicalId: lambda.resource.logicalId,
        name: lambda.resource.identity.ref,
        arn: arnOf(lambda.resource),
        directory,
        handler: lambda.text('Handler'),
        variables: lambda.record<Record<string, string>>('Environment').Variables ?? {},
        timeoutSeconds: lambda.number('Timeout', 3),
        memoryMb: lambda.number('MemorySize', 128),
        hasLayers: lambda.list('Layers').length > 0,
        reservedConcurrency: lambda.number('ReservedConcurrentExecutions', null),
        roleArn: lambda.text('Role'),
      };
    }),
    mappings: every('AWS::Lambda::EventSourceMapping', (mapping) => ({
      queueArn: mapping.text('EventSourceArn'),
      functionName: functionName(mapping.text('FunctionName')),
      batchSize: mapping.number('BatchSize', 10),
      batchingSeconds: mapping.number('MaximumBatchingWindowInSeconds', 0),
      reportsItemFailures: mapping.list('FunctionResponseTypes').length > 0,
      maxConcurrency: mapping.record<number>('ScalingConfig').MaximumConcurrency ?? null,
    })),
    machines: every('AWS::StepFunctions::StateMachine', (machine) => ({
      label: label(machine.resource.logicalId, 'Machine'),
      name: machine.resource.identity.attributes.Name as string,
      arn: arnOf(machine.resource),
      roleArn: machine.text('RoleArn'),
      definition: Object.entries(machine.record<unknown>('DefinitionSubstitutions')).reduce(
        (definition, [name, value]) => definition.replaceAll(`\${${name}}`, String(value)),
        machine.text('DefinitionString'),
      ),
    })),
    api: apiPlan(resources),
  };
}

/** `IngestFunctionB02ED0EB` → `ingest`: the construct's name, without what the CDK and its kind add. */
function label(logicalId: string, kind: string): string {
  const bare = logicalId.replace(/[0-9A-F]{8}$/, '');
  const name = bare.endsWith(kind) && bare !== kind ? bare.slice(0, -kind.length) : bare;
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** A function is named by its name or its ARN. */
export const functionName = (reference: string) => /:function:([^:]+)/.exec(reference)?.[1] ?? reference;
