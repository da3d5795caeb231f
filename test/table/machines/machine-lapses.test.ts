import { beforeAll, describe, expect, it } from 'vitest';
import type { HeldSeat } from '../../../shared/domain/seat.ts';
import { activateLicensed } from '../../../shared/table/activations/activate-licensed.ts';
import { heartbeatLicensed } from '../../../shared/table/activations/heartbeat-licensed.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { readLicenses } from '../../../shared/table/items/licenses.ts';
import { readMachine } from '../../../shared/table/items/machines.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { removeLicense } from '../../../shared/table/licensed-users/remove-license.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { createLicensedPool } from '../support/licensed-pool.ts';
import { activateOn, agree, inUse, registered } from '../support/machines.ts';
import { atEachPlace } from '../support/requests/places.ts';
import { clockAt, fastClock, heartbeat, release, seatOf } from '../support/sessions.ts';

// A late heartbeat revives a lease that ended, until somebody closes it: so whatever counts as gone is closed first.
let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const at = (now: number) => clockAt(now);

/** A client that closes a lapsed session only after a late heartbeat of it. */
const overtakenByHeartbeat = (pool: TestPool, sessionId: string, seat: HeldSeat, now: number) => {
  let revived = false;
  const by = database.client({
    request: async ({ name, input }, send) => {
      if (!revived && name === 'UpdateItem' && input.ConditionExpression.includes('availableAt <= :now')) {
        revived = input.ExpressionAttributeValues[':holder'] === `session#${sessionId}`;
        if (revived) expect((await heartbeat(table, pool, sessionId, seat, now)).outcome).toBe('extended');
      }
      return send();
    },
  });
  return { by, isRevived: () => revived };
};

describe('a machine quota that begins to bind', () => {
  it('does not count a lapsed session that a late heartbeat then revives', async () => {
    const pool = await createPool(table, { quota: 6, machineQuota: 6 });
    const start = Date.now();
    const seats = new Map<string, { number: number; fence: number }>();
    for (const name of ['1', '2', '3'])
      seats.set(name, seatOf(await activateOn(table, pool, `m${name}`, `s${name}`, at(start))));
    for (const name of ['1', '2']) await heartbeat(table, pool, `s${name}`, seats.get(name)!, start + 50_000);
    await pool.set({ quota: 6, machineQuota: 3 });
    const now = start + 61_000;
    expect((await activateOn(table, pool, 'm4', 's4', at(now))).outcome).toBe('acquired');
    expect(await heartbeat(table, pool, 's3', seats.get('3')!, now)).toMatchObject({
      outcome: 'ended',
      reason: 'lease-expired',
    });
    await agree(table, pool, 3, now);
  });

  it.each([
    ['begins to bind', 6],
    ['binds', 1],
  ])('and %s counts a lapsed session that a heartbeat revives in that moment', async (_, machineQuota) => {
    const pool = await createPool(table, { quota: 6, machineQuota });
    const start = Date.now();
    const seat = seatOf(await activateOn(table, pool, 'm1', 's1', at(start)));
    await pool.set({ quota: 6, machineQuota: 1 });
    const now = start + 61_000;
    const { by, isRevived } = overtakenByHeartbeat(pool, 's1', seat, now);
    expect((await activateOn(by, pool, 'm2', 's2', at(now))).outcome).toBe('machines-exhausted');
    expect(isRevived()).toBe(true);
    expect(await inUse(table, pool, now)).toEqual(['m1']);
  });
});

describe('a machine quota that was exceeded when it became smaller', () => {
  /** Where only one machine may be in use, m2 is, and the lease on m1 has ended. */
  const exceeded = async () => {
    const pool = await createPool(table, { quota: 6, machineQuota: 2 });
    const start = Date.now();
    const seat = seatOf(await activateOn(table, pool, 'm1', 's1', at(start)));
    const other = seatOf(await activateOn(table, pool, 'm2', 's2', at(start)));
    await pool.set({ quota: 6, machineQuota: 1 });
    await heartbeat(table, pool, 's2', other, start + 50_000);
    return { pool, seat, now: start + 61_000 };
  };

  it('counts a machine whose lease ended as a new one when it comes back, and no late heartbeat revives that lease', async () => {
    const { pool, seat, now } = await exceeded();
    expect((await activateOn(table, pool, 'm1', 's3', at(now))).outcome).toBe('machines-exhausted');
    expect(await heartbeat(table, pool, 's1', seat, now)).toMatchObject({ outcome: 'ended', reason: 'lease-expired' });
    expect(await inUse(table, pool, now)).toEqual(['m2']);
  });

  it('leaves a machine its slot that comes back in the moment in which a heartbeat revives its lease', async () => {
    const { pool, seat, now } = await exceeded();
    const { by, isRevived } = overtakenByHeartbeat(pool, 's1', seat, now);
    expect((await activateOn(by, pool, 'm1', 's3', at(now))).outcome).toBe('acquired');
    expect(isRevived()).toBe(true);
    expect(await registered(table, pool)).toEqual(['m1', 'm2']);
  });

  it('leaves a machine its slot to which a session is about to move', async () => {
    const pool = await createPool(table, { quota: 6, machineQuota: 3 });
    const start = Date.now();
    for (const name of ['1', '2']) await activateOn(table, pool, `m${name}`, `s${name}`, at(start));
    await pool.set({ quota: 6, machineQuota: 1 });
    let left = false;
    const transferring = database.client({
      request: async ({ name, input }, send) => {
        // The move has found the machine registered. Before the seat moves, the machine goes idle, and is used again.
        if (!left && name === 'UpdateItem' && input.UpdateExpression.includes('machineId = :to')) {
          left = true;
          await release(table, pool, 's2', start);
          await activateOn(table, pool, 'm2', 's3', at(start));
          await release(table, pool, 's3', start);
        }
        return send();
      },
    });
    const moved = await transferSession(transferring, pool, { sessionId: 's1', machineId: 'm2' }, at(start));
    expect([left, moved.outcome]).toEqual([true, 'transferred']);
    expect((await activateOn(table, pool, 'm4', 's4', at(start))).outcome).toBe('machines-exhausted');
    await agree(table, pool, 1, start);
  });
});

describe('a transfer to a machine that nobody uses, where the machine quota was exceeded when it became smaller', () => {
  it('is refused while others use the machine before: its place is given up like that of any that comes back', async () => {
    const pool = await createPool(table, { quota: 6, machineQuota: 3 });
    const start = Date.now();
    for (const [machine, session] of [
      ['m1', 's1'],
      ['m1', 's2'],
      ['m2', 's3'],
    ] as const)
      await activateOn(table, pool, machine, session, at(start));
    await pool.set({ quota: 6, machineQuota: 1 });
    await release(table, pool, 's3', start);
    const moved = await transferSession(table, pool, { sessionId: 's1', machineId: 'm2' }, at(start));
    expect(moved.outcome).toBe('machines-exhausted');
    await agree(table, pool, 1, start);
  });
});

describe('a transfer that takes the slot of its machine along, from which another session has lapsed', () => {
  const prepared = async () => {
    const pool = await createPool(table, { quota: 6, machineQuota: 1 });
    const start = Date.now();
    const [s1, s2] = [
      seatOf(await activateOn(table, pool, 'm1', 's1', at(start))),
      seatOf(await activateOn(table, pool, 'm1', 's2', at(start))),
    ];
    await heartbeat(table, pool, 's1', s1, start + 50_000);
    const now = start + 61_000;
    const move = (by: Table) => transferSession(by, pool, { sessionId: 's1', machineId: 'm2' }, at(now));
    return { pool, now, move, beat: () => heartbeat(table, pool, 's2', s2, now) };
  };

  it('is made: no late heartbeat brings that session back', async () => {
    const { pool, now, move, beat } = await prepared();
    expect((await move(table)).outcome).toBe('transferred');
    expect(await beat()).toMatchObject({ outcome: 'ended', reason: 'lease-expired' });
    expect(await inUse(table, pool, now)).toEqual(['m2']);
  });

  it('is refused if a heartbeat brings that session back in that moment', async () => {
    const { pool, now, move, beat } = await prepared();
    let beaten = false;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (!beaten && name === 'UpdateItem' && input.ConditionExpression.includes('availableAt <= :now')) {
          beaten = true;
          expect((await beat()).outcome).toBe('extended');
        }
        return send();
      },
    });
    expect((await move(overtaken)).outcome).toBe('machines-exhausted');
    expect(beaten).toBe(true);
    expect(await inUse(table, pool, now)).toEqual(['m1']);
  });
});

describe('the machine of a user whose license is taken away, which another user used last but one', () => {
  const prepared = async () => {
    const pool = await createLicensedPool(table, 3, 3);
    const terms = { licenseType: 'per-user', quota: 3, machineQuota: 1 } as const;
    await pool.set(terms);
    const [a = '', b = '', c = ''] = pool.users;
    for (const user of pool.users) expect((await grantLicense(table, pool, user)).outcome).toBe('acquired');
    const start = Date.now();
    const use = (userId: string, sessionId: string, machineId: string, now: number) =>
      activateLicensed(table, pool, { sessionId, userId, machineId }, at(now));
    const seat = seatOf(await use(b, 'of-b', 'shared', start));
    expect((await use(a, 'of-a', 'shared', start + 1000)).outcome).toBe('acquired');
    const beat = (now: number) =>
      heartbeatLicensed(table, pool, { sessionId: 'of-b', userId: b, seat: seat.number, fence: seat.fence }, now);
    return { pool, terms, a, b, c, start, use, beat };
  };
  const machinesInUse = async (pool: TestPool, now: number) =>
    (await readLicenses(table, pool)).flatMap(({ status, inUse: use }) =>
      status === 'active' && use && use.availableAt > now ? [use.machineId] : [],
    );

  it('is free for another only once no late heartbeat can bring that user back', async () => {
    const { pool, a, b, c, start, use, beat } = await prepared();
    const now = start + 61_500;
    await removeLicense(table, pool, a, now);
    expect((await use(c, 'of-c', 'other', now)).outcome).toBe('acquired');
    expect(await beat(now)).toMatchObject({ outcome: 'ended', reason: 'lease-expired' });
    expect((await use(b, 'of-b', 'shared', now)).outcome).toBe('machines-exhausted');
    expect(await machinesInUse(pool, now)).toEqual(['other']);
  });

  it('is that user’s if a heartbeat comes in the moment of the removal', async () => {
    const { pool, a, b, c, start, use, beat } = await prepared();
    const now = start + 61_500;
    let beaten = false;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (!beaten && name === 'UpdateItem' && input.ConditionExpression.includes('inUse.availableAt <= :now')) {
          beaten = true;
          expect((await beat(now)).outcome).toBe('extended');
        }
        return send();
      },
    });
    await removeLicense(overtaken, pool, a, now);
    expect(beaten).toBe(true);
    expect(await readMachine(table, pool, 'shared')).toMatchObject({ status: 'active', userId: b });
    expect((await use(c, 'of-c', 'other', now)).outcome).toBe('machines-exhausted');
  });

  it('is free for another only once that user is gone, though the remover’s clock is 30 s ahead', async () => {
    const { pool, a, c, start, use, beat } = await prepared();
    expect((await beat(start + 10_000)).outcome).toBe('extended');
    await removeLicense(table, pool, a, start + 45_000 + 30_000);
    const now = start + 46_000;
    await beat(now);
    await use(c, 'of-c', 'other', now);
    await beat(now + 1000);
    expect(await machinesInUse(pool, now + 1000)).toHaveLength(1);
  });

  it('is that user’s, though the subscription is over at that moment, and renewed after it', async () => {
    const { pool, terms, a, b, c, start, use, beat } = await prepared();
    await pool.set({ ...terms, expiresAt: start + 20_000 });
    await removeLicense(table, pool, a, start + 20_500);
    await pool.set(terms);
    expect((await beat(start + 21_000)).outcome).toBe('extended');
    expect(await readMachine(table, pool, 'shared')).toMatchObject({ status: 'active', userId: b });
    expect((await use(c, 'of-c', 'other', start + 21_000)).outcome).toBe('machines-exhausted');
  });
});

describe('a transfer to a machine that another session begins to use meanwhile', () => {
  it('leaves that machine one place, wherever in the transfer that comes', async () => {
    const start = Date.now();
    await atEachPlace(database, {
      prepare: async () => {
        const pool = await createPool(table, { quota: 3, machineQuota: 2 });
        await activateOn(table, pool, 'm1', 'a', fastClock(start));
        await activateOn(table, pool, 'm3', 'b', fastClock(start));
        return pool;
      },
      work: (by, pool) => transferSession(by, pool, { sessionId: 'a', machineId: 'm2' }, fastClock(start)),
      other: async (by, pool) => {
        await release(by, pool, 'b', start);
        await activateOn(by, pool, 'm2', 'c', fastClock(start));
      },
      check: (pool) => agree(table, pool, 2, start),
    });
  });
});
