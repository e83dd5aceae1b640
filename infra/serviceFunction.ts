import { ArnFormat, type CfnElement, type Duration, RemovalPolicy, Size, Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  type LayerVersion,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ConfigurationSet } from 'aws-cdk-lib/aws-ses';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Stage } from './stages.ts';

/** What all functions of one application share. */
export interface House {
  readonly stage: string;
  readonly settings: Stage;
  readonly codeVersion: string;
}

export interface ServiceFunctionProps {
  readonly house: House;
  /** folder that holds `main.mjs` */
  readonly bundle: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** disk under /tmp; 512 MB when not given */
  readonly diskMb?: number;
  readonly layer?: LayerVersion;
  /** variables that are settings, not names of resources */
  readonly settings?: Readonly<Record<string, string>>;
}

type TableOperation = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'BatchWriteItem';

/**
 * A function with the defaults of the house. Each method that follows gives it one thing to use: it sets the
 * environment variable that names the thing and grants the actions on it, at once, so that neither comes alone.
 */
export class ServiceFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly timeout: Duration;
  private readonly role: Role;

  constructor(
    scope: Construct,
    id: string,
    { house, bundle, memoryMb, timeout, diskMb, layer, settings }: ServiceFunctionProps,
  ) {
    super(scope, id);
    this.timeout = timeout;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: house.settings.logDays,
      removalPolicy: house.settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.lambda = new LambdaFunction(this, 'Function', {
      description: `Portolan ${house.stage}: ${id.toLowerCase()}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: house.settings.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      code: Code.fromAsset(bundle),
      handler: 'main.handler',
      memorySize: memoryMb,
      timeout,
      role: this.role,
      logGroup,
      ...(diskMb === undefined ? {} : { ephemeralStorageSize: Size.mebibytes(diskMb) }),
      ...(layer === undefined ? {} : { layers: [layer] }),
      environment: {
        STAGE: house.stage,
        CODE_VERSION: house.codeVersion,
        POWERTOOLS_SERVICE_NAME: id.toLowerCase(),
        LOG_LEVEL: house.settings.logLevel,
        NODE_OPTIONS: '--enable-source-maps',
        ...settings,
      },
    });
    this.inNetwork(house.settings);
    this.traced(house.settings);
  }

  /** Puts the function into the operator's own network: by their ids, since nothing is looked up while synthesising. */
  private inNetwork({ network }: Stage): void {
    if (network === null) return;
    (this.lambda.node.defaultChild as CfnFunction).vpcConfig = { ...network };
    this.allowOnAll(
      [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      'Lambda refuses a function in a network whose role may not do these on all network interfaces.',
    );
  }

  /** X-Ray: Lambda itself sends the segments, in the name of the role (decisions/0102). */
  private traced({ tracing }: Stage): void {
    if (!tracing) return;
    (this.lambda.node.defaultChild as CfnFunction).tracingConfig = { mode: Tracing.ACTIVE };
    this.allowOnAll(
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      'X-Ray knows no resources for what is written to it.',
    );
  }

  /** Actions that AWS lets nobody narrow to a resource. */
  private allowOnAll(actions: string[], reason: string): void {
    this.acknowledgeWildcard('*', reason);
    this.allow(actions, ['*']);
  }

  /** Learns which objects there are, not what is in them. */
  lists(bucket: Bucket, variable: string): this {
    this.lambda.addEnvironment(variable, bucket.bucketName);
    return this.allow(['s3:ListBucket'], [bucket.bucketArn]);
  }

  /** Reads objects under the prefixes, and learns that a key is absent (which S3 tells only to those who may list). */
  reads(bucket: Bucket, variable: string, ...prefixes: string[]): this {
    return this.lists(bucket, variable).allow(['s3:GetObject'], this.under(bucket, prefixes));
  }

  /** Writes small objects under the prefixes. */
  writes(bucket: Bucket, variable: string, ...prefixes: string[]): this {
    this.lambda.addEnvironment(variable, bucket.bucketName);
    return this.allow(['s3:PutObject'], this.under(bucket, prefixes));
  }

  /** Writes objects that may be so large that they go up in parts, which are taken away when one of them fails. */
  writesLarge(bucket: Bucket, variable: string, ...prefixes: string[]): this {
    this.writes(bucket, variable, ...prefixes);
    return this.allow(['s3:AbortMultipartUpload'], this.under(bucket, prefixes));
  }

  /** Does these things to items of a table, and no others: a test holds them against what each function was seen to do. */
  usesTable(table: Table, variable: string, ...operations: readonly TableOperation[]): this {
    this.lambda.addEnvironment(variable, table.tableName);
    return this.allow(
      operations.map((operation) => `dynamodb:${operation}`),
      [table.tableArn],
    );
  }

  sendsTo(queue: Queue, variable: string): this {
    this.lambda.addEnvironment(variable, queue.queueUrl);
    return this.allow(['sqs:SendMessage'], [queue.queueArn]);
  }

  publishesTo(bus: EventBus, variable: string): this {
    this.lambda.addEnvironment(variable, bus.eventBusName);
    return this.allow(['events:PutEvents'], [bus.eventBusArn]);
  }

  /** Publishes on buses of the account that are not this application's. */
  publishesToOthers(buses: readonly string[], variable: string): this {
    if (buses.length === 0) return this;
    this.lambda.addEnvironment(variable, buses.join(','));
    const arns = buses.map((bus) =>
      Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: bus }),
    );
    return this.allow(['events:PutEvents'], arns);
  }

  /** Sends e-mails from one address. SES lets an identity be the address or its domain. */
  sendsMail(from: string, configurationSet: ConfigurationSet, address: string, set: string): this {
    this.lambda.addEnvironment(address, from).addEnvironment(set, configurationSet.configurationSetName);
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({ service: 'ses', resource, resourceName });
    return this.allow(
      ['ses:SendEmail'],
      [
        arn('identity', from),
        arn('identity', from.slice(from.lastIndexOf('@') + 1)),
        arn('configuration-set', configurationSet.configurationSetName),
      ],
    );
  }

  /** Starts executions of a state machine, and asks how they went. */
  starts(machine: StateMachine, variable: string): this {
    this.lambda.addEnvironment(variable, machine.stateMachineArn);
    const stack = Stack.of(this);
    const executions = stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machine.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const name = stack.getLogicalId(machine.node.defaultChild as CfnElement);
    const arn = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>';
    this.acknowledgeWildcard(`${arn}:execution:<${name}.Name>:*`, 'The executions of one state machine.');
    return this.allow(['states:StartExecution'], [machine.stateMachineArn]).allow(
      ['states:DescribeExecution'],
      [executions],
    );
  }

  private under(bucket: Bucket, prefixes: readonly string[]): string[] {
    const { 'Fn::ImportValue': imported } = Stack.of(this).resolve(bucket.stack.exportValue(bucket.bucketArn));
    return prefixes.map((prefix) => {
      this.acknowledgeWildcard(`${imported}/${prefix}*`, 'The objects of one bucket under one prefix.');
      return bucket.arnForObjects(`${prefix}*`);
    });
  }

  /** Each wildcard is accepted by itself, in the words of cdk-nag: any other one stops the synthesis. */
  private acknowledgeWildcard(resource: string, reason: string): void {
    Validations.of(this.role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }

  private allow(actions: string[], resources: string[]): this {
    this.role.addToPolicy(new PolicyStatement({ actions, resources }));
    return this;
  }
}
