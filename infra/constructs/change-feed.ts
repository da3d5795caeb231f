import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ComparisonOperator, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule, type IFunction, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { followedPartitions } from '../../shared/table/store/keys.ts';
import { acceptFinding } from '../nag.ts';
import type { Settings } from '../settings.ts';
import { addAlarm, silentFor } from './add-alarm.ts';

interface ChangeFeedProps {
  readonly table: ITable;
  /** The function, or its alias. */
  readonly consumer: IFunction;
  readonly alarmTopic: ITopic;
  readonly settings: Settings;
}

const countOf = (source: DynamoEventSource, metricName: string, period: Duration) =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: source.eventSourceMappingId },
    statistic: 'Sum',
    period,
  });

/** Feeds a function with the table's changes, in the order of each item, and loses none. */
export class ChangeFeed extends Construct {
  constructor(scope: Construct, id: string, { table, consumer, alarmTopic, settings }: ChangeFeedProps) {
    super(scope, id);
    const failedChanges = this.bucketForFailedChanges(settings);

    const source = new DynamoEventSource(table, {
      enabled: settings.background,
      // Also where the feed takes over from another Region: it follows the last day again, which changes nothing.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // Every heartbeat is a change. One call for five seconds of changes costs a fraction, and nobody waits for it.
      maxBatchingWindow: Duration.seconds(5),
      parallelizationFactor: 4,
      // Most changes are the function's own writes, or purges: it ignores them. One filter with alternatives, as Lambda
      // takes five filters.
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or('INSERT', 'MODIFY'),
          dynamodb: { Keys: { pk: { S: followedPartitions.map((prefix) => ({ prefix })) } } },
        }),
      ],
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // The limit is an age, not a number of tries: during an outage or throttling the function tries again as long as that lasts.
      // The stream forgets after 24 hours. The feed sets a change aside early enough to leave time for the changes behind it.
      retryAttempts: -1,
      maxRecordAge: Duration.hours(20),
      onFailure: { bind: () => ({ destination: failedChanges.bucketArn }) },
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    consumer.addEventSource(source);
    acceptFinding(
      consumer.role ?? consumer,
      'AwsSolutions-IAM5[Resource::*]',
      'It is dynamodb:ListStreams, which Lambda needs to follow a stream and which IAM cannot limit to one. The ' +
        'actions that read records are limited to this table’s stream.',
    );
    this.grantSettingAside(consumer, failedChanges);
    this.alarmWhenLate(consumer, alarmTopic);
    this.alarmWhenSetAside(source, failedChanges, alarmTopic);
    if (settings.canary && settings.background)
      addAlarm(this, 'Silent', alarmTopic, {
        alarmDescription:
          'The canary changes the table each minute, and no change has reached the stream function for ten minutes: audit ' +
          'events, webhooks and mails are not made. Licensing itself works. (stream of function follow-changes)',
        runbook: 'background#stream-silent',
        metric: countOf(source, 'InvokedEventCount', Duration.minutes(5)),
        ...silentFor(2),
      });
  }

  /**
   * A bucket, not a queue: Lambda's report of a failed batch to SQS only points into the stream, which forgets after a day. To
   * S3 Lambda writes the changes themselves.
   */
  private bucketForFailedChanges({ keepData }: Settings): Bucket {
    const bucket = new Bucket(this, 'FailedChanges', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      autoDeleteObjects: !keepData,
    });
    acceptFinding(
      bucket,
      'AwsSolutions-S1',
      'Only Lambda writes here, only after a function failed for good, and only operators read. Access logs would ' +
        'need a second bucket to tell what CloudTrail’s data events can tell when somebody wants to know.',
    );
    return bucket;
  }

  /** Narrower than `S3OnFailureDestination`, which may also read and delete. */
  private grantSettingAside(consumer: IFunction, bucket: Bucket) {
    consumer.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects('*')] }),
    );
    consumer.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
    const logicalId = Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket);
    acceptFinding(
      consumer.role ?? consumer,
      `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`,
      'Lambda chooses the names of the objects in which it sets failed changes aside. The grant is s3:PutObject on ' +
        'this one bucket, which holds nothing else.',
    );
  }

  private alarmWhenLate(consumer: IFunction, topic: ITopic) {
    addAlarm(this, 'Late', topic, {
      alarmDescription:
        'Changes of the table have waited for more than five minutes: sweeps are planned late, so lapsed ' +
        'sessions are shown late. Seats free themselves all the same. (stream of function follow-changes)',
      runbook: 'background#stream-late',
      metric: consumer.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: Duration.minutes(5).toMilliseconds(),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
    });
  }

  /** The function reports such changes without failing, so its error alarm does not see them. */
  private alarmWhenSetAside(source: DynamoEventSource, bucket: Bucket, topic: ITopic) {
    addAlarm(this, 'SetAside', topic, {
      alarmDescription:
        'Changes of the table failed for good and were set aside: their audit events are missing, and lapsed sessions ' +
        `may be shown late. Find out why in the function’s log, then \`npm run replay\` the objects in ${bucket.bucketName}. ` +
        '(stream of function follow-changes)',
      runbook: 'background#set-aside',
      metric: countOf(source, 'OnFailureDestinationDeliveredEventCount', Duration.minutes(1)),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
  }
}
