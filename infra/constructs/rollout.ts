import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type ILambdaApplication,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acceptFinding } from '../nag.ts';
import type { Settings } from '../settings.ts';
import type { LeaseholdFunction } from './leasehold-function.ts';

/** Moves the aliases of functions to new versions, and back if an alarm goes off meanwhile. */
export class Rollout extends Construct {
  private readonly application: ILambdaApplication;
  private readonly role: Role;
  private readonly groups: LambdaDeploymentGroup[] = [];
  private readonly settings: Settings;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.settings = settings;
    this.application = new LambdaApplication(this, 'Application');
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    acceptFinding(
      this.role,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      'It is the narrowest policy that CodeDeploy has for Lambda: it moves aliases and reads alarms. CDK attaches it to any role.',
    );
  }

  /** Adds the alias `live` of a function, which its callers call. */
  addAlias({ lambda, alarm, node }: LeaseholdFunction): Alias {
    const alias = new Alias(this, node.id, { aliasName: 'live', version: lambda.currentVersion });
    const group = new LambdaDeploymentGroup(this, `${node.id}Shift`, {
      application: this.application,
      role: this.role,
      alias,
      deploymentConfig:
        this.settings.shift === 'gradual'
          ? LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES
          : LambdaDeploymentConfig.ALL_AT_ONCE,
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: this.heedsAlarms },
    });
    this.groups.push(group);
    if (this.heedsAlarms) group.addAlarm(alarm);
    return alias;
  }

  /** At once a new version also takes over while an alarm is raised: the version may be what ends the alarm. */
  private get heedsAlarms(): boolean {
    return this.settings.alarms && this.settings.shift === 'gradual';
  }

  /** Makes an alarm of the whole service end each shift. */
  endAt(alarm: Alarm): void {
    if (this.heedsAlarms) for (const group of this.groups) group.addAlarm(alarm);
  }
}
