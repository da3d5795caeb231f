import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { dayMs } from '../../../shared/domain/dates.ts';
import type { Item } from '../../../shared/table/store/item.ts';
import { documents, type Table } from '../../../shared/table/store/table.ts';
import { WrittenPlans } from '../../../shared/table/store/written-plans.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { explored } from '../../depth.ts';
import { memoryDynamoDb } from '../../simulation/table/memory-client.ts';
import { MemoryTable } from '../../simulation/table/memory-table.ts';
import { putMany } from '../../table/support/database.ts';
import { openChanges } from '../../table/support/stream/changes.ts';
import { followRecord } from '../../table/support/stream/follow.ts';
import { clock, openWorld } from '../support/harness.ts';
import { confirmed } from '../support/webhooks.ts';
import { runs, start } from './run.ts';

const world = await openWorld({ stream: true });
const { DYNAMODB_ENDPOINT: endpoint = '', AWS_ACCESS_KEY_ID: accessKeyId = '' } = process.env;
const credentials = { accessKeyId, secretAccessKey: 'secret' };
const changes = await openChanges({ endpoint, name: world.table.name, credentials });

/** All items of a table but the plans of the schedule and of the purge, which may be made twice. */
const itemsOf = async ({ client, name }: Table) => {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new ScanCommand({ TableName: name, ConsistentRead: true }),
  );
  expect(LastEvaluatedKey).toBeUndefined();
  const placeOf = ({ pk, sk }: Record<string, unknown>) => `${pk}\n${sk}`;
  return Items.filter(({ pk }) => !/^(DUE|PAST)#/.test(String(pk))).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
};

type Items = Awaited<ReturnType<typeof itemsOf>>;
let stored: Items;
let records: StreamRecord[];
let once: Items;
let ranUntil: number;

/**
 * Returns all items after the stream function got these batches: each by an instance of its own, in a copy of the table.
 *
 * @param lateMs how long after the calls
 */
const made = async (batches: readonly (readonly StreamRecord[])[], lateMs = 0): Promise<Items> => {
  const client = documents(memoryDynamoDb(new MemoryTable({ nothingIsFree: true })));
  const copy: Table = { ...world.table, client, actor: 'service#stream' };
  await putMany(copy, stored as Item[]);
  const now = ranUntil + lateMs;
  Object.assign(clock, { ahead: 0, stoppedAt: now });
  for (const batch of batches) {
    const options = { written: new WrittenPlans(), sendsMails: true, now };
    for (const record of batch) await followRecord(copy, record, options);
  }
  return (await itemsOf(copy)).map(({ writtenAt: _, ...item }) => item);
};

const none = async () => {};

beforeAll(async () => {
  const { model, real } = await start(world, { note: none, forget: none, run: none });
  const [{ id: organizationId, members }] = model.organizations;
  const owner = model.people.find(({ userId }) => members.get(userId)?.role === 'owner');
  const as = { bearer: owner?.bearer ?? '' };
  const body = { url: 'https://hooks.example.com/all', events: ['*'] };
  const webhook = await world.got(201, createWebhook, { as, path: { organizationId }, body });
  await confirmed(world.table, organizationId, webhook);
  const path = { organizationId, product: 'FLO' };
  await world.got(201, activate, { as, path, body: { sessionId: 'short', machineId: 'm-1' } });
  await world.got(204, deactivate, { as, path: { ...path, sessionId: 'short' } });
  // The model does not know of this webhook, and no schedule runs.
  const [commands = []] = fc.sample(runs(5), { numRuns: 1, seed: explored(1).seed });
  await fc.asyncModelRun(
    () => ({ model, real }),
    commands.filter((command) => !/ebhook|schedule/.test(String(command))),
  );
  // The clock of the model runs ahead of the database's.
  records = (await changes.next()).map((record) => ({ ...record, at: Number(record.after?.writtenAt ?? Date.now()) }));
  stored = await itemsOf(world.table);
  ranUntil = Date.now();
  once = await made([records]);
});

const cut = (size: number): StreamRecord[][] =>
  Array.from({ length: Math.ceil(records.length / size) }, (_, n) => records.slice(n * size, (n + 1) * size));

describe('all that the stream function derives from the calls of the whole API', () => {
  it('is something of each kind', () => {
    const kinds = new Set(once.map(({ pk }) => String(pk).split('#')[0]));
    expect([...kinds]).toEqual(
      expect.arrayContaining(['AUDIT', 'HISTORY', 'DELIVERIES', 'MAILS', 'EMAIL', 'PORTFOLIO']),
    );
    expect(once.length).toBeGreaterThan(stored.length + 50);
  });
  it.each([1, 7, 100])('is the same in batches of %i', async (size) => {
    expect(await made(cut(size))).toEqual(once);
  });
  it('is the same if each change comes twice', async () => {
    expect(await made([records, records])).toEqual(once);
  });
  it('is the same in another order, but for the list of an address, whose invitations say whether they are open', async () => {
    const all = { minLength: records.length, maxLength: records.length };
    const [shuffled = []] = fc.sample(fc.shuffledSubarray(records, all), { numRuns: 1, seed: explored(1).seed });
    const others = (items: Items) => items.filter(({ pk }) => !String(pk).startsWith('EMAIL#'));
    for (const order of [shuffled, records.toReversed()]) expect(others(await made([order]))).toEqual(others(once));
  });
  it('is the same days late', async () => {
    expect(await made([records], 5 * dayMs)).toEqual(once);
  });
});
