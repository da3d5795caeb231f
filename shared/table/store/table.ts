import { setTimeout } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DeleteCommand,
  type DeleteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { tableConfig } from '../../config.ts';
import type { Actor } from '../../domain/accounts/actor.ts';
import type { Authority } from '../../domain/accounts/authority.ts';
import { type Item, type ItemsOf, lastActorOf, namedItems, parse } from './item.ts';
import { type Key, type KeyRange, keyOf, makesEvents, type Page, type Position } from './keys.ts';

export type { Item } from './item.ts';

/** The one table, its client, and the actor of the writes. */
export interface Table {
  name: string;
  client: DynamoDBDocumentClient;
  actor: Actor;
  /** How many seats of a pool make a block (default: `blockSize`). All processes at a table have the same. */
  blockSize?: number;
  /** The caller's authority: `checkAuthority` reads whether it is still valid. */
  authority?: Authority;
}

/** Returns the same table for the writes of another actor. */
export const asActor = (table: Table, actor: Actor): Table => ({ ...table, actor });

/** The time limits of a try, ms. */
export const awsTimes = { requestTimeout: 1000, throwOnRequestTimeout: true, connectionTimeout: 1000 };

/**
 * Opens the table that the environment names, for the writes of `actor`.
 *
 * The client gives a request 1 s and tries at most 3 times, with jitter: all of them fit into a function's 10 s. This is safe:
 * each write of the engine is conditional, and recognizes its own earlier try after a lost answer. DynamoDB Local loses none, and
 * may take as long as a function.
 */
export const openTable = (
  actor: Actor,
  config: { TABLE_NAME: string; DYNAMODB_ENDPOINT?: string } = tableConfig(),
): Table => ({
  name: config.TABLE_NAME,
  actor,
  client: documents(
    new DynamoDBClient({
      ...(config.DYNAMODB_ENDPOINT && { endpoint: config.DYNAMODB_ENDPOINT }),
      ...(config.DYNAMODB_ENDPOINT
        ? { maxAttempts: 4, requestHandler: { ...awsTimes, requestTimeout: 10_000 } }
        : { maxAttempts: 3, requestHandler: awsTimes }),
    }),
  ),
});

const throttlings = [
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  // Another Region was writing the item, at each try.
  'ReplicatedWriteConflictException',
];

/** Returns whether DynamoDB was too busy for the last try of a request. */
export const isThrottled = (error: Error): boolean => throttlings.includes(error.name);

/** Returns the document client of this project: does not write undefined attributes. */
export const documents = (client: DynamoDBClient): DynamoDBDocumentClient => {
  // It would prepare each request and answer for a log that nobody keeps: a quarter of the client's CPU time.
  client.middlewareStack.remove('loggerMiddleware');
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
};

/** How often a write is tried while a transaction of the former release holds its item. */
const transactionTries = 5;

/** The result of a conditional write. `item`: the item after it, or the item that refused it (undefined: there is none). */
export type Written<T = unknown> = { done: boolean; item: T | undefined };

const conditional = async <T>(key: Key<T>, write: () => Promise<{ Attributes?: Item }>): Promise<Written<T>> => {
  for (let tries = 1; ; tries++) {
    try {
      const { Attributes } = await write();
      return { done: true, item: Attributes && parse(key, Attributes) };
    } catch (error) {
      // The document client leaves the item of an error raw.
      if (error instanceof ConditionalCheckFailedException)
        return { done: false, item: error.Item && parse(key, unmarshall(error.Item)) };
      // A transaction of the former release holds the item. The SDK does not retry that.
      if (!(error instanceof TransactionConflictException) || tries >= transactionTries) throw error;
      await setTimeout(Math.random() * 25 * 2 ** tries);
    }
  }
};

/** A write of one item. Its typed key is `Key`, or the beginning of the `Item` to put. `#name` stands for the attribute `name`. */
type Write<Input, Where> = Pick<
  Input,
  keyof Input & ('UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues')
> &
  Where;

/** Returns a write with the names that its expressions use. */
const withNames = <T extends { UpdateExpression?: string; ConditionExpression?: string }>(input: T) => {
  const used = `${input.UpdateExpression} ${input.ConditionExpression}`.match(/#\w+/g);
  return {
    ...input,
    ...(used && { ExpressionAttributeNames: Object.fromEntries(used.map((name) => [name, name.slice(1)])) }),
  };
};

/**
 * Updates one item under its condition. `item` is the item after it.
 *
 * @param options.keepsActor whether the item keeps the actor of the write before
 */
export const update = <T>(
  table: Table,
  input: Write<UpdateCommandInput, { Key: Key<T> }>,
  { keepsActor = false } = {},
): Promise<Written<T>> =>
  conditional(input.Key, () =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...withNames(keepsActor ? input : updateWithActor(table, input)),
      }),
    ),
  );

/** Puts one item under its condition. */
export const put = <T>(
  table: Table,
  input: Write<PutCommandInput, { Item: Key<T> & NonNullable<PutCommandInput['Item']> }>,
): Promise<Written<T>> =>
  conditional<T>(input.Item, () =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...withNames(input),
        Item: withActor(table, input.Item),
      }),
    ),
  );

/** Deletes one item under its condition. `item` is the item that refused it. */
export const remove = <T>(table: Table, input: Write<DeleteCommandInput, { Key: Key<T> }>): Promise<Written<T>> =>
  conditional(input.Key, () =>
    table.client.send(
      new DeleteCommand({ TableName: table.name, ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...withNames(input) }),
    ),
  );

/** Returns an item with the actor who writes it, and with the time of the write if its changes make events. */
export const withActor = <T extends object>({ actor }: Table, item: T): T & { actor: Actor } => ({
  ...item,
  actor,
  ...(makesEvents(item) && { writtenAt: Date.now() }),
});

/** Returns an update that also sets the actor who makes it, and its time if the item's changes make events. */
const updateWithActor = <T extends Pick<UpdateCommandInput, 'Key' | 'UpdateExpression' | 'ExpressionAttributeValues'>>(
  { actor }: Table,
  input: T,
): T => {
  const expression = input.UpdateExpression ?? '';
  const rest = expression.startsWith('SET ') ? `, ${expression.slice('SET '.length)}` : ` ${expression}`;
  const isTimed = makesEvents(input.Key ?? {});
  return {
    ...input,
    UpdateExpression: `SET actor = :actor${isTimed ? ', writtenAt = :writtenAt' : ''}${rest}`,
    ExpressionAttributeValues: {
      ...input.ExpressionAttributeValues,
      ':actor': actor,
      ...(isTimed && { ':writtenAt': Date.now() }),
    },
  };
};

/** An item with its key, and the actor of its last write. */
interface Stored<T> {
  item: T;
  key: Key<T>;
  actor: Actor;
}

interface PageOptions {
  limit?: number;
  after?: Position;
  backwards?: boolean;
  only?: readonly string[];
  consistent?: boolean;
}

/**
 * Reads one page of a range, strongly consistent by default, in key order. `next` is absent at the range's end.
 *
 * @param options.backwards read from the range's end to its beginning
 * @param options.limit at most this many items (default: as many as DynamoDB returns, 1 MB)
 * @param options.after continue after this position
 * @param options.only these attributes alone: the read costs the same, but there is less to parse
 */
export const readPage = async <T>(table: Table, range: KeyRange<T>, options: PageOptions = {}): Promise<Page<T>> => {
  const { items, next } = await queryPage(table, range, options);
  return { items: items.map((item) => parse(range, item)), next };
};

/** Reads a page as `readPage` does, each item with its key and its last actor. */
export const readStoredPage = async <T>(
  table: Table,
  range: KeyRange<T>,
  options: Omit<PageOptions, 'only'> = {},
): Promise<Page<Stored<T>>> => {
  const { items, next } = await queryPage(table, range, options);
  return { items: items.map((item) => stored(range, item)), next };
};

const stored = <T>(range: Key<T> | KeyRange<T>, item: Item): Stored<T> => ({
  item: parse(range, item),
  key: keyOf(item),
  actor: lastActorOf(item),
});

const queryPage = async (table: Table, range: KeyRange, options: PageOptions): Promise<Page<Item>> => {
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      ConsistentRead: options.consistent ?? true,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': range.pk, ':from': range.from, ':to': range.to },
      ProjectionExpression: options.only?.map((_, index) => `#only${index}`).join(', '),
      ExpressionAttributeNames:
        options.only && Object.fromEntries(options.only.map((name, index) => [`#only${index}`, name])),
      Limit: options.limit,
      ScanIndexForward: !options.backwards,
      ExclusiveStartKey: options.after,
    }),
  );
  return { items: Items, ...(LastEvaluatedKey && { next: LastEvaluatedKey as Position }) };
};

/** Reads a whole range, page after page. */
export const readAll = <T>(
  table: Table,
  range: KeyRange<T>,
  options: { only?: readonly string[]; consistent?: boolean } = {},
): Promise<T[]> => allPages((after) => readPage(table, range, { ...options, after }));

/** An item with the actor of its last write. */
export type WithActor<T> = T & { actor: Actor };

const withLastActor = <T>({ item, actor }: Stored<T>): WithActor<T> => ({ ...item, actor });

/** Reads a page as `readPage` does, each item with its last actor. */
export const readPageWithActor = async <T>(
  table: Table,
  range: KeyRange<T>,
  options: Omit<PageOptions, 'only'> = {},
): Promise<Page<WithActor<T>>> => {
  const { items, next } = await readStoredPage(table, range, options);
  return { items: items.map(withLastActor), next };
};

/** Reads a whole range, each item with its last actor. */
export const readAllWithActor = <T>(table: Table, range: KeyRange<T>): Promise<WithActor<T>[]> =>
  allPages((after) => readPageWithActor(table, range, { after }));

const allPages = async <E>(read: (after: Position | undefined) => Promise<Page<E>>) => {
  const items: E[] = [];
  let after: Position | undefined;
  do {
    const page = await read(after);
    items.push(...page.items);
    after = page.next;
  } while (after);
  return items;
};

/** Reads the item of a key, strongly consistent. */
export const getItem = async <T>(table: Table, key: Key<T>): Promise<T | undefined> =>
  (await getStored(table, key))?.item;

/** Reads the item of a key as `getItem` does, with its last actor. */
export const getItemWithActor = async <T>(table: Table, key: Key<T>): Promise<WithActor<T> | undefined> => {
  const found = await getStored(table, key);
  return found && withLastActor(found);
};

const getStored = async <T>(table: Table, key: Key<T>): Promise<Stored<T> | undefined> => {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item && stored(key, Item);
};

/** The items that were read together. An absent item is undefined. */
export interface Found {
  get: <T>(key: Key<T>) => T | undefined;
}

/**
 * Reads up to 100 items by their keys, in one request, strongly consistent by default.
 *
 * @example
 * const { seat, session } = await getItems(table, { seat: keys.seat(pool, 1), session: keys.session(pool, id) });
 */
export const getItems = async <K extends Record<string, Key>>(
  table: Table,
  wanted: K,
  options?: { consistent: boolean },
): Promise<ItemsOf<K>> => {
  const found = await readItems(table, Object.values(wanted), options);
  return namedItems(wanted, found);
};

/**
 * Reads items by their keys, 100 in one request. The keys that a throttled DynamoDB leaves unprocessed are read
 * again, so that their items do not seem absent.
 */
export const readItems = async (
  table: Table,
  keys: readonly Key[],
  options: { consistent: boolean } = { consistent: true },
): Promise<Found> => {
  const found = new Map<string, Item>();
  // DynamoDB refuses a repeated key.
  const left = [...new Map(keys.map((key) => [keyText(key), key])).values()];
  for (let round = 0; left.length > 0; ) {
    await pauseBefore(round);
    const read = { Keys: left.splice(0, 100), ConsistentRead: options.consistent };
    const { Responses, UnprocessedKeys } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: read } }),
    );
    for (const item of Responses?.[table.name] ?? []) found.set(keyText(keyOf(item)), item);
    const unprocessed = (UnprocessedKeys?.[table.name]?.Keys ?? []) as Key[];
    left.push(...unprocessed);
    round = unprocessed.length > 0 ? round + 1 : 0;
  }
  return {
    get: (key) => {
      const item = found.get(keyText(key));
      return item && parse(key, item);
    },
  };
};

/** Deletes up to 25 items in one request, without conditions. Repeats the deletions that DynamoDB leaves unprocessed. */
export const removeAll = async (table: Table, keys: readonly Key[]): Promise<void> => {
  let left = keys.map((Key) => ({ DeleteRequest: { Key } })) as NonNullable<
    BatchWriteCommandInput['RequestItems']
  >[string];
  for (let round = 0; left.length > 0; round++) {
    await pauseBefore(round);
    const { UnprocessedItems } = await table.client.send(
      new BatchWriteCommand({ RequestItems: { [table.name]: left } }),
    );
    left = UnprocessedItems?.[table.name] ?? [];
  }
};

/** Waits before a repeated request. Throws after eight repetitions. */
const pauseBefore = async (round: number): Promise<void> => {
  if (round > 8) throw new Error('DynamoDB left items unprocessed again and again');
  if (round > 0) await setTimeout(Math.random() * Math.min(50 * 2 ** round, 1000));
};

/** Returns a key as text, to find an item among those that were read together. */
export const keyText = ({ pk, sk }: Key): string => `${pk}|${sk}`;
