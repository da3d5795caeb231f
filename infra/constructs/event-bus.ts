import { CfnOutput, Duration } from 'aws-cdk-lib';
import { EventBus as Bus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

interface EventBusProps {
  /** The function that puts events on the bus. Gets its name as `EVENT_BUS`. */
  readonly sender: LambdaFunction;
  /** Patterns of the actions whose events it gets. */
  readonly actions: readonly string[];
  /** How long events can be replayed, days; without it the bus has no archive. */
  readonly archiveDays: number | undefined;
}

/** A bus for audit events of all organizations: rules on it are the operator's own. */
export class EventBus extends Construct {
  constructor(scope: Construct, id: string, { sender, actions, archiveDays }: EventBusProps) {
    super(scope, id);
    const bus = new Bus(this, 'Bus', { description: 'Leasehold: audit events' });
    sender.addToRolePolicy(
      new PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        conditions: { StringEquals: { 'events:source': 'leasehold' } },
      }),
    );
    sender.addEnvironment('EVENT_BUS', bus.eventBusName);
    sender.addEnvironment('EVENT_BUS_ACTIONS', actions.join());
    if (archiveDays !== undefined)
      bus.archive('Archive', {
        description: 'Leasehold: audit events, to replay',
        eventPattern: { source: ['leasehold'] },
        retention: Duration.days(archiveDays),
      });
    new CfnOutput(this, 'Name', { value: bus.eventBusName, description: 'The bus of the audit events' });
  }
}
