import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Alarm, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

interface Watched {
  readonly machine: StateMachine;
  readonly reconcile: IFunction;
  readonly rest: RestApi;
}

/** Alarms on what no queue would show (decisions/0036): each goes off at the first event. */
export function serviceAlarms(scope: Construct, { machine, reconcile, rest }: Watched): void {
  const period = Duration.minutes(5);
  const alarm = (id: string, metric: IMetric, alarmDescription: string) =>
    new Alarm(scope, id, {
      metric,
      alarmDescription,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });

  const unpublished = new MathExpression({
    expression: 'failed + timedOut + aborted',
    usingMetrics: {
      failed: machine.metricFailed({ period }),
      timedOut: machine.metricTimedOut({ period }),
      aborted: machine.metricAborted({ period }),
    },
    period,
  });
  alarm('RunsFailedAlarm', unpublished, 'A run ended without publishing; /v1/runs says why');
  alarm('ReconciliationFailedAlarm', reconcile.metricErrors({ period }), 'The net under lost events has a hole');
  alarm(
    'ApiErrorsAlarm',
    rest.metricServerError({ period, statistic: 'Sum' }),
    'The API answered with a server error; its log has the request id',
  );
}
