import { Duration, Stack } from 'aws-cdk-lib';
import { type Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { canaryKeyParameter, serviceName } from '../stages.ts';
import { addAlarm, silentFor } from './add-alarm.ts';
import { EveryMinute } from './every-minute.ts';

interface CanaryProps {
  readonly lambda: LambdaFunction;
  /** The service's public address. */
  readonly address: string;
  readonly alarmTopic: ITopic;
  readonly settings: Settings;
}

/**
 * Calls the canary each minute, and alarms on its silence. An operator puts its API key into a parameter: a template must not
 * contain a secret.
 */
export class Canary extends Construct {
  readonly silent: Alarm;

  constructor(scope: Construct, id: string, { lambda, address, alarmTopic, settings }: CanaryProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const parameter = canaryKeyParameter(settings.stage);
    lambda.addEnvironment('SERVICE_URL', address);
    lambda.addEnvironment('CANARY_KEY_PARAMETER', parameter);
    // Encrypted with the key that AWS manages, which needs no grant of its own.
    lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: parameter.slice(1) })],
      }),
    );
    new EveryMinute(this, 'Schedule', lambda, { description: 'Takes and gives back a license, each minute' });
    this.silent = addAlarm(this, 'Silent', alarmTopic, {
      alarmDescription:
        'The canary has not taken, extended and given back a license through the public address for three minutes: ' +
        'runners most likely cannot either. (function canary)',
      runbook: 'service#canary-silent',
      metric: new Metric({
        namespace: 'Leasehold',
        metricName: 'CanaryPassed',
        dimensionsMap: { service: serviceName(settings.stage) },
        statistic: 'Sum',
        period: Duration.minutes(1),
      }),
      ...silentFor(3),
    });
  }
}
