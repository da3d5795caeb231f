import { CrossStackReferences, ReferenceStrength, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource, LogGroup } from 'aws-cdk-lib/aws-logs';
import { DEFAULT_CROSS_STACK_REFERENCES } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import { Firewall } from '../constructs/firewall.ts';
import type { Settings } from '../settings.ts';

interface FirewallStackProps extends StackProps {
  readonly settings: Settings;
}

/** The firewall of the distribution. CloudFront takes it from us-east-1 alone. */
export class FirewallStack extends Stack {
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, { settings, ...props }: FirewallStackProps) {
    super(scope, id, props);
    // A fifth of what the whole service takes: behind one address may be all runners of a company.
    const requestsOfAddress = settings.throttleRate * 60;
    const firewall = new Firewall(this, 'Firewall', { scope: 'CLOUDFRONT', requestsOfAddress, common: true });
    // Between Regions a strong reference would need functions of CDK's own.
    CrossStackReferences.of(firewall).produce(ReferenceStrength.WEAK);
    this.webAclArn = firewall.attrArn;
  }
}

interface EdgeLogStackProps extends StackProps {
  readonly settings: Settings;
  readonly distributionId: string;
}

/**
 * The access log of the distribution, which CloudFront writes to us-east-1 alone. No path, query, referrer or cookie: an
 * invitation's token must not get into a log.
 */
export class EdgeLogStack extends Stack {
  constructor(scope: Construct, id: string, { settings, distributionId, ...props }: EdgeLogStackProps) {
    super(scope, id, props);
    this.node.setContext(DEFAULT_CROSS_STACK_REFERENCES, 'weak');
    const log = new LogGroup(this, 'AccessLog', {
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    log.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [log.logGroupArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const source = new CfnDeliverySource(this, 'Source', {
      name: this.stackName,
      logType: 'ACCESS_LOGS',
      resourceArn: this.formatArn({
        service: 'cloudfront',
        region: '',
        resource: 'distribution',
        resourceName: distributionId,
      }),
    });
    const destination = new CfnDeliveryDestination(this, 'Destination', {
      name: this.stackName,
      outputFormat: 'json',
      destinationResourceArn: log.logGroupArn,
    });
    new CfnDelivery(this, 'Delivery', {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.attrArn,
      recordFields: [
        'date',
        'time',
        'c-ip',
        'cs-method',
        'sc-status',
        'sc-bytes',
        'time-taken',
        'x-edge-result-type',
        'x-edge-request-id',
        'cs(User-Agent)',
      ],
    }).addResourceDependency(source);
  }
}
