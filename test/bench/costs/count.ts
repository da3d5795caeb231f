import { dayMs } from '../../../shared/domain/dates.ts';
import { authenticate } from '../../../shared/http/authenticate.ts';
import { purgeHistory } from '../../../shared/table/history/purge.ts';
import { planSweep } from '../../../shared/table/items/due-items.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { WrittenPlans } from '../../../shared/table/store/written-plans.ts';
import type { Bill } from '../../table/support/requests/metering.ts';
import { activate } from '../../table/support/sessions.ts';
import { openChanges } from '../../table/support/stream/changes.ts';
import { followRecord } from '../../table/support/stream/follow.ts';
import { createPool, type Database, heldSeat, metered, putAll } from '../database.ts';
import { apiKey } from '../http.ts';
import { newSession, type Told, throughEngine } from '../sessions.ts';
import { itemsOf } from './stored.ts';

/** The use of DynamoDB by calls, and by all that follows a session: counted, for one of many. */
export interface Counts {
  authorizer: Bill;
  activate: Bill;
  heartbeat: Bill;
  deactivate: Bill;
  /** By the quota of the full pool. */
  refused: ReadonlyMap<number, Bill>;
  /** The stream function's part of a session's begin and end, and how many changes these are. */
  follow: Bill & { changes: number };
  /** The deletion of a session's history. */
  purge: Bill;
  /** The items of a session that stay until then. */
  stored: { items: number; bytes: number };
  /** A sweep of a pool, for a seat. */
  sweep: Bill;
  /** A run of the schedule that finds nothing to do. */
  idle: Bill;
}

type Counted = ReturnType<typeof metered>;

const sessions = 60;
/** As many as a sweep of a large pool reads in one page. */
const swept = 500;
const hourMs = 3_600_000;

const each = ({ requests, roundTrips, read, write }: Bill, count: number): Bill => ({
  requests: requests / count,
  roundTrips: roundTrips / count,
  read: read / count,
  write: write / count,
});

/** Counts on a database of its own: nothing else may write to it. */
export const countAll = async (database: Database): Promise<Counts> => {
  const { table, endpoint } = database;
  const counted = metered(table, endpoint);
  const by = counted.table;
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  const feed = await openChanges({ endpoint, name: table.name, credentials: { accessKeyId, secretAccessKey } });
  const written = new WrittenPlans();
  const follow = async () => {
    const changes = await feed.next();
    for (const change of changes) await followRecord(by, change, { written });
    return changes.length;
  };
  const schedule = async (now: number) => {
    const run = { most: 100_000, until: () => false };
    await settleAllDue(by, { now, ...run });
    await purgeHistory(by, { before: now, ...run });
  };
  const ofEach = async (work: (index: number) => Promise<unknown>) => {
    const { bill } = await counted.of(async () => {
      for (let index = 0; index < sessions; index++) await work(index);
    });
    return each(bill, sessions);
  };

  // Idle first: nothing is due yet.
  const { bill: idle } = await counted.of(() => schedule(Date.now()));
  const way = throughEngine(by, await createPool(table, 3 * sessions));
  // The pool has been used before: each of its seats has an item, and the day of the history is planned.
  const inUse = Array.from({ length: sessions }, newSession);
  const former = Array.from({ length: 2 * sessions }, newSession);
  for (const id of [...inUse, ...former]) await way.activate(id);
  await follow();
  for (const id of former) await way.release(id);
  await follow();
  // And what the function itself wrote.
  await follow();
  const before = await itemsOf(table);

  const ids = Array.from({ length: sessions }, newSession);
  const told: Told[] = [];
  const activated = await ofEach(async (index) => {
    told[index] = await way.activate(ids[index]!);
  });
  const heartbeat = await ofEach((index) => way.heartbeat(ids[index]!, told[index]!));
  // Heartbeats of a pool reach the function a hundred at a time, and it ignores them.
  const begins = await counted.of(follow);
  const deactivated = await ofEach((index) => way.release(ids[index]!));
  const ends = await counted.of(follow);
  await follow();
  const after = await itemsOf(table);
  for (const id of inUse) await way.release(id);
  await follow();
  const { bill: purge } = await counted.of(() => schedule(Date.now() + 2 * dayMs));

  return {
    authorizer: await countAuthorizer(counted, database),
    activate: activated,
    heartbeat,
    deactivate: deactivated,
    refused: new Map([
      [100, await countRefusal(counted, table, 100)],
      [10_000, await countRefusal(counted, table, 10_000)],
    ]),
    follow: {
      ...each(
        {
          requests: begins.bill.requests + ends.bill.requests,
          roundTrips: begins.bill.roundTrips + ends.bill.roundTrips,
          read: begins.bill.read + ends.bill.read,
          write: begins.bill.write + ends.bill.write,
        },
        sessions,
      ),
      changes: 4,
    },
    purge: each(purge, 4 * sessions),
    stored: {
      items: (after.items - before.items) / sessions,
      bytes: (after.bytes - before.bytes) / sessions,
    },
    sweep: await countSweep(counted, table),
    idle,
  };
};

const countAuthorizer = async (counted: Counted, { table }: Database): Promise<Bill> => {
  const key = await apiKey(table, await createPool(table, 1));
  const request = { authorization: `Bearer ${key}`, source: '203.0.113.7' };
  const ask = () => authenticate(counted.table, request, Date.now());
  // The first use of a day is noted.
  await ask();
  return (await counted.of(ask)).bill;
};

/** A refusal in a pool that has refused others before. */
const countRefusal = async (counted: Counted, table: Table, quota: number): Promise<Bill> => {
  const pool = await createPool(table, quota);
  await putAll(
    table,
    Array.from({ length: quota }, (_, index) => heldSeat(pool, index + 1)),
  );
  const refuse = async () => {
    const { result, bill } = await counted.of(() => activate(counted.table, pool, newSession()));
    if (result.outcome !== 'exhausted') throw new Error(`${result.outcome} in a full pool of ${quota}`);
    return bill;
  };
  // The first refusals certify the blocks of the pool as full, and write. On a slow machine that takes more of them.
  const bills: Bill[] = [];
  while (bills.length < 3 || bills.slice(-3).some(({ write }) => write > 0)) bills.push(await refuse());
  return bills.reduce((least, bill) => (bill.read < least.read ? bill : least));
};

const countSweep = async (counted: Counted, table: Table): Promise<Bill> => {
  const pool = await createPool(table, swept);
  const seats = Array.from({ length: swept }, (_, index) => heldSeat(pool, index + 1));
  await putAll(
    table,
    seats.map((seat) => ({ ...seat, renewedAt: Date.now() + 40_000 })),
  );
  await planSweep(table, { pool, of: 'seats' }, new WrittenPlans(), Date.now());
  const run = { now: Date.now() + hourMs / 4, most: 100_000, until: () => false };
  return each((await counted.of(() => settleAllDue(counted.table, run))).bill, swept);
};
