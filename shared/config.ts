import * as z from 'zod';

/** Returns the parts of a comma-separated list. */
const listOf = (text: string) => text.split(',').map((part) => part.trim());

/** The environment of every function: the table. */
const TableConfig = z.object({
  TABLE_NAME: z.string().min(1),
  /** The endpoint of DynamoDB Local, or of another DynamoDB. Default: the Region's own. */
  DYNAMODB_ENDPOINT: z.url().optional(),
});

/** The environment of the authorizer: the issuer whose tokens it accepts. */
const IdentityConfig = z.object({
  /** The OpenID Connect issuer, exactly as in its tokens' `iss`. */
  OIDC_ISSUER: z.url(),
  /** The accepted values of `aud`, separated by commas. */
  OIDC_AUDIENCE: z.string().min(1).transform(listOf),
  /** The URL of the issuer's keys, if it differs from the discovery document's. */
  OIDC_JWKS_URI: z.url().optional(),
  /** The issuer's keys themselves (a JWKS as JSON), for an issuer that the service can't reach over HTTPS. */
  OIDC_JWKS: z.string().optional(),
  /** The claim that lists the groups of the token's subject. */
  OIDC_GROUPS_CLAIM: z.string().default('cognito:groups'),
  /** The longest remaining life of a token, seconds. The service refuses tokens that are valid for longer. */
  OIDC_MAX_TOKEN_SECONDS: z.coerce.number().int().min(60).default(86_400),
  /** The group whose members are the vendor. */
  VENDOR_GROUP: z.string().default('vendor'),
});

/**
 * The environment of the functions that sign offline licenses or publish the keys. The keys are in KMS, or given
 * directly.
 */
const SigningConfig = z
  .object({
    /** The ARNs of the KMS keys, separated by commas. The first signs; the others signed before, or will sign. */
    SIGNING_KMS_KEYS: z.string().min(1).transform(listOf).optional(),
    /** Without KMS: the keys themselves, a JWKS as JSON. The first signs, and includes its private part. */
    SIGNING_JWKS: z.string().min(1).optional(),
    /** The `iss` of offline licenses. */
    LICENSE_ISSUER: z.string().min(1).default('urn:leasehold'),
  })
  .refine((config) => (config.SIGNING_KMS_KEYS === undefined) !== (config.SIGNING_JWKS === undefined), {
    path: ['SIGNING_KMS_KEYS'],
    error: 'set either SIGNING_KMS_KEYS or SIGNING_JWKS',
  });

/** The environment of the functions that create webhooks or send to them. */
const TargetConfig = z.object({
  /** Also allow this machine's own addresses, by `http`: for tests and the local stack, never on a public service. */
  WEBHOOK_ALLOW_LOOPBACK: z.stringbool().default(false),
});

/** The environment of the stream function: where it sends deliveries, mails and events. */
const SinksConfig = z.object({
  /** The SQS queue of webhook deliveries. Without it nothing is delivered. */
  WEBHOOK_QUEUE_URL: z.url().optional(),
  /** The SQS queue of mails. Without it no mail is sent. */
  MAIL_QUEUE_URL: z.url().optional(),
  /** The EventBridge bus of the audit events. Without it no event is put on a bus. */
  EVENT_BUS: z.string().min(1).optional(),
});

/** The environment of the function that sends mails. */
const MailConfig = z.object({
  /** The sender's address, of an identity that SES has verified. */
  MAIL_FROM: z.email(),
  /** The URL of the License Management page, where invited people sign in, if there is one. */
  CONSOLE_URL: z.url().optional(),
});

/** The environment of the schedule. */
const ScheduleConfig = z.object({
  /** How many days a history item is kept after the end of its session, event or other subject. */
  HISTORY_DAYS: z.coerce.number().int().min(1).default(400),
  /** How often the licenses in use of all subscriptions are counted, minutes. */
  SURVEY_MINUTES: z.coerce.number().int().min(1).default(60),
});

/** Returns a function that reads and checks the environment, `process.env` by default. */
const read =
  <T extends z.ZodObject>(schema: T) =>
  (environment: NodeJS.ProcessEnv = process.env): z.output<T> => {
    const parsed = schema.safeParse(environment);
    if (!parsed.success) throw new Error(`The environment is not valid:\n${z.prettifyError(parsed.error)}`);
    return parsed.data;
  };

/** Reads and checks `TABLE_NAME` and `DYNAMODB_ENDPOINT`. Throws an `Error` that names what is wrong. */
export const tableConfig = read(TableConfig);
/** Reads and checks the `OIDC_…` settings and `VENDOR_GROUP`. Throws an `Error` that names what is wrong. */
export const identityConfig = read(IdentityConfig);
/** Reads and checks `HISTORY_DAYS` and `SURVEY_MINUTES`. Throws an `Error` that names what is wrong. */
export const scheduleConfig = read(ScheduleConfig);
/** Reads and checks `SIGNING_…` and `LICENSE_ISSUER`. Throws an `Error` that names what is wrong. */
export const signingConfig = read(SigningConfig);
/** Reads and checks `WEBHOOK_ALLOW_LOOPBACK`. Throws an `Error` that names what is wrong. */
export const targetConfig = read(TargetConfig);
/** Reads and checks `MAIL_FROM` and `CONSOLE_URL`. Throws an `Error` that names what is wrong. */
export const mailConfig = read(MailConfig);
/** Reads and checks `WEBHOOK_QUEUE_URL`, `MAIL_QUEUE_URL` and `EVENT_BUS`. Throws an `Error` that names what is wrong. */
export const sinksConfig = read(SinksConfig);
