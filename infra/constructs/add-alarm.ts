import { Alarm, type AlarmProps, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Adds an alarm that publishes to a topic. By default one period at the threshold suffices; missing data is no alarm. */
export const addAlarm = (
  scope: Construct,
  id: string,
  topic: ITopic,
  props: Pick<AlarmProps, 'alarmDescription' | 'metric' | 'threshold'> & Partial<AlarmProps>,
) =>
  new Alarm(scope, id, {
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    ...props,
  }).addAlarmAction(new SnsAction(topic));
