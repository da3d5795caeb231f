import { randomBytes } from 'node:crypto';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { inject } from 'vitest';
import type { SubscriptionTerms } from '../../../shared/domain/subscription.ts';
import { createOrganization } from '../../../shared/table/accounts/organizations.ts';
import { seatKey } from '../../../shared/table/items/blocks.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { type SubscriptionSet, setSubscription } from '../../../shared/table/items/subscriptions.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import { documents, type Item, type Table } from '../../../shared/table/store/table.ts';
import { directMemoryDynamoDb, memoryDynamoDb } from '../../simulation/table/memory-client.ts';
import { MemoryTable } from '../../simulation/table/memory-table.ts';
import { itemsOf } from './items-of.ts';
import { createLocalTable, localDynamoDb } from './local-dynamodb.ts';

/** What happens around one request to DynamoDB: `send` lets it through and gives DynamoDB's output. */
export type Around = (request: { name: string; input: any }, send: () => Promise<any>) => Promise<any>;

export interface Database {
  /**
   * The table through a client of its own.
   *
   * @param hooks.request around each request, whatever the SDK does to get it through
   * @param hooks.attempt around each try of a request, inside the SDK's retries
   */
  client: (hooks?: { request?: Around; attempt?: Around }) => Table;
  endpoint: string;
  name: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

const name = 'Leasehold';

/**
 * A fresh database with an empty table: DynamoDB Local keeps one per access key. With `TEST_TABLE=memory` the simulation's table
 * answers instead: no request goes to DynamoDB Local, and there is no stream. With `TEST_TABLE=direct` its requests also skip the
 * SDK's protocol.
 *
 * @param options.stream whether the table has its stream, for tests that read it and for local stacks
 */
export const createDatabase = async ({ stream = false } = {}): Promise<Database> => {
  const endpoint = inject('dynamodb');
  const credentials = { accessKeyId: randomBytes(10).toString('hex'), secretAccessKey: 'secret' };
  const { TEST_TABLE: kind } = process.env;
  const memory = kind === undefined ? undefined : new MemoryTable({ nothingIsFree: true });
  if (memory && stream) throw new Error('The table in memory has no stream: run this test without TEST_TABLE.');
  if (!memory) await createLocalTable(endpoint, name, { ...credentials, stream });
  const client: Database['client'] = ({ request, attempt } = {}) => {
    const ofMemory = kind === 'direct' && !attempt ? directMemoryDynamoDb : memoryDynamoDb;
    const dynamodb = memory ? ofMemory(memory) : localDynamoDb(endpoint, credentials.accessKeyId);
    const hook =
      (around: Around) =>
      (next: (args: any) => Promise<any>, context: Record<string, unknown>) =>
      async (args: any): Promise<any> => {
        let result: any;
        const called = { name: String(context.commandName).replace(/Command$/, ''), input: args.input };
        const output = await around(called, async () => {
          result = await next(args);
          return result.output;
        });
        return { ...result, output };
      };
    if (request) dynamodb.middlewareStack.add(hook(request), { step: 'initialize', name: 'request' });
    if (attempt)
      dynamodb.middlewareStack.add(hook(attempt) as never, {
        step: 'finalizeRequest',
        name: 'attempt',
        priority: 'low',
      });
    return { name, client: documents(dynamodb), actor: 'service#tests' };
  };
  return { client, endpoint, name, credentials };
};

export interface TestPool extends Pool {
  /** Sets the subscription anew with these changes. */
  set: (changes: Partial<SubscriptionTerms>, by?: Table) => Promise<SubscriptionSet>;
  /** The members beside the owner. */
  users: readonly string[];
}

let people = 0;
const newEmail = (name: string) => `${name}${++people}@acme.example`;

/** Ten floating licenses of KRE, with a lease of a minute, good until tomorrow. */
export const usualTerms = (): SubscriptionTerms => ({
  productName: 'Katalon Runtime Engine',
  licenseType: 'floating',
  quota: 10,
  machineQuota: 100_000,
  expiresAt: Date.now() + 86_400_000,
  leaseSeconds: 60,
  offline: { allowed: false, maxDays: null, reserveOnline: 0 },
  idleTimeoutMinutes: null,
  suspended: false,
});

/**
 * A new organization with a subscription of KRE.
 *
 * @param changes the differences from the usual terms
 * @param members the number of members beside the owner
 */
export const createPool = async (
  table: Table,
  changes: Partial<SubscriptionTerms> = {},
  { members = 0 }: { members?: number } = {},
): Promise<TestPool> => {
  const terms = { ...usualTerms(), ...changes };
  const pool = { organizationId: '', product: 'KRE' };
  const users: string[] = [];
  const set: TestPool['set'] = (now, by = table) => setSubscription(by, pool, { ...terms, ...now }, Date.now());
  // The operations take many requests; their items take one.
  const items = await itemsOf(table, async (empty) => {
    const now = Date.now();
    const ownerEmail = newEmail('owner');
    const { id: organizationId } = await createOrganization(empty, { name: 'Acme', ownerEmail, now });
    pool.organizationId = organizationId;
    for (let index = 0; index < members; index++)
      users.push((await addMember(empty, { organizationId, email: newEmail('member'), role: 'user', now })).userId);
    await set({}, empty);
  });
  await putMany(table, items);
  return { ...pool, set, users };
};

/** Puts items, 25 a request. */
export const putMany = async (table: Table, items: readonly Item[]): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, index) =>
    items.slice(index * 25, index * 25 + 25),
  );
  await pMap(
    batches,
    (batch) =>
      table.client.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
      ),
    { concurrency: 8 },
  );
};

/** Puts a holder on each number of a range: activating each would take minutes. */
export const fillSeats = async (
  table: Table,
  pool: Pool,
  {
    first,
    last,
    availableAt = Date.now() + 3_600_000,
    watchedAt,
  }: { first: number; last: number; availableAt?: number; watchedAt?: number },
): Promise<void> => {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const seatKeys = await Promise.all(numbers.map((number) => seatKey(table, pool, number)));
  return putMany(
    table,
    numbers.map((number, index) => ({
      ...seatKeys[index],
      holder: `session#filler-${number}`,
      userId: 'usr_filler',
      machineId: 'filler',
      claimedAt: availableAt - 3_600_000,
      renewedAt: availableAt - 3_600_000,
      availableAt,
      leaseMs: 3_600_000,
      fence: 1,
      // A session whose seat is watched has sent a heartbeat.
      ...(watchedAt && { watchedAt, renewedAt: availableAt - 3_599_000 }),
    })),
  );
};
