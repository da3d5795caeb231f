import { describe, expect, it } from 'vitest';
import { functionsOf } from '../../infra/functions.ts';
import { type TableStatement, tableStatements } from '../../infra/table-policy.ts';
import { functionFile } from '../../shared/contracts/operation.ts';
import { operations } from '../../shared/contracts/operations.ts';
import { AuditAction } from '../../shared/contracts/schemas/audit-event.ts';
import { followedPartitions } from '../../shared/table/store/keys.ts';
import { awsTimes, openTable } from '../../shared/table/store/table.ts';
import { ofType, resourcesOf, synthesize } from './synthesis.ts';

const { LeaseholdFunctions: stack, LeaseholdData: data } = synthesize();
const resources = resourcesOf(stack);
// Without a sender's address there is no function that sends mails, and without the setting no canary.
const specs = functionsOf(operations).filter(({ file }) => file !== 'send-mail' && file !== 'canary');

const lambdas = ofType(stack, 'AWS::Lambda::Function');
const lambdaOf = (file: string) => {
  const found = lambdas.filter(({ Properties }) => Properties.Description === `Leasehold: ${file}`);
  expect(found, `functions of ${file}`).toHaveLength(1);
  return found[0]!;
};

/** Returns the alias that callers of a function call. */
const aliasOf = (file: string) => {
  const { id } = lambdaOf(file);
  const found = ofType(stack, 'AWS::Lambda::Alias').filter(({ Properties }) => Properties.FunctionName.Ref === id);
  expect(found, `aliases of ${file}`).toHaveLength(1);
  return found[0]!;
};

interface Statement {
  Action: string | string[];
  Effect: string;
  Resource: unknown;
  Condition?: any;
}

/** Returns a statement's actions and partitions, in one spelling. */
const asWritten = ({ Action, Condition }: Pick<TableStatement, 'Action' | 'Condition'> | Statement) => ({
  actions: [Action].flat().sort(),
  leadingKeys: [Condition?.['ForAllValues:StringLike']['dynamodb:LeadingKeys']].flat().sort(),
  guard: Condition?.Null,
});

/** Returns the statements of a function's role, inline and attached. */
const statementsOf = (file: string): Statement[] => {
  const roleId: string = lambdaOf(file).Properties.Role['Fn::GetAtt'][0];
  const attached = ofType(stack, 'AWS::IAM::Policy').filter(({ Properties }) =>
    Properties.Roles.some((role: { Ref: string }) => role.Ref === roleId),
  );
  const role = resources[roleId]!.Properties;
  expect(role.ManagedPolicyArns).toBeUndefined();
  return [
    ...(role.Policies ?? []).flatMap(
      (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
    ),
    ...attached.flatMap(({ Properties }) => Properties.PolicyDocument.Statement),
  ];
};
const actionsOf = ({ Action }: Statement) => [Action].flat();
const onTable = (statement: Statement) => JSON.stringify(statement.Resource).includes(tableArn);
const onKeys = (statement: Statement) => actionsOf(statement).every((action) => action.startsWith('kms:'));
const tableArn = (() => {
  const [table] = ofType(data, 'AWS::DynamoDB::Table');
  const [name] = Object.entries(data!.toJSON().Outputs as Record<string, { Value: unknown }>).find(
    ([, { Value }]) => JSON.stringify(Value) === JSON.stringify({ 'Fn::GetAtt': [table!.id, 'Arn'] }),
  )!;
  return `"LeaseholdData:${name}"`;
})();

describe('functions', () => {
  it('has one for each operation, and six others', () => {
    const files = [
      ...operations.map(({ name }) => functionFile(name)),
      ...['authorizer', 'not-found', 'docs', 'follow-changes', 'settle-due', 'deliver-webhook'],
    ];
    expect(lambdas.map(({ Properties }) => Properties.Description).sort()).toEqual(
      files.map((file) => `Leasehold: ${file}`).sort(),
    );
  });

  it.each(specs.map(({ file }) => file))('%s runs on Node 24 and arm64, with JSON logs kept for a month', (file) => {
    const { Properties } = lambdaOf(file);
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      LoggingConfig: { LogFormat: 'JSON' },
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'leasehold', POWERTOOLS_METRICS_NAMESPACE: 'Leasehold' } },
    });
    const logGroup = resources[Properties.LoggingConfig.LogGroup.Ref]!;
    expect(logGroup).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
  });

  it('shares no log group and no role between functions', () => {
    const groups = lambdas.map(({ Properties }) => Properties.LoggingConfig.LogGroup.Ref);
    const roles = lambdas.map(({ Properties }) => Properties.Role['Fn::GetAtt'][0]);
    expect(new Set(groups).size).toBe(lambdas.length);
    expect(new Set(roles).size).toBe(lambdas.length);
  });

  it('gives slow operations 29 seconds, the schedule 60, the stream and webhooks 30, every other function 10', () => {
    const special: Record<string, number> = {
      activate: 29,
      'get-usage': 29,
      'grant-licenses': 29,
      'issue-offline-license': 29,
      'list-sessions': 29,
      'list-subscriptions': 29,
      'list-your-licenses': 29,
      'remove-member': 29,
      'set-subscription': 29,
      'settle-due': 60,
      'follow-changes': 30,
      'deliver-webhook': 30,
    };
    for (const { file } of specs) expect(lambdaOf(file).Properties.Timeout, file).toBe(special[file] ?? 10);
  });

  it('gives each function time for all tries of a request to DynamoDB', async () => {
    const { client } = openTable('service#test', { TABLE_NAME: 'table' });
    const tries = await client.config.maxAttempts();
    const { requestTimeout, connectionTimeout } = awsTimes;
    for (const { Properties } of lambdas)
      expect(tries * (requestTimeout + connectionTimeout)).toBeLessThan(Properties.Timeout * 1000);
  });
});

describe('a new version of a function whose failure ends the work of runners', () => {
  const gradual = ['activate', 'heartbeat', 'deactivate', 'authorizer', 'follow-changes', 'settle-due'];
  const groupOf = (template: typeof stack, aliasId: string) => {
    const { UpdatePolicy } = resourcesOf(template)[aliasId] as unknown as {
      UpdatePolicy: { CodeDeployLambdaAliasUpdate: { DeploymentGroupName: { Ref: string } } };
    };
    return resourcesOf(template)[UpdatePolicy.CodeDeployLambdaAliasUpdate.DeploymentGroupName.Ref]!.Properties;
  };

  it.each(gradual)('%s gets a tenth of the calls for five minutes, and goes back at the function’s alarm', (file) => {
    const alias = aliasOf(file);
    expect(alias.Properties.Name).toBe('live');
    expect(resources[alias.Properties.FunctionVersion['Fn::GetAtt'][0]]!.Properties.FunctionName).toEqual({
      Ref: lambdaOf(file).id,
    });
    const group = groupOf(stack, alias.id);
    expect(group.DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent5Minutes');
    expect(group.AutoRollbackConfiguration.Events).toContain('DEPLOYMENT_STOP_ON_ALARM');
    const [alarm, ...more] = group.AlarmConfiguration.Alarms.map(({ Name }: { Name: { Ref: string } }) => Name.Ref);
    expect(more).toEqual([]);
    expect(resources[alarm]!.Properties.AlarmDescription).toMatch(`(function ${file})`);
  });

  it('is called by its alias alone: no caller reaches a version that is not rolled out', () => {
    expect(ofType(stack, 'AWS::Lambda::Alias')).toHaveLength(gradual.length);
    const { LeaseholdApi } = synthesize();
    const called = JSON.stringify([
      ofType(LeaseholdApi, 'AWS::ApiGatewayV2::Integration'),
      ofType(LeaseholdApi, 'AWS::ApiGatewayV2::Authorizer'),
      ofType(LeaseholdApi, 'AWS::Lambda::Permission'),
    ]);
    const outputs: [string, { Value: unknown }][] = Object.entries(stack!.toJSON().Outputs);
    for (const file of gradual) {
      const arn = JSON.stringify({ 'Fn::GetAtt': [lambdaOf(file).id, 'Arn'] });
      for (const [name] of outputs.filter(([, { Value }]) => JSON.stringify(Value) === arn))
        expect(called, file).not.toContain(`"${name}"`);
      expect(JSON.stringify(ofType(stack, 'AWS::Scheduler::Schedule')), file).not.toContain(arn);
    }
  });

  it('takes over at once on a stage for trials, also while an alarm is raised, and goes back only if the deployment fails', () => {
    const functions = synthesize({ context: { stage: 'test' } }).LeaseholdTestFunctions;
    expect(ofType(functions, 'AWS::CloudWatch::Alarm').length).toBeGreaterThan(70);
    const aliases = ofType(functions, 'AWS::Lambda::Alias');
    expect(aliases).toHaveLength(gradual.length);
    for (const { id } of aliases) {
      const group = groupOf(functions, id);
      expect(group.DeploymentConfigName).toBe('CodeDeployDefault.LambdaAllAtOnce');
      expect(group.AlarmConfiguration?.Alarms ?? []).toEqual([]);
      expect(group.AutoRollbackConfiguration.Events).not.toContain('DEPLOYMENT_STOP_ON_ALARM');
    }
  });
});

describe('least privilege', () => {
  it.each(operations.map((operation) => [operation.name, operation] as const))(
    '%s may do to the table what its contract declares, and to nothing else but its keys anything',
    (name, { table }) => {
      const statements = statementsOf(functionFile(name));
      const dynamodb = statements.filter((statement) => actionsOf(statement).some((it) => it.startsWith('dynamodb:')));
      expect(dynamodb.map(asWritten)).toEqual(tableStatements(table, 'the table').map(asWritten));
      for (const statement of dynamodb) expect(onTable(statement)).toBe(true);

      const others = statements
        .filter((statement) => !dynamodb.includes(statement) && !onKeys(statement))
        .flatMap(actionsOf);
      expect(others.sort()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    },
  );

  it.each(specs.map((spec) => [spec.file, spec] as const))(
    '%s gets the table’s name only with a grant',
    (file, spec) => {
      const { TABLE_NAME } = lambdaOf(file).Properties.Environment.Variables;
      expect(TABLE_NAME !== undefined).toBe(Object.keys(spec.table).length > 0);
    },
  );

  it('lets follow-changes read the stream, write items, request attempts, put events on the bus, and set failed changes aside', () => {
    const statements = statementsOf('follow-changes');
    expect(statements.filter(onTable).flatMap(actionsOf).sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ]);
    expect(statements.flatMap(actionsOf).sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:DeleteItem',
      'dynamodb:DescribeStream',
      'dynamodb:GetItem',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'events:PutEvents',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:ListBucket',
      's3:PutObject',
      'sqs:SendMessage',
    ]);
  });

  it.each(['authorizer', 'settle-due', 'not-found', 'docs'])(
    '%s may make the calls to the table that are listed for it',
    (file) => {
      const declared = tableStatements(specs.find((spec) => spec.file === file)!.table, 'the table');
      const statements = statementsOf(file);
      expect(statements.filter(onTable).map(asWritten)).toEqual(declared.map(asWritten));
      const others = statements.filter((statement) => !onTable(statement)).flatMap(actionsOf);
      expect(others.sort()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    },
  );

  it('lets deliver-webhook alone read the queue that follow-changes fills', () => {
    const [queue, ...more] = ofType(stack, 'AWS::SQS::Queue');
    expect(more).toEqual([]);
    const onQueue = specs.flatMap(({ file }) =>
      statementsOf(file)
        .filter((statement) => actionsOf(statement).some((action) => action.startsWith('sqs:')))
        .map(({ Resource }) => [file, Resource]),
    );
    const arn = { 'Fn::GetAtt': [queue!.id, 'Arn'] };
    expect(onQueue).toEqual([
      ['follow-changes', arn],
      ['deliver-webhook', arn],
    ]);
    for (const { file } of specs)
      expect(lambdaOf(file).Properties.Environment.Variables.WEBHOOK_QUEUE_URL, file).toEqual(
        file === 'follow-changes' ? { Ref: queue!.id } : undefined,
      );
    expect(statementsOf('deliver-webhook').filter(onTable).flatMap(actionsOf).sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ]);
  });

  it('allows no function of AWS to send to this machine’s own addresses', () => {
    expect(JSON.stringify(lambdas)).not.toContain('LOOPBACK');
  });

  it('allows no wildcard except to list streams and to name set-aside objects', () => {
    const wild = specs
      .flatMap(({ file }) => statementsOf(file))
      .filter(({ Action, Resource }) => JSON.stringify([Action, Resource]).includes('*'));
    expect(wild.flatMap(actionsOf).sort()).toEqual(['dynamodb:ListStreams', 's3:PutObject']);
  });
});

describe('keys that sign offline licenses', () => {
  const users = Object.fromEntries(
    operations.flatMap(({ name, signingKeys }) => (signingKeys ? [[functionFile(name), signingKeys]] : [])),
  );
  const keyArns = (template: typeof stack) =>
    ofType(template, 'AWS::IAM::Role').flatMap(({ Properties }) =>
      (Properties.Policies ?? []).flatMap((policy: { PolicyDocument: { Statement: Statement[] } }) =>
        policy.PolicyDocument.Statement.filter(onKeys),
      ),
    );

  it('sign for issues and downloads, and only the key set shows them', () => {
    expect(users).toEqual({ 'issue-offline-license': 'sign', 'get-offline-license-file': 'sign', jwks: 'publish' });
    const allowed = specs.map(({ file }) => [file, statementsOf(file).filter(onKeys).flatMap(actionsOf)]);
    expect(Object.fromEntries(allowed.filter(([, actions]) => actions?.length))).toEqual({
      'issue-offline-license': ['kms:Sign'],
      'get-offline-license-file': ['kms:Sign'],
      jwks: ['kms:GetPublicKey'],
    });
  });

  it('are Ed25519 keys in KMS, retained with the data', () => {
    const [key, ...more] = ofType(data, 'AWS::KMS::Key');
    expect(more).toEqual([]);
    expect(key).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', MultiRegion: true },
    });
    const [alias] = ofType(data, 'AWS::KMS::Alias');
    expect(alias!.Properties).toMatchObject({ AliasName: 'alias/LeaseholdData-signing-1' });
  });

  it('are unknown to all other functions; the signing functions know the issuer', () => {
    const { LeaseholdFunctions } = synthesize({ context: { licenseIssuer: 'https://licenses.example.com' } });
    for (const { Properties } of ofType(LeaseholdFunctions, 'AWS::Lambda::Function')) {
      const file = Properties.Description.replace('Leasehold: ', '');
      const { SIGNING_KMS_KEYS, LICENSE_ISSUER } = Properties.Environment.Variables;
      expect(SIGNING_KMS_KEYS !== undefined, file).toBe(file in users);
      expect(LICENSE_ISSUER, file).toBe(users[file] === 'sign' ? 'https://licenses.example.com' : undefined);
    }
  });

  it('can be rotated: the first key of the context signs, and all keys are published', () => {
    const templates = synthesize({ context: { signingKeys: '2,1' } });
    expect(ofType(templates.LeaseholdData, 'AWS::KMS::Key').map(({ Properties }) => Properties.Description)).toEqual([
      'Leasehold: signs offline licenses (2)',
      'Leasehold: signs offline licenses (1)',
    ]);
    const resourcesOfAction = (action: string) =>
      keyArns(templates.LeaseholdFunctions)
        .filter((statement) => actionsOf(statement).includes(action))
        .map(({ Resource }) => [Resource].flat());
    const [published] = resourcesOfAction('kms:GetPublicKey');
    expect(published).toHaveLength(2);
    const signing = published?.filter((arn) => JSON.stringify(arn).includes('SigningKey2'));
    expect(resourcesOfAction('kms:Sign')).toEqual([signing, signing]);
    // The resources of the earlier keys stay unchanged: a name never stands for another key.
    expect(resourcesOf(templates.LeaseholdData)).toMatchObject(resourcesOf(data));
  });

  it('can be those of an earlier deployment, by their ARNs', () => {
    const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const { LeaseholdData, LeaseholdFunctions } = synthesize({ context: { signingKeys: `${arn},2` } });
    expect(ofType(LeaseholdData, 'AWS::KMS::Key')).toHaveLength(1);
    const signing = keyArns(LeaseholdFunctions).filter((statement) => actionsOf(statement).includes('kms:Sign'));
    expect(signing.map(({ Resource }) => Resource)).toEqual([arn, arn]);
  });

  it('have names of safe characters only', () => {
    expect(() => synthesize({ context: { signingKeys: '2;1' } })).toThrow('signingKeys');
  });
});

describe('alarms', () => {
  const alarms = ofType(stack, 'AWS::CloudWatch::Alarm');

  it.each(specs.map((spec) => [spec.file, spec] as const))(
    '%s has one that says what its errors mean to a user',
    (file, spec) => {
      const { id } = lambdaOf(file);
      const own = alarms.filter(({ Properties }) =>
        (Properties.Metrics ?? []).some(
          (metric: { MetricStat?: { Metric: { MetricName: string; Dimensions?: { Value: unknown }[] } } }) =>
            metric.MetricStat?.Metric.MetricName === 'Errors' &&
            JSON.stringify(metric.MetricStat.Metric.Dimensions?.[0]?.Value) === JSON.stringify({ Ref: id }),
        ),
      );
      expect(own).toHaveLength(1);
      expect(spec.impact.length).toBeGreaterThan(10);
      expect(own[0]!.Properties).toMatchObject({
        AlarmDescription: `${spec.impact} (function ${file}) Runbook: docs/runbooks/functions.md#${file}`,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      });
      expect(own[0]!.Properties.AlarmActions).toHaveLength(1);
    },
  );

  it('also count errors that a function caught and logged', () => {
    const filters = ofType(stack, 'AWS::Logs::MetricFilter');
    expect(filters).toHaveLength(specs.length);
    for (const { file } of specs) {
      const group = lambdaOf(file).Properties.LoggingConfig.LogGroup.Ref;
      const [filter] = filters.filter(({ Properties }) => Properties.LogGroupName.Ref === group);
      expect(filter!.Properties.FilterPattern).toContain('$.level = "ERROR"');
      expect(filter!.Properties.MetricTransformations[0].MetricName).toBe(file);
    }
  });

  it('are published over TLS only, by alarms of this account', () => {
    const [policy] = ofType(stack, 'AWS::SNS::TopicPolicy');
    expect(policy!.Properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ]);
  });

  it('are mailed to the address in the context', () => {
    const { LeaseholdFunctions } = synthesize({ context: { alarmEmail: 'ops@example.com' } });
    const [subscription] = ofType(LeaseholdFunctions, 'AWS::SNS::Subscription');
    expect(subscription!.Properties).toMatchObject({ Protocol: 'email', Endpoint: 'ops@example.com' });
  });
});

describe('the callers of functions besides the API', () => {
  it('feeds the stream to follow-changes in batches, and loses no change that fails', () => {
    const [feed, ...more] = ofType(stack, 'AWS::Lambda::EventSourceMapping').filter(
      ({ Properties }) => Properties.StartingPosition,
    );
    expect(more).toEqual([]);
    expect(feed!.Properties).toMatchObject({
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      StartingPosition: 'TRIM_HORIZON',
      // Within the 24 hours that the stream keeps changes: until then a failed change is retried.
      MaximumRecordAgeInSeconds: 20 * 3600,
    });
    expect(JSON.stringify(feed!.Properties.FunctionName)).toMatch(`"${aliasOf('follow-changes').id}"`);
    expect(feed!.Properties.MaximumRetryAttempts ?? -1).toBe(-1);
    expect(feed!.Properties.ParallelizationFactor).toBeGreaterThan(1);
    const [{ Pattern }, ...filters] = feed!.Properties.FilterCriteria.Filters;
    expect(filters).toEqual([]);
    expect(JSON.parse(Pattern)).toEqual({
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { Keys: { pk: { S: followedPartitions.map((prefix) => ({ prefix })) } } },
    });
    const bucketId = feed!.Properties.DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0];
    expect(resources[bucketId]).toMatchObject({ Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain' });
    expect(resources[bucketId]!.Properties.BucketEncryption).toBeDefined();
  });

  it('alarms operators when a change is set aside, and says what to do', () => {
    const [feed] = ofType(stack, 'AWS::Lambda::EventSourceMapping');
    expect(feed!.Properties.MetricsConfig).toEqual({ Metrics: ['EventCount'] });
    const [alarm, ...more] = ofType(stack, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties.MetricName === 'OnFailureDestinationDeliveredEventCount',
    );
    expect(more).toEqual([]);
    expect(alarm!.Properties).toMatchObject({
      Namespace: 'AWS/Lambda',
      Dimensions: [{ Name: 'EventSourceMappingUUID', Value: { Ref: feed!.id } }],
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    expect(alarm!.Properties.AlarmActions).toHaveLength(1);
    expect(JSON.stringify(alarm!.Properties.AlarmDescription)).toContain('npm run replay');
  });

  it('hands over each webhook delivery alone, so that no target waits for another', () => {
    const [source, ...more] = ofType(stack, 'AWS::Lambda::EventSourceMapping').filter(
      ({ Properties }) => !Properties.StartingPosition,
    );
    expect(more).toEqual([]);
    expect(source!.Properties).toMatchObject({
      FunctionName: { Ref: lambdaOf('deliver-webhook').id },
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 100 },
    });
    const [queue] = ofType(stack, 'AWS::SQS::Queue');
    // Longer than an attempt may take: the queue does not repeat a delivery that is still running.
    expect(queue!.Properties.VisibilityTimeout).toBeGreaterThan(lambdaOf('deliver-webhook').Properties.Timeout);
    // Longer than the schedule waits before it requests the attempt again.
    expect(queue!.Properties.MessageRetentionPeriod).toBeGreaterThan(300);
  });

  it('gives the bus of audit events to follow-changes alone, for events of this service alone', () => {
    const [bus, ...more] = ofType(stack, 'AWS::Events::EventBus');
    expect(more).toEqual([]);
    const allowed = specs.flatMap(({ file }) =>
      statementsOf(file)
        .filter((statement) => actionsOf(statement).some((action) => action.startsWith('events:')))
        .map((statement) => [file, statement]),
    );
    expect(allowed).toEqual([
      [
        'follow-changes',
        {
          Action: 'events:PutEvents',
          Effect: 'Allow',
          Resource: { 'Fn::GetAtt': [bus!.id, 'Arn'] },
          Condition: { StringEquals: { 'events:source': 'leasehold' } },
        },
      ],
    ]);
    for (const { file } of specs)
      expect(lambdaOf(file).Properties.Environment.Variables.EVENT_BUS, file).toEqual(
        file === 'follow-changes' ? { Ref: bus!.id } : undefined,
      );
  });

  it('puts all but the begins and ends of sessions on the bus, or what the context says', () => {
    const actionsOn = (resources: typeof stack) =>
      ofType(resources, 'AWS::Lambda::Function')
        .flatMap(({ Properties }) => Properties.Environment.Variables.EVENT_BUS_ACTIONS ?? [])
        .flatMap((actions: string) => actions.split(','));
    const nouns = new Set(AuditAction.options.map((action) => `${action.split('.')[0]}.*`));
    expect(actionsOn(stack)).toEqual([...nouns].filter((noun) => noun !== 'activation.*'));
    const { LeaseholdFunctions } = synthesize({ context: { eventBusActions: 'license.refused,*' } });
    expect(actionsOn(LeaseholdFunctions)).toEqual(['license.refused', '*']);
    expect(() => synthesize({ context: { eventBusActions: 'license' } })).toThrow(/eventBusActions/);
  });

  it('archives the events of the bus for as long as the context says, and by default not at all', () => {
    expect(ofType(stack, 'AWS::Events::Archive')).toEqual([]);
    const { LeaseholdFunctions } = synthesize({ context: { eventArchiveDays: '90' } });
    const [archive] = ofType(LeaseholdFunctions, 'AWS::Events::Archive');
    expect(archive!.Properties).toMatchObject({ RetentionDays: 90, EventPattern: { source: ['leasehold'] } });
  });

  it('calls settle-due each minute', () => {
    const [schedule, ...more] = ofType(stack, 'AWS::Scheduler::Schedule');
    expect(more).toEqual([]);
    expect(schedule!.Properties.ScheduleExpression).toBe('rate(1 minute)');
    expect(schedule!.Properties.Target.Arn).toEqual({ Ref: aliasOf('settle-due').id });
  });
});

describe('sign-in', () => {
  const environmentOf = (context: Record<string, unknown>) => {
    const templates = synthesize({ context });
    const [authorizer] = ofType(templates.LeaseholdFunctions, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.Description === 'Leasehold: authorizer',
    );
    return { templates, variables: authorizer!.Properties.Environment.Variables };
  };

  it('trusts the user pool of the app', () => {
    const { templates, variables } = environmentOf({});
    expect(JSON.stringify(variables.OIDC_ISSUER)).toContain('LeaseholdIdentity');
    // The clients of the page and of the command.
    for (const stackOfClient of ['LeaseholdConsole', 'LeaseholdIdentity'])
      expect(JSON.stringify(variables.OIDC_AUDIENCE)).toContain(stackOfClient);
    expect(variables).toMatchObject({ OIDC_GROUPS_CLAIM: 'cognito:groups', VENDOR_GROUP: 'vendor' });
    const [group] = ofType(templates.LeaseholdIdentity, 'AWS::Cognito::UserPoolGroup');
    expect(group!.Properties.GroupName).toBe('vendor');
    const [pool] = ofType(templates.LeaseholdIdentity, 'AWS::Cognito::UserPool');
    expect(pool).toMatchObject({ DeletionPolicy: 'Retain', Properties: { MfaConfiguration: 'ON' } });
  });

  it('trusts another issuer instead, and then creates no user pool', () => {
    const { templates, variables } = environmentOf({
      oidcIssuer: 'https://issuer.example.com',
      oidcAudience: 'leasehold',
      oidcGroupsClaim: 'groups',
    });
    expect(templates.LeaseholdIdentity).toBeUndefined();
    expect(variables).toMatchObject({
      OIDC_ISSUER: 'https://issuer.example.com',
      OIDC_AUDIENCE: 'leasehold',
      OIDC_GROUPS_CLAIM: 'groups',
    });
    expect(variables.OIDC_JWKS_URI).toBeUndefined();
  });

  it('gives no other function the settings of the authorizer', () => {
    for (const { file } of specs.filter((spec) => spec.file !== 'authorizer')) {
      expect(Object.keys(lambdaOf(file).Properties.Environment.Variables).join()).not.toContain('OIDC');
    }
  });

  it('lets nobody make an account, unless the context opens the user pool; has a sign-in page either way', () => {
    const closedBy = (context: Record<string, unknown>) => {
      const { LeaseholdIdentity } = synthesize({ context });
      expect(ofType(LeaseholdIdentity, 'AWS::Cognito::UserPoolDomain')).toHaveLength(1);
      return ofType(LeaseholdIdentity, 'AWS::Cognito::UserPool')[0]!.Properties;
    };
    const closed = closedBy({});
    expect(closed.AdminCreateUserConfig.AllowAdminCreateUserOnly).toBe(true);
    expect(closed.EmailConfiguration).toBeUndefined();
    const open = closedBy({ selfSignUp: 'true', mailFrom: 'licenses@example.com' });
    expect(open.AdminCreateUserConfig.AllowAdminCreateUserOnly).toBe(false);
    // The user pool mails by SES, as the service does.
    expect(open.EmailConfiguration).toMatchObject({ EmailSendingAccount: 'DEVELOPER', From: 'licenses@example.com' });
    expect(JSON.stringify(open.EmailConfiguration.SourceArn)).toContain(':identity/example.com');
  });

  it('refuses an issuer without an audience', () => {
    expect(() => synthesize({ context: { oidcIssuer: 'https://issuer.example.com' } })).toThrow('oidcAudience');
  });
});

describe('mails', () => {
  const withMails = (context: Record<string, string>) => {
    const template = synthesize({ context }).LeaseholdFunctions;
    const [sender] = ofType(template, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.Description === 'Leasehold: send-mail',
    );
    const inline = ofType(template, 'AWS::IAM::Role').flatMap(({ Properties }) => Properties.Policies ?? []);
    const attached = ofType(template, 'AWS::IAM::Policy').map(({ Properties }) => Properties);
    const statements: Statement[] = [...inline, ...attached].flatMap((policy) => policy.PolicyDocument.Statement);
    const ofSes = statements.filter((statement) => actionsOf(statement).some((action) => action.startsWith('ses:')));
    return { template, sender, ofSes };
  };

  it('are not sent without an address: no function, no queue for them, no grant', () => {
    const { template, sender, ofSes } = withMails({});
    expect(sender).toBeUndefined();
    expect(ofSes).toEqual([]);
    expect(JSON.stringify(template)).not.toContain('MAIL_');
    expect(ofType(template, 'AWS::SQS::Queue')).toHaveLength(1);
  });

  it('come from one address of one identity, and one function sends them', () => {
    const { template, sender, ofSes } = withMails({ mailFrom: 'licenses@example.com' });
    expect(ofSes).toEqual([
      {
        Action: 'ses:SendEmail',
        Effect: 'Allow',
        Resource: {
          'Fn::Join': [
            '',
            [
              ...['arn:', { Ref: 'AWS::Partition' }, ':ses:', { Ref: 'AWS::Region' }],
              ...[':', { Ref: 'AWS::AccountId' }, ':identity/example.com'],
            ],
          ],
        },
        Condition: { StringEquals: { 'ses:FromAddress': 'licenses@example.com' } },
      },
    ]);
    expect(sender!.Properties.Environment.Variables).toMatchObject({ MAIL_FROM: 'licenses@example.com' });
    expect(JSON.stringify(sender!.Properties.Environment.Variables.CONSOLE_URL)).toContain('LeaseholdConsole');
    const source = ofType(template, 'AWS::Lambda::EventSourceMapping').find(
      ({ Properties }) => Properties.FunctionName.Ref === sender!.id,
    );
    expect(source!.Properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    const queue = source!.Properties.EventSourceArn['Fn::GetAtt'][0];
    const [feed] = ofType(template, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.Description === 'Leasehold: follow-changes',
    );
    expect(feed!.Properties.Environment.Variables.MAIL_QUEUE_URL).toEqual({ Ref: queue });
    expect(feed!.Properties.Environment.Variables.WEBHOOK_QUEUE_URL).not.toEqual({ Ref: queue });
  });

  it('name the console to invited people, and use another identity than the domain, if these are set', () => {
    const { sender, ofSes } = withMails({
      mailFrom: 'licenses@example.com',
      mailIdentity: 'licenses@example.com',
      consoleUrl: 'https://console.example.com',
    });
    expect(sender!.Properties.Environment.Variables.CONSOLE_URL).toBe('https://console.example.com/');
    expect(JSON.stringify(ofSes[0]!.Resource)).toContain(':identity/licenses@example.com');
  });

  it.each(['licenses', 'a@b', 'Leasehold <a@example.com>', 'a@example.com\r\nBcc: b@example.com'])(
    'come from an address and nothing else: %j is refused',
    (mailFrom) => {
      expect(() => synthesize({ context: { mailFrom } })).toThrow('mailFrom');
    },
  );
});
