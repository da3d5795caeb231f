import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../infra/local/database/create-table.ts';
import { startDynamoDbLocal } from '../../infra/local/database/dynamodb-process.ts';
import { blockOf } from '../../shared/domain/census.ts';
import type { SubscriptionTerms } from '../../shared/domain/subscription.ts';
import { createOrganization } from '../../shared/table/accounts/organizations.ts';
import { setSubscription } from '../../shared/table/items/subscriptions.ts';
import { keys, type Pool } from '../../shared/table/store/keys.ts';
import { documents, type Item, openTable, type Table } from '../../shared/table/store/table.ts';
import type { Around } from '../table/support/database.ts';
import { meter } from '../table/support/requests/metering.ts';

export interface Database {
  endpoint: string;
  /** The one table of the run: beside the stream of a busy one, DynamoDB Local is slow to write to another. */
  table: Table;
  streamArn: string;
  stop: () => Promise<void>;
}

const name = 'Leasehold';

/**
 * Starts a DynamoDB Local of its own, in memory, whatever `DYNAMODB_ENDPOINT` says: this load is nothing for a table
 * that somebody uses. Clients find their credentials in the environment, as on Lambda.
 */
export const startDatabase = async (): Promise<Database> => {
  for (const variable of ['DYNAMODB_ENDPOINT', 'AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[variable];
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: randomBytes(10).toString('hex'),
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const { endpoint, stop } = await startDynamoDbLocal();
  try {
    const { streamArn } = await createTable(endpoint, name);
    return {
      endpoint,
      table: openTable('service#bench', { TABLE_NAME: name, DYNAMODB_ENDPOINT: endpoint }),
      streamArn,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/**
 * The same table through a client of its own, whose requests are counted. It has no timeouts: in a burst hundreds of
 * sessions, which would be as many functions with a client each, wait for the sockets of this one.
 */
export const metered = (table: Table, endpoint: string) => {
  const client = documents(new DynamoDBClient({ endpoint, maxAttempts: 6 }));
  const { request, of } = meter();
  client.middlewareStack.add(observe(request), { step: 'initialize', name: 'request' });
  return { table: { ...table, client }, of };
};

const observe =
  (around: Around) =>
  (next: (args: any) => Promise<any>, context: { commandName?: string }) =>
  async (args: any): Promise<any> => {
    let result: any;
    const output = await around(
      { name: String(context.commandName).replace(/Command$/, ''), input: args.input },
      async () => {
        result = await next(args);
        return result.output;
      },
    );
    return { ...result, output };
  };

let pools = 0;

/** A new organization with a floating KRE subscription on which nothing but its quota ever binds. */
export const createPool = async (table: Table, quota: number): Promise<Pool> => {
  const now = Date.now();
  const ownerEmail = `owner${++pools}@acme.example`;
  const { id: organizationId } = await createOrganization(table, { name: 'Acme', ownerEmail, now });
  const pool = { organizationId, product: 'KRE' };
  const terms: SubscriptionTerms = {
    productName: 'Katalon Runtime Engine',
    licenseType: 'floating',
    quota,
    machineQuota: 100_000,
    expiresAt: now + 86_400_000,
    leaseSeconds: 120,
    offline: { allowed: false, maxDays: null, reserveOnline: 0 },
    idleTimeoutMinutes: null,
    suspended: false,
  };
  await setSubscription(table, pool, terms, now);
  return pool;
};

/** A seat that a session holds for an hour, as the engine writes it. */
export const heldSeat = (pool: Pool, number: number): Item => {
  const now = Date.now();
  return {
    ...keys.seat(pool, number, blockOf(number)),
    holder: `session#build-4710-${number}-linux-x64`,
    userId: 'usr_ada',
    machineId: 'runner-07',
    claimedAt: now - 300_000,
    renewedAt: now,
    availableAt: now + 3_600_000,
    leaseMs: 120_000,
    claimId: 'AAAAAAAA',
    fence: 1,
    actor: 'service#',
  };
};

/** Puts many items, 25 a request. */
export const putAll = async (table: Table, items: readonly Item[]): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, at) => items.slice(at * 25, at * 25 + 25));
  const writer = async () => {
    for (let batch = batches.pop(); batch; batch = batches.pop())
      await table.client.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
      );
  };
  await Promise.all(Array.from({ length: 4 }, writer));
};
