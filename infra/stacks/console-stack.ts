import { CfnOutput, Names, RemovalPolicy, Stack, type StackProps, Token } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  CfnOriginAccessControl,
  CfnResponseHeadersPolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersReferrerPolicy,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, type ISource, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { ConsoleConfig } from '../../console/config.ts';
import { originHeader } from '../../shared/contracts/operation.ts';
import { cacheControlOf, contentSecurityPolicy } from '../console-headers.ts';
import { Gateway } from '../constructs/gateway.ts';
import { acceptFinding } from '../nag.ts';
import type { Settings } from '../settings.ts';
import { serviceName } from '../stages.ts';
import type { Identity, Issuer } from './identity-stack.ts';

interface ConsoleStackProps extends StackProps {
  /** The build: `index.html` and its assets. */
  readonly files: ISource;
  readonly issuer: Issuer;
  readonly settings: Settings;
  /** The firewall of the distribution. With it, the gateway knows the distribution by a secret. */
  readonly webAclArn: string | undefined;
}

/** Serves the page for each of its addresses. Files are in `assets/`, or at the top with a dot in their name. */
export const pageForAddress = `function handler(event) {
  var request = event.request;
  if (!/^\\/(assets\\/.*|[^/]*\\.[^/]*)$/.test(request.uri)) request.uri = '/index.html';
  return request;
}`;

/**
 * The License Management page: files in a bucket that CloudFront alone reads, and the API under the same origin, so that
 * no other page may call it from a browser. The gateway is here, as the functions need to know the page: its client and URL.
 */
export class ConsoleStack extends Stack {
  readonly gateway: HttpApi;
  /** The issuer, which knows the page. */
  readonly identity: Identity;
  readonly url: string;
  readonly distributionId: string;
  /** The secrets by which the gateway knows the distribution, which sends the first; none without a firewall. */
  readonly originSecrets: readonly string[];

  constructor(scope: Construct, id: string, { files, issuer, settings, webAclArn, ...props }: ConsoleStackProps) {
    super(scope, id, props);
    this.gateway = new Gateway(this, 'Api', settings);
    this.originSecrets = webAclArn === undefined ? [] : settings.originSecrets.map((name) => this.newSecret(name));
    const [originSecret] = this.originSecrets;

    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
      // CDK builds all of them, and CloudFormation deletes no bucket with files.
      autoDeleteObjects: true,
    });
    acceptFinding(
      bucket,
      'AwsSolutions-S1',
      'It holds the public files of the page, which CloudFront alone may read: a log of its reads would tell nothing of anybody.',
    );

    const origin = S3BucketOrigin.withOriginAccessControl(bucket);
    const page: BehaviorOptions = {
      origin,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      // Not cached, so that a deployment is visible at once. The page is small.
      cachePolicy: CachePolicy.CACHING_DISABLED,
      responseHeadersPolicy: this.headers('PageHeaders', issuer, cacheControlOf('index.html')),
      functionAssociations: [
        {
          eventType: FunctionEventType.VIEWER_REQUEST,
          function: new EdgeFunction(this, 'PageForAddress', {
            code: FunctionCode.fromInline(pageForAddress),
            runtime: FunctionRuntime.JS_2_0,
            comment: 'Leasehold: every address of the console is its page',
          }),
        },
      ],
    };
    const assets: BehaviorOptions = {
      origin,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: this.headers('AssetHeaders', issuer, cacheControlOf('assets/')),
    };
    const service: BehaviorOptions = {
      origin: new HttpOrigin(`${this.gateway.apiId}.execute-api.${this.region}.${this.urlSuffix}`, {
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        readTimeout: Duration.seconds(30),
        ...(originSecret !== undefined && { customHeaders: { [originHeader]: originSecret } }),
      }),
      // No redirect from http: the first request would already have sent the credential in the clear.
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    };
    const { consoleUrl, consoleCertificate } = settings;
    const distribution = new Distribution(this, 'Distribution', {
      comment: `${serviceName(settings.stage)}: the console, and the API under the same origin`,
      defaultRootObject: 'index.html',
      defaultBehavior: page,
      webAclId: webAclArn,
      additionalBehaviors: {
        'assets/*': assets,
        'v1/*': service,
        '.well-known/*': service,
        docs: service,
        'docs/*': service,
      },
      errorResponses: cachedErrors.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      ...(consoleUrl !== undefined &&
        consoleCertificate !== undefined && {
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          domainNames: [new URL(consoleUrl).hostname],
          certificate: Certificate.fromCertificateArn(this, 'Certificate', consoleCertificate),
        }),
    });
    acceptOfDistribution(distribution, consoleCertificate !== undefined, webAclArn !== undefined);
    this.distributionId = distribution.distributionId;
    this.url = consoleUrl ?? `https://${distribution.distributionDomainName}/`;
    this.identity = issuer.register(this, this.url);

    const { clientId, commandClientId, groupsClaim, vendorGroup } = this.identity;
    const config: ConsoleConfig = {
      issuer: this.identity.issuer,
      clientId,
      commandClientId,
      scopes: ['openid', 'email', 'profile'],
      groupsClaim,
      vendorGroup,
      vendorContact: settings.vendorContact,
    };
    const deployment = new BucketDeployment(this, 'Deployment', {
      destinationBucket: bucket,
      sources: [files, Source.jsonData('config.json', config)],
      // An open page still needs the files of its own build.
      prune: false,
      memoryLimit: 256,
      logGroup: new LogGroup(this, 'DeploymentLog', {
        retention: settings.logDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    acceptOfDeployment(deployment, bucket);

    this.nameByRegion();
    new CfnOutput(this, 'Url', { value: this.url, description: 'The page, and the API under the same origin' });
    if (webAclArn === undefined)
      new CfnOutput(this, 'ApiUrl', { value: this.gateway.apiEndpoint, description: 'The API alone' });
  }

  /** Returns a reference to a new secret. CloudFormation resolves it where the referring resource changes, and there alone. */
  private newSecret(name: string): string {
    // The ID of the first stays as it was deployed.
    const secret = new Secret(this, name === '1' ? 'OriginSecret' : `OriginSecret${name}`, {
      description: 'Leasehold: the gateway answers the distribution alone, which sends this',
      generateSecretString: { excludePunctuation: true, passwordLength: 43 },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acceptFinding(
      secret,
      'AwsSolutions-SMG4',
      'It opens nothing: a caller who has it passes the firewall, and still needs a credential. A setting changes it, as a change by itself would reach one side alone.',
    );
    return secret.secretValue.unsafeUnwrap();
  }

  /** CloudFront has the names of these once in an account, for all Regions. */
  private nameByRegion() {
    for (const resource of this.node.findAll()) {
      const name = () => `${this.region}-${Names.uniqueResourceName(resource, { maxLength: 48 })}`;
      if (resource instanceof CfnResponseHeadersPolicy)
        resource.addPropertyOverride('ResponseHeadersPolicyConfig.Name', name());
      if (resource instanceof CfnOriginAccessControl)
        resource.addPropertyOverride('OriginAccessControlConfig.Name', name());
    }
  }

  private headers(id: string, { origins }: Issuer, cacheControl: string): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, id, {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy(origins), override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true },
        contentTypeOptions: { override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'cache-control', value: cacheControl, override: true },
          { header: 'cross-origin-opener-policy', value: 'same-origin', override: true },
        ],
      },
    });
  }
}

/** The errors that CloudFront would otherwise keep for ten seconds, and give to callers with other credentials. */
const cachedErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

const acceptOfDistribution = (distribution: Distribution, ownCertificate: boolean, guarded: boolean) => {
  acceptFinding(
    distribution,
    'AwsSolutions-CFR1',
    'Customers sit anywhere: a restriction by country would lock out people who have a license, and nobody else.',
  );
  if (!guarded)
    acceptFinding(
      distribution,
      'AwsSolutions-CFR2',
      'A firewall costs more than the whole service does idle, so it is a setting. Files are static; the API throttles, and authenticates by itself.',
    );
  acceptFinding(
    distribution,
    'AwsSolutions-CFR3',
    'Its log is one of CloudWatch, with the firewall: the log that this property adds would have paths, and so tokens of invitations.',
  );
  if (!ownCertificate)
    acceptFinding(
      distribution,
      'AwsSolutions-CFR4',
      'With the domain of CloudFront the least version of TLS can’t be chosen: set consoleUrl and consoleCertificate for that.',
    );
};

/** Accepts the findings on CDK’s own function that copies the files into the bucket. */
const acceptOfDeployment = (deployment: BucketDeployment, bucket: Bucket) => {
  const stack = Stack.of(deployment);
  const copier = stack.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'));
  if (!copier) throw new Error('CDK copies files by a function of another name now.');
  const to = stack.getLogicalId(bucket.node.defaultChild as CfnBucket);
  const shown = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  const partition = shown(stack.partition, 'Partition');
  const assets = `cdk-${stack.synthesizer.bootstrapQualifier}-assets-${shown(stack.account, 'AccountId')}-${shown(stack.region, 'Region')}`;
  for (const finding of [
    'L1',
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    ...['GetBucket', 'GetObject', 'List', 'Abort', 'DeleteObject'].map((action) => `IAM5[Action::s3:${action}*]`),
    `IAM5[Resource::arn:${partition}:s3:::${assets}/*]`,
    `IAM5[Resource::<${to}.Arn>/*]`,
  ] as const)
    acceptFinding(
      copier,
      `AwsSolutions-${finding}`,
      'CDK’s own function, which copies the files during a deployment: its runtime, and its grants on the two buckets, are CDK’s to set.',
    );
};
