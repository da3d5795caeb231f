import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { blockOf } from '../../../shared/domain/census.ts';
import { dayMs as day } from '../../../shared/domain/dates.ts';
import type { Subscription } from '../../../shared/domain/subscription.ts';
import { dryRunFloating } from '../../../shared/table/activations/activate-floating.ts';
import { listOnline } from '../../../shared/table/activations/list-online.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import { readLiveClaims } from '../../../shared/table/reports/live-activations.ts';
import { readHeldPage } from '../../../shared/table/schedule/sweep-pool.ts';
import { keys, type Position } from '../../../shared/table/store/keys.ts';
import { getItem, put, type Table } from '../../../shared/table/store/table.ts';
import {
  type Around,
  createDatabase,
  createPool,
  type Database,
  fillSeats,
  type TestPool,
} from '../support/database.ts';
import { activateOn } from '../support/machines.ts';
import { beforeWrite } from '../support/requests/at-write.ts';
import { meter } from '../support/requests/metering.ts';
import {
  activate,
  activateMany,
  clockAt,
  fastClock,
  heartbeat,
  holders,
  release,
  seatOf,
  userId,
} from '../support/sessions.ts';
import { followRecord } from '../support/stream/follow.ts';

// Blocks of two seats: the third and fourth are in a partition of their own, and so on.
let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = { ...database.client(), blockSize: 2 };
});

const storedTerms = async (pool: TestPool) => (await readSubscription(table, pool)) as Subscription;
const storedItem = async (pool: TestPool) =>
  (
    await table.client.send(
      new GetCommand({ TableName: table.name, Key: keys.subscription(pool), ConsistentRead: true }),
    )
  ).Item;
const copyOf = (pool: TestPool, block: number) => getItem(table, keys.terms(pool, block));
/** As if the request that set the terms had died before it brought them to the blocks. */
const setButDie = async (pool: TestPool, changes: Parameters<TestPool['set']>[0]) => {
  const dying = database.client({
    request: ({ name, input }, send) => {
      if (name === 'UpdateItem' && input.Key.sk === 'SEATS') throw new Error('injected');
      return send();
    },
  });
  await expect(pool.set(changes, { ...dying, blockSize: 2 })).rejects.toThrow('injected');
};
const full = (outcomes: readonly { outcome: string }[]) => outcomes.map(({ outcome }) => outcome);

describe('a pool of several blocks', () => {
  it('serves its quota and no more, from the seats of all blocks', async () => {
    const pool = await createPool(table, { quota: 5 });
    const results = await activateMany(table, pool, 7);
    expect(full(results).filter((outcome) => outcome === 'acquired')).toHaveLength(5);
    expect(full(results).filter((outcome) => outcome === 'exhausted')).toHaveLength(2);
    expect(await holders(table, pool)).toHaveLength(5);
    expect(await getItem(table, keys.seat(pool, 3))).toBeUndefined();
    expect(await getItem(table, keys.seat(pool, 5, 3))).toMatchObject({ number: 5 });
  });

  it('tells of the seats of all blocks, page by page', async () => {
    const pool = await createPool(table, { quota: 5 });
    await activateMany(table, pool, 5);
    const sessions = ['s0', 's1', 's2', 's3', 's4'];
    const subscription = await storedTerms(pool);
    const pages = async (read: (after?: Position) => Promise<{ items: { number: number }[]; next?: Position }>) => {
      const numbers: number[] = [];
      let after: Position | undefined;
      do {
        const page = await read(after);
        numbers.push(...page.items.map(({ number }) => number));
        after = page.next;
      } while (after);
      return numbers;
    };
    const now = Date.now();
    expect(await pages((after) => listOnline(table, subscription, { limit: 2, after, now }))).toEqual([1, 2, 3, 4, 5]);
    expect(await pages((after) => readHeldPage(table, pool, 'seats', after))).toEqual([1, 2, 3, 4, 5]);
    const live = await readLiveClaims(table, pool, now + 1000);
    expect(live.map(({ sessionId }) => sessionId).sort()).toEqual(sessions);
  });

  it('lets nobody start in any block, once a suspension is answered', async () => {
    const pool = await createPool(table, { quota: 6 });
    const seat = seatOf(await activate(table, pool, 's0'));
    await pool.set({ quota: 6, suspended: true });
    expect(full(await activateMany(table, pool, 6))).toEqual(Array(6).fill('suspended'));
    expect(await heartbeat(table, pool, 's0', seat)).toEqual({ outcome: 'ended', reason: 'subscription-suspended' });
    await pool.set({ quota: 6 });
    expect(full(await activateMany(table, pool, 6))).toEqual(Array(6).fill('acquired'));
  });

  it('lets nobody in above a smaller quota, and somebody for each seat that becomes free', async () => {
    const pool = await createPool(table, { quota: 6 });
    await activateMany(table, pool, 5);
    await pool.set({ quota: 3 });
    expect((await activate(table, pool, 'x')).outcome).toBe('exhausted');
    for (const session of ['s0', 's1']) await release(table, pool, session);
    expect((await activate(table, pool, 'x')).outcome).toBe('exhausted');
    await release(table, pool, 's2');
    expect((await activate(table, pool, 'x', fastClock())).outcome).toBe('acquired');
    expect(await holders(table, pool)).toHaveLength(3);
  });

  it('serves what a growth gave, although its request died on the way to the blocks', async () => {
    const pool = await createPool(table, { quota: 8 });
    await activateMany(table, pool, 8);
    await setButDie(pool, { quota: 12 });
    const more = ['a', 'b', 'c', 'd'].map((session) => activate(table, pool, session));
    expect(full(await Promise.all(more))).toEqual(Array(4).fill('acquired'));
  });

  it('suspends all blocks without another request, although that of the vendor died', async () => {
    const pool = await createPool(table, { quota: 6 });
    await activateMany(table, pool, 3);
    await setButDie(pool, { quota: 6, suspended: true });
    const after = await storedItem(pool);
    await followRecord(table, { id: 'change', at: Date.now(), before: undefined, after });
    expect((await copyOf(pool, 3))?.suspended).toBe(true);
  });

  it('lets sessions start in every block, once a suspension is lifted, although that request died', async () => {
    const pool = await createPool(table, { quota: 6 });
    await pool.set({ quota: 6, suspended: true });
    await setButDie(pool, { quota: 6 });
    const request = { userId, machineId: 'm1' };
    for (let index = 0; index < 6; index++)
      expect((await dryRunFloating(table, pool, { sessionId: `s${index}`, ...request })).outcome).toBe('accepted');
    for (let index = 0; index < 6; index++)
      expect(await activate(table, pool, `s${index}`)).toMatchObject({ outcome: 'acquired' });
  });

  it('refuses a removed machine in every block for as long as it is blocked', async () => {
    const pool = await createPool(table, { quota: 6 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 's0');
    expect(await removeMachine(table, pool, 'm1', { now, blockedUntil: now + 3_600_000 })).toEqual({
      outcome: 'removed',
    });
    expect(await holders(table, pool)).toEqual([]);
    const again = await Promise.all([1, 2, 3, 4, 5, 6].map((index) => activateOn(table, pool, 'm1', `s${index}`)));
    expect(full(again)).toEqual(Array(6).fill('blocked'));
    const atLast = clockAt(now + 3_600_000 - 1);
    expect((await activateOn(table, pool, 'm1', 's7', atLast)).outcome).toBe('blocked');
    expect((await activateOn(table, pool, 'm2', 's1')).outcome).toBe('acquired');
  });

  it('takes as many machines as its machine quota, also more than a block has seats', async () => {
    const pool = await createPool(table, { quota: 6, machineQuota: 4 });
    const outcomes: string[] = [];
    for (let index = 0; index < 5; index++)
      outcomes.push((await activateOn(table, pool, `m${index}`, `s${index}`)).outcome);
    expect(outcomes).toEqual([...Array(4).fill('acquired'), 'machines-exhausted']);
  });

  it('takes in a machine at the usual cost: the machines are not in blocks', async () => {
    const metered = meter();
    const by = database.client({ request: metered.request });
    const requests = [];
    for (const one of [by, { ...by, blockSize: 2 }]) {
      const pool = await createPool(one, { quota: 20, machineQuota: 12 });
      await activateOn(one, pool, 'first', 'first');
      for (let index = 0; index < 6; index++)
        requests.push((await metered.of(() => activateOn(one, pool, `m${index}`, `s${index}`))).bill.requests);
    }
    expect(requests.slice(6)).toEqual(requests.slice(0, 6));
  });

  it('refuses a machine that is removed while it activates: the terms that the process knows are older', async () => {
    const pool = await createPool(table, { quota: 6 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 's0');
    const remove = () => removeMachine(table, pool, 'm1', { now, blockedUntil: now + 3_600_000 });
    const by = { ...beforeWrite(database, remove), blockSize: 2 };
    expect((await activateOn(by, pool, 'm1', 's1')).outcome).toBe('blocked');
    expect(await holders(table, pool)).toEqual([]);
  });

  it('costs an activation, a heartbeat and a release what any pool does', async () => {
    const metered = meter();
    let ofSubscription = 0;
    const by = database.client({
      request: (called, send) => {
        if (JSON.stringify(called.input).includes('"SUB#KRE"')) ofSubscription++;
        return metered.request(called, send);
      },
    });
    const pool = await createPool(by, { quota: 3000 });
    // A process asks once where a large pool's seats are.
    await activate(by, pool, 'first');
    const seats: number[] = [];
    for (let index = 0; index < 6; index++) {
      ofSubscription = 0;
      const { result, bill } = await metered.of(() => activate(by, pool, `build-4711-${index}`));
      expect(bill.requests).toBeLessThanOrEqual(5);
      expect(bill).toMatchObject({ roundTrips: 4, write: 2 });
      const beat = await metered.of(() => heartbeat(by, pool, `build-4711-${index}`, seatOf(result)));
      expect(beat.bill).toEqual({ requests: 2, roundTrips: 1, write: 1, read: 1 });
      const released = await metered.of(() => release(by, pool, `build-4711-${index}`));
      expect(released.bill).toEqual({ requests: 2, roundTrips: 2, write: 2, read: 0 });
      const { number } = seatOf(result);
      seats.push(number);
      // The load of a later block is its partition's alone.
      if (blockOf(number) > 1) expect(ofSubscription).toBe(0);
    }
    expect(new Set(seats.map((number) => blockOf(number))).size).toBeGreaterThan(1);
  });

  /** Five blocks of so many seats, these of each block held, and what sessions get there that come one after another. */
  const servedWhereHeld = async (blockSize: number, ...held: { first: number; last: number }[]) => {
    const metered = meter();
    const by = { ...database.client({ request: metered.request }), blockSize };
    // No census tells where a seat is free.
    const pool = await createPool(by, { quota: 5 * blockSize, leaseSeconds: 30 });
    for (let start = 0; start < 5 * blockSize; start += blockSize)
      for (const { first, last } of held) await fillSeats(by, pool, { first: start + first, last: start + last });
    const served: { number: number; requests: number }[] = [];
    for (let index = 0; index < 20; index++) {
      const { result, bill } = await metered.of(() => activate(by, pool, `build-4711-${index}`));
      served.push({ number: ((seatOf(result).number - 1) % blockSize) + 1, requests: bill.requests });
      await release(by, pool, `build-4711-${index}`);
    }
    return served;
  };

  it('spreads sessions over the free seats of its blocks, at the usual cost', async () => {
    const served = await servedWhereHeld(50, { first: 3, last: 25 }, { first: 28, last: 50 });
    expect(served.map(({ requests }) => requests)).toEqual(Array(20).fill(5));
    // The first session tells how full the pool is.
    const [, ...numbers] = served.map(({ number }) => number);
    expect(new Set(numbers)).toEqual(new Set([1, 2, 26, 27]));
  });

  it('serves some sessions at the usual cost where only the last seat of each block is free', async () => {
    const served = await servedWhereHeld(26, { first: 1, last: 25 });
    expect(served.map(({ requests }) => requests)).toContain(5);
  });

  it('that is full gives a seat to the next session as soon as it is free, without a lost race', async () => {
    const pool = await createPool(table, { quota: 12 });
    await activateMany(table, pool, 12);
    expect((await activate(table, pool, 'x')).outcome).toBe('exhausted');
    for (let index = 0; index < 6; index++) {
      await release(table, pool, `s${index}`);
      expect(await activate(table, pool, `next-${index}`)).toMatchObject({ outcome: 'acquired', races: 0 });
    }
  });
});

describe('a refusal in a pool of several blocks', () => {
  const metered = meter();

  it('costs a look at the subscription more than in any pool, and no second one', async () => {
    const by = { ...database.client({ request: metered.request }), blockSize: 2 };
    const pool = await createPool(by, { quota: 6, leaseSeconds: 30 });
    await activateMany(by, pool, 6);
    expect((await activate(by, pool, 'first')).outcome).toBe('exhausted');
    for (let index = 0; index < 6; index++) {
      const { result, bill } = await metered.of(() => activate(by, pool, `x${index}`));
      expect(result.outcome).toBe('exhausted');
      expect(bill.requests).toBeLessThanOrEqual(6);
      expect(bill.write).toBe(0);
    }
  });

  it('of a machine brings no terms to the blocks: no slot is there', async () => {
    const by = { ...database.client({ request: metered.request }), blockSize: 2 };
    const terms = { quota: 6, machineQuota: 1 };
    const pool = await createPool(by, terms);
    await activateOn(by, pool, 'm1', 'a');
    await setButDie(pool, { ...terms, leaseSeconds: 30 });
    const { result, bill } = await metered.of(() => activateOn(by, pool, 'm2', 'b'));
    expect(result.outcome).toBe('machines-exhausted');
    // The claim of the seat, and its return.
    expect(bill.write).toBe(2);
  });
});

describe('a pool that outgrows its first block', () => {
  it('has blocks from then on; to grow stays one write', async () => {
    const pool = await createPool(table, { quota: 2 });
    await activateMany(table, pool, 2);
    const metered = meter();
    const by = { ...database.client({ request: metered.request }), blockSize: 2 };
    expect((await metered.of(() => pool.set({ quota: 5 }, by))).bill).toMatchObject({ requests: 2, write: 1 });
    const more = await Promise.all(['a', 'b', 'c', 'd'].map((session) => activate(table, pool, session)));
    expect(full(more).sort()).toEqual(['acquired', 'acquired', 'acquired', 'exhausted']);
    expect((await getItem(table, keys.seat(pool, 4, 2)))?.hold).toBeDefined();
    await pool.set({ quota: 2 });
    expect(await storedTerms(pool)).toMatchObject({ quota: 2, blocks: 3 });
    expect(await holders(table, pool)).toHaveLength(5);
  });

  it('refuses a machine that was removed before, and reads the machines no more once all such blocks are over', async () => {
    const pool = await createPool(table, { quota: 2, expiresAt: Date.now() + 30 * day });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 's0');
    await removeMachine(table, pool, 'm1', { now, blockedUntil: now + 7 * day });
    await pool.set({ quota: 6 }, table);
    const again = await Promise.all([1, 2, 3].map((index) => activateOn(table, pool, 'm1', `s${index}`)));
    expect(full(again)).toEqual(Array(3).fill('blocked'));
    const machinesRead = async (at: number) => {
      let reads = 0;
      const request: Around = async ({ input }, send) => {
        reads += JSON.stringify(input).split('MACHINE#').length - 1;
        return send();
      };
      const by = { ...database.client({ request }), blockSize: 2 };
      expect((await activateOn(by, pool, 'm2', `at-${at}`, clockAt(at))).outcome).toBe('acquired');
      return reads;
    };
    expect(await machinesRead(now + 6 * day)).toBe(2);
    // A process reads the subscription once before it knows.
    expect(await machinesRead(now + 8 * day)).toBe(1);
  });

  /** A pool whose terms an earlier release set. */
  const formerPool = async (quota: number) => {
    const pool = await createPool(database.client(), { quota });
    const { blocks: _, ...former } = await storedTerms(pool);
    await put(table, { Item: { ...keys.subscription(pool), ...former } });
    return { pool, former };
  };

  it('keeps its seats in one partition, if it had more seats by an earlier release', async () => {
    for (const quota of [2, 4]) {
      const { pool } = await formerPool(quota);
      await put(table, { Item: { ...keys.seat(pool, 4), fence: 1 } });
      await pool.set({ quota: 5 }, table);
      expect((await storedTerms(pool)).blocks).toBe(0);
      expect(full(await activateMany(table, pool, 6)).filter((outcome) => outcome === 'acquired')).toHaveLength(5);
      expect((await getItem(table, keys.seat(pool, 4)))?.hold).toBeDefined();
    }
  });

  it('serves sessions at the usual cost also if it had more seats by an earlier release', async () => {
    const { pool } = await formerPool(20);
    await put(table, { Item: { ...keys.seat(pool, 20), fence: 1 } });
    await pool.set({ quota: 30 }, table);
    const metered = meter();
    const by = { ...database.client({ request: metered.request }), blockSize: 2 };
    for (let index = 0; index < 6; index++) {
      const { result, bill } = await metered.of(() => activate(by, pool, `s${index}`));
      expect([result.outcome, bill.requests]).toEqual(['acquired', 5]);
    }
  });

  it('refuses a removed machine also if it had more seats by an earlier release', async () => {
    const { pool } = await formerPool(4);
    await put(table, { Item: { ...keys.seat(pool, 4), fence: 1 } });
    await pool.set({ quota: 5 }, table);
    const now = Date.now();
    await activateOn(table, pool, 'm1', 's0');
    await removeMachine(table, pool, 'm1', { now, blockedUntil: now + 3_600_000 });
    expect((await activateOn(table, pool, 'm1', 's1')).outcome).toBe('blocked');
    expect(await holders(table, pool)).toEqual([]);
  });

  it('gets blocks, if an earlier release set its terms and it never had more seats', async () => {
    const { pool } = await formerPool(2);
    await activateMany(table, pool, 2);
    await pool.set({ quota: 5 }, table);
    expect((await storedTerms(pool)).blocks).toBe(3);
    expect(full(await activateMany(table, pool, 6)).filter((outcome) => outcome !== 'exhausted')).toHaveLength(5);
  });

  it('is a pool of its first block to an earlier release, which can’t change it', async () => {
    const pool = await createPool(table, { quota: 6 });
    const item = await storedItem(pool);
    expect(item).toMatchObject({ quota: 2, claimable: 2, blockQuota: 6, blockClaimable: 6 });
    expect(item).not.toHaveProperty('version');
  });

  it('counts no claim that a request made where the seat no longer is', async () => {
    const { pool, former } = await formerPool(4);
    let claims = 0;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'UpdateItem' && input.Key.sk > 'SEAT#000002' && ++claims === 1) {
          // An earlier release makes the pool smaller, then this one makes it larger.
          await put(table, { Item: { ...keys.subscription(pool), ...former, quota: 2, claimable: 2 } });
          await pool.set({ quota: 4 }, table);
        }
        return send();
      },
    });
    await activateMany(table, pool, 2, fastClock());
    for (const session of await holders(table, pool)) await release(table, pool, session);
    for (let index = 0; claims === 0; index++) await activate({ ...slow, blockSize: 2 }, pool, `x${index}`);
    expect((await storedTerms(pool)).blocks).toBe(2);
    const before = await holders(table, pool);
    expect(full(await activateMany(table, pool, 4 - before.length))).toEqual(Array(4 - before.length).fill('acquired'));
    expect(await holders(table, pool)).toHaveLength(4);
    expect((await activate(table, pool, 'late')).outcome).toBe('exhausted');
  });

  it('counts no such claim of a number that nobody has claimed since', async () => {
    const pool = await createPool(table, { quota: 12, leaseSeconds: 30 });
    await fillSeats(table, pool, { first: 1, last: 2 });
    await fillSeats(database.client(), pool, { first: 3, last: 12 });
    for (let index = 0; index < 10; index++)
      expect((await activate(table, pool, `s${index}`)).outcome).toBe('acquired');
  });
});
