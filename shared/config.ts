import * as z from 'zod';

/** Returns the parts of a comma-separated list. */
const listOf = (text: string) => text.split(',').map((part) => part.trim());

/**
 * Returns a function that reads and checks the environment, `process.env` by default. It throws an `Error` that names what is
 * wrong.
 *
 * @param narrowed adds what the settings must be together
 */
const read =
  <S extends z.ZodRawShape>(shape: S, narrowed = (schema: z.ZodObject<S>) => schema) =>
  (environment: NodeJS.ProcessEnv = process.env): z.output<z.ZodObject<S>> => {
    const parsed = narrowed(z.object(shape)).safeParse(environment);
    if (!parsed.success) throw new Error(`The environment is not valid:\n${z.prettifyError(parsed.error)}`);
    return parsed.data;
  };

/** The environment of every function: the table. */
export const tableConfig = read({
  TABLE_NAME: z.string().min(1),
  /** The endpoint of DynamoDB Local, or of another DynamoDB. Default: the Region's own. */
  DYNAMODB_ENDPOINT: z.url().optional(),
});

/** The environment of the authorizer: the issuer whose tokens it accepts. */
export const identityConfig = read({
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

/** The environment of the authorizer: the secrets that the distribution may send, if requests come through it alone. */
export const originConfig = read({
  ORIGIN_SECRETS: z
    .string()
    .transform(listOf)
    .pipe(z.array(z.string().min(20)))
    .optional(),
});

/** The environment of every function of the API: whether requests come through the distribution alone. */
export const edgeConfig = read({ BEHIND_DISTRIBUTION: z.stringbool().default(false) });

/**
 * The environment of the functions that sign offline licenses or publish the keys. The keys are in KMS, or given
 * directly.
 */
export const signingConfig = read(
  {
    /** The ARNs of the KMS keys, separated by commas. The first signs; the others signed before, or will sign. */
    SIGNING_KMS_KEYS: z.string().min(1).transform(listOf).optional(),
    /** Without KMS: the keys themselves, a JWKS as JSON. The first signs, and includes its private part. */
    SIGNING_JWKS: z.string().min(1).optional(),
    /** The `iss` of offline licenses. */
    LICENSE_ISSUER: z.string().min(1).default('urn:leasehold'),
  },
  (schema) =>
    schema.refine((config) => (config.SIGNING_KMS_KEYS === undefined) !== (config.SIGNING_JWKS === undefined), {
      path: ['SIGNING_KMS_KEYS'],
      error: 'set either SIGNING_KMS_KEYS or SIGNING_JWKS',
    }),
);

/** The environment of the functions that create webhooks or send to them. */
export const targetConfig = read({
  /** Also allow this machine's own addresses, by `http`: for tests and the local stack, never on a public service. */
  WEBHOOK_ALLOW_LOOPBACK: z.stringbool().default(false),
});

/** The environment of the stream function: where it sends deliveries, mails and events. */
export const sinksConfig = read({
  /** The SQS queue of webhook deliveries. Without it nothing is delivered. */
  WEBHOOK_QUEUE_URL: z.url().optional(),
  /** The SQS queue of mails. Without it no mail is sent. */
  MAIL_QUEUE_URL: z.url().optional(),
  /** The EventBridge bus of the audit events. Without it no event is put on a bus. */
  EVENT_BUS: z.string().min(1).optional(),
  /** The events that the bus gets: patterns of actions, separated by commas. */
  EVENT_BUS_ACTIONS: z.string().min(1).default('*').transform(listOf),
});

/** The environment of the function that sends mails. */
export const mailConfig = read({
  /** The sender's address, of an identity that SES has verified. */
  MAIL_FROM: z.email(),
  /** The URL of the License Management page, where invited people sign in, if there is one. */
  CONSOLE_URL: z.url().optional(),
});

/** The environment of every function: how customers reach the vendor. */
export const contactConfig = read({
  /** An address or a URL, for refusals and mails. */
  VENDOR_CONTACT: z.string().min(1).optional(),
});

/** The environment of the schedule. */
export const scheduleConfig = read({
  /** How many days a history item is kept after the end of its session, event or other subject. */
  HISTORY_DAYS: z.coerce.number().int().min(1).default(400),
  /** How often the licenses in use of all subscriptions are counted, minutes. */
  SURVEY_MINUTES: z.coerce.number().int().min(1).default(60),
});

/** The environment of the canary. */
export const canaryConfig = read({
  /** The service's public address. */
  SERVICE_URL: z.url(),
  /** The parameter of the Systems Manager that has the canary's API key. */
  CANARY_KEY_PARAMETER: z.string().min(1),
});
