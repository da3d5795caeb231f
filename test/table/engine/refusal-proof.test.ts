import { beforeAll, describe, expect, it } from 'vitest';
import { blockSize } from '../../../shared/domain/census.ts';
import { machineHolder, noExpiry, seatClaim, sessionHolder } from '../../../shared/domain/seat.ts';
import type { SubscriptionTerms } from '../../../shared/domain/subscription.ts';
import {
  type Activated,
  activateFloating,
  dryRunFloating,
} from '../../../shared/table/activations/activate-floating.ts';
import { claimSeat, freeSeat, renewSeat } from '../../../shared/table/items/seats.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import { type Pool, slotsOf } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import {
  type Around,
  createDatabase,
  createPool,
  type Database,
  fillSeats,
  type TestPool,
} from '../support/database.ts';
import { activateOn } from '../support/machines.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, claimAndDie, clockAt, fastClock, heldSeats, holders, seatOf, userId } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const hour = 3_600_000;
const claim = (...claimed: [pool: TestPool, number: number, sessionId: string, claimedAt: number]) =>
  claimAndDie(table, ...claimed);

/** A full pool, of which the first seat changes hands now and then. */
const fullPool = async (quota: number) => {
  const pool = await createPool(table, { quota, leaseSeconds: 3600 });
  const start = Date.now();
  await fillSeats(table, pool, { first: 1, last: quota, availableAt: start + hour });
  let last = { number: 1, fence: 1, holder: sessionHolder('filler-1') };
  const changeHands = async () => {
    await freeSeat(table, pool, last);
    const claimed = await claim(pool, 1, `taker-${last.fence}`, start);
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    last = seatClaim(claimed.seat);
  };
  return { pool, start, changeHands };
};

/** Meters requests, after each read of which a seat changes hands. Not for ever, so that a test ends even if its request would not. */
const meteredChanges = (changeHands: () => Promise<void>) => {
  const metered = meter();
  let reads = 0;
  const request: Around = async (called, send) => {
    const output = await metered.request(called, send);
    if (called.name === 'Query' && ++reads < 20) await changeHands();
    return output;
  };
  return { metered, request };
};

interface Reading {
  /** Items of a page; default: as many as were asked for. */
  pageSize?: number;
  /** During which read of seats it happens. */
  nth?: number;
  /** Whether it happens within one page, whose items are read one after the other, rather than after it. */
  within?: boolean;
}

/**
 * A pool of which one seat is free at every instant: once the first of them was read, that one is released, and then the last
 * one, which was free, is taken.
 */
const alwaysOneFree = async (quota: number, { pageSize, nth = 1, within = false }: Reading) => {
  const pool = await createPool(table, { quota, leaseSeconds: 3600 });
  const start = Date.now();
  await fillSeats(table, pool, { first: 1, last: quota - 1, availableAt: start + hour });
  let reads = 0;
  let leastFree = quota;
  const sample = async () => {
    leastFree = Math.min(leastFree, quota - (await heldSeats(table, pool, start)).length);
  };
  const request: Around = async ({ name, input }, send) => {
    if (name === 'Query' && pageSize !== undefined) input.Limit = pageSize;
    const output = await send();
    if (name !== 'Query' || ++reads !== nth) return output;
    const [first] = output.Items;
    const number = Number(first.sk.split('#')[1]);
    await freeSeat(table, pool, { number, fence: 1, holder: first.holder });
    await sample();
    expect((await claim(pool, quota, 'taker', start)).outcome).toBe('claimed');
    await sample();
    if (!within) return output;
    const later = await send();
    return { ...later, Items: [first, ...later.Items.slice(1)] };
  };
  return { pool, start, by: database.client({ request }), free: () => leastFree, happened: () => reads >= nth };
};

describe('a request for a license, while one is free at every instant', () => {
  it.each<[string, number, Reading]>([
    ['in several requests', 40, {}],
    ['in several pages', 40, { pageSize: 10 }],
    ['in one page, item after item', 20, { within: true }],
  ])('is not refused, where the pool is read %s', async (_, quota, reading) => {
    const { pool, start, by, free, happened } = await alwaysOneFree(quota, reading);
    expect((await activate(by, pool, 'x', fastClock(start))).outcome).toBe('acquired');
    expect([happened(), free()]).toEqual([true, 1]);
  });

  it('does not wait, though its session is willing to', async () => {
    const { pool, start, by, free, happened } = await alwaysOneFree(40, {});
    const request = { sessionId: 'x', userId, machineId: 'm', waitSeconds: 3600 };
    expect((await activateFloating(by, pool, request, fastClock(start))).outcome).toBe('acquired');
    expect([happened(), free()]).toEqual([true, 1]);
  });

  it.each<[string, Reading]>([
    ['in several pages', { pageSize: 10, nth: 2 }],
    ['in one page, item after item', { nth: 2, within: true }],
  ])('would not be refused, says the dry run, where the pool is read %s', async (_, reading) => {
    const { pool, start, by, free, happened } = await alwaysOneFree(40, reading);
    const request = { sessionId: 'x', userId, machineId: 'm' };
    expect(await dryRunFloating(by, pool, request, fastClock(start))).toEqual({ outcome: 'accepted' });
    expect([happened(), free()]).toEqual([true, 1]);
  });
});

describe('a dry run', () => {
  const foresee = (by: Table, pool: Pool, clock?: Clock, machineId = 'm') =>
    dryRunFloating(by, pool, { sessionId: 'x', userId, machineId }, clock);

  it('takes a session ID for another machine once its lease has ended, and not before', async () => {
    const pool = await createPool(table, { quota: 2, leaseSeconds: 60 });
    const start = Date.now();
    await activate(table, pool, 'x', fastClock(start));
    expect((await foresee(table, pool, clockAt(start + 59_999))).outcome).toBe('conflict');
    expect((await foresee(table, pool, clockAt(start + 60_000))).outcome).toBe('accepted');
  });

  it.each<[string, Partial<SubscriptionTerms>]>([
    ['suspended', { suspended: true }],
    ['expired', { expiresAt: Date.now() - 1000 }],
    ['not-licensed', { licenseType: 'per-user' }],
  ])('tells a session that its activation is refused as %s', async (outcome, terms) => {
    const pool = await createPool(table, terms);
    expect(await foresee(table, pool)).toEqual({ outcome });
    expect(await activate(table, pool, 'x')).toMatchObject({ outcome });
  });

  it('names a removed machine, as the activation does, before the session ID that is taken', async () => {
    const pool = await createPool(table);
    for (const [machineId, sessionId] of [
      ['m1', 'removed'],
      ['m2', 'x'],
    ] as const)
      await activateOn(table, pool, machineId, sessionId);
    const blockedUntil = Date.now() + hour;
    await removeMachine(table, pool, 'm1', { now: Date.now(), blockedUntil });
    const refused = { outcome: 'blocked', until: blockedUntil };
    expect(await foresee(table, pool, undefined, 'm1')).toEqual(refused);
    expect(await activateOn(table, pool, 'm1', 'x')).toMatchObject(refused);
  });

  it('finds a session that died before it was recorded no reason to refuse that session', async () => {
    const pool = await createPool(table, { quota: 2 });
    const start = Date.now();
    const { number } = seatOf(await activate(table, pool, 'other', clockAt(start)));
    await claim(pool, number === 1 ? 2 : 1, 'x', start);
    expect(await foresee(table, pool, clockAt(start))).toEqual({ outcome: 'accepted' });
    expect((await activate(table, pool, 'x', fastClock(start))).outcome).toBe('acquired');
  });

  it('takes five requests where a license is free', async () => {
    const pool = await createPool(table, { quota: 20 });
    const metered = meter();
    const { result, bill } = await metered.of(() => foresee(database.client({ request: metered.request }), pool));
    expect([result.outcome, bill.requests]).toEqual(['accepted', 5]);
  });

  it('knows a full pool by two reads, without a pause', async () => {
    const { pool, start } = await fullPool(20);
    const metered = meter();
    const clock = fastClock(start);
    const { result, bill } = await metered.of(() =>
      foresee(database.client({ request: metered.request }), pool, clock),
    );
    expect([result.outcome, bill.requests, clock.now() - start]).toEqual(['exhausted', 5 + 2, 0]);
  });

  it('believes a full pool that changes all the time after five reads', async () => {
    const { pool, start, changeHands } = await fullPool(20);
    const { metered, request } = meteredChanges(changeHands);
    const { result, bill } = await metered.of(() => foresee(database.client({ request }), pool, fastClock(start)));
    expect([result.outcome, bill.requests]).toEqual(['exhausted', 5 + 5]);
  });

  it('pauses while a full pool changes: a license that gets free a moment later is found', async () => {
    const { pool, start, changeHands } = await fullPool(20);
    const clock = fastClock(start);
    const by = database.client({
      request: async ({ name }, send) => {
        const output = await send();
        const [first] = await heldSeats(table, pool, start);
        if (name === 'Query' && clock.now() < start + 200) await changeHands();
        else if (name === 'Query' && first?.number === 1) await freeSeat(table, pool, seatClaim(first));
        return output;
      },
    });
    expect(await foresee(by, pool, clock)).toEqual({ outcome: 'accepted' });
  });
});

describe('a request in a full pool', () => {
  it('is refused at once: after two reads, and without a pause', async () => {
    const { pool, start } = await fullPool(20);
    const metered = meter();
    const clock = fastClock(start);
    const { result, bill } = await metered.of(() =>
      activate(database.client({ request: metered.request }), pool, 'x', clock),
    );
    expect([result.outcome, bill.requests, clock.now() - start]).toEqual(['exhausted', 3, 0]);
  });

  it('that changes all the time is refused after five reads', async () => {
    const { pool, start, changeHands } = await fullPool(20);
    const { metered, request } = meteredChanges(changeHands);
    const { result, bill } = await metered.of(() =>
      activate(database.client({ request }), pool, 'x', fastClock(start)),
    );
    expect(result).toMatchObject({ outcome: 'exhausted', held: { length: 20 } });
    expect(bill.requests).toBe(1 + 5);
  });

  /** Asks while another request of the same process is refused, in a pause. Tells the pauses, and the reads after the last one. */
  const askBesideOther = async ({ pool, start }: { pool: TestPool; start: number }, around: Around) => {
    let [pauses, reads] = [0, 0];
    const by = database.client({
      request: (called, send) => {
        if (called.name === 'Query') reads++;
        return around(called, send);
      },
    });
    const pause = async () => {
      pauses++;
      expect((await activate(by, pool, `other-${pauses}`, fastClock(start))).outcome).toBe('exhausted');
      reads = 0;
    };
    const { outcome } = await activate(by, pool, 'x', { now: () => start, pause });
    return { outcome, pauses, reads };
  };

  it('that it has seen change twice is refused by the next read, if that agrees with the last one of its process', async () => {
    const { pool, start, changeHands } = await fullPool(20);
    let changes = 0;
    const told = await askBesideOther({ pool, start }, async ({ name }, send) => {
      const output = await send();
      if (name === 'Query' && ++changes <= 2) await changeHands();
      return output;
    });
    expect(told).toEqual({ outcome: 'exhausted', pauses: 1, reads: 1 });
  });

  it('whose last license it has lost to another is refused by one read, if its process has just read the pool', async () => {
    const pool = await createPool(table, { quota: 40, leaseSeconds: 3600 });
    const start = Date.now();
    // More seats than a window has.
    await fillSeats(table, pool, { first: 2, last: 40, availableAt: start + hour });
    const told = await askBesideOther({ pool, start }, async ({ name }, send) => {
      if (name === 'UpdateItem') expect((await claim(pool, 1, 'faster', start)).outcome).toBe('claimed');
      return send();
    });
    expect(told).toEqual({ outcome: 'exhausted', pauses: 1, reads: 1 });
  });
});

describe('a request that stalls', () => {
  const patienceMs = 24_000;
  /** A clock that jumps, and a client that stalls before its first request of a kind. */
  const stalling = (
    first: (name: string, input: any) => boolean,
    { ms = patienceMs, meanwhile }: { ms?: number; meanwhile?: (input: any) => Promise<unknown> } = {},
  ) => {
    let now = Date.now();
    let jumped = false;
    const { request: metered, of } = meter();
    const request: Around = async (asked, send) => {
      if (!jumped && first(asked.name, asked.input)) {
        jumped = true;
        await meanwhile?.(asked.input);
        now += ms;
      }
      return metered(asked, send);
    };
    return { by: database.client({ request }), clock: clockAt(() => now), of };
  };

  it('in the proof that the pool is full until its patience ends is refused, not told to try again', async () => {
    const pool = await createPool(table, { quota: 2 });
    await fillSeats(table, pool, { first: 1, last: 2 });
    let queries = 0;
    const { by, clock } = stalling((name) => name === 'Query' && ++queries === 2);
    expect((await activate(by, pool, 'x', clock)).outcome).toBe('exhausted');
  });

  it('in that proof, while the pool changes, is refused without another read', async () => {
    const { pool, changeHands } = await fullPool(2);
    let queries = 0;
    const { by, clock, of } = stalling((name) => name === 'Query' && ++queries === 2, { meanwhile: changeHands });
    const { result, bill } = await of(() => activate(by, pool, 'x', clock));
    expect([result.outcome, bill.requests]).toEqual(['exhausted', 3]);
  });

  /** A pool in which these ranges of seats are held. */
  const filled = async (quota: number, ...ranges: [first: number, last: number][]) => {
    const pool = await createPool(table, { quota });
    for (const [first, last] of ranges) await fillSeats(table, pool, { first, last });
    return pool;
  };
  const shrunk = async () => {
    const pool = await filled(10, [1, 3], [8, 9]);
    await pool.set({ quota: 6 });
    return pool;
  };

  it.each<[string, () => Promise<TestPool>]>([
    ['', () => filled(5)],
    [' for the only free license that it has read', () => filled(40, [1, 24], [26, 40])],
    [' for the only open license after a shrink', shrunk],
  ])('before a lost race%s until its patience ends is told to try again, and takes no seat', async (_, create) => {
    const pool = await create();
    const before = await holders(table, pool);
    const { by, clock } = stalling((name, { Key }) => name === 'UpdateItem' && Key.sk.startsWith('SEAT#'), {
      meanwhile: ({ Key }) => claim(pool, Number(Key.sk.split('#')[1]), 'taker', Date.now()),
    });
    expect((await activate(by, pool, 'x', clock)).outcome).toBe('contended');
    expect(await holders(table, pool)).toEqual([...before, 'taker'].sort());
  });

  it('after its claim until its patience ends learns of a suspension, and keeps no seat', async () => {
    const pool = await createPool(table, { quota: 1 });
    let reads = 0;
    const { by, clock } = stalling((name) => name === 'BatchGetItem' && ++reads === 2, {
      meanwhile: () => pool.set({ quota: 1, suspended: true }),
    });
    expect((await activate(by, pool, 'x', clock)).outcome).toBe('suspended');
    expect(await holders(table, pool)).toEqual([]);
  });

  it('until its claim may be another holder’s is not answered with it', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 5 });
    let reads = 0;
    const { by, clock } = stalling((name) => name === 'BatchGetItem' && ++reads === 2, { ms: 5_000 });
    const { hold } = seatOf(await activate(by, pool, 'x', clock));
    expect([hold.claimedAt, hold.availableAt]).toEqual([clock.now(), clock.now() + 5_000]);
  });
});

describe('a process that has just refused a session', () => {
  const quota = 20;
  /** A full pool, and a client that was told so. `meanwhile`: happens within its next read of the seats, after the first seat. */
  const refusedOnce = async (last: { availableAt: number }) => {
    const pool = await createPool(table, { quota, leaseSeconds: 3600 });
    const start = last.availableAt - 1000;
    await fillSeats(table, pool, { first: 1, last: quota - 1, availableAt: start + hour });
    await fillSeats(table, pool, { first: quota, last: quota, ...last });
    const metered = meter();
    let meanwhile: (() => Promise<unknown>) | undefined;
    const by = database.client({
      request: async (called, send) => {
        const output = await metered.request(called, send);
        if (called.name !== 'Query' || !meanwhile) return output;
        const [first] = output.Items;
        await freeSeat(table, pool, { number: 1, fence: 1, holder: first.holder });
        await meanwhile();
        meanwhile = undefined;
        const later = await send();
        return { ...later, Items: [first, ...later.Items.slice(1)] };
      },
    });
    const ask = (sessionId: string, now: number) => metered.of(() => activate(by, pool, sessionId, fastClock(now)));
    expect((await ask('first', start)).result.outcome).toBe('exhausted');
    const askWhile = (now: number, happens: () => Promise<unknown>) => {
      meanwhile = happens;
      return ask('second', now);
    };
    const lastHolder = (await heldSeats(table, pool, start)).at(-1)!.hold.holder;
    return { pool, start, ask, askWhile, last: { number: quota, fence: 1, holder: lastHolder } };
  };

  it('refuses the next one by one read of the pool, if all claims still stand', async () => {
    const { pool, start, ask, last } = await refusedOnce({ availableAt: Date.now() + hour });
    const again = await ask('second', start);
    expect([again.result.outcome, again.bill.requests]).toEqual(['exhausted', 2]);
    await freeSeat(table, pool, last);
    await claim(pool, quota, 'other', start);
    const changed = await ask('third', start);
    expect([changed.result.outcome, changed.bill.requests]).toEqual(['exhausted', 3]);
  });

  it('refuses by one read of each pool also where it refuses in several pools in turn', async () => {
    const metered = meter();
    const by = database.client({ request: metered.request });
    // More seats than a window has.
    const full = [await fullPool(40), await fullPool(40)];
    const ask = async (sessionId: string) => {
      const requests: number[] = [];
      for (const { pool, start } of full) {
        const { result, bill } = await metered.of(() => activate(by, pool, sessionId, fastClock(start)));
        expect(result.outcome).toBe('exhausted');
        requests.push(bill.requests);
      }
      return requests;
    };
    await ask('first');
    expect(await ask('second')).toEqual([2, 2]);
  });

  it('reads the pool once less for the next one, up to the largest pool of one block', async () => {
    const metered = meter();
    const by = database.client({ request: metered.request });
    const { pool, start } = await fullPool(blockSize);
    const ask = async (sessionId: string) => {
      const { result, bill } = await metered.of(() => activate(by, pool, sessionId, fastClock(start)));
      expect(result.outcome).toBe('exhausted');
      return bill.requests;
    };
    const first = await ask('first');
    expect(await ask('second')).toBe(first - 1);
  });

  it('reads the pool at half the price at first, as long as the pool changes from one refusal to the next', async () => {
    const { pool, start, changeHands } = await fullPool(quota);
    const metered = meter();
    const by = database.client({ request: metered.request });
    const refused = async (sessionId: string) => {
      const { result, bill } = await metered.of(() => activate(by, pool, sessionId, fastClock(start)));
      expect([result.outcome, bill.requests]).toEqual(['exhausted', 3]);
      await changeHands();
      return bill.read;
    };
    await refused('first');
    expect(await refused('second')).toBeGreaterThan(await refused('third'));
  });

  it('does not refuse the next one while a license is free at every instant: the last, then the first', async () => {
    const { pool, start, askWhile, last } = await refusedOnce({ availableAt: Date.now() + hour });
    await freeSeat(table, pool, last);
    const { result } = await askWhile(start, () => claim(pool, quota, 'taker', start));
    expect(result).toMatchObject({ outcome: 'acquired', seat: { number: 1 } });
  });

  it('nor by a read that is late by a moment', async () => {
    const pool = await createPool(table, { quota, leaseSeconds: 3600 });
    const start = Date.now();
    await fillSeats(table, pool, { first: 1, last: quota, availableAt: start + hour });
    const [
      {
        hold: { holder },
      } = { hold: { holder: sessionHolder('') } },
    ] = await heldSeats(table, pool, start);
    let last: unknown;
    const request: Around = async ({ name, input }, send) => {
      const output = await send();
      if (name === 'Query' && input.ConsistentRead) last = output;
      return name === 'Query' ? last : output;
    };
    const by = database.client({ request });
    const ask = (sessionId: string) => activate(by, pool, sessionId, fastClock(start));
    expect((await ask('first')).outcome).toBe('exhausted');
    await freeSeat(table, pool, { number: 1, fence: 1, holder });
    await claim(pool, 1, 'other', start);
    // The pool changed since the last refusal, so the next request begins with a read at half the price.
    expect((await ask('second')).outcome).toBe('exhausted');
    await freeSeat(table, pool, { number: 1, fence: 2, holder: sessionHolder('other') });
    expect((await ask('third')).outcome).toBe('acquired');
  });

  it('gives a machine the slot of one that has just been removed, however late a read at half the price is', async () => {
    const pool = await createPool(table, { quota: 100, machineQuota: 3 });
    let last: unknown;
    const by = database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (name !== 'Query' || !input.ExpressionAttributeValues[':from'].startsWith('SLOT')) return output;
        if (input.ConsistentRead) last = output;
        return last;
      },
    });
    for (const machineId of ['m1', 'm2', 'm3']) seatOf(await activateOn(by, pool, machineId, machineId));
    expect((await activateOn(by, pool, 'm4', 'm4')).outcome).toBe('machines-exhausted');
    const now = Date.now();
    await removeMachine(table, pool, 'm1', { now, blockedUntil: now + hour });
    expect((await activateOn(by, pool, 'm4', 'm4')).outcome).toBe('acquired');
  });

  it('nor if the last one is free because a lease has ended, which is renewed late', async () => {
    const { pool, start, askWhile, last } = await refusedOnce({ availableAt: Date.now() });
    const now = start + 2000;
    const { result } = await askWhile(now, () => renewSeat(table, pool, last, { from: now, until: now + hour }));
    expect(result).toMatchObject({ outcome: 'acquired', seat: { number: 1 } });
  });

  it('nor if the last one is free because new terms shortened its lease, which is renewed late', async () => {
    const { pool, start, askWhile, last } = await refusedOnce({ availableAt: Date.now() + hour });
    await pool.set({ quota, leaseSeconds: 5 });
    await renewSeat(table, pool, last, { from: start, until: start + 100 });
    const now = start + 200;
    const { result } = await askWhile(now, () => renewSeat(table, pool, last, { from: now, until: now + 5000 }));
    expect(result).toMatchObject({ outcome: 'acquired', seat: { number: 1 } });
  });
});

describe('a session that a crash left on two numbers', () => {
  it.each([0, 3600])('does not hold up a refusal, or a place in the queue (waitSeconds: %i)', async (waitSeconds) => {
    const pool = await createPool(table, { quota: 100, leaseSeconds: 3600 });
    const start = Date.now();
    const { number } = seatOf(await activate(table, pool, 'double', fastClock(start)));
    const other = number === 77 ? 78 : 77;
    await claim(pool, other, 'double', start);
    for (const [first, last] of [
      [1, Math.min(number, other) - 1],
      [Math.min(number, other) + 1, Math.max(number, other) - 1],
      [Math.max(number, other) + 1, 100],
    ] as const)
      await fillSeats(table, pool, { first, last, availableAt: start + hour });
    const metered = meter();
    const by = database.client({ request: metered.request });
    const clock = fastClock(start + 2000);
    const request = { sessionId: 'x', userId, machineId: 'm', waitSeconds };
    const { result, bill } = await metered.of(() => activateFloating(by, pool, request, clock));
    expect(result.outcome).toBe(waitSeconds ? 'waiting' : 'exhausted');
    expect(bill.requests).toBeLessThanOrEqual(waitSeconds ? 12 : 5);
    expect(clock.now()).toBeLessThan(start + 3000);
  });
});

describe('a session that loses the last license to another one', () => {
  it('is refused by one more read: the write that it lost told that the pool is full', async () => {
    const pool = await createPool(table, { quota: 20, leaseSeconds: 3600 });
    const start = Date.now();
    await fillSeats(table, pool, { first: 1, last: 19, availableAt: start + hour });
    const metered = meter();
    const request: Around = async (asked, send) => {
      if (asked.name === 'UpdateItem') expect((await claim(pool, 20, 'faster', start)).outcome).toBe('claimed');
      return metered.request(asked, send);
    };
    const { result, bill } = await metered.of(() =>
      activate(database.client({ request }), pool, 'x', fastClock(start)),
    );
    expect(result).toMatchObject({ outcome: 'exhausted', races: 1 });
    // Subscription and record, the seats, the claim, the seats once more.
    expect(bill.requests).toBe(4);
  });
});

describe('a session that loses the race for a license to its own duplicate', () => {
  it('is told the same license, and reads no seats to look for another', async () => {
    const pool = await createPool(table, { quota: 10 });
    const metered = meter();
    let told: Activated | undefined;
    const request: Around = async (asked, send) => {
      if (asked.name === 'UpdateItem') told ??= await activate(table, pool, 'x');
      return metered.request(asked, send);
    };
    const { result, bill } = await metered.of(() => activate(database.client({ request }), pool, 'x'));
    expect(result).toMatchObject({ outcome: 'renewed', races: 1 });
    expect(seatOf(result)).toMatchObject({ number: told && seatOf(told).number, fence: 1 });
    // Its state and the claim, then its state and the renewal.
    expect(bill.requests).toBe(2 + 1 + 2 + 1);
  });
});

describe('a session that loses a license of a large pool to another one', () => {
  it('gets another by a look at four windows, not at the pool', async () => {
    const pool = await createPool(table, { quota: 1000, leaseSeconds: 3600 });
    const start = Date.now();
    // Five licenses are free wherever a window begins.
    const windows = Array.from({ length: 40 }, (_, index) => index * 25);
    await Promise.all(
      windows.map((before) =>
        fillSeats(table, pool, { first: before + 6, last: before + 25, availableAt: start + hour }),
      ),
    );
    const metered = meter();
    let taken: Promise<unknown> | undefined;
    const request: Around = async (asked, send) => {
      if (asked.name === 'UpdateItem') {
        taken ??= claim(pool, Number(asked.input.Key.sk.split('#')[1]), 'faster', start);
        await taken;
      }
      return metered.request(asked, send);
    };
    const { result, bill } = await metered.of(() =>
      activate(database.client({ request }), pool, 'x', fastClock(start)),
    );
    expect(result).toMatchObject({ outcome: 'acquired', races: 1 });
    // To read the pool is some 30 units.
    expect(bill.read).toBeLessThanOrEqual(20);
  });
});

describe('a machine that a crash left on two slots', () => {
  it('does not hold up the refusal of another machine', async () => {
    const pool = await createPool(table, { quota: 100, machineQuota: 3, leaseSeconds: 3600 });
    const start = Date.now();
    const onMachine = (by: Table, machineId: string, clock = fastClock(start)) =>
      activateFloating(by, pool, { sessionId: `on-${machineId}`, userId, machineId }, clock);
    for (const machineId of ['m1', 'm2']) seatOf(await onMachine(table, machineId));
    const hold = { holder: machineHolder('m1'), userId, claimedAt: start, availableAt: noExpiry, leaseMs: 0 };
    const left = [1, 2, 3].map((number) =>
      claimSeat(table, slotsOf(pool), number, hold, { claimId: 'left', fence: 1 }),
    );
    expect((await Promise.all(left)).filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
    const metered = meter();
    const clock = fastClock(start + 2000);
    const { result, bill } = await metered.of(() =>
      onMachine(database.client({ request: metered.request }), 'm3', clock),
    );
    expect(result).toMatchObject({ outcome: 'machines-exhausted', machineQuota: 3 });
    expect(bill.requests).toBeLessThanOrEqual(9);
    expect(clock.now()).toBeLessThan(start + 3000);
  });
});
