import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** What functions measure beside what AWS does, and its unit; each is on the dashboard or under an alarm (infra/ownMetrics.ts). */
export const MEASURES = {
  /** days since the newest file that is stored was dropped */
  DataAgeDays: MetricUnit.NoUnit,
  /** files whose event was lost */
  Resent: MetricUnit.Count,
  FilesStored: MetricUnit.Count,
  FilesStoredWithRejects: MetricUnit.Count,
  FilesRefused: MetricUnit.Count,
} as const;

export type Measure = (values: Partial<Record<keyof typeof MEASURES, number>>) => void;

/** Measures as a line of the log that CloudWatch reads (embedded metric format): no call, no permission. Told apart by function and stage. */
export function measure(stage: string): Measure {
  const metrics = new Metrics({ namespace: 'Portolan', defaultDimensions: { stage } });
  return (values) => {
    for (const [name, value] of Object.entries(values))
      metrics.addMetric(name, MEASURES[name as keyof typeof MEASURES], value);
    metrics.publishStoredMetrics();
  };
}
