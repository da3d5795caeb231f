/** The purposes for which the service derives or signs values. Each purpose has its own secret, in its own partition. */
export const secretPurposes = ['cursors', 'names', 'api-keys', 'invitations', 'webhooks'] as const;
export type SecretPurpose = (typeof secretPurposes)[number];

/** The prefixes of the table's partition keys. `shared/table/store/keys.ts` builds the keys. */
export const partitions = [
  'ORG',
  'ORGANIZATIONS',
  'PORTFOLIO',
  'CATALOGUE',
  'KEYS',
  'USER',
  'SUBJECT',
  'EMAIL',
  'POOL',
  'SESSION',
  'WEBHOOKS',
  'DELIVERIES',
  'MAILS',
  'NOTICE',
  'RUNNING',
  'HISTORY',
  'USAGE',
  'DUE',
  'PAST',
  'AUDIT',
  'REFUSAL',
  'REFUSED',
  'TRAIL',
  'LIMITS',
  'SERVICE',
  'SECRET#cursors',
  'SECRET#names',
  'SECRET#api-keys',
  'SECRET#invitations',
  'SECRET#webhooks',
] as const satisfies readonly (`SECRET#${SecretPurpose}` | Uppercase<string>)[];
export type Partition = (typeof partitions)[number];

/** The DynamoDB calls that a grant can name. */
export type TableAction =
  | 'BatchGetItem'
  | 'BatchWriteItem'
  | 'GetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem';

/**
 * The calls that a function may make to the table, by kind of partition. Its IAM policy allows exactly these, and the tests
 * deny every call that IAM would deny.
 */
export type TableGrant = { readonly [kind in Partition]?: readonly TableAction[] };

/** The grant to sign the cursors of a list. The first call creates the secret for cursors. */
export const signsCursors = { 'SECRET#cursors': ['Query', 'PutItem'] } as const satisfies TableGrant;

/**
 * The grant to derive an ID from an `Idempotency-Key`. The first call creates the secret for names, from the secret of
 * earlier releases if there is one.
 */
export const derivesNames = {
  'SECRET#names': ['Query', 'PutItem'],
  SERVICE: ['GetItem'],
} as const satisfies TableGrant;

/** Returns the partition keys of a kind as an IAM pattern, such as `ORG#*`. Some kinds are a single partition. */
export const leadingKeysOf = (partition: Partition): string =>
  ['ORGANIZATIONS', 'PORTFOLIO', 'CATALOGUE', 'SERVICE'].includes(partition) || partition.startsWith('SECRET#')
    ? partition
    : `${partition}#*`;
