import { describe, expect, it } from 'vitest';
import { ofType, resourcesOf, synthesize } from './synthesis.ts';

/** A deployment with everything that has an alarm. */
const context = { canary: 'true', consoleUrl: 'https://licenses.example.com', mailFrom: 'licenses@example.com' };
const { LeaseholdFunctions: stack } = synthesize({ context });
const resources = resourcesOf(stack);
const lambdaOf = (file: string) =>
  ofType(stack, 'AWS::Lambda::Function').find(({ Properties }) => Properties.Description === `Leasehold: ${file}`)!;

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
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      'ssm:GetParameter',
    ]);
    expect(JSON.stringify(statements[1].Resource)).toContain(':parameter/LeaseholdFunctions/canary-key"');
  });

  it('alarms when it is silent, or does not get a license', () => {
    const silent = ofType(stack, 'AWS::CloudWatch::Alarm').find(
      ({ Properties }) => Properties.MetricName === 'CanaryPassed',
    );
    expect(silent!.Properties).toMatchObject({
      Namespace: 'Leasehold',
      Dimensions: [{ Name: 'service', Value: 'leasehold' }],
      Statistic: 'Sum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
    expect(silent!.Properties.AlarmActions).toHaveLength(1);
  });
});
