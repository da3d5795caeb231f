import { beforeAll, describe, expect, it } from 'vitest';
import { blockOf, blockSize, certificateMs } from '../../../shared/domain/census.ts';
import { type HeldSeat, holderId, noExpiry, type Seat, seatClaim } from '../../../shared/domain/seat.ts';
import { startActivation, withHolders } from '../../../shared/table/activations/activations.ts';
import { heartbeatFloating } from '../../../shared/table/activations/heartbeat-floating.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { claimLimitMs } from '../../../shared/table/engine/confirm-claim.ts';
import { certify, readCensuses } from '../../../shared/table/items/censuses.ts';
import { readSeats } from '../../../shared/table/items/read-seats.ts';
import { closeSeat, freeSeat } from '../../../shared/table/items/seats.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { voidOfflineLicense } from '../../../shared/table/offline/void-offline.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import { removeMember } from '../../../shared/table/removals/remove-member.ts';
import { sweepPool } from '../../../shared/table/schedule/sweep-pool.ts';
import { forceEnd } from '../../../shared/table/session-ends/force-end.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import {
  type Around,
  createDatabase,
  createPool,
  type Database,
  fillSeats,
  putMany,
  type TestPool,
} from '../support/database.ts';
import { activateOn } from '../support/machines.ts';
import { dyingAfterWrite } from '../support/requests/at-write.ts';
import { meter } from '../support/requests/metering.ts';
import {
  activate,
  claimAndDie,
  clockAt,
  fastClock,
  heartbeat,
  heldSeats,
  release,
  seatOf,
  userId,
} from '../support/sessions.ts';

let database: Database;
let table: Table;
/** A pool of two blocks with one free seat, its last. Each test leaves it so. */
let pool: TestPool;
let member = '';
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
  pool = await nearlyFull({}, { members: 1 });
  member = pool.users[0] ?? '';
});

/** The smallest quota of two blocks, and the number of the only seat in the second. */
const quota = blockSize + 1;
const terms = { quota, leaseSeconds: 3600, offline: { allowed: true, maxDays: null, reserveOnline: 0 } };
const hour = 3_600_000;

/** A pool in which all seats but the last are held. */
const nearlyFull = async (changes = {}, { start = Date.now(), members = 0 } = {}): Promise<TestPool> => {
  const pool = await createPool(table, { ...terms, ...changes }, { members });
  await fillSeats(table, pool, { first: 1, last: quota - 1, watchedAt: start, availableAt: start + hour });
  return pool;
};

let refusals = 0;
/** Is refused, and tells what that cost. */
const refused = async (
  pool: TestPool,
  now: number | (() => number) = Date.now(),
  { size = blockSize, around = (_, send) => send() }: { size?: number; around?: Around } = {},
) => {
  const metered = meter();
  const by = database.client({ request: (called, send) => around(called, () => metered.request(called, send)) });
  const request = { sessionId: `build-4711-refused-${++refusals}`, userId, machineId: 'runner-07' };
  const { result, bill } = await metered.of(() =>
    startActivation({ ...by, blockSize: size }, pool, request, clockAt(now)),
  );
  if (result.outcome !== 'exhausted') throw new Error(`not refused: ${result.outcome}`);
  return { result, bill };
};
/** Has every block certified: the second refusal reads no seat beyond its window. */
const certified = async (pool: TestPool, now = Date.now()) => {
  await refused(pool, now);
  const { result, bill } = await refused(pool, now);
  expect(result.census).toBeDefined();
  expect(bill.read).toBeLessThanOrEqual(8);
};

const held = async (pool: TestPool, number = quota) => {
  const [seat] = await readSeats(table, pool, [{ first: number, last: number }]);
  return seat as Seat & { hold: NonNullable<Seat['hold']> };
};

describe('a refusal in a full pool', () => {
  const budgets: [number, number][] = [
    [10_000, 8],
    [100_000, 30],
  ];
  it.each(budgets)('of %i seats reads at most %i units', async (size, budget) => {
    const pool = await createPool(table, { ...terms, quota: size });
    const start = Date.now();
    // The first window, and the censuses as refusals write them: some sessions of each block have sent no heartbeat yet.
    await fillSeats(table, pool, { first: 1, last: 25, watchedAt: start });
    const census = { epoch: start, fullUntil: start + certificateMs, nextFreeAt: start + hour, upTo: size };
    await putMany(
      table,
      Array.from({ length: blockOf(size) }, (_, index) => ({
        ...keys.census(pool, index + 1),
        ...census,
        actor: 'user#usr_01JZ4X8Q5T7V9W2Y3A4B5C6D7E',
        unconfirmed: Buffer.alloc(3 * 100, index),
      })),
    );
    const { result, bill } = await refused(pool, start);
    expect(result).toMatchObject({ held: [], census: { inUse: size, nextFreeAt: start + hour } });
    expect(bill.read).toBeLessThanOrEqual(budget);
    expect(bill).toMatchObject({ requests: 6, write: 1 });
  });

  it('certifies what it has read, and watches the seats; later refusals read no seat but those of a window', async () => {
    // As earlier releases leave seats. Of several requests at once, one watches them.
    const firstWatched = Date.now();
    await fillSeats(table, pool, { first: blockSize - 149, last: blockSize });
    seatOf(await activate(table, pool, 'x'));
    const watched = async () =>
      (await heldSeats(table, pool)).filter(({ watchedAt = 0 }) => watchedAt >= firstWatched).length;
    const burst = await Promise.all(Array.from({ length: 5 }, () => refused(pool)));
    const writes = burst.map(({ bill }) => bill.write);
    expect(writes.reduce((sum, write) => sum + write, 0)).toBeLessThan(2 * 151);
    await certified(pool);
    expect(await watched()).toBe(151);
    await release(table, pool, 'x');
  });

  it('names its holders, and the next end, if they are asked for', async () => {
    seatOf(await activate(table, pool, 'x'));
    const { result } = await refused(pool);
    const named = await withHolders(table, pool, result, { most: 100, now: Date.now() });
    expect(named.held.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(named.census?.nextFreeAt).toBe(
      Math.min(...(await heldSeats(table, pool)).map((seat) => seat.hold.availableAt)),
    );
    await release(table, pool, 'x');
  });

  it('says what the machine’s refusal is, where the machine quota binds', async () => {
    const pool = await nearlyFull({ machineQuota: 1000 });
    seatOf(await activateOn(table, pool, 'filler', 'x'));
    await refused(pool);
    await pool.set({ machineQuota: 1 });
    const request = { sessionId: 'y', userId, machineId: 'other' };
    expect(await startActivation(table, pool, request)).toMatchObject({
      outcome: 'machines-exhausted',
      machineQuota: 1,
    });
  });

  it('of an offline license rests on the seats alone, and tells who has them', async () => {
    seatOf(await activate(table, pool, 'x'));
    await certified(pool);
    const request = { machineId: 'laptop', usedBy: null, description: null, askedExpiry: null };
    const refused = await issueOfflineLicense(table, pool, request, { issuedBy: 'usr_owner' });
    if (refused.outcome !== 'exhausted') throw new Error(refused.outcome);
    expect(refused.held).toHaveLength(quota);
    await release(table, pool, 'x');
  });

  it('reads the one block again in which a seat was released and taken', async () => {
    const now = Date.now();
    seatOf(await activate(table, pool, 'x'));
    await certified(pool, now);
    await release(table, pool, 'x');
    seatOf(await activate(table, pool, 'y'));
    const { result, bill } = await refused(pool, now);
    expect(result.census).toBeDefined();
    expect(bill.read).toBeLessThan(12);
    await release(table, pool, 'y');
  });
});

describe('a request in a large pool', () => {
  it('asks for the censuses first, and then not before it must read all seats', async () => {
    const start = Date.now();
    const pool = await createPool(table, { ...terms, quota: 1700 });
    await fillSeats(table, pool, { first: 1, last: 1700, watchedAt: start, availableAt: start + hour });
    const { result, bill } = await refused(pool, start);
    expect(result.census).toBeDefined();
    // The terms and a window; the censuses; 4 windows, then 16; the censuses, two blocks and their certificates; the terms and
    // the censuses. The refusal is noted.
    expect(bill.requests).toBe(2 + 1 + 4 + 16 + 5 + 2 + 1);
  });

  it('asks no second time for the censuses where a block can have no certificate: a lease is about to end', async () => {
    const start = Date.now();
    const pool = await nearlyFull({}, { start });
    await fillSeats(table, pool, { first: quota, last: quota, watchedAt: start, availableAt: start + 5000 });
    await refused(pool, start);
    const { result, bill } = await refused(pool, start);
    expect(result.held).toHaveLength(quota);
    // The terms and a window; the censuses and the second block; the other seats, then all. The refusal is noted.
    expect(bill.requests).toBeLessThanOrEqual(2 + 2 + 2 + 2 + 1);
  });

  it('gets a seat by which the quota grew while the request asked for the censuses', async () => {
    const pool = await nearlyFull();
    seatOf(await activate(table, pool, 'x'));
    await certified(pool);
    let grown = false;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        // The second look at the terms.
        if (!grown && name === 'GetItem' && input.Key.sk === keys.subscription(pool).sk) {
          grown = true;
          await pool.set({ quota: quota + 1 });
        }
        return send();
      },
    });
    expect(seatOf(await activate(slow, pool, 'y')).number).toBe(quota + 1);
    expect(grown).toBe(true);
  });

  it('loses the race for the only free seat, and is refused by the censuses without a read of the other seats', async () => {
    const clock = clockAt(Date.now());
    seatOf(await activate(table, pool, 'x', clock));
    await certified(pool, clock.now());
    await release(table, pool, 'x', clock.now());
    const metered = meter();
    let taken = false;
    const slow = database.client({
      request: async (called, send) => {
        if (!taken && called.name === 'UpdateItem' && String(called.input.Key.sk).startsWith('SEAT#')) {
          taken = true;
          seatOf(await activate(table, pool, 'faster', clock));
        }
        return metered.request(called, send);
      },
    });
    const { result, bill } = await metered.of(() => activate(slow, pool, 'y', clock));
    expect(result).toMatchObject({ outcome: 'exhausted', races: 1, census: { inUse: quota } });
    // The terms and a window; the censuses and a block; the claim; the censuses, the block and its certificate; the terms and the
    // censuses.
    expect(bill.requests).toBe(2 + 2 + 1 + 3 + 2);
    expect(bill.read).toBeLessThan(15);
    await release(table, pool, 'faster');
  });
});

describe('a burst on one free seat of a certified pool', () => {
  it('gives it to one session, and refuses the others', async () => {
    seatOf(await activate(table, pool, 'x'));
    await certified(pool);
    await release(table, pool, 'x');
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => activate(table, pool, `b${index}`)));
    expect(results.filter(({ outcome }) => outcome === 'acquired')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'exhausted')).toHaveLength(19);
    const [winner] = (await heldSeats(table, pool)).filter(({ number }) => number === quota);
    await release(table, pool, holderId(winner?.hold.holder ?? 'session#'));
  });
});

describe('a seat of a certified block that gets free', () => {
  let sessionId = '';
  const runOut = (request: { userId: string; mayForce: boolean }) =>
    deactivateSession(table, pool, { sessionId, ...request }, Date.now());
  const cases: [string, () => Promise<unknown>][] = [
    ['is released', () => runOut({ userId: member, mayForce: false })],
    ['is taken back by an admin', () => runOut({ userId: 'usr_admin', mayForce: true })],
    ['ends by force', async () => forceEnd(table, pool, await held(pool), { reason: 'user-removed', now: Date.now() })],
    ['is given back by its claim', async () => freeSeat(table, pool, seatClaim(await held(pool)))],
    ['is closed', async () => closeSeat(table, pool, seatClaim(await held(pool)))],
    ['loses its machine', () => removeMachine(table, pool, 'runner-07', { now: Date.now() })],
    [
      'loses its machine after a move',
      async () => {
        await transferSession(table, pool, { sessionId, machineId: 'runner-08' });
        await removeMachine(table, pool, 'runner-08', { now: Date.now() });
      },
    ],
    [
      'ends with a suspension, which is lifted',
      async () => {
        await pool.set({ suspended: true });
        const { number: seat, fence } = await held(pool);
        const beat = { sessionId, userId: member, seat, fence };
        expect((await heartbeatFloating(table, pool, beat, Date.now())).outcome).toBe('ended');
        await pool.set({});
      },
    ],
    [
      'loses its member',
      () => removeMember(table, { organizationId: pool.organizationId, userId: member, by: 'owner', now: Date.now() }),
    ],
    [
      'was an offline license’s, which is voided',
      async () => {
        await release(table, pool, sessionId);
        const request = { machineId: 'laptop', usedBy: null, description: null, askedExpiry: Date.now() + 2 * hour };
        const issued = await issueOfflineLicense(table, pool, request, { issuedBy: 'usr_owner' });
        if (issued.outcome !== 'issued') throw new Error(issued.outcome);
        await certified(pool);
        await voidOfflineLicense(table, pool, issued.license.id, { reason: 'lost', now: Date.now() });
      },
    ],
    ['is joined by another, as the quota grows', () => pool.set({ quota: quota + 1 })],
  ];
  it.each(cases)('goes to the next request at once: it %s', async (what, free) => {
    const by = what.includes('offline') || what.includes('quota') ? userId : member;
    // Some ends are final.
    sessionId = `x-${cases.findIndex(([name]) => name === what)}`;
    const request = { sessionId, userId: by, machineId: 'runner-07' };
    expect((await startActivation(table, pool, request)).outcome).toBe('acquired');
    await certified(pool);
    await free();
    seatOf(await activate(table, pool, 'next'));
    await release(table, pool, 'next');
  });

  it('goes to the next request in the instant in which its lease ends, and once a sweep has closed it', async () => {
    const start = Date.now();
    const pool = await nearlyFull({ leaseSeconds: 60 }, { start });
    const { number, hold } = seatOf(await activate(table, pool, 'x', clockAt(start)));
    const last = hold.availableAt - 6_000;
    await certified(pool, last);
    await expect(refused(pool, hold.availableAt - 1)).resolves.toBeDefined();
    const { seat } = { seat: seatOf(await activate(table, pool, 'next', clockAt(hold.availableAt))) };
    expect(seat.number).toBe(number);
    await certified(pool, hold.availableAt + 1);
    const now = seat.hold.availableAt;
    await sweepPool(table, { kind: 'sweep', pool, of: 'seats', at: now }, { now, until: () => false });
    expect((await activate(table, pool, 'third', clockAt(now))).outcome).toBe('acquired');
  });

  it('goes to the session that waits: a newcomer is refused, and is not held up', async () => {
    const start = Date.now();
    const pool = await nearlyFull({}, { start });
    seatOf(await activate(table, pool, 'x', clockAt(start)));
    await certified(pool, start);
    const request = { sessionId: 'waits', userId, machineId: 'runner-07', waitSeconds: 60 };
    const poll = async () => (await startActivation(table, pool, request, clockAt(start))).outcome;
    expect(await poll()).toBe('waiting');
    await release(table, pool, 'x', start);
    let ms = 0;
    await refused(pool, () => start + 10 * ms++);
    expect(await poll()).toBe('acquired');
  });

  it('stays lost to refusals no longer than a certificate lives, if its release dies; a repetition frees it at once', async () => {
    const start = Date.now();
    const pool = await nearlyFull({}, { start });
    const dying = () => {
      let freed = false;
      return database.client({
        request: async ({ name, input }, send) => {
          if (freed) throw new Error('injected');
          const output = await send();
          freed = name === 'UpdateItem' && String(input.Key.sk).startsWith('SEAT#');
          return output;
        },
      });
    };
    for (const repeats of [false, true]) {
      seatOf(await activate(table, pool, `x${repeats}`, clockAt(start)));
      await certified(pool, start);
      await expect(release(dying(), pool, `x${repeats}`, start)).rejects.toThrow('injected');
      await refused(pool, start);
      if (repeats) await release(table, pool, `x${repeats}`, start);
      const now = start + (repeats ? 0 : certificateMs);
      seatOf(await activate(table, pool, `y${repeats}`, clockAt(now)));
      await release(table, pool, `y${repeats}`, now);
    }
  });
});

describe('a session with a claim in a certified block', () => {
  it('finds what a crash left of its own request, and claims it anew', async () => {
    const start = Date.now();
    const pool = await nearlyFull({ quota: quota + 1 }, { start });
    await fillSeats(table, pool, { first: quota, last: quota, watchedAt: start, availableAt: start + hour });
    expect((await claimAndDie(table, pool, quota + 1, 'x', start)).outcome).toBe('claimed');
    await certified(pool, start + 2000);
    const now = start + claimLimitMs;
    const metered = meter();
    const by = database.client({ request: metered.request });
    const { result, bill } = await metered.of(() => activate(by, pool, 'x', fastClock(now)));
    expect(seatOf(result)).toMatchObject({ number: quota + 1, hold: { claimedAt: now } });
    // The terms and a window; the censuses and its block. The claim is voided, made anew, verified and recorded.
    expect(bill.requests).toBe(2 + 2 + 4);
  });
});

describe('the cost of an end', () => {
  it.each([10, quota, 100_000])('is two requests and writes in a pool of %i that has refused nobody', async (size) => {
    const pool = await createPool(table, { ...terms, quota: size });
    seatOf(await activate(table, pool, 'x'));
    const metered = meter();
    const { bill } = await metered.of(() => release(database.client({ request: metered.request }), pool, 'x'));
    expect(bill).toMatchObject({ requests: 2, write: 2, read: 0 });
  });

  it('is one write more in a block that refusals have certified; a heartbeat costs the same', async () => {
    const seat = seatOf(await activate(table, pool, 'x'));
    await certified(pool);
    const metered = meter();
    const by = database.client({ request: metered.request });
    // A process asks once where a large pool's seats are.
    await heartbeat(by, pool, 'x', seat);
    const { bill: beat } = await metered.of(() => heartbeat(by, pool, 'x', seat));
    expect(beat).toMatchObject({ requests: 2, write: 1, read: 1 });
    const { bill } = await metered.of(() => release(by, pool, 'x'));
    expect(bill).toMatchObject({ requests: 3, write: 3, read: 0 });
  });

  it('keeps no census in a pool of one block, nor where leases are short', async () => {
    for (const changes of [{ quota: 20 }, { leaseSeconds: 59 }]) {
      const pool = await createPool(table, { ...terms, ...changes });
      await fillSeats(table, pool, { first: 1, last: changes.quota ?? quota, availableAt: noExpiry - 1 });
      expect((await refused(pool)).result.census).toBeUndefined();
      expect((await readCensuses(table, pool)).size).toBe(0);
    }
  });
});

describe('a pool of small blocks', () => {
  const size = 64;
  const small = (by: Table): Table => ({ ...by, blockSize: size });
  const last = 2 * size;
  const start = Date.now();

  /** A pool of which all seats up to `held` are held; the last `unwatched` of them no refusal has watched. */
  const filled = async (of: { quota?: number; held?: number; unwatched?: number } = {}): Promise<TestPool> => {
    const { quota = last, held = quota, unwatched = 0 } = of;
    const pool = await createPool(small(table), { ...terms, quota });
    const availableAt = start + hour;
    const watched = held - unwatched;
    await fillSeats(small(table), pool, { first: 1, last: watched, watchedAt: start, availableAt });
    await fillSeats(small(table), pool, { first: watched + 1, last: held, availableAt });
    return pool;
  };
  const refusedThere = (pool: TestPool, now: number | (() => number) = start, around?: Around) =>
    refused(pool, now, { size, ...(around && { around }) });
  /** Has something happen before the nth time that a request asks for the censuses. */
  const beforeCensuses = (happens: (nth: number) => Promise<unknown>): Around => {
    let asked = 0;
    return async ({ name, input }, send) => {
      if (name === 'Query' && input.ExpressionAttributeValues[':from'] === 'CENSUS#') await happens(++asked);
      return send();
    };
  };

  it.each([
    [32, 0],
    [33, 1],
  ])('has %i seats watched by the refusal that certifies them (reservations: %i)', async (unwatched, reservations) => {
    const { result, bill } = await refusedThere(await filled({ unwatched }));
    expect(result.census).toBeDefined();
    // A certificate for each block. The refusal is noted.
    expect(bill.write).toBe(unwatched + reservations + 2 + 1);
  });

  it('has 1,024 seats watched by a refusal at most, if there are more blocks', async () => {
    const quota = 1024 + size;
    const { result, bill } = await refusedThere(await filled({ quota, unwatched: quota }));
    expect(result.held).toHaveLength(quota);
    // A reservation, and a certificate for each block that is watched. The refusal is noted.
    expect(bill.write).toBe(1024 + 1 + 1024 / size + 1);
  });

  it('has no more seats watched by a refusal that has watched for 2 s', async () => {
    const pool = await filled({ unwatched: 10 });
    let now = start;
    const { result, bill } = await refusedThere(
      pool,
      () => now,
      ({ name, input }, send) => {
        if (name === 'UpdateItem' && input.Key.sk.startsWith('SEAT#')) now = start + 2000;
        return send();
      },
    );
    expect(result.held).toHaveLength(last);
    // The first seats, of which it watches three at once, and a certificate for the other block. The refusal is noted.
    expect(bill.write).toBeLessThanOrEqual(3 + 1 + 1);
  });

  it('gives a seat that is released to the next request, though a request died that was to watch the seats', async () => {
    const pool = await filled({ held: last - 1, unwatched: last - 1 });
    seatOf(await activate(small(table), pool, 'x', clockAt(start)));
    const dying = dyingAfterWrite(database, 1);
    await expect(activate(small(dying), pool, 'dies', clockAt(start))).rejects.toThrow('injected');
    const { bill } = await refusedThere(pool);
    // A reservation, in vain. The refusal is noted.
    expect(bill.write).toBe(1 + 1);
    await release(small(table), pool, 'x', start);
    expect(seatOf(await activate(small(table), pool, 'next', clockAt(start))).number).toBe(last);
  });

  it('is read as a whole by a refusal that has asked five times for the censuses, while a seat changes hands', async () => {
    const pool = await filled({ held: last - 1 });
    seatOf(await activate(small(table), pool, 'x0', clockAt(start)));
    await refusedThere(pool);
    let changes = 0;
    const { result, bill } = await refusedThere(
      pool,
      start,
      beforeCensuses(async () => {
        // Not for ever, so that the test ends even if the request would not.
        if (changes === 20) return;
        await release(small(table), pool, `x${changes}`, start);
        seatOf(await activate(small(table), pool, `x${++changes}`, clockAt(start)));
      }),
    );
    expect(result.held).toHaveLength(last);
    // The terms and a window. Five times the censuses, a block, its certificate, the terms and the censuses. The other seats, then
    // all. The refusal is noted.
    expect(bill.requests).toBe(2 + 5 * 5 + 2 + 2 + 1);
  });

  it('gives a seat to the request during which its lease ends, though its block was certified before', async () => {
    const pool = await filled({ held: last - 1 });
    const availableAt = start + 10_000;
    await fillSeats(small(table), pool, { first: last, last, watchedAt: start, availableAt });
    await refusedThere(pool);
    let now = start;
    const request = beforeCensuses(async (nth) => {
      if (nth === 2) now = availableAt;
    });
    const clock = clockAt(() => now);
    expect(seatOf(await activate(small(database.client({ request })), pool, 'x', clock)).number).toBe(last);
    expect(now).toBe(availableAt);
  });

  it('gives a seat to a request while one is free at every instant, though each block is certified when its census is read', async () => {
    const pool = await filled();
    const seatAt = async (number: number) =>
      (await heldSeats(small(table), pool, start)).find((seat) => seat.number === number) as HeldSeat;
    const free = async (number: number) => freeSeat(small(table), pool, seatClaim(await seatAt(number)));
    await refusedThere(pool);
    await free(last);
    /** Frees a seat before the free one is taken, whose block a request certifies that dies then. */
    const move = async ({ from, to }: { from: number; to: number }) => {
      await free(from);
      expect((await claimAndDie(small(table), pool, to, 'taker', start)).outcome).toBe('claimed');
      const block = blockOf(to, size);
      const asRead = (await readCensuses(small(table), pool)).get(block);
      const ends = { fullUntil: start + certificateMs, nextFreeAt: start + hour };
      await certify(table, pool, asRead, { block, ...ends, upTo: block * size, unconfirmed: new Uint8Array() });
    };
    let asked = 0;
    const request: Around = async ({ name, input }, send) => {
      if (name !== 'Query' || input.ExpressionAttributeValues[':from'] !== 'CENSUS#' || asked === 2) return send();
      // An item of a page is read after the other.
      if (++asked === 2) await move({ from: last, to: 1 });
      const { Items, ...page } = await send();
      await move({ from: 1, to: last });
      const later = await send();
      return { ...page, Items: [Items[0], later.Items[1]] };
    };
    expect(seatOf(await activate(small(database.client({ request })), pool, 'x', clockAt(start))).number).toBe(1);
    expect(asked).toBe(2);
  });

  it('gives a request the seat that a session has claimed twice, and gives back', async () => {
    const pool = await filled({ held: last - 2 });
    for (const number of [last - 1, last])
      expect((await claimAndDie(small(table), pool, number, 'doubled', start)).outcome).toBe('claimed');
    const [double] = (await heldSeats(small(table), pool, start)).slice(-1) as [HeldSeat];
    const clock = { now: () => start, pause: () => freeSeat(small(table), pool, seatClaim(double)) };
    expect(seatOf(await activate(small(table), pool, 'next', clock)).number).toBe(last);
  });
});
