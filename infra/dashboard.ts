import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Dashboard, GraphWidget, type IMetric, Row } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FunctionName } from './bundles.ts';
import { ownMetric } from './ownMetrics.ts';
import type { House, ServiceFunction } from './serviceFunction.ts';
import { WorkQueue } from './workQueue.ts';

interface Shown {
  readonly house: House;
  readonly machine: StateMachine;
  readonly functions: Readonly<Record<FunctionName, ServiceFunction>>;
  readonly rest: RestApi;
  readonly table: Table;
}

/** One page from files to answers: what was dropped, what waits, how runs went, what failed, how the API answers. */
export function dashboard(scope: Construct, { house, machine, functions, rest, table }: Shown): void {
  const period = Duration.minutes(5);
  const sum = { period, statistic: 'Sum' };
  const queues = scope.node.findAll().filter((construct) => construct instanceof WorkQueue);
  const all = Object.entries(functions).map(([label, { lambda }]) => ({ label, lambda }));
  const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
    new GraphWidget({ title, left, right, width: 8, height: 6 });
  const files = ['FilesStored', 'FilesStoredWithRejects', 'FilesRefused'] as const;

  new Dashboard(scope, 'Dashboard', {
    widgets: [
      [
        new Row(
          graph(
            'Files',
            files.map((name) => ownMetric(house, 'ingest', name, sum)),
            [ownMetric(house, 'reconcile', 'Resent', sum)],
          ),
          graph('Days since the newest file', [
            ownMetric(house, 'reconcile', 'DataAgeDays', { period: Duration.hours(1), statistic: 'Minimum' }),
          ]),
          graph(
            'Runs, and how long they took',
            [machine.metricSucceeded(sum), machine.metricFailed(sum), machine.metricTimedOut(sum)],
            [machine.metricTime({ period, statistic: 'Maximum' })],
          ),
        ),
      ],
      [
        new Row(
          graph(
            'Age of the oldest message, s',
            queues.map(({ node, queue }) =>
              queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum', label: node.id }),
            ),
          ),
          graph(
            'Dead letters',
            queues.map(({ node, deadLetters }) =>
              deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum', label: node.id }),
            ),
          ),
          graph(
            'Functions: errors, and throttles (right)',
            all.map(({ label, lambda }) => lambda.metricErrors({ ...sum, label })),
            all.map(({ label, lambda }) => lambda.metricThrottles({ ...sum, label })),
          ),
        ),
      ],
      [
        new Row(
          graph(
            'Requests, and errors (right)',
            [rest.metricCount(sum)],
            [rest.metricClientError(sum), rest.metricServerError(sum)],
          ),
          graph('Answer times, ms', [
            rest.metricLatency({ period, statistic: 'p50' }),
            rest.metricLatency({ period, statistic: 'p99' }),
          ]),
          graph('Table: units used', [
            table.metricConsumedWriteCapacityUnits(sum),
            table.metricConsumedReadCapacityUnits(sum),
          ]),
        ),
      ],
    ],
  });
}
