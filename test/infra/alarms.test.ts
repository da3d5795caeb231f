import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionsOf } from '../../infra/functions.ts';
import { operations } from '../../shared/contracts/operations.ts';
import { ofType, resourcesOf, synthesize } from './synthesis.ts';

/** A deployment with everything that has an alarm. */
const context = {
  canary: 'true',
  dashboard: 'true',
  tracing: 'true',
  monthlyBudget: '50',
  consoleUrl: 'https://licenses.example.com',
  mailFrom: 'licenses@example.com',
};
const { LeaseholdFunctions: stack, LeaseholdApi } = synthesize({ context });
const resources = resourcesOf(stack);
const lambdaOf = (file: string) =>
  ofType(stack, 'AWS::Lambda::Function').find(({ Properties }) => Properties.Description === `Leasehold: ${file}`)!;

const alarms = [...ofType(stack, 'AWS::CloudWatch::Alarm'), ...ofType(LeaseholdApi, 'AWS::CloudWatch::Alarm')];
const alarmOf = (section: string) => {
  const found = alarms.filter(({ Properties }) =>
    JSON.stringify(Properties.AlarmDescription).endsWith(`docs/runbooks/${section.replace('#', '.md#')}"`),
  );
  expect(found, section).toHaveLength(1);
  return found[0]!.Properties;
};

describe('an alarm', () => {
  it('goes off when the schedule, the canary or the stream is silent: missing data counts as silence', () => {
    const silent = { ComparisonOperator: 'LessThanThreshold', Threshold: 1, TreatMissingData: 'breaching' };
    const ofFunction = (file: string) => [{ Name: 'FunctionName', Value: { Ref: lambdaOf(file).id } }];
    const schedule = {
      MetricName: 'Invocations',
      Dimensions: ofFunction('settle-due'),
      Period: 60,
      EvaluationPeriods: 5,
    };
    expect(alarmOf('background#schedule-silent')).toMatchObject({ ...silent, ...schedule });
    const canary = { MetricName: 'CanaryPassed', Dimensions: [{ Name: 'service', Value: 'leasehold' }] };
    expect(alarmOf('service#canary-silent')).toMatchObject({ ...silent, ...canary, Period: 60, EvaluationPeriods: 3 });
    const stream = { MetricName: 'InvokedEventCount', Period: 300, EvaluationPeriods: 2 };
    expect(alarmOf('background#stream-silent')).toMatchObject({ ...silent, ...stream });
  });

  it('goes off when AWS throttles functions or the table, in two of three minutes', () => {
    const twice = { EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: 'notBreaching' };
    const functions = alarmOf('service#functions-throttled');
    expect(functions).toMatchObject({ ...twice, Namespace: 'AWS/Lambda', MetricName: 'Throttles' });
    expect(functions.Dimensions).toBeUndefined();
    const table = alarmOf('service#table-throttled');
    expect(table).toMatchObject(twice);
    expect(JSON.stringify(table.Metrics)).toMatch(/ReadThrottleEvents.*WriteThrottleEvents|Write.*ReadThrottleEvents/);
  });

  it.each(['activate', 'heartbeat'])('goes off when the slowest of a hundred calls of %s are slow', (operation) => {
    expect(alarmOf(`service#slow-${operation}`)).toMatchObject({
      ExtendedStatistic: 'p99',
      // As `serve` puts them: test/infra/bundle.test.ts.
      Namespace: 'Leasehold',
      MetricName: 'Latency',
      Dimensions: [
        { Name: 'operation', Value: operation },
        { Name: 'service', Value: 'leasehold' },
      ],
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
    });
  });

  it('goes off when jobs wait in a queue', () => {
    for (const section of ['background#webhooks-late', 'background#mails-late'])
      expect(alarmOf(section)).toMatchObject({ MetricName: 'ApproximateAgeOfOldestMessage', Threshold: 600 });
  });

  it('of the canary ends each rollout of a new version, too', () => {
    const [silent] = alarms.filter(({ Properties }) => Properties.MetricName === 'CanaryPassed');
    const groups = ofType(stack, 'AWS::CodeDeploy::DeploymentGroup');
    expect(groups.length).toBeGreaterThan(5);
    for (const { Properties } of groups)
      expect(Properties.AlarmConfiguration.Alarms).toContainEqual({ Name: { Ref: silent!.id } });
  });

  it('tells the topic', () => {
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
  });
});

describe('the budget', () => {
  it('tells the same topic when the cost of the month passes it, or most likely will', () => {
    const [budget] = ofType(stack, 'AWS::Budgets::Budget');
    const [topic] = ofType(stack, 'AWS::SNS::Topic');
    expect(budget!.Properties.Budget).toMatchObject({
      BudgetLimit: { Amount: 50, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:service$leasehold'] },
    });
    const told = budget!.Properties.NotificationsWithSubscribers;
    expect(told.map(({ Notification }: any) => Notification.NotificationType)).toEqual(['ACTUAL', 'FORECASTED']);
    for (const { Subscribers } of told)
      expect(Subscribers).toEqual([{ SubscriptionType: 'SNS', Address: { Ref: topic!.id } }]);
    const [policy] = ofType(stack, 'AWS::SNS::TopicPolicy');
    expect(JSON.stringify(policy!.Properties)).toContain('budgets.amazonaws.com');
  });
});

describe('what is off by default', () => {
  it('is there with its setting: the dashboard, and Lambda’s own traces, which need nothing in a bundle', () => {
    expect(ofType(stack, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
    for (const { Properties } of ofType(stack, 'AWS::Lambda::Function'))
      expect(Properties.TracingConfig).toEqual({ Mode: 'Active' });
  });
});

describe('a runbook', () => {
  const pages = globSync('docs/runbooks/*.md').map((file) => [basename(file), readFileSync(file, 'utf8')] as const);
  const sections = pages.flatMap(([page, text]) =>
    page === 'README.md'
      ? []
      : [...text.matchAll(/^## ([a-z-]+)$|<a id="([a-z-]+)"><\/a>/gm)].map(
          ([, heading, anchor]) => `docs/runbooks/${page}#${heading ?? anchor}`,
        ),
  );

  it('is there for each alarm, which names it, and there is no other', () => {
    const named = alarms.map(
      ({ Properties }) => /Runbook: (docs\/runbooks\/\S+)"/.exec(JSON.stringify(Properties.AlarmDescription))?.[1],
    );
    expect(alarms.length).toBeGreaterThan(functionsOf(operations).length);
    expect(named.sort()).toEqual(sections.sort());
  });

  it('says what users feel, what to look at with which command, and what to do', () => {
    for (const [page, text] of pages.filter(([name]) => name === 'service.md' || name === 'background.md'))
      for (const section of text.split('\n## ').slice(1))
        expect(section, page).toMatch(/\n\*\*Users\*\*: .*\n\*\*Look\*\*: .*```sh\n.*```\n\n\*\*Do\*\*: /s);
  });

  it('tells for each function what its contract says', () => {
    const text = readFileSync('docs/runbooks/functions.md', 'utf8');
    for (const { file, impact } of functionsOf(operations))
      expect(text).toContain(`| <a id="${file}"></a>\`${file}\` | ${impact} |`);
  });

  it('has commands that a shell can read, about functions that exist', () => {
    const files = new Set(functionsOf(operations).map(({ file }) => file));
    for (const [page, text] of pages)
      for (const [, script = ''] of text.matchAll(/```sh\n(.*?)```/gs)) {
        const checked = script.replaceAll(/<[^<>\n]+>/g, 'given');
        expect(spawnSync('sh', ['-n'], { input: checked, encoding: 'utf8' }).stderr, page).toBe('');
        for (const [, file] of script.matchAll(/(?:^logs|function_name) ([a-z-]+)/gm))
          expect(files, page).toContain(file);
      }
  });
});

describe('the canary', () => {
  const lambda = lambdaOf('canary');

  it('is called each minute, and knows the public address', () => {
    const schedule = ofType(stack, 'AWS::Scheduler::Schedule').find(
      ({ Properties }) =>
        JSON.stringify(Properties.Target.Arn) === JSON.stringify({ 'Fn::GetAtt': [lambda.id, 'Arn'] }),
    )!;
    expect(schedule.Properties.ScheduleExpression).toBe('rate(1 minute)');
    expect(lambda.Properties.Environment.Variables).toMatchObject({
      SERVICE_URL: `${context.consoleUrl}/`,
      CANARY_KEY_PARAMETER: '/LeaseholdFunctions/canary-key',
    });
    expect(lambda.Properties.Environment.Variables.TABLE_NAME).toBeUndefined();
  });

  it('may read the parameter with its API key, write its log, and nothing else', () => {
    const role = lambda.Properties.Role['Fn::GetAtt'][0];
    const policies = [
      ...resources[role]!.Properties.Policies,
      ...ofType(stack, 'AWS::IAM::Policy')
        .map(({ Properties }) => Properties)
        .filter(({ Roles }) => Roles.some(({ Ref }: { Ref: string }) => Ref === role)),
    ];
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const actions = statements.map(({ Action }) => Action);
    expect(actions).toContain('ssm:GetParameter');
    expect(actions.flat().filter((action) => !/^(logs|xray):/.test(action))).toEqual(['ssm:GetParameter']);
    const [parameter] = statements.filter(({ Action }) => Action === 'ssm:GetParameter');
    expect(JSON.stringify(parameter.Resource)).toContain(':parameter/LeaseholdFunctions/canary-key"');
  });
});
