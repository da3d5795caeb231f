import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acceptFinding } from '../nag.ts';
import { addAlarm } from './add-alarm.ts';

interface JobQueueProps {
  /** The function that enqueues jobs. */
  readonly sender: LambdaFunction;
  /** The sender's environment variable for the queue's URL. */
  readonly variable: 'WEBHOOK_QUEUE_URL' | 'MAIL_QUEUE_URL';
  /** The function that makes the attempts. */
  readonly receiver: LambdaFunction;
  /** The most attempts at once. */
  readonly maxConcurrency: number;
  /** The harm while jobs wait for long, and the section of the runbook. */
  readonly late: { readonly impact: string; readonly runbook: string };
  readonly alarmTopic: ITopic;
}

/**
 * A queue of jobs: attempts at deliveries or mails in the table. One job a call, so that no job waits for another's target. Each
 * webhook or organization is a message group, so that a slow one does not hold up the others (fair queues).
 */
export class JobQueue extends Construct {
  constructor(scope: Construct, id: string, { sender, variable, receiver, maxConcurrency, ...props }: JobQueueProps) {
    super(scope, id);
    const queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // By then the schedule has enqueued unattempted jobs again.
      retentionPeriod: Duration.hours(1),
      visibilityTimeout: Duration.minutes(3),
    });
    acceptFinding(
      queue,
      'AwsSolutions-SQS3',
      'An order only points to a delivery or a mail in the table. One that is lost or fails for good is asked for again ' +
        'by the schedule, and what does not succeed within a day is parked there.',
    );
    sender.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
    sender.addEnvironment(variable, queue.queueUrl);
    receiver.addEventSource(new SqsEventSource(queue, { batchSize: 1, maxConcurrency, reportBatchItemFailures: true }));
    addAlarm(this, 'Late', props.alarmTopic, {
      alarmDescription: props.late.impact,
      runbook: props.late.runbook,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: Duration.minutes(10).toSeconds(),
      evaluationPeriods: 3,
    });
  }
}
