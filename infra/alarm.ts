import { Alarm, type ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** The sections of infra/RUNBOOK.md: what an alarm says is followed by where it says what to do. */
export type RunbookSection =
  | 'Dead letters'
  | 'Old messages'
  | 'Failed runs'
  | 'Long runs'
  | 'Failed reconciliation'
  | 'Function errors'
  | 'Throttled functions'
  | 'API errors'
  | 'Old data'
  | 'Bounces and complaints';

interface HouseAlarmProps {
  readonly metric: IMetric;
  /** goes off at this value, unless `comparison` says otherwise */
  readonly threshold: number;
  readonly comparison?: ComparisonOperator;
  readonly periods?: number;
  /** what happened, for the person who is called */
  readonly what: string;
  readonly section: RunbookSection;
}

/** An alarm of the house: silence is good news, and its description leads to the runbook. */
export function houseAlarm(
  scope: Construct,
  id: string,
  { metric, threshold, comparison, periods = 1, what, section }: HouseAlarmProps,
): Alarm {
  return new Alarm(scope, id, {
    metric,
    threshold,
    evaluationPeriods: periods,
    ...(comparison === undefined ? {} : { comparisonOperator: comparison }),
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: `${what}. What to do: infra/RUNBOOK.md, ${section}`,
  });
}
