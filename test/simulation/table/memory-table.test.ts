import { randomBytes } from 'node:crypto';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { beforeAll, expect, inject, it } from 'vitest';
import { createTable } from '../../../infra/local/database/create-table.ts';
import { documents } from '../../../shared/table/store/table.ts';
import { explored } from '../../depth.ts';
import { localDynamoDb } from '../../table/support/local-dynamodb.ts';
import { memoryDynamoDb } from './memory-client.ts';
import { MemoryTable } from './memory-table.ts';

const TableName = 'Leasehold';
let local: DynamoDBDocumentClient;

beforeAll(async () => {
  const accessKeyId = randomBytes(10).toString('hex');
  await createTable(inject('dynamodb'), TableName, { accessKeyId, secretAccessKey: 'secret' });
  local = documents(localDynamoDb(inject('dynamodb'), accessKeyId));
});

/** Sends a command, and returns what a caller can see: the answer, or the name of the error with its items. */
const answerOf = async (client: DynamoDBDocumentClient, command: object): Promise<unknown> => {
  try {
    const { $metadata: _, ItemCollectionMetrics: __, ...answer } = (await client.send(command as never)) as any;
    const items = answer.Responses?.[TableName];
    if (items) answer.Responses[TableName] = items.toSorted((a: any, b: any) => (a.sk < b.sk ? -1 : 1));
    return answer;
  } catch (error) {
    const { name, Item, CancellationReasons } = error as any;
    const reasons = CancellationReasons?.map(({ Code, Item: refused }: any) => ({ Code, refused }));
    return { name, Item, reasons };
  }
};

const ReturnConsumedCapacity = 'TOTAL' as const;
const sks = ['SEAT#000001', 'SEAT#000002', 'SEAT#000003', 'WAIT#a', 'WAIT#b'];
const sk = fc.constantFrom(...sks);
const number = fc.integer({ min: -2, max: 3 });
const value = fc.oneof(
  number,
  fc.constantFrom('a', 'ab', 'usr_ada', 1.25, -1234567, true, false, null),
  fc.constantFrom(new Set(['a', 'b']), new Set(['b']), new Set([1, 2])),
  fc.constantFrom<unknown>(
    new Uint8Array([1, 2]),
    ['a', 1],
    { activeAt: 1 },
    { activeAt: 2, by: { name: 'x' } },
    'long'.repeat(400),
  ),
);
const attribute = fc.constantFrom('holder', 'fence', 'ids', 'inUse', 'note');
const attributes = fc.dictionary(attribute, value, { maxKeys: 4 });

/** A condition, with its placeholders: each number of a placeholder is used once. */
interface Part {
  text: string;
  values: unknown[];
}
const part = (text: string, ...values: unknown[]): Part => ({ text, values });
const name = fc.constantFrom('holder', 'fence', 'ids', 'inUse', 'inUse.activeAt', '#note', 'pk');

const test: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(fc.constantFrom('=', '<>'), name, value).map(([sign, of, one]) => part(`${of} ${sign} ?`, one)),
  fc
    .tuple(fc.constantFrom('<', '<=', '>', '>='), name, fc.constantFrom(0, 1, 'a', 'b'))
    .map(([sign, of, one]) => part(`${of} ${sign} ?`, one)),
  fc
    .tuple(fc.constantFrom('attribute_exists', 'attribute_not_exists'), name)
    .map(([called, of]) => part(`${called}(${of})`)),
  fc
    .tuple(name, fc.constantFrom('S', 'N', 'SS', 'NULL', 'M'))
    .map(([of, type]) => part(`attribute_type(${of}, ?)`, type)),
  fc.tuple(name, fc.constantFrom('a', 'us', 'b')).map(([of, start]) => part(`begins_with(${of}, ?)`, start)),
  fc.tuple(name, fc.constantFrom('a', 'b', 1)).map(([of, one]) => part(`contains(${of}, ?)`, one)),
  fc.tuple(name, number, number).map(([of, low, more]) => part(`${of} BETWEEN ? AND ?`, low, low + Math.abs(more))),
  fc.tuple(name, value, value).map(([of, one, two]) => part(`${of} IN (?, ?)`, one, two)),
  fc.tuple(name, number).map(([of, one]) => part(`size(${of}) > ?`, one)),
);

const { condition } = fc.letrec<{ condition: Part }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2 },
    test,
    fc.tuple(fc.constantFrom('AND', 'OR'), tie('condition'), tie('condition')).map(([word, left, right]) => ({
      text: `(${left.text}) ${word} ${right.text}`,
      values: [...left.values, ...right.values],
    })),
    tie('condition').map(({ text, values }) => ({ text: `NOT (${text})`, values })),
  ),
}));

const amount = fc.constantFrom(1, 2, -1);
const root = ({ text }: Part): string => /\w+/.exec(text.replace('#', ''))?.[0] ?? '';
const change: fc.Arbitrary<{ kind: string } & Part> = fc.oneof(
  fc.tuple(name, value).map(([of, one]) => ({ kind: 'SET', ...part(`${of} = ?`, one) })),
  fc.tuple(name, name).map(([of, from]) => ({ kind: 'SET', ...part(`${of} = ${from}`) })),
  fc
    .tuple(name, fc.constantFrom('+', '-'), amount)
    .map(([of, sign, one]) => ({ kind: 'SET', ...part(`${of} = ${of} ${sign} ?`, one) })),
  fc.tuple(name, amount, amount).map(([of, zero, one]) => ({
    kind: 'SET',
    ...part(`${of} = if_not_exists(${of}, ?) + ?`, zero, one),
  })),
  name.map((of) => ({ kind: 'REMOVE', ...part(of) })),
  fc
    .tuple(name, fc.constantFrom<unknown>(1, new Set(['c']), new Set([3])))
    .map(([of, one]) => ({ kind: 'ADD', ...part(`${of} ?`, one) })),
  fc
    .tuple(name, fc.constantFrom(new Set(['a', 'b']), new Set(['b'])))
    .map(([of, one]) => ({ kind: 'DELETE', ...part(`${of} ?`, one) })),
);

const updateText = (changes: readonly ({ kind: string } & Part)[]): Part => {
  const byKind = [...Map.groupBy(changes, ({ kind }) => kind)];
  return {
    text: byKind.map(([kind, some]) => `${kind} ${some.map(({ text }) => text).join(', ')}`).join(' '),
    values: byKind.flatMap(([, some]) => some.flatMap(({ values }) => values)),
  };
};

/** Names the placeholders of expressions. */
const withPlaceholders = (expressions: Record<string, Part | undefined>) => {
  const values: Record<string, unknown> = {};
  const texts = Object.entries(expressions).flatMap(([field, one]) => {
    if (!one) return [];
    let index = 0;
    const named = one.text.replaceAll('?', () => {
      const placeholder = `:v${Object.keys(values).length}`;
      values[placeholder] = one.values[index++];
      return placeholder;
    });
    return [[field, named]];
  });
  const used = texts.some(([, text]) => text?.includes('#note'));
  return {
    ...Object.fromEntries(texts),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    ...(used && { ExpressionAttributeNames: { '#note': 'note' } }),
  };
};

const maybe = fc.option(condition, { nil: undefined });
const returned = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
const base = { TableName, ReturnConsumedCapacity };

const write = fc.oneof(
  fc.tuple(sk, attributes, maybe).map(([at, one, ConditionExpression]) => ({
    Put: (pk: string) => ({ Item: { ...one, pk, sk: at }, ...withPlaceholders({ ConditionExpression }) }),
  })),
  fc
    .tuple(sk, fc.uniqueArray(change, { minLength: 1, maxLength: 3, selector: root }), maybe)
    .map(([at, changes, ConditionExpression]) => ({
      Update: (pk: string) => ({
        Key: { pk, sk: at },
        ...withPlaceholders({ UpdateExpression: updateText(changes), ConditionExpression }),
      }),
    })),
  fc.tuple(sk, maybe).map(([at, ConditionExpression]) => ({
    Delete: (pk: string) => ({ Key: { pk, sk: at }, ...withPlaceholders({ ConditionExpression }) }),
  })),
  fc.tuple(sk, condition).map(([at, ConditionExpression]) => ({
    ConditionCheck: (pk: string) => ({ Key: { pk, sk: at }, ...withPlaceholders({ ConditionExpression }) }),
  })),
);
type Write = Record<string, (pk: string) => object>;

const sortKeyOf = (one: Write): string => {
  const [input] = Object.values(one).map((make): any => make(''));
  return (input.Key ?? input.Item).sk;
};

const single: Record<string, (input: any) => object> = {
  Put: (input) => new PutCommand({ ...base, ...returned, ReturnValues: 'ALL_OLD', ...input }),
  Update: (input) => new UpdateCommand({ ...base, ...returned, ReturnValues: 'ALL_NEW', ...input }),
  Delete: (input) => new DeleteCommand({ ...base, ...returned, ReturnValues: 'ALL_OLD', ...input }),
};

const command: fc.Arbitrary<(pk: string) => object> = fc.oneof(
  {
    weight: 8,
    arbitrary: write
      .filter((one) => !('ConditionCheck' in one))
      .map((one: Write) => {
        const [[kind, input]] = Object.entries(one) as [[string, (pk: string) => object]];
        return (pk: string) => (single[kind] as (input: object) => object)(input(pk));
      }),
  },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(write as fc.Arbitrary<Write>, { minLength: 1, maxLength: 3, selector: sortKeyOf }).map(
      (writes: Write[]) => (pk: string) =>
        new TransactWriteCommand({
          TransactItems: writes.map((one) =>
            Object.fromEntries(
              Object.entries(one).map(([kind, input]) => [kind, { TableName, ...returned, ...input(pk) }]),
            ),
          ),
        }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(sk, fc.boolean()).map(
      ([at, ConsistentRead]) =>
        (pk: string) =>
          new GetCommand({ ...base, Key: { pk, sk: at }, ConsistentRead }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(sk, { minLength: 1 }).map(
      (some) => (pk: string) =>
        new BatchGetCommand({
          ReturnConsumedCapacity,
          RequestItems: { [TableName]: { Keys: some.map((at) => ({ pk, sk: at })), ConsistentRead: true } },
        }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(sk, { minLength: 1 }).map(
      (some) => (pk: string) =>
        new BatchWriteCommand({
          RequestItems: {
            [TableName]: some.map((at, index) =>
              index % 2
                ? { DeleteRequest: { Key: { pk, sk: at } } }
                : { PutRequest: { Item: { pk, sk: at, fence: index } } },
            ),
          },
        }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        from: sk,
        to: sk,
        Limit: fc.constantFrom(undefined, 0, 1, 2, 5),
        ScanIndexForward: fc.boolean(),
        after: fc.option(sk, { nil: undefined }),
        ConsistentRead: fc.boolean(),
        only: fc.boolean(),
      })
      .filter(
        ({ from, to, after, ScanIndexForward }) =>
          from <= to &&
          (after === undefined || (ScanIndexForward ? from <= after && after < to : from < after && after <= to)),
      )
      .map(
        ({ from, to, after, only, ...options }) =>
          (pk: string) =>
            new QueryCommand({
              ...base,
              ...options,
              KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
              ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
              ...(after && { ExclusiveStartKey: { pk, sk: after } }),
              ...(only && { ProjectionExpression: 'sk, fence' }),
            }),
      ),
  },
);

let partitions = 0;

it('answers each command as DynamoDB does: items, conditions, pages, errors and units', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 25 }), async (commands) => {
      const memory = documents(memoryDynamoDb(new MemoryTable({ nothingIsFree: true })));
      const pk = `POOL#${++partitions}`;
      for (const make of commands) {
        const expected = await answerOf(local, make(pk));
        expect(await answerOf(memory, make(pk)), JSON.stringify((make(pk) as any).input)).toEqual(expected);
      }
    }),
    explored(10),
  );
});
