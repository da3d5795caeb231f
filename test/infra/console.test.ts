import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redirectUris } from '../../client/command/sign-in/redirect-uris.ts';
import { pageForAddress } from '../../infra/stacks/console-stack.ts';
import { ofType, resourcesOf, synthesize } from './synthesis.ts';

const domain = {
  consoleUrl: 'https://licenses.example.com',
  consoleCertificate: 'arn:aws:acm:us-east-1:1:certificate/1',
};
const { LeaseholdConsole: stack } = synthesize();
const resources = resourcesOf(stack);
const distribution = ofType(stack, 'AWS::CloudFront::Distribution')[0]!.Properties.DistributionConfig;
const behaviors: any[] = [{ PathPattern: '*', ...distribution.DefaultCacheBehavior }, ...distribution.CacheBehaviors];
const behaviorOf = (pattern: string) => behaviors.find(({ PathPattern }) => PathPattern === pattern);
const headersOf = (pattern: string) =>
  resources[behaviorOf(pattern).ResponseHeadersPolicyId.Ref]!.Properties.ResponseHeadersPolicyConfig;
const originOf = (pattern: string) =>
  distribution.Origins.find(({ Id }: { Id: string }) => Id === behaviorOf(pattern).TargetOriginId);

describe('the files', () => {
  it('are in a bucket that only this distribution can read', () => {
    const [bucket] = ofType(stack, 'AWS::S3::Bucket');
    expect(bucket!.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const [policy] = ofType(stack, 'AWS::S3::BucketPolicy');
    const allowed = policy!.Properties.PolicyDocument.Statement.filter(({ Effect }: any) => Effect === 'Allow');
    // Besides the function that empties the bucket, when the stack is deleted.
    const [emptying, reading, ...more] = allowed;
    expect(more).toEqual([]);
    expect(emptying.Principal.AWS['Fn::GetAtt'][0]).toMatch(/^CustomS3AutoDeleteObjects/);
    expect(reading).toMatchObject({
      Action: 's3:GetObject',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
    });
    expect(originOf('*').OriginAccessControlId).toBeDefined();
  });
  it.each(['*', 'assets/*'])('come with a policy that allows nothing inline and no frame (%s)', (pattern) => {
    const { SecurityHeadersConfig, CustomHeadersConfig } = headersOf(pattern);
    const policy = JSON.stringify(SecurityHeadersConfig.ContentSecurityPolicy);
    for (const directive of ["default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"])
      expect(policy).toContain(directive);
    expect(policy).not.toContain('unsafe');
    expect(SecurityHeadersConfig).toMatchObject({
      ContentTypeOptions: { Override: true },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
      // The operator's other hosts are not ours.
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: false },
    });
    expect(CustomHeadersConfig.Items.map(({ Header }: { Header: string }) => Header)).toContain('cache-control');
  });
  it('may send requests to the issuer of the sign-in', () => {
    expect(JSON.stringify(headersOf('*'))).toMatch(/connect-src 'self' https:\/\/cognito-idp\..*amazoncognito\.com/);
    const at = (context: object) =>
      JSON.stringify(
        synthesize({
          context: { oidcIssuer: 'https://id.example.com/realm', oidcAudience: 'a,b', ...context },
        }).LeaseholdConsole!.toJSON(),
      );
    expect(at({})).toContain("connect-src 'self' https://id.example.com;");
    const oidcOrigins = 'https://id.example.com,https://tokens.example.com/';
    expect(at({ oidcOrigins })).toContain("connect-src 'self' https://id.example.com https://tokens.example.com;");
  });
});

describe('the addresses of the page', () => {
  const rewritten = (uri: string): string =>
    new Function('event', `${pageForAddress} return handler(event).uri`)({ request: { uri } });

  it.each(['/', '/organizations', '/organizations/org_1/products/KRE', '/organizations/org_1/machines/ci.example.com'])(
    '%s is the page',
    (uri) => expect(rewritten(uri)).toBe('/index.html'),
  );
  it.each(['/index.html', '/config.json', '/favicon.svg', '/assets/index-abc.js', '/assets/a/b.c'])(
    '%s is a file',
    (uri) => expect(rewritten(uri)).toBe(uri),
  );
  it('never replace an answer of the API', () => {
    for (const { ResponsePagePath, ResponseCode } of distribution.CustomErrorResponses)
      expect([ResponsePagePath, ResponseCode]).toEqual([undefined, undefined]);
    for (const { PathPattern, FunctionAssociations } of behaviors)
      expect(FunctionAssociations?.length ?? 0, PathPattern).toBe(PathPattern === '*' ? 1 : 0);
  });
});

describe('the API under the same origin', () => {
  it.each(['v1/*', '.well-known/*', 'docs', 'docs/*'])(
    'answers %s: every method, nothing kept, over TLS alone',
    (pattern) => {
      expect(behaviorOf(pattern)).toMatchObject({
        AllowedMethods: expect.arrayContaining(['GET', 'POST', 'PUT', 'DELETE']),
        ViewerProtocolPolicy: 'https-only',
        // Managed by CloudFront: CachingDisabled, AllViewerExceptHostHeader.
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      });
      expect(originOf(pattern).CustomOriginConfig.OriginProtocolPolicy).toBe('https-only');
    },
  );
});

describe('an error', () => {
  it('is kept for nobody else: CloudFront would give it to callers with other credentials for ten seconds', () => {
    const kept = new Map(
      distribution.CustomErrorResponses.map(({ ErrorCode, ErrorCachingMinTTL }: any) => [
        ErrorCode,
        ErrorCachingMinTTL,
      ]),
    );
    for (const status of [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]) expect(kept.get(status)).toBe(0);
  });
});

describe('one deployment', () => {
  const [pageClient] = ofType(stack, 'AWS::Cognito::UserPoolClient');

  it('is enough to sign in: the page’s client returns to the address that the same deployment makes', () => {
    const { id } = ofType(stack, 'AWS::CloudFront::Distribution')[0]!;
    const address = { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [id, 'DomainName'] }, '/']] };
    expect(pageClient!.Properties).toMatchObject({
      AllowedOAuthFlows: ['code'],
      CallbackURLs: [address],
      LogoutURLs: [address],
    });
    expect(stack!.toJSON().Outputs.Url.Value).toEqual(address);
  });

  it('has another client for the command, which returns to this machine alone', () => {
    const { LeaseholdIdentity } = synthesize();
    const [command] = ofType(LeaseholdIdentity, 'AWS::Cognito::UserPoolClient');
    expect(command!.Properties.CallbackURLs).toEqual(redirectUris);
    const config = JSON.stringify(ofType(stack, 'Custom::CDKBucketDeployment'));
    expect(config).toContain(`"Ref":"${pageClient!.id}"`);
    expect(config).toMatch(/LeaseholdIdentity:ExportsOutputRefUsersClient/);
    for (const { Properties } of [pageClient!, command!]) {
      expect(Properties.RefreshTokenRotation).toMatchObject({ Feature: 'ENABLED' });
      expect(Properties.ExplicitAuthFlows).not.toContain('ALLOW_REFRESH_TOKEN_AUTH');
    }
  });
});

describe('the first vendor', () => {
  // CloudFormation and Cognito, by their own protocols, with the outputs of the templates.
  const stacks = synthesize();
  const users = new Map<string, Set<string>>();
  const aws = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const [, operation] = String(request.headers['x-amz-target'] ?? '').split('.');
    if (operation === undefined) {
      const outputs = stacks[String(new URLSearchParams(body).get('StackName'))]?.toJSON().Outputs;
      const members = Object.keys(outputs ?? {}).map(
        (key) =>
          `<member><OutputKey>${key}</OutputKey><OutputValue>the ${key}${key === 'Url' ? ' of the page' : ''}</OutputValue></member>`,
      );
      const answer = outputs
        ? `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
        : '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>no stack</Message></Error></ErrorResponse>';
      response.writeHead(outputs ? 200 : 400, { 'content-type': 'text/xml' }).end(answer);
      return;
    }
    const { UserPoolId, Username, GroupName, UserAttributes } = JSON.parse(body);
    expect(UserPoolId).toBe('the UserPoolId');
    const exists = operation === 'AdminCreateUser' && users.has(Username);
    if (operation === 'AdminAddUserToGroup') users.get(Username)!.add(GroupName);
    else if (!exists) users.set(Username, new Set(UserAttributes.map(({ Name, Value }: any) => `${Name}=${Value}`)));
    response
      .writeHead(exists ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(exists ? { __type: 'UsernameExistsException', message: 'there already' } : {}));
  });
  beforeAll(() => new Promise<void>((resolve) => aws.listen(0, resolve)));
  afterAll(() => aws.close());

  const firstVendor = (...options: string[]) =>
    promisify(execFile)(
      process.execPath,
      ['infra/operations/first-vendor.ts', '--email', 'ada@example.com', ...options],
      {
        env: {
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'KEYOFOPERATOR',
          AWS_SECRET_ACCESS_KEY: 'secret',
          AWS_ENDPOINT_URL: `http://localhost:${(aws.address() as AddressInfo).port}`,
        },
      },
    );

  it('gets an account in the vendor’s group, however often it is made, and the console’s address', async () => {
    for (const text of ['gets a mail', 'had an account']) {
      const { stdout } = await firstVendor();
      expect(stdout).toContain(text);
      expect(stdout).toContain('Sign in at the Url of the page');
      expect([...users]).toEqual([
        ['ada@example.com', new Set(['email=ada@example.com', 'email_verified=true', 'the VendorGroup'])],
      ]);
    }
  });

  it('is not made where nothing is deployed', async () => {
    await expect(firstVendor('--stage', 'test')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no stack LeaseholdTestIdentity'),
    });
  });
});

describe('a domain of its own', () => {
  it('has its certificate, and requires TLS 1.2 or later', () => {
    const own = synthesize({ context: domain });
    expect(
      ofType(own.LeaseholdConsole, 'AWS::CloudFront::Distribution')[0]!.Properties.DistributionConfig,
    ).toMatchObject({
      Aliases: ['licenses.example.com'],
      ViewerCertificate: { AcmCertificateArn: domain.consoleCertificate, MinimumProtocolVersion: 'TLSv1.2_2021' },
    });
  });
  it('is the address to which a sign-in returns', () => {
    const { LeaseholdConsole } = synthesize({ context: domain });
    expect(ofType(LeaseholdConsole, 'AWS::Cognito::UserPoolClient')[0]!.Properties).toMatchObject({
      CallbackURLs: ['https://licenses.example.com/'],
      LogoutURLs: ['https://licenses.example.com/'],
    });
  });
});
