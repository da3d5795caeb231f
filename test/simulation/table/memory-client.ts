import { setImmediate, setTimeout } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { signNothing } from '../../table/support/local-dynamodb.ts';
import type { MemoryTable } from './memory-table.ts';
import { ServiceError } from './service-error.ts';

/** The fields of a request or an answer that hold an item, a list of items, or lists of items by table. */
const ofItem = ['Key', 'Item', 'Attributes', 'ExpressionAttributeValues', 'ExclusiveStartKey', 'LastEvaluatedKey'];
const ofItems = ['Keys', 'Items'];
const ofTables = ['Responses'];

/** Changes each item of a request or an answer. */
const eachItem = (value: any, change: (item: any) => unknown): any => {
  if (Array.isArray(value)) return value.map((one) => eachItem(one, change));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries<any>(value).map(([name, inner]) => {
      if (ofItem.includes(name)) return [name, change(inner)];
      if (ofItems.includes(name)) return [name, inner.map(change)];
      if (ofTables.includes(name))
        return [
          name,
          Object.fromEntries(Object.entries<any>(inner).map(([table, items]) => [table, items.map(change)])),
        ];
      return [name, eachItem(inner, change)];
    }),
  );
};

// The protocol has binary values in base64.
const toText = (answer: object): string =>
  JSON.stringify(answer, function (this: any, name, value) {
    return this[name] instanceof Uint8Array ? Buffer.from(this[name]).toString('base64') : value;
  });
const fromText = (text: string): any =>
  JSON.parse(text, (name, value) => (name === 'B' && typeof value === 'string' ? Buffer.from(value, 'base64') : value));

/** The stored items as DynamoDB's protocol has them: a stored item never changes. */
const marshalled = new WeakMap<object, unknown>();
const marshallOnce = (item: any): unknown => {
  const known = marshalled.get(item) ?? marshall(item);
  marshalled.set(item, known);
  return known;
};

/**
 * Returns a request handler for the AWS SDK that has a table in memory answer. The SDK's own parts, such as its retries and its
 * middleware, work as with DynamoDB.
 */
const memoryHandler = (table: MemoryTable) => ({
  handle: async ({ headers, body }: { headers: Record<string, string>; body?: unknown }) => {
    const operation = headers['x-amz-target']?.split('.')[1] ?? '';
    const respond = (statusCode: number, answer: object) => ({
      response: { statusCode, headers: {}, body: Buffer.from(toText(answer)) },
    });
    // An answer takes a turn of the event loop, as over a connection.
    await setImmediate();
    try {
      const answer = table.answer(
        operation,
        eachItem(fromText(new TextDecoder().decode(body as Uint8Array)), unmarshall),
      );
      return respond(200, eachItem(answer, marshallOnce));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { name, message, fields } = error;
      return respond(400, {
        __type: `com.amazonaws.dynamodb.v20120810#${name}`,
        message,
        ...eachItem(fields, marshallOnce),
      });
    }
  },
  metadata: { handlerProtocol: 'http/1.1' },
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
});

/** A client of a table in memory. */
export const memoryDynamoDb = (table: MemoryTable): DynamoDBClient => {
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'memory', secretAccessKey: 'secret' },
    requestHandler: memoryHandler(table) as never,
  });
  signNothing(client);
  return client;
};

/** Returns a copy of a value, as the document client sends it: without undefined attributes and functions. */
const copyOf = (value: any): any => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Set) return new Set(value);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: Record<string, unknown> = {};
  for (const name in value)
    if (value[name] !== undefined && typeof value[name] !== 'function') copy[name] = copyOf(value[name]);
  return copy;
};

const exceptions: Record<string, new (fields: any) => Error> = {
  ConditionalCheckFailedException,
  TransactionCanceledException,
};

/**
 * A client of a table in memory for runs that make millions of requests: its requests skip the protocol and the retries, which
 * take most of the time.
 */
export const directMemoryDynamoDb = (table: MemoryTable): DynamoDBClient => {
  const client = memoryDynamoDb(table);
  client.middlewareStack.add(
    (_, { commandName }) =>
      async ({ input }) => {
        // Orders by the time rest on requests that take some.
        await setTimeout(1);
        try {
          return {
            output: copyOf(table.answer(String(commandName).replace('Command', ''), copyOf(input))),
            response: {},
          };
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          const { name, message, fields } = error;
          const of = { name, message, $fault: 'client', $metadata: {}, ...eachItem(fields, marshallOnce) } as const;
          throw new (exceptions[name] ?? DynamoDBServiceException)(of);
        }
      },
    { step: 'initialize', name: 'direct', priority: 'low' },
  );
  return client;
};
