import { Alarm, type AlarmProps, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

interface Described {
  /** The harm to users. */
  readonly alarmDescription: string;
  /** The section that says what to do: `<page>#<section>` in docs/runbooks. */
  readonly runbook: string;
}

/** Adds an alarm that publishes to a topic. By default one period at the threshold suffices; missing data is no alarm. */
export const addAlarm = (
  scope: Construct,
  id: string,
  topic: ITopic,
  {
    alarmDescription,
    runbook,
    ...props
  }: Described & Pick<AlarmProps, 'metric' | 'threshold'> & Partial<Omit<AlarmProps, 'alarmDescription'>>,
): Alarm => {
  const [page, section] = runbook.split('#');
  const alarm = new Alarm(scope, id, {
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: `${alarmDescription} Runbook: docs/runbooks/${page}.md#${section}`,
    ...props,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
};

/** A cause that may pass by itself: two of three periods must be at the threshold. */
export const notUrgent = { evaluationPeriods: 3, datapointsToAlarm: 2 } as const;

/** A sign of life whose absence is the alarm: fewer than one in each of so many periods. */
export const silentFor = (periods: number) =>
  ({
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: TreatMissingData.BREACHING,
  }) as const;
