import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type Alarm, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  type CfnFunction,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FunctionSpec } from '../functions.ts';
import { acceptFinding } from '../nag.ts';
import type { Settings } from '../settings.ts';
import { serviceName } from '../stages.ts';
import { tableStatements } from '../table-policy.ts';
import { addAlarm } from './add-alarm.ts';

/** A function's grant on KMS keys. */
export interface KeyGrant {
  readonly action: 'kms:Sign' | 'kms:GetPublicKey';
  readonly keys: readonly IKey[];
}

interface LeaseholdFunctionProps {
  readonly spec: FunctionSpec;
  readonly code: Code;
  readonly table: ITable;
  readonly keys?: KeyGrant;
  readonly alarmTopic: ITopic;
  readonly settings: Settings;
  readonly environment?: Record<string, string>;
}

/**
 * A Lambda function with this service's defaults: Node 24 on arm64, a role with exactly the grants of its contract, JSON logs
 * kept for a month, and an alarm that says what its errors mean to a user.
 */
export class LeaseholdFunction extends Construct {
  readonly lambda: LambdaFunction;
  /** Goes off at the function's errors. */
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: LeaseholdFunctionProps) {
    super(scope, id);
    const { spec, code, table, keys } = props;
    const { stage, logLevel, tracing } = props.settings;

    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    this.lambda = new LambdaFunction(this, 'Function', {
      description: `Leasehold: ${spec.file}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code,
      memorySize: spec.memoryMB ?? 512,
      timeout: Duration.seconds(spec.timeoutSeconds ?? 10),
      role: this.roleWith(logGroup, [
        ...tableStatements(spec.table, table.tableArn).map((statement) => PolicyStatement.fromJson(statement)),
        ...keyStatements(keys),
        ...(tracing ? [mayTrace] : []),
      ]),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // The logger itself drops lines below the level. Lambda would drop the metrics with them.
      applicationLogLevelV2: ApplicationLogLevel[logLevel === 'DEBUG' ? 'DEBUG' : 'INFO'],
      // No START and REPORT lines: they would be three for each heartbeat, and the metrics have their content.
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: {
        ...(Object.keys(spec.table).length > 0 ? { TABLE_NAME: table.tableName } : {}),
        ...(keys && { SIGNING_KMS_KEYS: keys.keys.map(({ keyArn }) => keyArn).join(',') }),
        POWERTOOLS_SERVICE_NAME: serviceName(stage),
        POWERTOOLS_METRICS_NAMESPACE: 'Leasehold',
        POWERTOOLS_LOG_LEVEL: logLevel,
        ...props.environment,
      },
    });

    if (tracing) this.trace();
    this.alarm = this.alarmOnErrors(spec, logGroup, props.alarmTopic);
  }

  /** Not the AWS managed policy, which allows writing to every log group of the account. */
  private roleWith(logGroup: LogGroup, declared: readonly PolicyStatement[]): Role {
    const logs = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Declared: new PolicyDocument({ statements: [logs, ...declared] }) },
    });
  }

  /**
   * Lets Lambda send its own segments, which need no library in the bundle. The property is set without CDK's help, which would add a
   * policy for each function, and so fill the stack.
   */
  private trace() {
    (this.lambda.node.defaultChild as CfnFunction).tracingConfig = { mode: Tracing.ACTIVE };
    acceptFinding(
      this.lambda.role ?? this.lambda,
      'AwsSolutions-IAM5[Resource::*]',
      'It is xray:PutTraceSegments and xray:PutTelemetryRecords, which IAM cannot limit to a resource.',
    );
  }

  /**
   * Counts Lambda's errors (crashes, timeouts) and the errors that the function logs: a caught error that becomes a 500, or a
   * failed item of a batch, is a success to Lambda.
   */
  private alarmOnErrors(spec: FunctionSpec, logGroup: LogGroup, topic: ITopic): Alarm {
    const period = Duration.minutes(1);
    const logged = new MetricFilter(this, 'LoggedErrors', {
      logGroup,
      filterPattern: FilterPattern.any(
        ...['ERROR', 'CRITICAL', 'FATAL'].map((level) => FilterPattern.stringValue('$.level', '=', level)),
      ),
      metricNamespace: `${Stack.of(this).stackName}/LoggedErrors`,
      metricName: spec.file,
      metricValue: '1',
    });
    return addAlarm(this, 'Alarm', topic, {
      alarmDescription: `${spec.impact} (function ${spec.file})`,
      runbook: `functions#${spec.file}`,
      metric: new MathExpression({
        label: `Errors of ${spec.file}`,
        expression: 'FILL(errors, 0) + FILL(logged, 0)',
        usingMetrics: {
          errors: this.lambda.metricErrors({ period }),
          logged: logged.metric({ period, statistic: 'Sum' }),
        },
        period,
      }),
      threshold: 1,
    });
  }
}

const mayTrace = new PolicyStatement({
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  resources: ['*'],
});

const keyStatements = (grant: KeyGrant | undefined): PolicyStatement[] =>
  grant ? [new PolicyStatement({ actions: [grant.action], resources: grant.keys.map(({ keyArn }) => keyArn) })] : [];
