import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { LostAuthority } from '../../domain/accounts/authority.ts';
import { type Condition, conditionsOf } from './authority.ts';
import type { Item } from './item.ts';
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
