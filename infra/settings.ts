import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import * as z from 'zod';
import { VendorEventPattern } from '../shared/contracts/schemas/webhook.ts';
import { defaultsOf, settingKey } from './stages.ts';

/** A choice, from the command line or from cdk.json. */
const flag = z.union([z.boolean(), z.stringbool()]);

const Settings = z
  .object({
    /** The stage, which is part of each name; its defaults are in stages.ts. */
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9]{0,11}$/, 'must be 1 to 12 of a-z 0-9, and begin with a letter')
      .optional(),
    /** The account and Region that it belongs to: other credentials deploy nothing. */
    account: z
      .string()
      .regex(/^\d{12}$/, 'must be the 12 digits of an account')
      .optional(),
    region: z.string().min(1).optional(),
    keepData: flag,
    /** An existing table to use instead of a new one, such as a restored one, and the ARN of its stream. */
    table: z.string().min(3).optional(),
    tableStream: z
      .string()
      .regex(/^arn:[^:]+:dynamodb:.*\/stream\//, 'must be the ARN of a stream, which npm run adopt-table prints')
      .optional(),
    /**
     * The other Regions that the new table is in, separated by commas: two, or one and a `witness`. A table of several Regions is
     * strongly consistent in all of them, and one that exists can't become one.
     */
    replicas: z
      .string()
      .transform((regions) => regions.split(','))
      .pipe(z.array(z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'must be Regions, separated by commas')).max(2))
      .default([]),
    /** The Region that takes part in each write of such a table, and cannot serve. */
    witness: z.string().min(1).optional(),
    /** Whether this deployment follows the table's stream and runs the schedule: of several Regions, one does. */
    background: flag.default(true),
    /** How many days AWS Backup keeps the table's daily copies. 0: it makes none. */
    backupDays: z.coerce.number().int().min(0),
    alarms: flag,
    /** Whether a firewall guards page, API and sign-in, and the gateway answers through the distribution alone. */
    firewall: flag,
    /**
     * The secrets by which the gateway knows the distribution, by names of your choice, separated by commas: the distribution
     * sends the first, the gateway answers each.
     */
    originSecrets: z
      .string()
      .regex(/^(?:[A-Za-z0-9]+(?:,|$))+(?<!,)$/, 'must be names of A-Z a-z 0-9, separated by commas')
      .default('1')
      .transform((names) => [...new Set(names.split(','))]),
    shift: z.enum(['gradual', 'at-once']),
    logDays: z.coerce.number().pipe(z.enum(RetentionDays)),
    /** An OpenID Connect issuer to use instead of a Cognito user pool of our own. */
    oidcIssuer: z.url().optional(),
    /** Required with `oidcIssuer`: the `aud`s that its tokens may have, separated by commas. */
    oidcAudience: z.string().min(1).optional(),
    /** The console's client at that issuer, a public one. Default: the first of `oidcAudience`. */
    oidcClientId: z.string().min(1).optional(),
    /** Where the console reaches that issuer, if its tokens come from elsewhere: origins, separated by commas. */
    oidcOrigins: z
      .string()
      .transform((origins) => origins.split(','))
      .pipe(z.array(z.url().transform((url) => new URL(url).origin)))
      .optional(),
    oidcJwksUri: z.url().optional(),
    oidcGroupsClaim: z.string().min(1).default('cognito:groups'),
    /** How far ahead its tokens may end, seconds. Default: a day. */
    oidcMaxTokenSeconds: z.coerce.number().int().min(60).optional(),
    /** The group whose members operate the service. */
    vendorGroup: z.string().min(1).default('vendor'),
    /**
     * The keys that sign offline licenses, by names of your choice or the ARNs of existing ones, separated by commas: the
     * first signs, all are published. Keep it in cdk.json: a deployment without a key that signed would no longer publish it.
     */
    signingKeys: z
      .string()
      .regex(
        /^(?:(?:[A-Za-z0-9]+|arn:[^,]+:key\/[^,]+)(?:,|$))+(?<!,)$/,
        'must be names of A-Z a-z 0-9, or ARNs of keys, separated by commas',
      )
      .default('1')
      .transform((names) => [...new Set(names.split(','))]),
    /** The `iss` of offline licenses. */
    licenseIssuer: z.string().min(1).default('urn:leasehold'),
    /** The console's URL, if it has another host than the distribution. */
    consoleUrl: z
      .url()
      .transform((url) => new URL('/', url).href)
      .optional(),
    /** A certificate (ACM, us-east-1) for the host of `consoleUrl`, which is the console's own domain then. */
    consoleCertificate: z.string().startsWith('arn:').optional(),
    /**
     * The audit events that the bus gets: patterns as webhooks have them, separated by commas. `*` is all. Default: all but
     * the begins and ends of sessions, which are many and cost as much as the requests that make them.
     */
    eventBusActions: z
      .string()
      .transform((patterns) => patterns.split(','))
      .pipe(z.array(VendorEventPattern))
      .default(VendorEventPattern.options.filter((pattern) => /\.\*$/.test(pattern) && pattern !== 'activation.*')),
    /** How long the audit events on the bus can be replayed, days. By default they are not archived. */
    eventArchiveDays: z.coerce.number().int().positive().optional(),
    historyDays: z.coerce.number().int().min(1),
    /**
     * The address that mails come from: of an identity that SES has verified in this account and Region. Without it
     * none are sent.
     */
    mailFrom: z.email().optional(),
    /** That identity, where it is not the domain of `mailFrom`: the address itself, say. */
    mailIdentity: z.string().min(1).optional(),
    /** Whether people may make accounts at the user pool themselves. */
    selfSignUp: flag.default(false),
    /** How customers reach the vendor: an address or a URL, for the page, mails and refusals. */
    vendorContact: z.string().min(1).optional(),
    /** Whether a canary takes and releases a license each minute. */
    canary: flag.default(false),
    /** The budget of a month, dollars: the alarms' topic gets a message when the cost passes it, or most likely will. */
    monthlyBudget: z.coerce.number().positive().optional(),
    /** Whether there is a dashboard. Beyond three an account pays for each. */
    dashboard: flag.default(false),
    /** Whether functions send traces to X-Ray. */
    tracing: flag.default(false),
    /** The address that gets alarms; others can subscribe to the topic. */
    alarmEmail: z.email().optional(),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
    /** Requests per second of the whole API. 1000 carries 40,000 sessions that send a heartbeat every 40 seconds. */
    throttleRate: z.coerce.number().int().positive().default(1000),
    /** How many requests may come at once: a pipeline that starts 2000 runners in one instant. */
    throttleBurst: z.coerce.number().int().positive().default(2000),
  })
  .refine((settings) => (settings.oidcIssuer === undefined) === (settings.oidcAudience === undefined), {
    path: ['oidcAudience'],
    error: 'oidcIssuer and oidcAudience go together',
  })
  .refine(({ table, tableStream }) => (table === undefined) === (tableStream === undefined), {
    path: ['tableStream'],
    error: 'table and tableStream go together: npm run adopt-table prints both',
  })
  .refine(({ table, tableStream }) => tableStream === undefined || tableStream.split('/')[1] === table, {
    path: ['tableStream'],
    error: 'tableStream is the stream of another table',
  })
  .refine(
    ({ replicas, witness, region }) =>
      replicas.length === 0 || new Set([region, ...replicas, witness].filter(Boolean)).size === 3,
    {
      path: ['replicas'],
      error: 'and region (and witness) must name three Regions: a strongly consistent table is in three',
    },
  )
  .refine(({ replicas, witness }) => replicas.length > 0 || witness === undefined, {
    path: ['witness'],
    error: 'needs replicas',
  })
  .refine(({ replicas, table }) => replicas.length === 0 || table === undefined, {
    path: ['replicas'],
    error: 'is for a new table: an existing one (table) is used as it is',
  })
  .refine(({ firewall, region }) => !firewall || region !== undefined, {
    path: ['region'],
    error: 'is needed with a firewall, whose parts in us-east-1 are named by it (or set firewall=false)',
  });

/** The settings of a deployment: `cdk deploy -c <name>=<value>`, or `-c <stage>:<name>=<value>` for one stage alone. */
export type Settings = z.output<typeof Settings>;

/**
 * Reads the settings from the CDK context. Throws an `Error` that names what is wrong, also if the credentials are those of
 * another account or Region.
 */
export const settingsOf = (node: Node): Settings => {
  const stage: string | undefined = node.tryGetContext('stage');
  const ofStage = (name: string) => node.tryGetContext(settingKey(stage, name));
  for (const name of ['table', 'tableStream'])
    if (ofStage(name) === undefined && node.tryGetContext(name) !== undefined)
      throw new Error(
        `A table belongs to one stage: write "${settingKey(stage, 'table')}" and "${settingKey(stage, 'tableStream')}" if it is this one's. The lines "table" and "tableStream" are for a deployment without a stage.`,
      );
  const defaults = defaultsOf(stage);
  const raw = Object.keys(Settings.shape).map((name) => [
    name,
    ofStage(name) ?? node.tryGetContext(name) ?? defaults[name],
  ]);
  const parsed = Settings.safeParse(Object.fromEntries(raw));
  if (!parsed.success) throw new Error(`Wrong settings in the CDK context:\n${z.prettifyError(parsed.error)}`);
  // The CDK CLI puts them into the environment.
  const { CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION } = process.env;
  requireSame('account', parsed.data.account, CDK_DEFAULT_ACCOUNT);
  requireSame('region', parsed.data.region, CDK_DEFAULT_REGION);
  return parsed.data;
};

const requireSame = (setting: string, wanted: string | undefined, actual: string | undefined) => {
  if (wanted !== undefined && actual !== undefined && wanted !== actual)
    throw new Error(
      `The credentials are for the ${setting} ${actual}, and the setting \`${setting}\` is ${wanted}: use others (AWS_PROFILE, AWS_REGION), or change it.`,
    );
};
