import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from './bundles.ts';
import type { House } from './serviceFunction.ts';

/** What functions measure, as in functions/measure.ts; a test holds the two together. */
export const OWN_NAMESPACE = 'Portolan';
export type OwnMetric = 'DataAgeDays' | 'Resent' | 'FilesStored' | 'FilesStoredWithRejects' | 'FilesRefused';

/** A measure of one function of one stage. */
export const ownMetric = (
  { stage }: House,
  service: FunctionName,
  metricName: OwnMetric,
  options: MetricOptions = {},
): Metric => new Metric({ namespace: OWN_NAMESPACE, metricName, dimensionsMap: { service, stage }, ...options });
