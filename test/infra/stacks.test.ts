import { App, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { contextLines } from '../../infra/operations/adopted-table.ts';
import { settingsOf } from '../../infra/settings.ts';
import { operation, originHeader } from '../../shared/contracts/operation.ts';
import { tableKeys } from '../../shared/table/store/keys.ts';
import { leaseholdApp, ofType, resourcesOf, synthesize } from './synthesis.ts';

const app = leaseholdApp();

describe('table', () => {
  const { LeaseholdData } = synthesize();
  const [table, ...more] = ofType(LeaseholdData, 'AWS::DynamoDB::Table');

  it('is one, retained and protected, on demand, encrypted, with a stream and point-in-time recovery', () => {
    expect(more).toEqual([]);
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(table!.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  it('has the keys that the code builds, no index and no TTL', () => {
    expect(table!.Properties.KeySchema).toEqual([
      { AttributeName: tableKeys.partition, KeyType: 'HASH' },
      { AttributeName: tableKeys.sort, KeyType: 'RANGE' },
    ]);
    expect(table!.Properties.GlobalSecondaryIndexes).toBeUndefined();
    expect(table!.Properties.LocalSecondaryIndexes).toBeUndefined();
    expect(table!.Properties.TimeToLiveSpecification).toBeUndefined();
  });

  it('cannot be deleted with its stack by mistake', () => {
    const { stacks } = app.synth();
    const protectedStacks = stacks.filter(({ terminationProtection }) => terminationProtection);
    expect(protectedStacks.map(({ stackName }) => stackName).sort()).toEqual(['LeaseholdData', 'LeaseholdIdentity']);
  });
});

describe('a restored table', () => {
  const table = 'Restored';
  const tableStream = `arn:aws:dynamodb:eu-central-1:111122223333:table/${table}/stream/2026-11-28T10:00:00.000`;
  const templates = synthesize({ context: { table, tableStream, backupDays: '35' } });
  const usual = synthesize();
  const { LeaseholdData, LeaseholdFunctions } = templates;

  it('takes the place of the table, which the stack no longer has', () => {
    expect(ofType(LeaseholdData, 'AWS::DynamoDB::Table')).toEqual([]);
    expect(ofType(LeaseholdData, 'AWS::KMS::Key')).toHaveLength(1);
  });

  it('is the one that each function uses, may use, and follows; nothing else changes', () => {
    const neutral = (template: typeof LeaseholdFunctions) =>
      Object.entries(resourcesOf(template)).map(([id, resource]) =>
        (id + JSON.stringify(resource))
          // The ID of a version has the hash of its function.
          .replaceAll(/CurrentVersion[0-9A-Fa-f]{40}/g, 'CurrentVersion')
          .replaceAll(/\{"Fn::ImportValue":"LeaseholdData:[^"]*Table[^"]*StreamArn[^"]*"\}/g, '"its stream"')
          .replaceAll(/\{"Fn::ImportValue":"LeaseholdData:[^"]*GetAttTable[^"]*Arn[^"]*"\}/g, '"its ARN"')
          .replaceAll(/\{"Fn::ImportValue":"LeaseholdData:[^"]*RefTable[^"]*"\}/g, '"its name"')
          .replaceAll(`"${tableStream}"`, '"its stream"')
          .replaceAll(/\{"Fn::Join":\["",\["arn:",[^\]]*:table\/Restored"\]\]\}/g, '"its ARN"')
          .replaceAll(`"${table}"`, '"its name"'),
      );
    expect(neutral(LeaseholdFunctions)).toEqual(neutral(usual.LeaseholdFunctions));
    expect(neutral(LeaseholdFunctions).filter((resource) => /Restored|LeaseholdData:.*Table/.test(resource))).toEqual(
      [],
    );
    const named = ofType(LeaseholdFunctions, 'AWS::Lambda::Function').map(
      ({ Properties }) => Properties.Environment?.Variables?.TABLE_NAME,
    );
    expect(named.filter((name) => name === table).length).toBeGreaterThan(50);
    for (const name of ['LeaseholdApi', 'LeaseholdConsole', 'LeaseholdIdentity'])
      expect(templates[name]!.toJSON(), name).toEqual(usual[name]!.toJSON());
  });

  it('needs its stream, and no other', () => {
    expect(() => synthesize({ context: { table } })).toThrow('npm run adopt-table prints both');
    expect(() => synthesize({ context: { table: 'Other', tableStream } })).toThrow('the stream of another table');
  });

  it('is the table of one stage alone, if cdk.json has the lines of adopt-table', () => {
    const settingsIn = (stage: string | undefined, lines: string) => {
      const context = { ...JSON.parse(`{${lines.replace(/,$/, '')}}`), stage, firewall: 'false' };
      return settingsOf(new App({ context }).node);
    };
    const ofProd = contextLines(table, tableStream, 'prod');
    expect(settingsIn('prod', ofProd)).toMatchObject({ table, tableStream });
    for (const other of ['test', undefined]) expect(settingsIn(other, ofProd).table).toBeUndefined();

    const ofNoStage = contextLines(table, tableStream, undefined);
    expect(settingsIn(undefined, ofNoStage)).toMatchObject({ table, tableStream });
    // It may be another stage's: neither that one nor a new, empty one is a guess to make.
    expect(() => settingsIn('test', ofNoStage)).toThrow(/"test:table".*"test:tableStream"/);
  });

  it('is copied each night for as many days as the setting says, and by default never', () => {
    const [plan] = ofType(LeaseholdData, 'AWS::Backup::BackupPlan');
    expect(plan!.Properties.BackupPlan.BackupPlanRule).toMatchObject([{ Lifecycle: { DeleteAfterDays: 35 } }]);
    const [selection] = ofType(LeaseholdData, 'AWS::Backup::BackupSelection');
    expect(JSON.stringify(selection!.Properties.BackupSelection.Resources)).toContain(`:table/${table}`);
    const [vault] = ofType(LeaseholdData, 'AWS::Backup::BackupVault');
    expect(vault).toMatchObject({ DeletionPolicy: 'Retain' });
    // So a vault that stays is in nobody's way.
    expect(JSON.stringify(vault!.Properties.BackupVaultName)).toContain('AWS::StackId');
    for (const kind of ['BackupPlan', 'BackupVault'])
      expect(ofType(usual.LeaseholdData, `AWS::Backup::${kind}`), kind).toEqual([]);
  });
});

describe('several Regions', () => {
  const region = 'eu-west-1';
  const context = { region, replicas: 'eu-west-2,eu-central-1', background: 'false', canary: 'true' };
  const { LeaseholdData, LeaseholdFunctions } = synthesize({ context });

  it('have one table, strongly consistent in three Regions, as well kept in each as the table of one Region', () => {
    const [table, ...more] = ofType(LeaseholdData, 'AWS::DynamoDB::GlobalTable');
    expect(more).toEqual([]);
    expect(ofType(LeaseholdData, 'AWS::DynamoDB::Table')).toEqual([]);
    expect(table?.DeletionPolicy).toBe('Retain');
    expect(table?.Properties).toMatchObject({
      MultiRegionConsistency: 'STRONG',
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    const { Replicas, ...others } = table?.Properties ?? {};
    expect(Replicas.map(({ Region }: { Region: string }) => Region).sort()).toEqual([
      'eu-central-1',
      'eu-west-1',
      'eu-west-2',
    ]);
    for (const replica of Replicas)
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    for (const refused of ['TimeToLiveSpecification', 'LocalSecondaryIndexes', 'GlobalSecondaryIndexes'])
      expect(others).not.toHaveProperty(refused);
  });

  it('have the background work in one: another Region is ready to take it over, and raises no alarm meanwhile', () => {
    const enabled = ofType(LeaseholdFunctions, 'AWS::Lambda::EventSourceMapping').filter(
      ({ Properties: { StartingPosition } }) => StartingPosition === 'TRIM_HORIZON',
    );
    expect(enabled.map(({ Properties: { Enabled } }) => Enabled)).toEqual([false]);
    const schedules = ofType(LeaseholdFunctions, 'AWS::Scheduler::Schedule').map(({ Properties }) => Properties);
    expect(schedules.map(({ Description, State }) => [Description, State]).sort()).toEqual([
      ['Settles what is due, each minute', 'DISABLED'],
      ['Takes and gives back a license, each minute', 'ENABLED'],
    ]);
    const alarms = ofType(LeaseholdFunctions, 'AWS::CloudWatch::Alarm').map(({ id }) => id);
    expect(alarms.filter((id) => /ScheduleSilent|ChangeFeedSilent/.test(id))).toEqual([]);
  });

  it.each([
    [{ replicas: 'eu-west-2' }, 'must name three Regions'],
    [{ replicas: 'eu-west-2,eu-west-2' }, 'must name three Regions'],
    [{ replicas: 'eu-west-2', witness: region }, 'must name three Regions'],
    [{ replicas: 'eu-west-2,Paris' }, 'must be Regions'],
    [{ replicas: undefined, witness: 'eu-west-2' }, 'needs replicas'],
    [{ region: undefined }, 'must name three Regions'],
    [{ table: 'Other', tableStream: 'arn:aws:dynamodb:eu-west-1:1:table/Other/stream/1' }, 'is for a new table'],
  ])('are refused if they cannot be: %j', (wrong, message) => {
    expect(() => leaseholdApp({ context: { ...context, ...wrong } })).toThrow(message);
  });
});

describe('resources', () => {
  /** The most resources in one CloudFormation stack. */
  const limit = 500;

  it('fit into their stacks, even with 60 operations', () => {
    const sixty = Array.from({ length: 60 }, (_, index) =>
      operation({
        name: `operation${index}`,
        method: 'GET',
        path: `/v1/organizations/{organizationId}/things/${index}`,
        tag: 'Things',
        summary: 'A made-up operation',
        access: { to: 'organization', roles: ['owner'], vendor: false, keyScope: 'full' },
        input: {},
        answers: {},
        problems: [],
        table: { ORG: ['GetItem'] },
        impact: 'Nothing can be done.',
      }),
    );
    const everything = {
      canary: 'true',
      dashboard: 'true',
      tracing: 'true',
      monthlyBudget: '50',
      mailFrom: 'a@b.example',
    };
    for (const templates of [synthesize({ context: everything }), synthesize({ operations: sixty })]) {
      for (const [name, template] of Object.entries(templates)) {
        expect(Object.keys(resourcesOf(template)).length, name).toBeLessThan(limit);
      }
    }
  });

  it('reference each other in one direction: API → functions → console → identity', () => {
    const { stacks } = app.synth();
    const needs = Object.fromEntries(
      stacks.map((stack) => [
        stack.stackName,
        stack.dependencies
          .map(({ id }) => id)
          .filter((id) => !id.endsWith('.assets'))
          .sort(),
      ]),
    );
    expect(needs).toEqual({
      LeaseholdData: [],
      LeaseholdIdentity: [],
      LeaseholdConsole: ['LeaseholdIdentity'],
      LeaseholdFunctions: ['LeaseholdConsole', 'LeaseholdData', 'LeaseholdIdentity'],
      LeaseholdApi: ['LeaseholdConsole', 'LeaseholdFunctions'],
    });
  });
});

describe('synthesis', () => {
  it('creates templates that CloudFormation’s schemas accept', () => {
    expect(() =>
      synthesize({
        validate: true,
        context: { ...guarded.context, consoleUrl: 'https://console.example.com', mailFrom: 'licenses@example.com' },
      }),
    ).not.toThrow();
  });

  it('fails for a resource that CloudFormation would refuse', () => {
    const addBadTable = (app: App) =>
      new CfnTable(app.node.findChild('LeaseholdData') as Stack, 'Bad', {
        keySchema: [{ attributeName: 'pk', keyType: 'HASH' }],
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      });
    expect(() => synthesize({ operations: [], validate: true, change: addBadTable })).toThrow(/ProvisionedThroughput/);
  });
});

/** A stage that has the defaults of `prod`, and so a firewall. */
const guarded = { context: { stage: 'production', region: 'eu-central-1', originSecrets: '2,1' } };

/** A stage of development, in an account with rules of its own. */
const dev = {
  context: {
    stage: 'dev',
    '@aws-cdk/core:bootstrapQualifier': 'other',
    '@aws-cdk/core:permissionsBoundary': { name: 'boundary' },
  },
};

describe('an account with rules of its own', () => {
  const templates = synthesize(dev);

  it('has another bootstrap qualifier', () => {
    expect(JSON.stringify(templates.LeaseholdDevConsole!.toJSON())).toContain('cdk-other-assets-');
  });

  it('has a permissions boundary on each role', () => {
    const roles = Object.values(templates).flatMap((template) => ofType(template, 'AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThan(60);
    for (const { id, Properties } of roles)
      expect(JSON.stringify(Properties.PermissionsBoundary), id).toContain(':policy/boundary');
  });

  it('takes the service in each Region: a name that counts for all Regions has the Region in it', () => {
    const named = Object.values(templates).flatMap((template) =>
      Object.values(resourcesOf(template))
        .filter(({ Type }) => /::(CloudFront|IAM|S3)::/.test(Type))
        .flatMap(({ Type, Properties }) =>
          [Properties, ...Object.values(Properties)]
            .map((config) => config.Name ?? config.RoleName ?? config.ManagedPolicyName ?? config.BucketName)
            .filter((name) => typeof name === 'string' || name?.['Fn::Join'])
            .map((name) => `${Type} ${JSON.stringify(name)}`),
        ),
    );
    expect(named).toHaveLength(4);
    for (const name of named) expect(name).toContain('AWS::Region');
  });
});

describe('a firewall', () => {
  const templates = synthesize(guarded);
  const at = (name: string) => templates[`LeaseholdProduction${name}`];
  const distribution = () => ofType(at('Console'), 'AWS::CloudFront::Distribution')[0]!.Properties.DistributionConfig;

  it('is before the page and the API, in us-east-1, and before the sign-in', () => {
    expect(distribution().WebACLId['Fn::GetStackOutput']).toMatchObject({
      StackName: 'LeaseholdProductionFirewall-eu-central-1',
      Region: 'us-east-1',
    });
    const [edge] = ofType(at('Firewall-eu-central-1'), 'AWS::WAFv2::WebACL');
    expect(edge!.Properties.Scope).toBe('CLOUDFRONT');
    const managed = edge!.Properties.Rules.map((rule: any) => rule.Statement.ManagedRuleGroupStatement?.Name);
    expect(managed).toEqual([undefined, 'AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesCommonRuleSet']);

    const [pool] = ofType(at('Identity'), 'AWS::Cognito::UserPool');
    const [association] = ofType(at('Identity'), 'AWS::WAFv2::WebACLAssociation');
    expect(association!.Properties.ResourceArn).toEqual({ 'Fn::GetAtt': [pool!.id, 'Arn'] });
  });

  it('answers an address with too many requests as the service does', () => {
    const { Properties } = ofType(at('Firewall-eu-central-1'), 'AWS::WAFv2::WebACL')[0]!;
    const [{ Statement, Action }] = Properties.Rules;
    // A fifth of the throttle, in five minutes.
    expect(Statement.RateBasedStatement).toEqual({ AggregateKeyType: 'IP', Limit: 60_000 });
    const { ResponseCode, CustomResponseBodyKey, ResponseHeaders } = Action.Block.CustomResponse;
    expect([ResponseCode, ResponseHeaders]).toEqual([429, [{ Name: 'retry-after', Value: '60' }]]);
    const { Content } = Properties.CustomResponseBodies[CustomResponseBodyKey];
    expect(JSON.parse(Content)).toMatchObject({ status: 429, code: 'too-many-requests' });
  });

  it('can’t be passed by: the gateway answers the distribution alone, on each route', () => {
    const secrets = ofType(at('Console'), 'AWS::SecretsManager::Secret').map(({ id }) => id);
    expect(secrets).toHaveLength(2);
    const [header] = distribution().Origins.flatMap((origin: any) => origin.OriginCustomHeaders ?? []);
    expect(header.HeaderName).toBe(originHeader);
    // While the secret is changed, the distribution sends the new one, and the gateway answers either.
    const isIn = (value: unknown) => secrets.map((id) => JSON.stringify(value).includes(id));
    expect(isIn(header.HeaderValue).sort()).toEqual([false, true]);
    expect(JSON.stringify(header.HeaderValue)).toContain('{"Ref":"OriginSecret2');
    const [authorizer] = ofType(at('Functions'), 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.Description === 'Leasehold: authorizer',
    );
    expect(isIn(authorizer!.Properties.Environment.Variables.ORIGIN_SECRETS)).toEqual([true, true]);
    for (const { Properties } of ofType(at('Functions'), 'AWS::Lambda::Function'))
      expect(Properties.Environment.Variables.BEHIND_DISTRIBUTION, Properties.Description).toBe('true');

    for (const { Properties } of ofType(at('Api'), 'AWS::ApiGatewayV2::Authorizer'))
      expect(Properties.IdentitySource).toContain(`$request.header.${originHeader}`);
    for (const { Properties } of ofType(at('Api'), 'AWS::ApiGatewayV2::Route'))
      expect([Properties.RouteKey, Properties.AuthorizationType]).toEqual([Properties.RouteKey, 'CUSTOM']);
    expect(at('Console')!.toJSON().Outputs.ApiUrl).toBeUndefined();
  });

  it('is turned off without a pause by first deploying functions and routes, which need nothing else of the page', () => {
    const without = synthesize();
    const named = (value: unknown) => JSON.stringify(value).replaceAll('LeaseholdProduction', 'Leasehold');
    const exported = new Set(
      ['Console', 'Data', 'Identity'].flatMap((name) =>
        Object.values(at(name)!.toJSON().Outputs as object).map(({ Export }) => named(Export?.Name ?? null)),
      ),
    );
    for (const name of ['LeaseholdFunctions', 'LeaseholdApi']) {
      const imported = named(without[name]!.toJSON()).matchAll(/"Fn::ImportValue":("[^"]*")/g);
      for (const [, wanted] of imported) expect(exported, name).toContain(wanted);
    }
    // Then the page can be deployed without the secret and its header.
    expect(named(at('Functions')!.toJSON())).toMatch(/"Fn::ImportValue":"[^"]*OriginSecret/);
    for (const name of ['LeaseholdFunctions', 'LeaseholdApi'])
      expect(named(without[name]!.toJSON()), name).not.toMatch(/OriginSecret|x-leasehold-origin/);
  });

  it('comes with an access log of the distribution, without paths and queries', () => {
    const [delivery] = ofType(at('EdgeLog-eu-central-1'), 'AWS::Logs::Delivery');
    expect(delivery!.Properties.RecordFields).toEqual(expect.arrayContaining(['c-ip', 'sc-status']));
    expect(delivery!.Properties.RecordFields.join()).not.toMatch(/uri|query|cookie|referer/i);
    const [source] = ofType(at('EdgeLog-eu-central-1'), 'AWS::Logs::DeliverySource');
    expect(JSON.stringify(source!.Properties.ResourceArn)).toContain('LeaseholdProductionConsole');
  });

  it('needs a Region, and is a setting of its own', () => {
    expect(() => leaseholdApp({ context: { stage: 'prod' } })).toThrow(/needed with a firewall.*\n.*region/);
    const all = JSON.stringify(Object.values(synthesize()).map((template) => template.toJSON()));
    expect(all).not.toMatch(/WAFv2|SecretsManager|ORIGIN_SECRETS|BEHIND_DISTRIBUTION/);
  });
});

describe('a stage', () => {
  const templates = synthesize(dev);

  it('has settings of its own in cdk.json, before those of all stages and before the defaults', () => {
    const context = { region: 'eu-central-1', mailFrom: 'all@example.com', 'prod:mailFrom': 'prod@example.com' };
    const settingsIn = (stage: string) =>
      settingsOf(new App({ context: { ...context, 'test:logDays': '30', 'test:backupDays': 7, stage } }).node);
    expect(settingsIn('prod')).toMatchObject({ mailFrom: 'prod@example.com', logDays: 30 });
    expect(settingsIn('test')).toMatchObject({ mailFrom: 'all@example.com', logDays: 30, backupDays: 7 });
    expect(settingsIn('dev')).toMatchObject({ mailFrom: 'all@example.com', logDays: 7 });
  });

  it('is in the name of each stack, and in each name that a template gives', () => {
    expect(Object.keys(templates).sort()).toEqual(
      ['Api', 'Console', 'Data', 'Functions', 'Identity'].map((name) => `LeaseholdDev${name}`),
    );
    const names = Object.values(templates).flatMap((template) =>
      Object.values(resourcesOf(template)).flatMap(({ Type, Properties }) =>
        Object.entries({
          ...Properties,
          ...Properties.ResponseHeadersPolicyConfig,
          ...Properties.OriginAccessControlConfig,
        })
          .filter(([key]) => /^(Name|Domain|AliasName|DisplayName|ServiceName)$/.test(key))
          .filter(() => !/Authorizer|UserPoolGroup|Permission|Lambda::Alias/.test(Type))
          .map(([, name]) => `${Type} ${JSON.stringify(name)}`),
      ),
    );
    expect(names.length).toBeGreaterThan(7);
    for (const name of names) expect(name).toMatch(/[dD]ev/);
  });

  it('is a tag of everything that takes tags', () => {
    const tagged = Object.values(templates)
      .flatMap((template) => Object.values(resourcesOf(template)))
      .filter(({ Properties }) => Array.isArray(Properties?.Tags));
    expect(tagged.length).toBeGreaterThan(100);
    for (const { Properties } of tagged) expect(Properties.Tags).toContainEqual({ Key: 'stage', Value: 'dev' });
  });

  it('keeps its metrics apart', () => {
    const own = JSON.stringify(templates.LeaseholdDevFunctions!.toJSON());
    expect(own).toContain('"MetricNamespace":"LeaseholdDevFunctions/LoggedErrors"');
    expect(own).toContain('"POWERTOOLS_SERVICE_NAME":"leasehold-dev"');
  });

  it('of development goes as a whole, and raises no alarm; any other keeps its data and has alarms', () => {
    const kept = (all: typeof templates) =>
      Object.values(all)
        .flatMap((template) => Object.values(resourcesOf(template)))
        .filter(({ Type, DeletionPolicy }) => DeletionPolicy === 'Retain' && !Type.endsWith('::LayerVersion'))
        .map(({ Type }) => Type);
    const alarms = (all: typeof templates) =>
      Object.values(all).flatMap((template) => ofType(template, 'AWS::CloudWatch::Alarm')).length;
    expect([kept(templates), alarms(templates)]).toEqual([[], 0]);
    const stacks = leaseholdApp(dev).node.children.filter((child) => Stack.isStack(child));
    expect(stacks.map(({ terminationProtection }) => terminationProtection)).not.toContain(true);
    const production = synthesize(guarded);
    expect(kept(production).sort()).toEqual([
      'AWS::Cognito::UserPool',
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
    ]);

    expect(alarms(production)).toBeGreaterThan(70);
    const [group] = ofType(templates.LeaseholdDevConsole, 'AWS::Logs::LogGroup');
    expect(group!.Properties.RetentionInDays).toBe(7);
    expect(() => synthesize({ context: { stage: 'Prod!' } })).toThrow('stage');
  });
});

describe('an account and a Region', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const own = { account: '111122223333', region: 'eu-central-1' };

  it('are guarded: credentials for another deploy nothing', () => {
    for (const [setting, other] of [
      ['account', '444455556666'],
      ['region', 'us-east-1'],
    ] as const) {
      vi.stubEnv(`CDK_DEFAULT_${setting.toUpperCase()}`, other);
      expect(() => leaseholdApp({ context: own })).toThrow(
        `The credentials are for the ${setting} ${other}, and the setting \`${setting}\` is ${own[setting]}`,
      );
      vi.stubEnv(`CDK_DEFAULT_${setting.toUpperCase()}`, own[setting]);
    }
    const stacks = leaseholdApp({ context: own }).node.children.filter((child) => Stack.isStack(child));
    expect(stacks).toHaveLength(5);
    for (const { account, region } of stacks) expect({ account, region }).toEqual(own);
  });
});

describe('a deployment that is destroyed', () => {
  const templates = synthesize();

  it('leaves no bucket in the way: the built page goes with its stack', () => {
    const [bucket] = ofType(templates.LeaseholdConsole, 'AWS::S3::Bucket');
    expect(bucket!.DeletionPolicy).toBe('Delete');
    const [emptied] = ofType(templates.LeaseholdConsole, 'Custom::S3AutoDeleteObjects');
    expect(emptied!.Properties.BucketName).toEqual({ Ref: bucket!.id });
  });

  it('leaves no log group in the way of the next: none has a fixed name, and all end by themselves', () => {
    const groups = Object.values(templates).flatMap((template) => ofType(template, 'AWS::Logs::LogGroup'));
    for (const { id, Properties, DeletionPolicy } of groups)
      expect([id, DeletionPolicy, Properties]).toEqual([
        id,
        'Delete',
        { RetentionInDays: 30, Tags: expect.anything() },
      ]);
    const [copier] = ofType(templates.LeaseholdConsole, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.LoggingConfig,
    );
    expect(groups.map(({ id }) => id)).toContain(copier!.Properties.LoggingConfig.LogGroup.Ref);
  });
});

describe('cdk-nag', () => {
  it('fails the synthesis if a finding is not accepted', () => {
    const addBadBucket = (app: App) => new Bucket(app.node.findChild('LeaseholdData'), 'Bad');
    expect(() => synthesize({ change: addBadBucket })).toThrow(/AwsSolutions-S1/);
  });

  const accepted = [app, leaseholdApp(guarded)]
    .flatMap(({ node }) => node.findAll())
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .map(([rule, reason]) => ({ path: construct.node.path, rule: rule.replace(/^annotation::/i, ''), reason })),
    );

  it('accepts only these findings', () => {
    expect(
      [
        ...new Set(
          accepted.map(({ rule }) => rule.replace(/arn:[^\]]*\/\*/, 'arn:<bucket>/*').replace(/<.*>/, '<bucket>')),
        ),
      ].sort(),
    ).toEqual([
      'AwsSolutions-APIG4',
      'AwsSolutions-CFR1',
      'AwsSolutions-CFR2',
      'AwsSolutions-CFR3',
      'AwsSolutions-CFR4',
      'AwsSolutions-COG8',
      'AwsSolutions-IAM4[Policy::arn:<bucket>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      'AwsSolutions-IAM4[Policy::arn:<bucket>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'AwsSolutions-IAM5[Action::s3:Abort*]',
      'AwsSolutions-IAM5[Action::s3:DeleteObject*]',
      'AwsSolutions-IAM5[Action::s3:GetBucket*]',
      'AwsSolutions-IAM5[Action::s3:GetObject*]',
      'AwsSolutions-IAM5[Action::s3:List*]',
      'AwsSolutions-IAM5[Resource::*]',
      'AwsSolutions-IAM5[Resource::<bucket>/*]',
      'AwsSolutions-IAM5[Resource::arn:<bucket>/*]',
      'AwsSolutions-L1',
      'AwsSolutions-S1',
      'AwsSolutions-SMG4',
      'AwsSolutions-SQS3',
    ]);
  });

  it.each(accepted.map((one) => [`${one.rule} at ${one.path}`, one.reason]))('%s has a reason', (_, reason) => {
    expect(reason.split(' ').length).toBeGreaterThan(8);
  });
});
