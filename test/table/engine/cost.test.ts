import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { blockSize } from '../../../shared/domain/census.ts';
import type { Machine } from '../../../shared/domain/machine.ts';
import { sessionHolder } from '../../../shared/domain/seat.ts';
import type { Subscription } from '../../../shared/domain/subscription.ts';
import { newId } from '../../../shared/ids.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { startActivation } from '../../../shared/table/activations/activations.ts';
import { heartbeatFloating } from '../../../shared/table/activations/heartbeat-floating.ts';
import { heartbeatLicensed } from '../../../shared/table/activations/heartbeat-licensed.ts';
import { listOnline } from '../../../shared/table/activations/list-online.ts';
import { claimLimitMs } from '../../../shared/table/engine/confirm-claim.ts';
import { readMachine, slotOf } from '../../../shared/table/items/machines.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { registerMachine } from '../../../shared/table/machines/register-machine.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import { listHistory } from '../../../shared/table/reports/list-sessions.ts';
import { withCurrentState } from '../../../shared/table/reports/live-sessions.ts';
import { readOwnUse } from '../../../shared/table/reports/own-use.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { keys, slotsOf } from '../../../shared/table/store/keys.ts';
import { asActor, type Table } from '../../../shared/table/store/table.ts';
import { itemBytes } from '../../bench/costs/stored.ts';
import { createDatabase, createPool, type Database, fillSeats } from '../support/database.ts';
import { activateAs, createLicensedPool } from '../support/licensed-pool.ts';
import { activateOn } from '../support/machines.ts';
import { dyingAfterWrite } from '../support/requests/at-write.ts';
import { type Bill, meter } from '../support/requests/metering.ts';
import { activate, clockAt, heartbeat, release, seatOf } from '../support/sessions.ts';

// The budget of the design, asserted from DynamoDB's own `ConsumedCapacity` and from counted requests.
let database: Database;
let table: Table;
const metered = meter();
beforeAll(async () => {
  database = await createDatabase();
  table = database.client({ request: metered.request });
});

/** Session IDs and the like as long as they usually are. */
const session = (index: number | string) => `build-${4711}-${index}-linux-x64`;

/** A session by an API key, with IDs as the service makes them, and the actor of its requests. */
const withMadeIds = (sessionId: string) => {
  const userId = newId('usr');
  const random = newId('org').slice('org_'.length);
  return {
    by: asActor(table, `api-key#${random}${random}#${userId}`),
    told: { sessionId, userId, machineId: 'runner-07', hostname: 'runner-07.eu-central-1.ci.example' },
  };
};

const within = (bill: Bill, budget: Partial<Bill>) => {
  for (const [what, most] of Object.entries(budget))
    expect.soft(bill[what as keyof Bill], what).toBeLessThanOrEqual(most);
};

describe('the cost of one', () => {
  it.each([1, 10, 100, 100_000])('activation, uncontended, quota %i', async (quota) => {
    const pool = await createPool(table, { quota });
    const { result, bill } = await metered.of(() => activate(table, pool, session('a')));
    expect(result.outcome).toBe('acquired');
    within(bill, { requests: 5, roundTrips: 4, write: 2, read: 7 });
  });

  it('activation with 49 seats of the window held', async () => {
    const pool = await createPool(table, { quota: 100_000, leaseSeconds: 3600 });
    for (let index = 0; index < 49; index++) await activate(table, pool, session(index));
    const { result, bill } = await metered.of(() => activate(table, pool, session('a')));
    expect(result.outcome).toBe('acquired');
    within(bill, { requests: 5, roundTrips: 4, write: 2, read: 7 });
  });

  it('activation, of many with half of 1,000 seats held, the low numbers: later ones begin among the others', async () => {
    const pool = await createPool(table, { quota: 1000 });
    await fillSeats(table, pool, { first: 1, last: 500 });
    let requests = 0;
    for (let index = 0; index < 60; index++) {
      const { result, bill } = await metered.of(() => activate(table, pool, session(index)));
      expect(result.outcome).toBe('acquired');
      requests += bill.requests;
    }
    // With a first window that is full, it takes nine.
    expect(requests / 60).toBeLessThanOrEqual(8);
  });

  it('activation, repeated', async () => {
    const pool = await createPool(table, { quota: 100, leaseSeconds: 3600 });
    for (let index = 0; index < 60; index++) await activate(table, pool, session(index));
    const { result, bill } = await metered.of(() => activate(table, pool, session(7)));
    expect(result.outcome).toBe('renewed');
    within(bill, { requests: 3, write: 1, read: 6 });
  });

  it('activation, repeated, of a session that is released meanwhile: a renewal in vain, and a new claim', async () => {
    const pool = await createPool(table);
    await activate(table, pool, session('a'));
    let released: string | undefined;
    const by = database.client({
      request: async (called, send) => {
        if (called.name === 'UpdateItem') released ??= await release(database.client(), pool, session('a'));
        return metered.request(called, send);
      },
    });
    const { result, bill } = await metered.of(() => activate(by, pool, session('a')));
    expect([released, result.outcome]).toEqual(['ended', 'acquired']);
    within(bill, { write: 3 });
  });

  it('activation of a session that has run before and left a claim in a crash: the claim is voided, and made anew', async () => {
    const pool = await createPool(table, { quota: 10 });
    const start = Date.now();
    await activate(table, pool, session(0), clockAt(start));
    await release(table, pool, session(0), start);
    const dies = activate(dyingAfterWrite(database, 1), pool, session(0), clockAt(start));
    await expect(dies).rejects.toThrow('injected');
    const { result, bill } = await metered.of(() => activate(table, pool, session(0), clockAt(start + claimLimitMs)));
    expect(result.outcome).toBe('acquired');
    // The subscription, the record and a window; the void claim; the new one, the terms and the record.
    within(bill, { requests: 6, write: 3 });
  });

  it('heartbeat', async () => {
    const pool = await createPool(table);
    const seat = seatOf(await activate(table, pool, session('a')));
    const { result, bill } = await metered.of(() => heartbeat(table, pool, session('a'), seat));
    expect(result.outcome).toBe('extended');
    expect(bill).toEqual({ requests: 2, roundTrips: 1, write: 1, read: 1 });
  });

  it('held seat, of a session by an API key, on a machine with a host name', async () => {
    const pool = await createPool(table, { quota: 100 });
    const { by, told } = withMadeIds(session(42));
    const seat = seatOf(await activateFloating(by, pool, told));
    expect((await heartbeatFloating(by, pool, { ...told, ...seat, seat: seat.number }, Date.now())).outcome).toBe(
      'extended',
    );
    const { Item = {} } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: keys.seat(pool, seat.number) }),
    );
    expect(Item.holder).toBe(sessionHolder(told.sessionId));
    expect(itemBytes(Item)).toBeLessThanOrEqual(250);
  });

  it('refusal of a removed machine: it writes nothing', async () => {
    const pool = await createPool(table);
    const now = Date.now();
    await activateOn(table, pool, 'runner-07', session('a'));
    await removeMachine(table, pool, 'runner-07', { now, blockedUntil: now + 3_600_000 });
    const { result, bill } = await metered.of(() => activateOn(table, pool, 'runner-07', session('b')));
    expect(result.outcome).toBe('blocked');
    expect(bill.write).toBe(0);
  });

  it.each([
    ['suspended', { suspended: true }],
    ['expired', { expiresAt: Date.now() - 1 }],
  ])('refusal by a subscription that is %s', async (status, changes) => {
    const pool = await createPool(table, changes);
    const { result, bill } = await metered.of(() => activate(table, pool, session('a')));
    expect(result.outcome).toBe(status);
    within(bill, { requests: 2, roundTrips: 1, write: 0, read: 4 });
  });

  it('activation in a large pool reads the machine’s record only while a machine may be blocked', async () => {
    const pool = await createPool(table, { quota: 100_000 });
    const now = Date.now();
    for (const name of ['runner-1', 'runner-2']) {
      await activateOn(table, pool, name, session(name));
      await removeMachine(table, pool, name, { now });
    }
    const read = async (machineId: string) => {
      const { result, bill } = await metered.of(() =>
        activateOn(table, pool, machineId, session(`${machineId}-again`)),
      );
      expect(result.outcome).toBe('acquired');
      return bill.read;
    };
    const before = await read('runner-1');
    await removeMachine(table, pool, 'runner-3', { now, blockedUntil: now + 3_600_000 });
    expect(await read('runner-2')).toBeGreaterThan(before);
  });

  it('deactivation', async () => {
    const pool = await createPool(table);
    await activate(table, pool, session('a'));
    const { result, bill } = await metered.of(() => release(table, pool, session('a')));
    expect(result).toBe('ended');
    within(bill, { requests: 2, write: 2, read: 1 });
  });

  it('refusal, by a pool of 100 seats', async () => {
    const pool = await createPool(table, { quota: 100, leaseSeconds: 3600 });
    const clock = clockAt(Date.now());
    const refuse = async (index: number) => {
      const { by, told } = withMadeIds(session(`refused-${index}`));
      const { result, bill } = await metered.of(() => startActivation(by, pool, told));
      expect(result.outcome).toBe('exhausted');
      return bill;
    };
    const seats = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const { by, told } = withMadeIds(session(index));
        const seat = seatOf(await activateFloating(by, pool, told, clock));
        return { by, beat: { ...told, ...seat, seat: seat.number } };
      }),
    );
    // 7 read units for 100 seats of 250 bytes, one for the terms, one for the session's record.
    const steady = { requests: 3, write: 1, read: 9 };
    await refuse(0);
    // The second time a session's refusal is noted already.
    for (const index of [1, 2, 2]) within(await refuse(index), steady);
    const beats = await Promise.all(seats.map(({ by, beat }) => heartbeatFloating(by, pool, beat, Date.now())));
    expect(beats.every(({ outcome }) => outcome === 'extended')).toBe(true);
    within(await refuse(3), steady);
  });

  it.each([
    ['renewal', { expiresAt: Date.now() + 2 * 86_400_000 }],
    ['growth to 100,000', { quota: 100_000 }],
    ['shrink to 1', { quota: 1 }],
    ['suspension', { suspended: true }],
  ])('%s of a subscription in use', async (_, changes) => {
    const pool = await createPool(table, { quota: 50 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => activate(table, pool, session(index))));
    const { result, bill } = await metered.of(() => pool.set(changes));
    expect(result.outcome).toBe('changed');
    within(bill, { requests: 2, write: 2, read: 1 });
  });
});

describe('the cost of a licensed user', () => {
  it('a grant: a seat, the license, and both for good', async () => {
    const pool = await createLicensedPool(table, 100, 1);
    const { bill } = await metered.of(() => grantLicense(table, pool, pool.users[0] as string));
    within(bill, { requests: 7, write: 4, read: 6 });
  });

  it('an activation on a registered machine takes no seat: 4 requests, 3 writes', async () => {
    const pool = await createLicensedPool(table, 100, 1);
    const [user = ''] = pool.users;
    await grantLicense(table, pool, user);
    await activateAs(table, pool, user, 'a');
    await deactivateSession(table, pool, { sessionId: 'a', userId: user, mayForce: false }, Date.now());
    const first = await metered.of(() => activateAs(table, pool, user, 'a'));
    expect(first.result.outcome).toBe('acquired');
    expect(first.bill).toEqual({ requests: 4, roundTrips: 4, write: 3, read: 4 });
    const repeated = await metered.of(() => activateAs(table, pool, user, 'a'));
    expect(repeated.result.outcome).toBe('renewed');
    expect(repeated.bill).toEqual({ requests: 2, roundTrips: 2, write: 1, read: 4 });
  });

  it('a heartbeat and a release cost what a floating session’s do', async () => {
    const pool = await createLicensedPool(table, 100, 1);
    const [user = ''] = pool.users;
    await grantLicense(table, pool, user);
    const activated = await activateAs(table, pool, user, 'a');
    if (activated.outcome !== 'acquired') throw new Error(activated.outcome);
    const { number: seat, fence } = activated.seat;
    const beat = { sessionId: 'a', userId: user, seat, fence, idleSeconds: 5 };
    const { bill } = await metered.of(() => heartbeatLicensed(table, pool, beat, Date.now()));
    expect(bill).toEqual({ requests: 2, roundTrips: 1, write: 1, read: 1 });
    const released = await metered.of(() =>
      deactivateSession(table, pool, { sessionId: 'a', userId: user, mayForce: false }, Date.now()),
    );
    expect(released.bill).toEqual({ requests: 2, roundTrips: 2, write: 2, read: 0 });
  });
});

describe('the cost where the machine quota binds', () => {
  const binding = { quota: 100, machineQuota: 20, leaseSeconds: 3600 };

  it('activation on a machine that is registered: one request, one write and two reads more', async () => {
    const free = await createPool(table, { quota: 100 });
    const pool = await createPool(table, binding);
    for (const one of [free, pool]) await activateOn(table, one, 'runner-07', session('a'));
    const { bill: without } = await metered.of(() => activateOn(table, free, 'runner-07', session('b')));
    const { result, bill } = await metered.of(() => activateOn(table, pool, 'runner-07', session('b')));
    expect(result.outcome).toBe('acquired');
    within(bill, {
      requests: without.requests + 1,
      roundTrips: without.roundTrips + 1,
      write: without.write + 1,
      read: without.read + 2,
    });
  });

  it('first activation on a machine', async () => {
    const pool = await createPool(table, binding);
    for (let index = 0; index < 10; index++) await activateOn(table, pool, `runner-${index}`, session(index));
    const { result, bill } = await metered.of(() => activateOn(table, pool, 'runner-new', session('a')));
    expect(result.outcome).toBe('acquired');
    within(bill, { requests: 10, roundTrips: 8, write: 4, read: 12 });
  });

  it('first activation on a machine while every slot is held, one of them by an idle machine', async () => {
    const pool = await createPool(table, binding);
    for (let index = 0; index < 20; index++) await activateOn(table, pool, `runner-${index}`, session(index));
    await release(table, pool, session(7));
    const { result, bill } = await metered.of(() => activateOn(table, pool, 'runner-new', session('a')));
    expect(result.outcome).toBe('acquired');
    within(bill, { requests: 17, write: 7, read: 50 });
  });

  it('refusal of a machine too many', async () => {
    const pool = await createPool(table, binding);
    for (let index = 0; index < 20; index++) await activateOn(table, pool, `runner-${index}`, session(index));
    const { result, bill } = await metered.of(() => activateOn(table, pool, 'runner-new', session('a')));
    expect(result.outcome).toBe('machines-exhausted');
    within(bill, { requests: 9, write: 2, read: 35 });
  });

  it('refusal of a machine too many, where more are in use than may be since the machine quota became smaller', async () => {
    const pool = await createPool(table, binding);
    for (let index = 0; index < 20; index++) await activateOn(table, pool, `runner-${index}`, session(index));
    await pool.set({ ...binding, machineQuota: 10 });
    const { result, bill } = await metered.of(() => activateOn(table, pool, 'runner-new', session('a')));
    expect(result.outcome).toBe('machines-exhausted');
    within(bill, { requests: 12, write: 2, read: 35 });
  });

  it.each([
    ['a floating session', () => createPool(table, binding, { members: 1 }), true, 1],
    ['a licensed user', () => createLicensedPool(table, 1, 1), true, 2],
    ['an offline license', () => createLicensedPool(table, 1, 1), false, 1],
  ] as const)('the check of a machine, by the schedule, that %s registered', async (_, create, isByUser, requests) => {
    const pool = await create();
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    const terms = (await readSubscription(table, pool)) as Subscription;
    await registerMachine(table, pool, terms, { machineId: 'runner-07', ...(isByUser && { userId }) });
    const claim = slotOf((await readMachine(table, pool, 'runner-07')) as Machine);
    const { result, bill } = await metered.of(() => settleClaim(table, slotsOf(pool), claim, { now: Date.now() }));
    expect(result).toBeUndefined();
    within(bill, { requests, write: 0 });
  });

  it('repeated activation, heartbeat and release cost the same', async () => {
    const pool = await createPool(table, binding);
    const seat = seatOf(await activateOn(table, pool, 'runner-07', session('a')));
    const { bill: repeated } = await metered.of(() => activateOn(table, pool, 'runner-07', session('a')));
    within(repeated, { requests: 3, write: 1, read: 6 });
    const { bill: beat } = await metered.of(() => heartbeat(table, pool, session('a'), seat));
    expect(beat).toEqual({ requests: 2, roundTrips: 1, write: 1, read: 1 });
    const { bill: released } = await metered.of(() => release(table, pool, session('a')));
    within(released, { requests: 2, write: 2, read: 1 });
  });

  it('a machine quota that begins to bind is one write, however many machines are in use', async () => {
    const pool = await createPool(table, { quota: 50, machineQuota: 50 });
    for (let index = 0; index < 20; index++) await activateOn(table, pool, `runner-${index}`, session(index));
    const { result, bill } = await metered.of(() => pool.set({ quota: 50, machineQuota: 5 }));
    expect(result.outcome).toBe('changed');
    within(bill, { requests: 2, write: 2, read: 1 });
  });
});

describe('the cost of a machine quota that begins to bind, for the next request', () => {
  const bind = async (machines: number, { again }: { again: boolean }) => {
    const pool = await createPool(table, { quota: 50, machineQuota: again ? 20 : 50, leaseSeconds: 3600 });
    for (let index = 0; index < machines; index++) await activateOn(table, pool, `runner-${index}`, session(index));
    if (again) await pool.set({ quota: 50, machineQuota: 50, leaseSeconds: 3600 });
    await pool.set({ quota: 50, machineQuota: 20, leaseSeconds: 3600 });
    const { result, bill } = await metered.of(() => activateOn(table, pool, 'runner-0', session('a')));
    expect(result.outcome).toBe('acquired');
    return bill;
  };
  const more = async (of: { again: boolean }): Promise<Partial<Bill>> => {
    const [one, eleven] = [await bind(1, of), await bind(11, of)];
    return { requests: eleven.requests - one.requests, write: eleven.write - one.write };
  };

  it('is seven requests for each machine in use, three of them writes', async () => {
    expect(await more({ again: false })).toEqual({ requests: 70, write: 30 });
  });

  it('is two requests for each machine in use that has its slot, one of them a write', async () => {
    expect(await more({ again: true })).toEqual({ requests: 20, write: 10 });
  });
});

describe('the cost in a large pool that is nearly full', () => {
  it('nine tenths of 3,000 held, all of them the low numbers: a free one is found without reading them all', async () => {
    const [quota, heldSeats] = [3_000, 2_700];
    const pool = await createPool(table, { quota });
    await fillSeats(table, pool, { first: 1, last: heldSeats });
    let read = 0;
    const tries = 12;
    for (let index = 0; index < tries; index++) {
      const { result, bill } = await metered.of(() => activate(table, pool, session(index)));
      expect(result.outcome).toBe('acquired');
      expect(bill.write).toBeLessThanOrEqual(2);
      read += bill.read;
    }
    // Reading every seat would be 0.05 units each at every try. Where a try begins to read is chance: one in ten reads all.
    expect(read / tries).toBeLessThan(heldSeats * 0.045);
  });

  it('the first window of 3,000 full: four more find a free seat', async () => {
    const pool = await createPool(table, { quota: 3_000 });
    await fillSeats(table, pool, { first: 1, last: 25 });
    const { result, bill } = await metered.of(() => activate(table, pool, session('a')));
    expect(result.outcome).toBe('acquired');
    // Those of any activation, the censuses, and the windows.
    within(bill, { requests: 5 + 1 + 4, write: 2 });
  });
});

describe('a process that serves a pool', () => {
  it('soon reads where seats are free: an activation costs the usual again, although the low numbers are held', async () => {
    const pool = await createPool(table, { quota: 1000 });
    await fillSeats(table, pool, { first: 1, last: 100 });
    const requests: number[] = [];
    for (let index = 0; index < 40; index++) {
      const { result, bill } = await metered.of(() => activate(table, pool, session(index)));
      expect(result.outcome).toBe('acquired');
      requests.push(bill.requests);
    }
    expect(requests.slice(10).filter((one) => one === 5).length).toBeGreaterThan(15);
  });

  it.each([
    ['one partition', 1000, 1],
    ['three blocks', 3000, 3],
  ])('uses the same few seats for sessions that come one after another: a pool in %s', async (_, quota, blocks) => {
    const pool = await createPool(table, { quota });
    const availableAt = Date.now() - 1000;
    for (let start = 0; start < blocks * blockSize; start += blockSize)
      await fillSeats(table, pool, { first: start + 1, last: start + 25, availableAt });
    for (let index = 0; index < 30; index++) {
      const { number } = seatOf(await activate(table, pool, session(index)));
      expect((number - 1) % blockSize).toBeLessThan(25);
      await release(table, pool, session(index));
    }
  });
});

describe('the cost of a list', () => {
  let subscription: Subscription;
  beforeAll(async () => {
    const pool = await createPool(table, { quota: 3_000 });
    await fillSeats(table, pool, { first: 1, last: 3_000 });
    subscription = (await readSubscription(table, pool)) as Subscription;
  });

  it('is no greater for asking one entry at a time, nor for having none', async () => {
    const { result, bill } = await metered.of(() =>
      listOnline(table, subscription, { limit: 1, userId: 'usr_nobody', now: Date.now() }),
    );
    expect(result.items).toEqual([]);
    expect(result.next).toBeDefined();
    within(bill, { requests: 20, write: 0 });
  });

  it.each([
    ['no session', 'usr_nobody'],
    ['all sessions', 'usr_filler'],
  ])('of a member’s own licenses is a read of each block of the pool, also with %s there', async (_, userId) => {
    const { bill } = await metered.of(() => readOwnUse(table, subscription, { userId, now: Date.now() }));
    within(bill, { requests: 6, write: 0 });
  });

  it.each([
    ['a floating pool', () => createPool(table, { quota: 3 }, { members: 3 })],
    ['licensed users', () => createLicensedPool(table, 3, 3)],
  ])('of sessions reads a hundred live ones at once, with their leases: %s', async (_, create) => {
    const pool = await create();
    for (const userId of pool.users) {
      await grantLicense(table, pool, userId);
      const request = { sessionId: session(userId), machineId: 'm', userId };
      expect((await startActivation(table, pool, request)).outcome).toBe('acquired');
    }
    const now = Date.now();
    const range = { from: now - 3_600_000, to: now + 1000 };
    const { items } = await listHistory(table, pool, { range, limit: 1000 });
    const terms = (await readSubscription(table, pool)) as Subscription;
    const { result, bill } = await metered.of(() => withCurrentState(table, terms, items, now));
    expect(result.map(({ leaseEndsAt = 0 }) => leaseEndsAt > now)).toEqual([true, true, true]);
    within(bill, { requests: 2, write: 0 });
  });
});
