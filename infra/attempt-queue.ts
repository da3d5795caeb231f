import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { accept } from './nag.ts';

interface AttemptQueueProps {
  /** Puts orders in, and is told where as `WEBHOOK_QUEUE_URL`. */
  readonly sender: LambdaFunction;
  /** Makes the attempts. */
  readonly receiver: LambdaFunction;
}

/**
 * The queue of attempts at webhooks. One order a call, so that none waits for another's target; each webhook is a message
 * group, so that a slow one that keeps all receivers busy comes after the others (fair queues).
 */
export class AttemptQueue extends Construct {
  constructor(scope: Construct, id: string, { sender, receiver }: AttemptQueueProps) {
    super(scope, id);
    const queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // By then the schedule has asked again for what was not attempted.
      retentionPeriod: Duration.hours(1),
      visibilityTimeout: Duration.minutes(3),
    });
    accept(
      queue,
      'AwsSolutions-SQS3',
      'An order only points to a delivery in the table. One that is lost or fails for good is asked for again by the ' +
        'schedule, and after a day the delivery is parked where its organization sees it.',
    );
    sender.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
    sender.addEnvironment('WEBHOOK_QUEUE_URL', queue.queueUrl);
    receiver.addEventSource(
      new SqsEventSource(queue, { batchSize: 1, maxConcurrency: 100, reportBatchItemFailures: true }),
    );
  }
}
