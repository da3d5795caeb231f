import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { serviceName } from '../stages.ts';
import { addAlarm, notUrgent, silentFor } from './add-alarm.ts';

interface ServiceAlarmsProps {
  readonly table: ITable;
  /** The function that the schedule calls. */
  readonly schedule: LambdaFunction;
  readonly topic: ITopic;
  readonly settings: Settings;
}

/** How slow the slowest of a hundred calls may be, ms. */
const slow = { activate: 3000, heartbeat: 1000 };

const impactOfSlow = {
  activate: 'One of a hundred activations takes more than three seconds: runners start late.',
  heartbeat: 'One of a hundred heartbeats takes more than a second: runners with short leases may lose their licenses.',
};

/** The alarms of the service as a whole: its schedule, its limits and its speed. */
export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, { table, schedule, topic, settings }: ServiceAlarmsProps) {
    super(scope, id);
    const minute = { statistic: 'Sum', period: Duration.minutes(1) };

    if (settings.background)
      addAlarm(this, 'ScheduleSilent', topic, {
        alarmDescription:
          'The schedule has not run for five minutes: lapsed sessions stay in lists, notices and deliveries are late. Seats ' +
          'free themselves all the same. (function settle-due)',
        runbook: 'background#schedule-silent',
        metric: schedule.metricInvocations(minute),
        ...silentFor(5),
      });
    // All functions of an account and Region share its concurrency, so the alarm counts them together.
    addAlarm(this, 'FunctionsThrottled', topic, {
      alarmDescription:
        'Lambda refuses calls, since the account’s concurrency is used up: runners get 5xx answers, and try again.',
      runbook: 'service#functions-throttled',
      metric: new Metric({ namespace: 'AWS/Lambda', metricName: 'Throttles', ...minute }),
      threshold: 1,
      ...notUrgent,
    });
    const ofTable = (metricName: string) =>
      new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap: { TableName: table.tableName }, ...minute });
    addAlarm(this, 'TableThrottled', topic, {
      alarmDescription: 'DynamoDB refuses requests of a hot pool: its runners get 429 answers, and try again.',
      runbook: 'service#table-throttled',
      metric: new MathExpression({
        label: 'Throttled requests',
        expression: 'FILL(reads, 0) + FILL(writes, 0)',
        usingMetrics: { reads: ofTable('ReadThrottleEvents'), writes: ofTable('WriteThrottleEvents') },
        period: minute.period,
      }),
      threshold: 10,
      ...notUrgent,
    });
    for (const operation of ['activate', 'heartbeat'] as const)
      addAlarm(this, `Slow-${operation}`, topic, {
        alarmDescription: `${impactOfSlow[operation]} (function ${operation})`,
        runbook: `service#slow-${operation}`,
        metric: new Metric({
          namespace: 'Leasehold',
          metricName: 'Latency',
          dimensionsMap: { service: serviceName(settings.stage), operation },
          statistic: 'p99',
          period: Duration.minutes(5),
        }),
        threshold: slow[operation],
        ...notUrgent,
      });
  }
}
