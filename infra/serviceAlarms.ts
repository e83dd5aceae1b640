import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { houseAlarm } from './alarm.ts';
import type { FunctionName } from './bundles.ts';
import { ownMetric } from './ownMetrics.ts';
import { RUN_TIMEOUT } from './scoreMachine.ts';
import type { House, ServiceFunction } from './serviceFunction.ts';

interface Watched {
  readonly house: House;
  readonly machine: StateMachine;
  readonly functions: Readonly<Record<FunctionName, ServiceFunction>>;
  readonly rest: RestApi;
}

/** Functions whose callers lose something when Lambda does not run them once; the others are called again by what calls them. */
const NOT_TO_BE_THROTTLED: readonly FunctionName[] = ['api', 'reconcile', 'due'];
/** So many periods of refusals on end are no burst: what calls again comes no further. */
const PERIODS_OF_REFUSALS = 3;
/** So many failures within a quarter of an hour are no longer a hiccup that a second attempt mends. */
const ERRORS_IN_A_QUARTER = 5;
/** SES reviews an account at these rates, and pauses its sending at about twice as much. */
const BOUNCE_RATE = 0.05;
const COMPLAINT_RATE = 0.001;

/** Alarms on what no queue would show (decisions/0036). */
export function serviceAlarms(scope: Construct, { house, machine, functions, rest }: Watched): void {
  const period = Duration.minutes(5);
  const { staleAfterDays, mailFrom } = house.settings;

  const unpublished = new MathExpression({
    expression: 'failed + timedOut + aborted',
    usingMetrics: {
      failed: machine.metricFailed({ period }),
      timedOut: machine.metricTimedOut({ period }),
      aborted: machine.metricAborted({ period }),
    },
    period,
  });
  houseAlarm(scope, 'RunsFailedAlarm', {
    metric: unpublished,
    threshold: 1,
    what: 'A run ended without publishing; /v1/runs says why',
    section: 'Failed runs',
  });
  houseAlarm(scope, 'LongRunAlarm', {
    metric: machine.metricTime({ period, statistic: 'Maximum' }),
    threshold: 0.75 * RUN_TIMEOUT.toMilliseconds(),
    what: 'A run took more than three quarters of the time that runs are given',
    section: 'Long runs',
  });
  houseAlarm(scope, 'ReconciliationFailedAlarm', {
    metric: functions.reconcile.lambda.metricErrors({ period }),
    threshold: 1,
    what: 'The net under lost events has a hole',
    section: 'Failed reconciliation',
  });
  for (const [name, { lambda }] of Object.entries(functions) as [FunctionName, ServiceFunction][]) {
    houseAlarm(lambda, 'ErrorsAlarm', {
      metric: lambda.metricErrors({ period: Duration.minutes(15) }),
      threshold: ERRORS_IN_A_QUARTER,
      what: `The function ${name} failed ${ERRORS_IN_A_QUARTER} times within 15 minutes`,
      section: 'Function errors',
    });
    houseAlarm(lambda, 'ThrottlesAlarm', {
      metric: lambda.metricThrottles({ period }),
      threshold: 1,
      periods: NOT_TO_BE_THROTTLED.includes(name) ? 1 : PERIODS_OF_REFUSALS,
      what: `Lambda refuses to run the function ${name}: too many instances at once in the account`,
      section: 'Throttled functions',
    });
  }
  houseAlarm(scope, 'ApiErrorsAlarm', {
    metric: rest.metricServerError({ period, statistic: 'Sum' }),
    threshold: 1,
    what: 'The API answered with a server error; its log has the request id',
    section: 'API errors',
  });
  houseAlarm(scope, 'OldDataAlarm', {
    metric: ownMetric(house, 'reconcile', 'DataAgeDays', { period: Duration.hours(1), statistic: 'Minimum' }),
    threshold: staleAfterDays,
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    what: `No file has been stored for ${staleAfterDays} days`,
    section: 'Old data',
  });
  if (mailFrom === null) return;
  for (const [id, rate, threshold] of [
    ['Bounce', 'Reputation.BounceRate', BOUNCE_RATE],
    ['Complaint', 'Reputation.ComplaintRate', COMPLAINT_RATE],
  ] as const)
    houseAlarm(scope, `${id}RateAlarm`, {
      metric: new Metric({ namespace: 'AWS/SES', metricName: rate, period: Duration.hours(1), statistic: 'Maximum' }),
      threshold,
      what: `${id}s of e-mails of this account reached ${100 * threshold} %, at which SES reviews it`,
      section: 'Bounces and complaints',
    });
}
