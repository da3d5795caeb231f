import { functionFile, type Operation } from '../shared/contracts/operation.ts';
import type { TableGrant } from '../shared/contracts/table-grant.ts';

/** One Lambda function: everything about it that is not the same for all. */
export interface FunctionSpec {
  /** `functions/<file>.ts`, which exports `handler`; also the name that operators see. */
  readonly file: string;
  /** The harm to users while the function fails: the text of its alarm. */
  readonly impact: string;
  /** The function's IAM grant on the table, exactly. */
  readonly table: TableGrant;
  /** Its grant on the keys that sign offline licenses. */
  readonly signingKeys?: Operation['signingKeys'];
  readonly memoryMB?: number;
  readonly timeoutSeconds?: number;
  /**
   * Whether callers call an alias, which moves to a new version gradually. For functions whose failure ends the work of
   * runners or of all organizations: each alias takes three resources of the stack, which has room for few.
   */
  readonly isGradual?: boolean;
}

/**
 * The exceptions from the defaults of `LeaseholdFunction`.
 *
 * `activate` gets twice the CPU: a pipeline starts hundreds of runners in one second, most of them on cold functions, whose TLS
 * handshake and JSON parsing are bound by CPU. A heartbeat, the most frequent call, mostly waits for DynamoDB, so more memory
 * would only cost more. `activate` and `issueOfflineLicense` may wait, up to half a minute, until the orphaned claim of a crashed
 * request is old enough. `grantLicenses` grants up to fifty licenses, one by one. `removeMember` reads the seats of all pools.
 * Figures of subscriptions, and a member's own licenses, come from up to 100,000 seats, whose parsing takes CPU.
 * The first report on a period counts tens of thousands of sessions, which takes CPU and memory.
 */
const sizes: Record<string, Pick<FunctionSpec, 'memoryMB' | 'timeoutSeconds' | 'isGradual'>> = {
  activate: { memoryMB: 1024, timeoutSeconds: 29, isGradual: true },
  heartbeat: { isGradual: true },
  deactivate: { isGradual: true },
  grantLicenses: { timeoutSeconds: 29 },
  removeMember: { timeoutSeconds: 29 },
  issueOfflineLicense: { timeoutSeconds: 29 },
  listSessions: { timeoutSeconds: 29 },
  listSubscriptions: { memoryMB: 1024, timeoutSeconds: 29 },
  listYourLicenses: { memoryMB: 1024, timeoutSeconds: 29 },
  setSubscription: { memoryMB: 1024, timeoutSeconds: 29 },
  getUsage: { memoryMB: 1024, timeoutSeconds: 29 },
};

/** Returns the function of an operation, as declared in its contract. */
const operationFunction = ({ name, impact, table, signingKeys }: Operation): FunctionSpec => ({
  file: functionFile(name),
  impact,
  table,
  signingKeys,
  ...sizes[name],
});

/** Authenticates every bearer token and API key. Verifying a signature needs CPU; the gateway caches the answer. */
export const authorizer: FunctionSpec = {
  file: 'authorizer',
  impact: 'Nobody can sign in: every call with a credential fails, and running sessions lose their licenses.',
  table: {
    SUBJECT: ['GetItem', 'PutItem'],
    EMAIL: ['GetItem', 'PutItem', 'UpdateItem'],
    USER: ['Query'],
    // A person's memberships; its name, at its first sign-in; the limits of a key's organization.
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    KEYS: ['GetItem', 'UpdateItem'],
    TRAIL: ['UpdateItem'],
  },
  memoryMB: 1024,
  isGradual: true,
};

/** Answers every path without an operation. */
export const notFound: FunctionSpec = {
  file: 'not-found',
  impact: 'Unknown paths are answered 500 instead of 404; licensing itself works.',
  table: {},
};

/** The API's documentation as a page. */
export const docs: FunctionSpec = {
  file: 'docs',
  impact: 'The documentation page cannot be read; licensing itself works.',
  table: {},
};

/** Follows the table's stream. */
export const followChanges: FunctionSpec = {
  file: 'follow-changes',
  impact:
    'Sweeps of lapsed sessions are not planned: these stay active in lists until they are looked at. Seats free themselves ' +
    'all the same. The history of sessions, audit events and webhooks are late.',
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'Query', 'UpdateItem'],
    EMAIL: ['PutItem', 'DeleteItem'],
    // The seat of a session that began or ended: its request may have died.
    POOL: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    RUNNING: ['DeleteItem'],
    LIMITS: ['BatchGetItem'],
    HISTORY: ['PutItem', 'DeleteItem'],
    USAGE: ['Query', 'PutItem', 'UpdateItem'],
    REFUSED: ['PutItem'],
    AUDIT: ['PutItem'],
    WEBHOOKS: ['GetItem', 'Query'],
    KEYS: ['GetItem'],
    DELIVERIES: ['PutItem'],
    MAILS: ['PutItem'],
    PORTFOLIO: ['UpdateItem'],
    DUE: ['PutItem'],
    PAST: ['PutItem'],
  },
  // A hundred changes are some three hundred requests, side by side: it is bound by CPU.
  memoryMB: 1024,
  timeoutSeconds: 30,
  isGradual: true,
};

/** Runs each minute. */
export const settleDue: FunctionSpec = {
  file: 'settle-due',
  impact: 'Expiry notices and session cleanup are delayed; seats still free themselves.',
  table: {
    DUE: ['Query', 'PutItem', 'DeleteItem'],
    PAST: ['Query', 'DeleteItem'],
    // It also finishes what accepted invitations and recoveries left half done: memberships and identities.
    ORG: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    USER: ['PutItem', 'DeleteItem'],
    SUBJECT: ['PutItem'],
    EMAIL: ['UpdateItem'],
    KEYS: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    DELIVERIES: ['GetItem', 'UpdateItem', 'DeleteItem'],
    MAILS: ['GetItem', 'UpdateItem', 'DeleteItem'],
    WEBHOOKS: ['Query', 'DeleteItem'],
    CATALOGUE: ['DeleteItem'],
    NOTICE: ['PutItem', 'DeleteItem'],
    HISTORY: ['Query', 'BatchWriteItem'],
    USAGE: ['DeleteItem'],
    AUDIT: ['Query', 'BatchWriteItem'],
    REFUSAL: ['DeleteItem'],
    REFUSED: ['Query', 'BatchWriteItem'],
    TRAIL: ['DeleteItem'],
    LIMITS: ['DeleteItem'],
    ORGANIZATIONS: ['Query'],
    PORTFOLIO: ['GetItem', 'PutItem', 'UpdateItem'],
  },
  timeoutSeconds: 60,
  isGradual: true,
};

/** Makes attempts at webhook deliveries. A target may take 10 seconds. */
export const deliverWebhook: FunctionSpec = {
  file: 'deliver-webhook',
  impact: 'Events reach the webhooks of organizations late, or are parked after a day. Licensing itself works.',
  table: {
    WEBHOOKS: ['GetItem', 'UpdateItem'],
    DELIVERIES: ['UpdateItem'],
    'SECRET#webhooks': ['Query'],
    SERVICE: ['GetItem'],
  },
  timeoutSeconds: 30,
};

/** Sends mails, if the service is configured to. Reading the figures of a large pool takes a while. */
export const sendMail: FunctionSpec = {
  file: 'send-mail',
  impact:
    'Invitations and ends of subscriptions are mailed late, or given up after a day. Pass the tokens of invitations on ' +
    'by hand meanwhile. Licensing itself works.',
  table: {
    MAILS: ['UpdateItem'],
    ORG: ['GetItem'],
    POOL: ['Query'],
    'SECRET#invitations': ['Query'],
    SERVICE: ['GetItem'],
  },
  timeoutSeconds: 30,
};

/** Uses the service each minute, if the service is configured to. */
export const canary: FunctionSpec = {
  file: 'canary',
  impact: 'Nothing tells whether runners get licenses through the public address; licensing itself may work.',
  table: {},
  timeoutSeconds: 30,
};

/** Returns every function of the service: one per operation, and those without an operation. */
export const functionsOf = (operations: readonly Operation[]): readonly FunctionSpec[] => [
  ...operations.map(operationFunction),
  authorizer,
  notFound,
  docs,
  followChanges,
  settleDue,
  deliverWebhook,
  sendMail,
  canary,
];
