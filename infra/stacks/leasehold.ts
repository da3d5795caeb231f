import { type App, Tags, Validations } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { ISource } from 'aws-cdk-lib/aws-s3-deployment';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Operation } from '../../shared/contracts/operation.ts';
import { functionsOf } from '../functions.ts';
import { type Settings, settingsOf } from '../settings.ts';
import { ApiStack } from './api-stack.ts';
import { ConsoleStack } from './console-stack.ts';
import { DataStack } from './data-stack.ts';
import { FunctionsStack } from './functions-stack.ts';
import { type Identity, IdentityStack } from './identity-stack.ts';

interface LeaseholdProps {
  readonly operations: readonly Operation[];
  /** The bundle of a function, by its file. */
  readonly code: (file: string) => Code;
  /** The files of the console. */
  readonly console: ISource;
}

/**
 * Adds the whole service to a CDK app. References between stacks go one way: console → API → functions → data and identity.
 * cdk-nag checks all stacks: a finding that is not accepted with a reason fails the synthesis.
 */
export const addLeasehold = (app: App, { operations, code, console }: LeaseholdProps) => {
  const settings = settingsOf(app.node);
  Tags.of(app).add('service', 'leasehold');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

  const { table, signingKeys } = new DataStack(app, 'LeaseholdData', { signingKeys: settings.signingKeys });
  const identity = identityOf(app, settings);
  const functions = new FunctionsStack(app, 'LeaseholdFunctions', {
    functions: functionsOf(operations),
    code,
    table,
    signingKeys,
    identity,
    settings,
  });
  const { api } = new ApiStack(app, 'LeaseholdApi', { operations, functions, settings });
  new ConsoleStack(app, 'LeaseholdConsole', { files: console, api, identity, settings });
};

/** Returns the configured issuer, or a new user pool. */
const identityOf = (app: App, settings: Settings): Identity => {
  const { oidcIssuer, oidcAudience, oidcClientId, oidcOrigins, oidcJwksUri, oidcGroupsClaim, oidcMaxTokenSeconds } =
    settings;
  const { vendorGroup, consoleUrl } = settings;
  if (oidcIssuer === undefined || oidcAudience === undefined) {
    return new IdentityStack(app, 'LeaseholdIdentity', { vendorGroup, consoleUrl }).identity;
  }
  return {
    issuer: oidcIssuer,
    audience: oidcAudience,
    clientId: oidcClientId ?? (oidcAudience.split(',')[0] as string),
    origins: oidcOrigins ?? [new URL(oidcIssuer).origin],
    jwksUri: oidcJwksUri,
    groupsClaim: oidcGroupsClaim,
    maxTokenSeconds: oidcMaxTokenSeconds,
    vendorGroup,
  };
};
