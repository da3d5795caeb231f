import { Stack, type StackProps } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code, IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { Canary } from '../constructs/canary.ts';
import { ChangeFeed } from '../constructs/change-feed.ts';
import { CostBudget } from '../constructs/cost-budget.ts';
import { EventBus } from '../constructs/event-bus.ts';
import { EveryMinute } from '../constructs/every-minute.ts';
import { JobQueue } from '../constructs/job-queue.ts';
import { type KeyGrant, LeaseholdFunction } from '../constructs/leasehold-function.ts';
import { Mails } from '../constructs/mails.ts';
import { Rollout } from '../constructs/rollout.ts';
import { ServiceAlarms } from '../constructs/service-alarms.ts';
import { ServiceDashboard } from '../constructs/service-dashboard.ts';
import {
  authorizer,
  canary,
  deliverWebhook,
  type FunctionSpec,
  followChanges,
  sendMail,
  settleDue,
} from '../functions.ts';
import type { Settings } from '../settings.ts';
import type { Identity } from './identity-stack.ts';

interface FunctionsStackProps extends StackProps {
  readonly functions: readonly FunctionSpec[];
  /** The bundle of a function, by its file. */
  readonly code: (file: string) => Code;
  readonly table: ITable;
  /** The first signs. */
  readonly signingKeys: readonly IKey[];
  readonly identity: Identity;
  readonly consoleUrl: string;
  /** The secrets by which the authorizer knows the distribution; none if requests come by other ways, too. */
  readonly originSecrets: readonly string[];
  readonly settings: Settings;
}

/**
 * All functions with their roles, logs and alarms, and their event sources except the API. A separate stack, as a stack holds
 * 500 resources: five per function here, three per route in the API stack.
 */
export class FunctionsStack extends Stack {
  readonly alarmTopic: AlarmTopic;
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly callables = new Map<string, IFunction>();

  constructor(scope: Construct, id: string, props: FunctionsStackProps) {
    super(scope, id, props);
    const { table, settings } = props;
    this.alarmTopic = new AlarmTopic(this, 'Alarms', settings);

    const create = (spec: FunctionSpec) =>
      new LeaseholdFunction(this, constructId(spec.file), {
        spec,
        code: props.code(spec.file),
        table,
        alarmTopic: this.alarmTopic,
        settings,
        keys: keyGrant(spec, props.signingKeys),
        environment: {
          ...(spec === authorizer && identityEnvironment(props.identity)),
          ...(spec === authorizer && settings.firewall && { ORIGIN_SECRETS: props.originSecrets.join() }),
          ...(settings.firewall && { BEHIND_DISTRIBUTION: 'true' }),
          ...(spec === settleDue && { HISTORY_DAYS: String(settings.historyDays) }),
          ...(settings.vendorContact !== undefined && { VENDOR_CONTACT: settings.vendorContact }),
          ...(spec.signingKeys === 'sign' && { LICENSE_ISSUER: settings.licenseIssuer }),
        },
      });
    const from = settings.mailFrom;
    const isUsed = (spec: FunctionSpec) =>
      spec === sendMail ? from !== undefined : spec === canary ? settings.canary : true;
    const used = props.functions.filter(isUsed);
    const rollout = new Rollout(this, 'Live', settings);
    for (const spec of used) {
      const made = create(spec);
      this.functions.set(spec.file, made.lambda);
      this.callables.set(spec.file, spec.isGradual ? rollout.addAlias(made) : made.lambda);
    }

    const consumer = this.function(followChanges.file);
    const { alarmTopic } = this;
    new ChangeFeed(this, 'ChangeFeed', { table, consumer: this.callable(followChanges.file), alarmTopic, settings });
    new JobQueue(this, 'Attempts', {
      sender: consumer,
      variable: 'WEBHOOK_QUEUE_URL',
      receiver: this.function(deliverWebhook.file),
      maxConcurrency: 100,
      late: {
        impact: 'Deliveries to webhooks wait for more than ten minutes. (function deliver-webhook)',
        runbook: 'background#webhooks-late',
      },
      alarmTopic,
    });
    if (from !== undefined)
      new Mails(this, 'Mails', {
        planner: consumer,
        sender: this.function(sendMail.file),
        from,
        settings,
        consoleUrl: props.consoleUrl,
        alarmTopic,
      });
    new EventBus(this, 'Events', {
      sender: consumer,
      actions: settings.eventBusActions,
      archiveDays: settings.eventArchiveDays,
    });
    const schedule = this.function(settleDue.file);
    const each = this.callable(settleDue.file);
    new EveryMinute(this, 'SettleEveryMinute', each, {
      description: 'Settles what is due, each minute',
      isOn: settings.background,
    });
    if (settings.canary) {
      const lambda = this.function(canary.file);
      const { silent } = new Canary(this, 'CanaryEveryMinute', {
        lambda,
        address: props.consoleUrl,
        alarmTopic,
        settings,
      });
      rollout.endAt(silent);
    }
    new ServiceAlarms(this, 'Service', { table, schedule, topic: alarmTopic, settings });
    if (settings.dashboard) new ServiceDashboard(this, 'Overview', { table, consumer });
    if (settings.monthlyBudget !== undefined)
      new CostBudget(this, 'Cost', { monthly: settings.monthlyBudget, stage: settings.stage, topic: alarmTopic });
  }

  /**
   * Returns the callee of a file: its function, or the alias of a function that is rolled out gradually. Throws if there is none: a
   * route without a function must not be deployed.
   */
  callable(file: string): IFunction {
    return found(this.callables, file);
  }

  private function(file: string): LambdaFunction {
    return found(this.functions, file);
  }
}

const found = <T>(functions: ReadonlyMap<string, T>, file: string): T => {
  const one = functions.get(file);
  if (!one) throw new Error(`There is no function ${file}.`);
  return one;
};

/** `list-api-keys` → `ListApiKeys` */
export const constructId = (file: string) =>
  file.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

/** Returns the grant: a signer needs the current key, a publisher the public part of each key. */
const keyGrant = ({ signingKeys: use }: FunctionSpec, keys: readonly IKey[]): KeyGrant | undefined => {
  if (use === undefined) return undefined;
  return use === 'sign' ? { action: 'kms:Sign', keys: keys.slice(0, 1) } : { action: 'kms:GetPublicKey', keys };
};

const identityEnvironment = ({ issuer, audience, jwksUri, groupsClaim, maxTokenSeconds, vendorGroup }: Identity) => ({
  OIDC_ISSUER: issuer,
  OIDC_AUDIENCE: audience,
  ...(jwksUri === undefined ? {} : { OIDC_JWKS_URI: jwksUri }),
  OIDC_GROUPS_CLAIM: groupsClaim,
  ...(maxTokenSeconds === undefined ? {} : { OIDC_MAX_TOKEN_SECONDS: String(maxTokenSeconds) }),
  VENDOR_GROUP: vendorGroup,
});
