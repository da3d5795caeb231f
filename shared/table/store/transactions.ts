import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Role } from '../../contracts/schemas/organization.ts';
import { type Authority, type Lost, LostAuthority, lostOfMembership } from '../../domain/accounts/authority.ts';
import { rolesFrom } from '../../domain/accounts/membership.ts';
import type { Item } from './item.ts';
import { type Key, keys } from './keys.ts';
import { Contended } from './retry.ts';
import { type Table, transactionPause, transactionTries, updateWithActor, withActor, withNames } from './table.ts';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** A write of a transaction, which adds the table, the actor and the names: `#name` stands for the attribute `name`. */
export type Write = {
  [Kind in keyof TransactItem]: Omit<
    NonNullable<TransactItem[Kind]>,
    'TableName' | 'ExpressionAttributeNames' | 'ReturnValuesOnConditionCheckFailure'
  >;
};

/**
 * The result of a transaction. `refused`: the indexes of the writes whose conditions failed; none after conflicts with other
 * writes. `items`: the items that refused, in the order of the writes.
 */
export type Transacted = { done: true } | { done: false; refused: number[]; items: (Item | undefined)[] };

/**
 * Writes several items together or none, and only under the table's valid authority. For rare changes: a transaction costs
 * twice as much as its writes, and conflicts with other writes of the same items.
 *
 * @throws LostAuthority if the caller's membership, role or key has ended
 */
export const transact = async (table: Table, writes: readonly Write[]): Promise<Transacted> => {
  const conditions = conditionsOf(table.authority, Date.now());
  const checked = underConditions(writes, conditions);
  const TransactItems = checked.map((write) => completed(table, write));
  for (let tries = 1; ; tries++) {
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems }));
      return { done: true };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const codes = reasons.map(({ Code }) => Code);
      const refused = codes.flatMap((code, index) => (code === 'ConditionalCheckFailed' ? [index] : []));
      const items = reasons.map(({ Item }) => Item && unmarshall(Item));
      lostIn(checked, conditions, { refused, items });
      if (refused.length > 0) return { done: false, refused, items };
      if (!codes.includes('TransactionConflict')) throw error;
      if (tries >= transactionTries) return { done: false, refused, items };
      await transactionPause(tries);
    }
  }
};

/**
 * Updates one item under its condition, and only while the table's authority stands.
 *
 * @returns the item that failed the condition, if so
 * @throws Contended if others were in the way for too long
 * @throws LostAuthority if the caller's membership, role or key has ended
 */
export const updateUnderAuthority = async (
  table: Table,
  input: NonNullable<Write['Update']>,
): Promise<{ done: true } | { done: false; item: Item | undefined }> => {
  const written = await transact(table, [{ Update: input }]);
  if (written.done) return written;
  if (written.refused.length === 0) throw new Contended();
  return { done: false, item: written.items[0] };
};

/** Returns a write with all that DynamoDB needs. */
const completed = (table: Table, { Put, Update, ...other }: Write): TransactItem =>
  mapInput(
    {
      ...other,
      ...(Put && { Put: { ...Put, Item: withActor(table, Put.Item ?? {}) } }),
      ...(Update && { Update: updateWithActor(table, Update) }),
    },
    (input) => ({ TableName: table.name, ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...withNames(input) }),
  );

/** A condition of an authority on one item: for DynamoDB, and as a check of the item as read. */
interface Condition {
  key: Key;
  expression: string;
  values: Record<string, unknown>;
  lost: (item: Item | undefined) => Lost | undefined;
}

/** Returns the conditions under which an authority is valid at `now` (epoch ms); none without an authority. */
const conditionsOf = (authority: Authority | undefined, now: number): Condition[] => {
  if (!authority) return [];
  const { organizationId, userId, role, key } = authority;
  const conditions = [membership(organizationId, userId, role)];
  if (!key) return conditions;
  conditions.push(goodKey(organizationId, key.id, now));
  if (key.madeBy === undefined || key.madeBy === userId) return conditions;
  // An admin or owner made this key for its member: the key has no more rights than its maker.
  const maker = membership(organizationId, key.madeBy, role === 'owner' ? 'owner' : 'admin');
  return [...conditions, { ...maker, lost: (item) => maker.lost(item) && 'key' }];
};

const membership = (organizationId: string, userId: string, role: Role): Condition => {
  const roles = rolesFrom(role).map((each, index) => [`:authority${index}`, each] as const);
  return {
    key: keys.membership(userId, organizationId),
    expression: `#role IN (${roles.map(([name]) => name).join(', ')})`,
    values: Object.fromEntries(roles),
    lost: (item) => lostOfMembership(item as { role: Role } | undefined, role),
  };
};

const goodKey = (organizationId: string, keyId: string, now: number): Condition => ({
  key: keys.apiKey(organizationId, keyId),
  expression:
    'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND (attribute_type(expiresAt, :authorityNull) OR expiresAt > :authorityNow)',
  values: { ':authorityNull': 'NULL', ':authorityNow': now },
  lost: (item) => {
    const expiresAt = item?.expiresAt as number | null | undefined;
    const good = item && item.revokedAt === undefined && expiresAt !== undefined && (expiresAt ?? Infinity) > now;
    return good ? undefined : 'key';
  },
});

const isOn = ({ Put, Update, Delete, ConditionCheck }: Write, { key }: Condition) => {
  const { pk, sk } = Put?.Item ?? (Update ?? Delete ?? ConditionCheck)?.Key ?? {};
  return pk === key.pk && sk === key.sk;
};

/**
 * Adds conditions to the writes of a transaction. A transaction takes one write per item. So a condition on a written item
 * (a member who changes itself) becomes part of its write.
 */
const underConditions = (writes: readonly Write[], conditions: readonly Condition[]): Write[] => {
  const merged = writes.map((write) => conditions.filter((each) => isOn(write, each)).reduce(withCondition, write));
  const others = conditions.filter((condition) => !writes.some((write) => isOn(write, condition)));
  return [
    ...merged,
    ...others.map(({ key, expression, values }) => ({
      ConditionCheck: { Key: key, ConditionExpression: expression, ExpressionAttributeValues: values },
    })),
  ];
};

const withCondition = (write: Write, { expression, values }: Condition): Write =>
  mapInput(write, (input) => ({
    ...input,
    ConditionExpression: input.ConditionExpression ? `(${input.ConditionExpression}) AND (${expression})` : expression,
    ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ...values },
  }));

type Input = NonNullable<Write['Put'] | Write['Update'] | Write['Delete']>;
const mapInput = <T = Write>(write: Write, change: (input: Input) => Input): T =>
  Object.fromEntries(Object.entries(write).map(([kind, input]) => [kind, change(input as Input)])) as T;

/**
 * Checks why a transaction was refused.
 *
 * @throws LostAuthority if the authority is no longer valid
 */
const lostIn = (
  writes: readonly Write[],
  conditions: readonly Condition[],
  { refused, items }: { refused: readonly number[]; items: readonly (Item | undefined)[] },
): void => {
  for (const index of refused)
    for (const condition of conditions) {
      const lost = isOn(writes[index] as Write, condition) && condition.lost(items[index]);
      if (lost) throw new LostAuthority(lost);
    }
};

/** Returns the keys of the items behind a caller's authority, for `requireAuthority`. */
export const authorityKeys = (authority: Authority | undefined): Key[] =>
  conditionsOf(authority, 0).map(({ key }) => key);

/**
 * Refuses, before its write, a request whose authority is no longer valid.
 *
 * @param itemOf returns the item of a key, as read
 * @throws LostAuthority if the authority is no longer valid
 */
export const requireAuthority = (authority: Authority, itemOf: (key: Key) => unknown, now: number): void => {
  for (const condition of conditionsOf(authority, now)) {
    const lost = condition.lost(itemOf(condition.key) as Item | undefined);
    if (lost) throw new LostAuthority(lost);
  }
};
