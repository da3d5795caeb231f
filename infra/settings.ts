import type { Node } from 'constructs';
import * as z from 'zod';
import { VendorEventPattern } from '../shared/contracts/schemas/webhook.ts';

const Settings = z
  .object({
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
    /** How long history is kept, days. Usage goes back 13 months. */
    historyDays: z.coerce.number().int().min(1).default(400),
    /**
     * The address that mails come from: of an identity that SES has verified in this account and Region. Without it
     * none are sent.
     */
    mailFrom: z.email().optional(),
    /** That identity, where it is not the domain of `mailFrom`: the address itself, say. */
    mailIdentity: z.string().min(1).optional(),
    /** Whether people may make accounts at the user pool themselves. */
    selfSignUp: z.stringbool().default(false),
    /** How customers reach the vendor: an address or a URL, for the page, mails and refusals. */
    vendorContact: z.string().min(1).optional(),
    /** Whether a canary takes and releases a license each minute. */
    canary: z.stringbool().default(false),
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
  });

/** The settings of a deployment: `cdk deploy -c <name>=<value>`. */
export type Settings = z.output<typeof Settings>;

/** Reads the settings from the CDK context. Throws an `Error` that names what is wrong. */
export const settingsOf = (node: Node): Settings => {
  const raw = Object.keys(Settings.shape).map((name) => [name, node.tryGetContext(name)]);
  const parsed = Settings.safeParse(Object.fromEntries(raw));
  if (!parsed.success) throw new Error(`Wrong settings in the CDK context:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
