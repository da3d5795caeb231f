import { Aws } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

interface CostBudgetProps {
  /** Dollars a month. */
  readonly monthly: number;
  readonly stage: Settings['stage'];
  readonly topic: Topic;
}

/** Tells a topic when the month's cost of the resources with the tag of this service, or of its stage, passes the budget, or most likely will. */
export class CostBudget extends Construct {
  constructor(scope: Construct, id: string, { monthly, stage, topic }: CostBudgetProps) {
    super(scope, id);
    topic.grantPublish(
      new ServicePrincipal('budgets.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    const subscribers = [{ subscriptionType: 'SNS', address: topic.topicArn }];
    const notification = { comparisonOperator: 'GREATER_THAN', threshold: 100, thresholdType: 'PERCENTAGE' };
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthly, unit: 'USD' },
        costFilters: { TagKeyValue: [stage === undefined ? 'user:service$leasehold' : `user:stage$${stage}`] },
      },
      notificationsWithSubscribers: ['ACTUAL', 'FORECASTED'].map((notificationType) => ({
        notification: { ...notification, notificationType },
        subscribers,
      })),
    });
  }
}
