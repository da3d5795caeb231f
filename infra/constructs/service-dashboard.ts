import { Duration, Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

interface ServiceDashboardProps {
  readonly table: ITable;
  /** The function that follows the table's stream. */
  readonly consumer: LambdaFunction;
}

const period = Duration.minutes(1);

/** Returns the metric of each operation, as far as there are data. */
const ofEachOperation = (metricName: string, statistic: string): IMetric =>
  new MathExpression({
    label: '',
    expression: `SEARCH('{Leasehold,operation,service} MetricName="${metricName}"', '${statistic}', 60)`,
    period,
  });

const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12, height: 6 });

/** A dashboard: first what users feel, then what it rests on. */
export class ServiceDashboard extends Construct {
  constructor(scope: Construct, id: string, { table, consumer }: ServiceDashboardProps) {
    super(scope, id);
    const sum = (namespace: string, metricName: string, dimensionsMap?: Record<string, string>) =>
      new Metric({ namespace, metricName, ...(dimensionsMap && { dimensionsMap }), statistic: 'Sum', period });
    const ofTable = (metricName: string) => sum('AWS/DynamoDB', metricName, { TableName: table.tableName });
    new Dashboard(this, 'Dashboard', {
      dashboardName: `${Stack.of(this).stackName}-${Stack.of(this).region}`,
      widgets: [
        [
          graph('Calls', [ofEachOperation('Latency', 'SampleCount')]),
          graph('Errors', [ofEachOperation('Errors', 'Sum')]),
        ],
        [
          graph('The slowest of a hundred calls, ms', [ofEachOperation('Latency', 'p99')]),
          graph('The canary’s calls, ms', [ofEachOperation('CanaryLatency', 'Maximum')]),
        ],
        [
          graph('Units of the table', [ofTable('ConsumedReadCapacityUnits'), ofTable('ConsumedWriteCapacityUnits')]),
          graph('Refused by AWS', [
            sum('AWS/Lambda', 'Throttles'),
            ofTable('ReadThrottleEvents'),
            ofTable('WriteThrottleEvents'),
          ]),
        ],
        [
          graph('Age of the stream, ms', [consumer.metric('IteratorAge', { statistic: 'Maximum', period })]),
          graph('Running at once', [
            new Metric({ namespace: 'AWS/Lambda', metricName: 'ConcurrentExecutions', statistic: 'Maximum', period }),
          ]),
        ],
      ],
    });
  }
}
