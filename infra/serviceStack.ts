import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { type EventPattern, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { alarmMail } from './alarmMail.ts';
import { alerts, channelSettings } from './alerts.ts';
import { budget } from './budget.ts';
import type { Bundles, FunctionName } from './bundles.ts';
import { dashboard } from './dashboard.ts';
import type { DataStack } from './dataStack.ts';
import { duckdbLayer } from './duckdbLayer.ts';
import { restApi } from './restApi.ts';
import { scoreMachine } from './scoreMachine.ts';
import { serviceAlarms } from './serviceAlarms.ts';
import { type House, ServiceFunction, type ServiceFunctionProps } from './serviceFunction.ts';
import { WorkQueue } from './workQueue.ts';

interface ServiceStackProps extends StackProps {
  readonly house: House;
  readonly data: DataStack;
  readonly bundles: Bundles;
}

/** Everything that can be thrown away and made again: what reacts to drops, scores them and answers. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { house, data, bundles, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const { settings } = house;

    const universe = { settings: { UNIVERSE: JSON.stringify(settings.universe) } };
    const define = (name: FunctionName, size: Omit<ServiceFunctionProps, 'house' | 'bundle'>) =>
      new ServiceFunction(this, `${name[0]?.toUpperCase()}${name.slice(1)}`, { house, bundle: bundles[name], ...size });

    // Matrices and columns of a world at HS6 fit into what a new account may have per function (3,008 MB).
    const heavy = { memoryMb: 3008, timeout: Duration.minutes(10) };
    const light = { memoryMb: 512, timeout: Duration.seconds(30) };
    const duckdb = duckdbLayer(this, settings.architecture);
    const ingest = define('ingest', {
      memoryMb: 3008,
      timeout: Duration.minutes(5),
      diskMb: 6144,
      layer: duckdb,
    });
    const start = define('start', { ...light, ...universe });
    const reconcile = define('reconcile', { ...light, timeout: Duration.minutes(1) });
    const plan = define('plan', heavy);
    const complexity = define('complexity', { ...heavy, ...universe });
    const gravity = define('gravity', heavy);
    const entry = define('entry', heavy);
    const score = define('score', { ...heavy, ...universe });
    const publish = define('publish', { ...light, timeout: Duration.minutes(1) });
    const changes = define('changes', { ...heavy, ...universe });
    const tabulate = define('tabulate', { ...heavy, diskMb: 6144, layer: duckdb });
    const noise = define('noise', heavy);
    const backtest = define('backtest', heavy);
    const fail = define('fail', light);
    const api = define('api', {
      memoryMb: 1024,
      timeout: Duration.seconds(20),
      settings: { CORS_ORIGINS: settings.corsOrigins.join(',') },
    });

    // A match reads the flows of a world at HS6 and the cells of one exporter after the other.
    const match = define('match', heavy);
    const due = define('due', { ...light, timeout: Duration.minutes(1) });
    const deliver = define('deliver', light);
    const feedback = define('feedback', light);
    // a receiver may take 15 seconds to say a challenge back
    const subscriptions = define('subscriptions', {
      memoryMb: 1024,
      timeout: Duration.seconds(25),
      settings: {
        CORS_ORIGINS: settings.corsOrigins.join(','),
        ...channelSettings(settings),
      },
    });

    const ingestQueue = new WorkQueue(this, 'IngestQueue', { workerTimeout: ingest.timeout });
    const startQueue = new WorkQueue(this, 'StartQueue', {
      workerTimeout: start.timeout,
      delay: Duration.seconds(settings.startDelaySeconds),
    });
    const machine = scoreMachine(
      this,
      { plan, complexity, gravity, entry, score, publish, changes, tabulate, noise, backtest, fail },
      settings,
    );

    const { drops, lake, artifacts, table, bus } = data;
    ingest
      .reads(drops, 'DROPS_BUCKET', 'drops/')
      .reads(lake, 'LAKE_BUCKET', 'curated/countries/')
      .writesLarge(lake, 'LAKE_BUCKET', 'curated/', 'rejects/')
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'Query', 'PutItem')
      .publishesTo(bus, 'EVENT_BUS_NAME')
      .sendsTo(ingestQueue.queue, 'INGEST_QUEUE_URL');
    start
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'Query', 'PutItem', 'DeleteItem')
      .starts(machine, 'STATE_MACHINE_ARN');
    reconcile
      .lists(drops, 'DROPS_BUCKET')
      .usesTable(table, 'TABLE_NAME', 'Query')
      .sendsTo(ingestQueue.queue, 'INGEST_QUEUE_URL')
      .sendsTo(startQueue.queue, 'START_QUEUE_URL');
    plan
      .reads(lake, 'LAKE_BUCKET', 'curated/')
      .writesLarge(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'PutItem');
    for (const step of [complexity, gravity, entry]) {
      step.reads(artifacts, 'ARTIFACTS_BUCKET', 'runs/').writesLarge(artifacts, 'ARTIFACTS_BUCKET', 'runs/');
    }
    score
      .reads(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .writes(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .reads(lake, 'LAKE_BUCKET', 'curated/')
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchWriteItem');
    publish
      .reads(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'PutItem', 'DeleteItem')
      .publishesTo(bus, 'EVENT_BUS_NAME');
    changes
      .reads(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .writesLarge(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .reads(lake, 'LAKE_BUCKET', 'curated/')
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchGetItem', 'Query', 'BatchWriteItem');
    tabulate
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchGetItem', 'Query')
      .writesLarge(lake, 'LAKE_BUCKET', 'curated/scores/')
      .writes(lake, 'LAKE_BUCKET', 'curated/published/');
    noise.reads(artifacts, 'ARTIFACTS_BUCKET', 'runs/').usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchWriteItem');
    backtest
      .reads(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .writes(artifacts, 'ARTIFACTS_BUCKET', 'runs/')
      .reads(lake, 'LAKE_BUCKET', 'curated/')
      .usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchWriteItem');
    fail.usesTable(table, 'TABLE_NAME', 'GetItem', 'PutItem', 'DeleteItem');
    api.usesTable(table, 'TABLE_NAME', 'GetItem', 'BatchGetItem', 'Query');

    ingest.lambda.addEventSource(
      new SqsEventSource(ingestQueue.queue, { batchSize: 1, maxConcurrency: settings.ingestConcurrency }),
    );
    start.lambda.addEventSource(new SqsEventSource(startQueue.queue, { batchSize: 10, reportBatchItemFailures: true }));

    const toQueue = (id: string, queue: WorkQueue, eventPattern: EventPattern, onOwnBus = false) =>
      new Rule(this, id, {
        eventPattern,
        targets: [new SqsQueue(queue.queue)],
        ...(onOwnBus ? { eventBus: bus } : {}),
      });
    toQueue('DropArrived', ingestQueue, {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [drops.bucketName] }, object: { key: [{ prefix: 'drops/' }] } },
    });
    toQueue('DatasetIngested', startQueue, { source: ['portolan'], detailType: ['dataset.ingested'] }, true);
    toQueue('RunEnded', startQueue, {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [machine.stateMachineArn], status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
    });
    new Rule(this, 'Reconciliation', {
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(reconcile.lambda)],
    });

    alerts(this, house, data, { match, due, deliver, feedback, subscriptions });

    const rest = restApi(this, house, { api, subscriptions });

    const functions = {
      ...{ ingest, start, reconcile, plan, complexity, gravity, entry, score },
      ...{ publish, changes, tabulate, noise, backtest, fail, api, subscriptions },
      ...{ match, due, deliver, feedback },
    };
    serviceAlarms(this, { house, machine, functions, rest });
    dashboard(this, { house, machine, functions, rest, table });
    const { alarmsTo, budgetUsd } = settings;
    if (alarmsTo !== null) {
      alarmMail(this, alarmsTo);
      if (budgetUsd !== null) budget(this, house.stage, budgetUsd, alarmsTo);
    }

    new CfnOutput(this, 'ApiUrl', { value: rest.url });
    new CfnOutput(this, 'StateMachineArn', { value: machine.stateMachineArn });
    new CfnOutput(this, 'IngestQueueUrl', { value: ingestQueue.queue.queueUrl });
    new CfnOutput(this, 'IngestDeadLettersUrl', { value: ingestQueue.deadLetters.queueUrl });
    new CfnOutput(this, 'StartQueueUrl', { value: startQueue.queue.queueUrl });
    new CfnOutput(this, 'StartDeadLettersUrl', { value: startQueue.deadLetters.queueUrl });
  }
}
