import * as z from 'zod';

/** What is separated by commas. */
const listOf = (text: string) => text.split(',').map((part) => part.trim());

/** The environment of every function: where the table is. */
const TableConfig = z.object({
  TABLE_NAME: z.string().min(1),
  /** A DynamoDB that is not the Region's own: DynamoDB Local. */
  DYNAMODB_ENDPOINT: z.url().optional(),
});

/** The environment of the authorizer: whose tokens count. */
const IdentityConfig = z.object({
  /** The OpenID Connect issuer, exactly as its tokens' `iss` says. */
  OIDC_ISSUER: z.url(),
  /** The accepted `aud`s, separated by commas. */
  OIDC_AUDIENCE: z.string().min(1).transform(listOf),
  /** Where the issuer's keys are, if not where its discovery document says. */
  OIDC_JWKS_URI: z.url().optional(),
  /** The issuer's keys themselves (a JWKS as JSON), for an issuer that cannot be asked over HTTPS. */
  OIDC_JWKS: z.string().optional(),
  /** The claim that lists the groups of the token's subject. */
  OIDC_GROUPS_CLAIM: z.string().default('cognito:groups'),
  /** How far ahead a token may end, seconds: the service refuses a token that is good for longer. */
  OIDC_MAX_TOKEN_SECONDS: z.coerce.number().int().min(60).default(86_400),
  /** The group whose members are the vendor. */
  VENDOR_GROUP: z.string().default('vendor'),
});

/** The environment of the functions that sign offline licenses, or publish the keys: in KMS, or as they are. */
const SigningConfig = z
  .object({
    /** The KMS keys by their ARNs, separated by commas. The first signs; the others did, or will. */
    SIGNING_KMS_KEYS: z.string().min(1).transform(listOf).optional(),
    /** Where there is no KMS: the keys themselves, a JWKS as JSON. The first signs, and has its private part. */
    SIGNING_JWKS: z.string().min(1).optional(),
    /** The `iss` of offline licenses. */
    LICENSE_ISSUER: z.string().min(1).default('urn:leasehold'),
  })
  .refine((config) => (config.SIGNING_KMS_KEYS === undefined) !== (config.SIGNING_JWKS === undefined), {
    path: ['SIGNING_KMS_KEYS'],
    error: 'either SIGNING_KMS_KEYS or SIGNING_JWKS must be there',
  });

/** The environment of the functions that make webhooks or send to them. */
const TargetConfig = z.object({
  /** Also this machine's own addresses, by `http`: for tests and the local stack, never where others may call. */
  WEBHOOK_ALLOW_LOOPBACK: z.stringbool().default(false),
});

/** The environment of the function that follows the table's changes: where it hands them on. */
const OutwardConfig = z.object({
  /** The SQS queue of attempts at webhooks. Without it none is made. */
  WEBHOOK_QUEUE_URL: z.url().optional(),
  /** The SQS queue of mails. Without it none is sent. */
  MAIL_QUEUE_URL: z.url().optional(),
  /** The EventBridge bus of the audit events. Without it they are put on none. */
  EVENT_BUS: z.string().min(1).optional(),
});

/** The environment of the function that sends mails. */
const MailConfig = z.object({
  /** The address that they come from: one of an identity that SES has verified. */
  MAIL_FROM: z.email(),
  /** Where the invited sign in, if there is a console. */
  CONSOLE_URL: z.url().optional(),
});

/** The environment of the schedule: how long history is kept. */
const HistoryConfig = z.object({
  /** In days, from the end of what it tells of. */
  HISTORY_DAYS: z.coerce.number().int().min(1).default(400),
});

const read =
  <T extends z.ZodObject>(schema: T) =>
  (environment: NodeJS.ProcessEnv = process.env): z.output<T> => {
    const parsed = schema.safeParse(environment);
    if (!parsed.success) throw new Error(`The environment is not complete:\n${z.prettifyError(parsed.error)}`);
    return parsed.data;
  };

/** Reads and checks `TABLE_NAME` and `DYNAMODB_ENDPOINT`. Throws an `Error` that names what is wrong. */
export const tableConfig = read(TableConfig);
/** Reads and checks the `OIDC_…` settings and `VENDOR_GROUP`. Throws an `Error` that names what is wrong. */
export const identityConfig = read(IdentityConfig);
/** Reads and checks `HISTORY_DAYS`. Throws an `Error` that names what is wrong. */
export const historyConfig = read(HistoryConfig);
/** Reads and checks `SIGNING_…` and `LICENSE_ISSUER`. Throws an `Error` that names what is wrong. */
export const signingConfig = read(SigningConfig);
/** Reads and checks `WEBHOOK_ALLOW_LOOPBACK`. Throws an `Error` that names what is wrong. */
export const targetConfig = read(TargetConfig);
/** Reads and checks `MAIL_FROM` and `CONSOLE_URL`. Throws an `Error` that names what is wrong. */
export const mailConfig = read(MailConfig);
/** Reads and checks `WEBHOOK_QUEUE_URL`, `MAIL_QUEUE_URL` and `EVENT_BUS`. Throws an `Error` that names what is wrong. */
export const outwardConfig = read(OutwardConfig);
