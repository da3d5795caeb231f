import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acceptFinding } from '../nag.ts';

interface JobQueueProps {
  /** Puts orders in. */
  readonly sender: LambdaFunction;
  /** The environment variable that tells the sender where. */
  readonly variable: 'WEBHOOK_QUEUE_URL' | 'MAIL_QUEUE_URL';
  /** Makes the attempts. */
  readonly receiver: LambdaFunction;
  /** How many attempts are made at once at most. */
  readonly maxConcurrency: number;
}

/**
 * A queue of orders to attempt what is in the table. One order a call, so that none waits for another's target; whatever
 * may be slow is a message group, so that one that keeps all receivers busy comes after the others (fair queues).
 */
export class JobQueue extends Construct {
  constructor(scope: Construct, id: string, { sender, variable, receiver, maxConcurrency }: JobQueueProps) {
    super(scope, id);
    const queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // By then the schedule has asked again for what was not attempted.
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
  }
}
