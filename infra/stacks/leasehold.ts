import { type App, Tags, Validations } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { ISource } from 'aws-cdk-lib/aws-s3-deployment';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Operation } from '../../shared/contracts/operation.ts';
import { functionsOf } from '../functions.ts';
import { type Settings, settingsOf } from '../settings.ts';
import { stackName } from '../stages.ts';
import { ApiStack } from './api-stack.ts';
import { ConsoleStack } from './console-stack.ts';
import { DataStack } from './data-stack.ts';
import { EdgeLogStack, FirewallStack } from './edge-stacks.ts';
import { FunctionsStack } from './functions-stack.ts';
import { type Identity, IdentityStack, type Issuer } from './identity-stack.ts';

interface LeaseholdProps {
  readonly operations: readonly Operation[];
  /** The bundle of a function, by its file. */
  readonly code: (file: string) => Code;
  /** The files of the console. */
  readonly console: ISource;
}

/**
 * Adds the whole service to a CDK app. References between stacks go one way: API → functions → console → identity, and
 * functions → data. cdk-nag checks all stacks: a finding that is not accepted with a reason fails the synthesis.
 */
export const addLeasehold = (app: App, { operations, code, console: files }: LeaseholdProps) => {
  const settings = settingsOf(app.node);
  const { stage, account, region } = settings;
  const env = { account, region };
  Tags.of(app).add('service', 'leasehold');
  if (stage !== undefined) Tags.of(app).add('stage', stage);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

  const { table, signingKeys } = new DataStack(app, stackName(stage, 'Data'), { settings, env });
  const issuer = configuredIssuer(settings) ?? new IdentityStack(app, stackName(stage, 'Identity'), { settings, env });
  // Several Regions of an account may have a deployment, and all of them a part in us-east-1.
  const edge = { settings, env: { account, region: 'us-east-1' } };
  const webAclArn = settings.firewall
    ? new FirewallStack(app, stackName(stage, `Firewall-${region}`), edge).webAclArn
    : undefined;
  const console = new ConsoleStack(app, stackName(stage, 'Console'), { files, issuer, settings, webAclArn, env });
  if (settings.firewall)
    new EdgeLogStack(app, stackName(stage, `EdgeLog-${region}`), { ...edge, distributionId: console.distributionId });
  const functions = new FunctionsStack(app, stackName(stage, 'Functions'), {
    functions: functionsOf(operations),
    code,
    table,
    signingKeys,
    identity: console.identity,
    consoleUrl: console.url,
    originSecrets: console.originSecrets,
    settings,
    env,
  });
  new ApiStack(app, stackName(stage, 'Api'), {
    operations,
    functions,
    gateway: console.gateway,
    guarded: settings.firewall,
    env,
  });
  if (!settings.alarms)
    for (const { node } of app.node.findAll().filter((construct) => construct instanceof CfnAlarm))
      node.scope?.node.tryRemoveChild(node.id);
};

/** Returns the issuer of the settings, which registers the console by hand. */
const configuredIssuer = ({ oidcIssuer, oidcAudience, ...settings }: Settings): Issuer | undefined => {
  if (oidcIssuer === undefined || oidcAudience === undefined) return undefined;
  const identity: Identity = {
    issuer: oidcIssuer,
    audience: oidcAudience,
    clientId: settings.oidcClientId ?? (oidcAudience.split(',')[0] as string),
    jwksUri: settings.oidcJwksUri,
    groupsClaim: settings.oidcGroupsClaim,
    maxTokenSeconds: settings.oidcMaxTokenSeconds,
    vendorGroup: settings.vendorGroup,
  };
  return { origins: settings.oidcOrigins ?? [new URL(oidcIssuer).origin], register: () => identity };
};
