import { ArnFormat, type CfnElement, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  DefinitionBody,
  DistributedMap,
  Fail,
  JitterType,
  JsonPath,
  Map as MapState,
  Parallel,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { ServiceFunction } from './serviceFunction.ts';
import type { Stage } from './stages.ts';

type Step =
  | 'plan'
  | 'complexity'
  | 'gravity'
  | 'entry'
  | 'score'
  | 'publish'
  | 'changes'
  | 'tabulate'
  | 'noise'
  | 'backtest'
  | 'fail';

/** After this a run is ended, and its lease has run out. */
export const RUN_TIMEOUT = Duration.hours(1);

/** Lambda could not run the function: nothing is wrong with the work itself, and every step may be repeated. */
const NOT_THE_WORK = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
];
/** The process died while it worked. */
const DIED = ['Lambda.Unknown', 'Runtime.ExitError', 'Sandbox.Timedout', 'States.Timeout'];

/**
 * One run: plan → (complexity ∥ gravity ∥ entry) → score each shard → publish → changes → tabulate → noise → backtest. Any error up to publish goes through `fail`, which
 * writes down why, and ends the execution as failed. What changed since the run before, the table of scores in the lake, what is missing beyond noise,
 * and what the scores of an earlier year were worth come once readers have the scores; without them the run is still whole. The state is names only: data goes through buckets.
 */
export function scoreMachine(
  scope: Construct,
  steps: Readonly<Record<Step, ServiceFunction>>,
  { mapConcurrency, scoreMap, tracing }: Stage,
): StateMachine {
  const task = (step: Step, payload?: Record<string, string>) => {
    const { lambda, timeout } = steps[step];
    const state = new LambdaInvoke(scope, `${step[0]?.toUpperCase()}${step.slice(1)}Step`, {
      stateName: step,
      lambdaFunction: lambda,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout: Timeout.duration(timeout.plus(Duration.seconds(10))),
      ...(payload === undefined ? {} : { payload: TaskInput.fromObject(payload) }),
      ...(step === 'plan' ? {} : { resultPath: JsonPath.DISCARD }),
    });
    const backoff = { interval: Duration.seconds(1), backoffRate: 2, jitterStrategy: JitterType.FULL };
    state.addRetry({ ...backoff, errors: NOT_THE_WORK, maxAttempts: 6, maxDelay: Duration.seconds(30) });
    state.addRetry({ ...backoff, errors: DIED, maxAttempts: 2, maxDelay: Duration.seconds(30) });
    // another step that fails has its run tried again as a whole; behind the flip of the pointer nobody would
    if (['publish', 'changes', 'tabulate', 'noise', 'backtest'].includes(step))
      state.addRetry({ ...backoff, errors: ['States.TaskFailed'], maxAttempts: 2, maxDelay: Duration.seconds(30) });
    return state;
  };
  const at = (...fields: string[]) =>
    Object.fromEntries(fields.map((field) => [field, JsonPath.stringAt(`$.${field}`)]));

  const failed = task('fail', { ...at('run', 'attempt'), error: JsonPath.stringAt('$.error') }).next(
    new Fail(scope, 'Failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' }),
  );
  const onError = { resultPath: '$.error' };

  const plan = task('plan').addCatch(failed, onError);
  const model = new Parallel(scope, 'model', { resultPath: JsonPath.DISCARD })
    .branch(task('complexity', at('run')))
    .branch(task('gravity', at('run')))
    .branch(task('entry', at('run')))
    .addCatch(failed, onError);
  const overShards = { itemsPath: '$.shards', maxConcurrency: mapConcurrency, resultPath: JsonPath.DISCARD };
  const distributed = scoreMap === 'distributed';
  const shards = (
    distributed
      ? new DistributedMap(scope, 'shards', { ...overShards, mapExecutionType: StateMachineType.STANDARD })
      : new MapState(scope, 'shards', overShards)
  )
    .itemProcessor(task('score'))
    .addCatch(failed, onError);
  const publish = task('publish', at('run', 'slot', 'attempt')).addCatch(failed, onError);

  // the run is whole without these four
  const attempt = at('run', 'slot', 'attempt');
  const onward = { resultPath: JsonPath.DISCARD };
  const backtest = task('backtest', attempt).addCatch(new Succeed(scope, 'WithoutBacktest'));
  const noise = task('noise', attempt).addCatch(backtest, onward);
  const tabulate = task('tabulate', attempt).addCatch(noise, onward);
  const changes = task('changes', attempt).addCatch(tabulate, onward);

  // The machine may invoke these functions, not their versions: what the tasks would add by themselves is wider.
  const role = new Role(scope, 'ScoreMachineRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: Object.values(steps).map((step) => step.lambda.functionArn),
    }),
  );
  if (tracing) {
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'xray:PutTraceSegments',
          'xray:PutTelemetryRecords',
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
        ],
        resources: ['*'],
      }),
    );
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray knows no resources for what is written to it.',
    });
  }
  const machine = new StateMachine(scope, 'ScoreMachine', {
    definitionBody: DefinitionBody.fromChainable(
      plan.next(model).next(shards).next(publish).next(changes).next(tabulate).next(noise).next(backtest),
    ),
    stateMachineType: StateMachineType.STANDARD,
    role: role.withoutPolicyUpdates(),
    timeout: RUN_TIMEOUT,
    tracingEnabled: tracing,
  });
  Validations.of(machine).acknowledge({
    id: 'AwsSolutions-SF1',
    reason:
      'Step Functions keeps the history of each execution for 90 days; log delivery needs rights on all resources.',
  });
  if (distributed) mayRunItself(scope, machine, role);
  if (!tracing) {
    const reason = 'This stage does without tracing; the steps log their own times.';
    Validations.of(machine).acknowledge({ id: 'AwsSolutions-SF2', reason });
  }
  return machine;
}

/** What a distributed map needs: to start executions of its own machine, and to look after them. Not in the role itself, which the machine waits for. */
function mayRunItself(scope: Construct, machine: StateMachine, role: Role): void {
  const stack = Stack.of(scope);
  const executions = stack.formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machine.stateMachineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const policy = new Policy(scope, 'DistributedMap', {
    roles: [role],
    statements: [
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [machine.stateMachineArn] }),
      new PolicyStatement({ actions: ['states:DescribeExecution', 'states:StopExecution'], resources: [executions] }),
    ],
  });
  const name = stack.getLogicalId(machine.node.defaultChild as CfnElement);
  const arn = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>';
  Validations.of(policy).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${arn}:execution:<${name}.Name>:*]`,
    reason: 'The executions of one state machine.',
  });
}
