import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

interface FirewallProps {
  readonly scope: 'CLOUDFRONT' | 'REGIONAL';
  /** The most requests of one address in five minutes. */
  readonly requestsOfAddress: number;
  /** Whether to look for attacks in requests, too. */
  readonly common?: boolean;
}

/** The answer to an address with too many requests, as the service itself gives it. */
const tooMany = {
  type: 'urn:leasehold:problem:too-many-requests',
  title: 'Too many requests',
  status: 429,
  detail: 'This address sends too many requests. Send fewer, or ask the vendor for a higher limit.',
  code: 'too-many-requests',
};

/**
 * The rules of AWS that only count. Names and texts may contain anything, and a schema validates each body; the ID of a session
 * or machine may end like a file's name, in the path and in a filter; and not every runner names its program.
 */
const counted = [
  ...['SizeRestrictions', 'CrossSiteScripting', 'GenericRFI', 'GenericLFI', 'EC2MetaDataSSRF'].map(
    (rule) => `${rule}_BODY`,
  ),
  'RestrictedExtensions_URIPATH',
  'RestrictedExtensions_QUERYARGUMENTS',
  'NoUserAgent_HEADER',
];

/**
 * A web ACL: addresses that AWS knows for attacks, attacks in requests, and a rate for each address. Not AWS's lists of clouds
 * and proxies: runners sit there.
 */
export class Firewall extends CfnWebACL {
  constructor(scope: Construct, id: string, { scope: wafScope, requestsOfAddress, common = false }: FirewallProps) {
    const visibility = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      metricName,
      sampledRequestsEnabled: false,
    });
    const managed = (name: string, priority: number, count: string[] = []): CfnWebACL.RuleProperty => ({
      name,
      priority,
      overrideAction: { none: {} },
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name: `AWSManagedRules${name}`,
          ruleActionOverrides: count.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        },
      },
      visibilityConfig: visibility(name),
    });
    super(scope, id, {
      scope: wafScope,
      defaultAction: { allow: {} },
      visibilityConfig: visibility('All'),
      customResponseBodies: { TooMany: { contentType: 'APPLICATION_JSON', content: JSON.stringify(tooMany) } },
      rules: [
        {
          name: 'RateOfAddress',
          priority: 0,
          action: {
            block: {
              customResponse: {
                responseCode: 429,
                customResponseBodyKey: 'TooMany',
                responseHeaders: [{ name: 'retry-after', value: '60' }],
              },
            },
          },
          statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: requestsOfAddress } },
          visibilityConfig: visibility('RateOfAddress'),
        },
        managed('AmazonIpReputationList', 1),
        ...(common ? [managed('CommonRuleSet', 2, counted)] : []),
      ],
    });
  }
}
