import { Aws } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { serviceName } from '../stages.ts';

/**
 * The topic of the alarms. TLS only. Not encrypted with a KMS key: CloudWatch can't publish through SNS's AWS managed key, a
 * key of our own costs a dollar a month, and the messages contain no customer data.
 */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { stage, alarmEmail }: Settings) {
    super(scope, id, { displayName: `${serviceName(stage)}: alarms`, enforceSSL: true });

    // The policy that enforces TLS replaces the default one, which let the account's alarms publish.
    this.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (alarmEmail !== undefined) this.addSubscription(new EmailSubscription(alarmEmail));
  }
}
