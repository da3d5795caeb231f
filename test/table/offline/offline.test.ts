import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OfflineLicense, OfflineRequest } from '../../../shared/domain/offline.ts';
import { type HeldSeat, holderId } from '../../../shared/domain/seat.ts';
import { everySeat } from '../../../shared/domain/seat-view.ts';
import { figuresOf, type Subscription } from '../../../shared/domain/subscription.ts';
import { checkClaimAfterMs } from '../../../shared/table/engine/unrecorded-claims.ts';
import { planDue } from '../../../shared/table/items/due-items.ts';
import { completeRecord, endRecord } from '../../../shared/table/items/holder-records.ts';
import { readSeats } from '../../../shared/table/items/read-seats.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import {
  issueOfflineLicense,
  licenseFile,
  listOfflineLicenses,
  readOfflineLicense,
} from '../../../shared/table/offline/offline-licenses.ts';
import { voidOfflineLicense } from '../../../shared/table/offline/void-offline.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { markExpired } from '../../../shared/table/schedule/mark-expired.ts';
import { settleAllDue, settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import { getItem, type Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, fillSeats, type TestPool } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';
import { atEachPlace, deathsOf, dying } from '../support/requests/places.ts';
import { activate, activateMany, clockAt, fastClock, heldSeats, holders, release } from '../support/sessions.ts';
import { reactionsToRecord } from '../support/stream/follow.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const day = 86_400_000;
const offline = (rules: Partial<Subscription['offline']> = {}) => ({
  offline: { allowed: true, maxDays: null, reserveOnline: 0, ...rules },
});
const request: OfflineRequest = { machineId: 'press-3', usedBy: null, description: null, askedExpiry: null };
/** Issues a license. By default the request's clock stands still, so that a slow machine costs it no patience. */
const issue = (
  by: Table,
  pool: Pool,
  idempotencyKey?: string,
  clock = clockAt(Date.now()),
  changes: Partial<OfflineRequest> = {},
) => issueOfflineLicense(by, pool, { ...request, ...changes }, { issuedBy: 'usr_owner', idempotencyKey }, clock);
const issued = async (...options: Parameters<typeof issue>): Promise<OfflineLicense> => {
  const result = await issue(...options);
  if (result.outcome !== 'issued') throw new Error(`no license: ${JSON.stringify(result)}`);
  return result.license;
};
const outcomes = async (results: Promise<{ outcome: string }>[]) => {
  const counted: Record<string, number> = {};
  for (const { outcome } of await Promise.all(results)) counted[outcome] = (counted[outcome] ?? 0) + 1;
  return counted;
};
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const listed = async (pool: Pool) => (await listOfflineLicenses(table, pool, { limit: 100 })).items;

/** A client that dies before it completes its license: the record is pending. */
const dyingBeforeCompletion = (): Table =>
  database.client({
    request: async ({ input }, send) => {
      if (input.UpdateExpression?.includes('#status = :active')) throw new Error('injected');
      return send();
    },
  });
/** What the stream tells of all seats of a pool, and the schedule does with it at `now`. */
const runSchedule = async (pool: Pool, now: number) => {
  for (const { number } of await readSeats(table, pool, [everySeat])) {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: keys.seat(pool, number), ConsistentRead: true }),
    );
    const [due] = reactionsToRecord({ before: undefined, after: Item })?.due() ?? [];
    if (due) await planDue(table, due);
  }
  const { failed } = await settleAllDue(table, { now, most: 10_000, until: () => false });
  expect(failed).toEqual([]);
};

describe('the quota', () => {
  it('is kept by offline licenses and sessions at once, and used up', async () => {
    const pool = await createPool(table, { quota: 12, ...offline() });
    const results = await outcomes([
      ...many(20, () => issue(table, pool)),
      ...many(8, (index) => activate(table, pool, `s${index}`)),
    ]);
    const { issued: licenses = 0, acquired = 0, exhausted } = results;
    expect(licenses + acquired).toBe(12);
    expect(exhausted).toBe(16);
    expect(await heldSeats(table, pool)).toHaveLength(12);
    expect(await listed(pool)).toHaveLength(licenses);
  });

  it('the numbers 1..n are never held by an offline license, however many ask at once', async () => {
    const pool = await createPool(table, { quota: 10, ...offline({ reserveOnline: 6 }) });
    const results = await outcomes([
      ...many(15, () => issue(table, pool)),
      ...many(4, (index) => activate(table, pool, `s${index}`)),
    ]);
    const held = await heldSeats(table, pool);
    const numbers = held.filter(({ hold }) => hold.holder.startsWith('offline#')).map(({ number }) => number);
    expect(numbers.every((number) => number > 6)).toBe(true);
    expect(numbers).toHaveLength(results.issued ?? 0);
    // What is left is for the sessions, to the last seat.
    await activateMany(table, pool, 20);
    expect(await heldSeats(table, pool)).toHaveLength(10);
  });

  it('sessions use the numbers 1..n first while few are free, so that offline licenses get the others', async () => {
    const pool = await createPool(table, { quota: 8, ...offline({ reserveOnline: 4 }) });
    await activateMany(table, pool, 4);
    expect((await heldSeats(table, pool)).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(await outcomes(many(5, () => issue(table, pool)))).toEqual({ issued: 4, exhausted: 1 });
  });

  it('a reserve of the whole quota, or more, leaves none', async () => {
    for (const reserveOnline of [3, 5]) {
      const pool = await createPool(table, { quota: 3, ...offline({ reserveOnline }) });
      expect((await issue(table, pool)).outcome).toBe('exhausted');
      expect(await heldSeats(table, pool)).toEqual([]);
    }
  });

  it('of a large pool whose low numbers are full: the one above the reserve is found', async () => {
    const pool = await createPool(table, { quota: 500, ...offline({ reserveOnline: 400 }) });
    await fillSeats(table, pool, { first: 401, last: 499 });
    expect(await issued(table, pool)).toMatchObject({ number: 500 });
    expect((await issue(table, pool)).outcome).toBe('exhausted');
  });
});

describe('the same idempotency key', () => {
  it('many at once: one license, on one seat', async () => {
    for (const quota of [1, 30]) {
      const pool = await createPool(table, { quota, ...offline() });
      const licenses = await Promise.all(many(12, () => issued(table, pool, 'the-same-key-0001')));
      expect(
        new Set(licenses.map(({ id, number, fence, expiresAt }) => `${id} ${number} ${fence} ${expiresAt}`)).size,
      ).toBe(1);
      const held = await heldSeats(table, pool, Date.now() + 3_600_000);
      expect(held.map(({ hold }) => hold.availableAt)).toEqual([licenses[0]?.expiresAt]);
      expect(await listed(pool)).toHaveLength(1);
    }
  });

  it('after the expiry, when others have the seat: the license that it was, and no seat', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const start = Date.now();
    const first = await issued(table, pool, 'the-same-key-0002', undefined, { askedExpiry: start + 60_000 });
    const later = clockAt(start + 60_000);
    for (const taken of [false, true]) {
      if (taken) expect((await activate(table, pool, 'next', later)).outcome).toBe('acquired');
      const again = await issued(table, pool, 'the-same-key-0002', later, { askedExpiry: start + 60_000 });
      expect(again).toEqual(first);
      expect(await holders(table, pool, start + 60_000)).toEqual(taken ? ['next'] : []);
    }
  });

  it('a repetition that is late between its two looks takes no seat', async () => {
    const pool = await createPool(table, { quota: 2, ...offline() });
    const start = Date.now();
    const asked = { askedExpiry: start + 60_000 };
    const later = clockAt(start + 60_000);
    let first: OfflineLicense | undefined;
    const slow = database.client({
      request: async ({ name }, send) => {
        const output = await send();
        if (name !== 'BatchGetItem' || first) return output;
        // After it saw that there is no license, the other request issues it; it ends, and others take both seats.
        first = await issued(table, pool, 'the-same-key-0003', undefined, asked);
        for (const next of ['next', 'last']) await activate(table, pool, next, later);
        await release(table, pool, 'last', start + 60_000);
        return output;
      },
    });
    let asks = 0;
    const clock = clockAt(() => start + (asks++ === 0 ? 0 : 60_000));
    expect(await issue(slow, pool, 'the-same-key-0003', clock, asked)).toEqual({ outcome: 'issued', license: first });
    expect(await holders(table, pool, start + 60_000)).toEqual(['next']);
  });
});

describe('a request that dies', () => {
  const twoSeats = () => createPool(table, { quota: 2, ...offline() });

  it('anywhere: the repetition of its key gets one license, on one seat', async () => {
    const start = Date.now();
    const asking = (by: Table, pool: Pool) => issue(by, pool, 'a-key-of-a-request', fastClock(start));
    const deaths = await deathsOf(database, async (by) => asking(by, await twoSeats()));
    expect(deaths.length).toBeGreaterThan(3);
    for (const death of deaths) {
      const pool = await twoSeats();
      await expect(asking(dying(database, death), pool)).rejects.toThrow('injected');
      const license = await issued(table, pool, 'a-key-of-a-request', fastClock(start));
      const again = await issued(table, pool, 'a-key-of-a-request', fastClock(start));
      expect(again).toEqual(license);
      const held = await heldSeats(table, pool, start + 3_600_000);
      expect(held.map(({ number, fence, hold }) => [number, fence, hold.availableAt])).toEqual([
        [license.number, license.fence, license.expiresAt],
      ]);
      expect(await listed(pool)).toEqual([license]);
    }
  });

  it('anywhere: the schedule leaves either the whole license or nothing', async () => {
    const left = new Set<number>();
    const start = Date.now();
    const clock = clockAt(start);
    for (const death of await deathsOf(database, async (by) => issue(by, await twoSeats(), undefined, clock))) {
      const pool = await twoSeats();
      await expect(issue(dying(database, death), pool, undefined, clock)).rejects.toThrow('injected');
      await runSchedule(pool, start + checkClaimAfterMs);
      const licenses = await listed(pool);
      left.add(licenses.length);
      const held = await readSeats(table, pool, [everySeat]);
      expect(held.flatMap(({ hold }) => (hold ? [hold.availableAt] : []))).toEqual(
        licenses.map(({ expiresAt }) => expiresAt),
      );
      // Nothing is in the way of others.
      const results = await outcomes(
        many(2, (index) => activate(table, pool, `s${index}`, fastClock(start + day / 2))),
      );
      expect(results.acquired).toBe(2 - licenses.length);
    }
    expect(left).toEqual(new Set([0, 1]));
  });

  it('never holds a seat for longer than the minute, if it was not issued', async () => {
    for (let nth = 4; nth <= 8; nth++) {
      const pool = await createPool(table, { quota: 1, ...offline() });
      const start = Date.now();
      await issue(dying(database, { nth, when: 'before' }), pool, undefined, clockAt(start)).catch(() => {});
      expect(await listed(pool)).toEqual([]);
      // The ninth request would have made the license active: before it the seat may be held for long, and is dropped.
      if (nth === 8) await runSchedule(pool, start + checkClaimAfterMs);
      const result = await activate(table, pool, 'next', clockAt(start + 60_000));
      expect(result.outcome, `died before request ${nth}`).toBe('acquired');
    }
  });
});

it('a completion that comes late completes no later claim of the license, and none that was dropped', async () => {
  const pool = await createPool(table, { quota: 2, ...offline() });
  await issue(dyingBeforeCompletion(), pool).catch(() => {});
  const [{ number, fence, hold }] = (await heldSeats(table, pool)) as [HeldSeat];
  const key = keys.offlineLicense(pool, holderId(hold.holder));
  for (const earlier of [
    { number, fence: fence - 1 },
    { number: number + 1, fence },
  ])
    expect(await completeRecord(table, key, earlier)).toBeUndefined();
  expect(await getItem(table, key)).toMatchObject({ status: 'pending', number, fence });
  await endRecord(table, key, { claim: { number, fence } }, { reason: 'license-removed', at: Date.now() });
  expect(await completeRecord(table, key, { number, fence })).toBeUndefined();
});

describe('the schedule', () => {
  it('never takes what is issued, even if it saw it pending', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const start = Date.now();
    await issue(dyingBeforeCompletion(), pool, 'a-key-that-is-slow', clockAt(start)).catch(() => {});
    const [seat] = await heldSeats(table, pool);
    const claim = { number: seat!.number, fence: seat!.fence, holder: seat!.hold.holder };
    let license: OfflineLicense | undefined;
    const late = database.client({
      request: async ({ name }, send) => {
        const output = await send();
        // Between its look and its write, the repetition completes the license and answers.
        if (name === 'BatchGetItem') license ??= await issued(table, pool, 'a-key-that-is-slow', clockAt(start));
        return output;
      },
    });
    await settleClaim(late, pool, claim, { now: start + checkClaimAfterMs });
    expect(await readOfflineLicense(table, pool, license!.id)).toEqual(license);
    expect(await heldSeats(table, pool, start + day / 2)).toHaveLength(1);
  });

  it.each([
    ['has no record yet', 7],
    ['is pending', 8],
  ])('leaves one that %s and is young alone: it may be on its way', async (_, nth) => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const start = Date.now();
    const clock = clockAt(start);
    await issue(dying(database, { nth, when: 'before' }), pool, undefined, clock).catch(() => {});
    const [seat] = await heldSeats(table, pool);
    const claim = { number: seat!.number, fence: seat!.fence, holder: seat!.hold.holder };
    expect(await settleClaim(table, pool, claim, { now: start + 5000 })).toBe(start + checkClaimAfterMs);
    expect(await heldSeats(table, pool)).toEqual([seat]);
  });

  it('leaves a license alone that is being issued, whenever it comes', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const checked = new Set<string>();
    const slow = database.client({
      request: async (_, send) => {
        for (const { number, fence, hold } of await heldSeats(table, pool)) {
          const license = await getItem(table, keys.offlineLicense(pool, holderId(hold.holder)));
          checked.add(license?.status ?? 'claimed');
          await settleClaim(table, pool, { number, fence, holder: hold.holder }, { now: Date.now() });
        }
        return send();
      },
    });
    const { id } = await issued(slow, pool);
    expect([...checked]).toEqual(['claimed', 'pending']);
    expect(await holders(table, pool)).toEqual([id]);
  });

  it('that dropped one: its slow author answers with another claim, or none, never with the dropped one', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const start = Date.now();
    let dropped = false;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (name === 'PutItem' && input.Item.status === 'pending' && !dropped) {
          dropped = true;
          await runSchedule(pool, start + checkClaimAfterMs);
          expect(await heldSeats(table, pool)).toEqual([]);
        }
        return output;
      },
    });
    const license = await issued(slow, pool, undefined, fastClock(start));
    expect(dropped).toBe(true);
    expect(license.fence).toBeGreaterThan(1);
    expect(await listed(pool)).toEqual([license]);
    expect(await heldSeats(table, pool, start + day / 2)).toHaveLength(1);
  });
});

describe('a subscription that changes while a license is issued', () => {
  /** Issues, and changes the subscription after the first claim was written. */
  const changing = async (
    pool: TestPool,
    change: Parameters<TestPool['set']>[0],
    asked: Partial<OfflineRequest> = {},
  ) => {
    let changed = false;
    const by = database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (name === 'UpdateItem' && !changed && input.UpdateExpression.includes('claimId')) {
          changed = true;
          await pool.set(change);
        }
        return output;
      },
    });
    return issue(by, pool, undefined, undefined, asked);
  };
  it.each([
    ['allows none any more', { offline: { allowed: false, maxDays: null, reserveOnline: 0 } }, 'not-allowed'],
    ['is suspended', { ...offline(), suspended: true }, 'suspended'],
    ['keeps more for online use', offline({ reserveOnline: 3 }), 'exhausted'],
    ['is smaller', { ...offline(), quota: 0 }, 'exhausted'],
  ])('%s: refused, and the seat given back', async (_, change, outcome) => {
    const pool = await createPool(table, { quota: 3, ...offline() });
    expect((await changing(pool, change)).outcome).toBe(outcome);
    expect(await heldSeats(table, pool)).toEqual([]);
    expect(await listed(pool)).toEqual([]);
  });
  it('ends earlier: so does the license, unless it was to end later', async () => {
    const ends = Date.now() + day / 2;
    const pool = await createPool(table, { quota: 3, ...offline() });
    expect(await changing(pool, { ...offline(), expiresAt: ends })).toMatchObject({ license: { expiresAt: ends } });
    const other = await createPool(table, { quota: 3, ...offline() });
    const asked = { askedExpiry: ends + 1 };
    expect(await changing(other, { ...offline(), expiresAt: ends }, asked)).toEqual({
      outcome: 'too-late',
      latest: ends,
    });
    expect(await heldSeats(table, other)).toEqual([]);
  });
});

describe('a license that was issued', () => {
  it('is moved by nothing: shrinking, growing, lapses beside it, suspension, expiry, the schedule, forced ends', async () => {
    const pool = await createPool(table, { quota: 4, leaseSeconds: 60, ...offline() });
    const start = Date.now();
    const until = start + 30 * day;
    await pool.set({ ...offline(), quota: 4, expiresAt: until });
    const licenses = await Promise.all(many(2, () => issued(table, pool)));
    await activateMany(table, pool, 2, clockAt(start));
    const check = async (now = start) => {
      const seats = await readSeats(table, pool, [everySeat]);
      const subscription = (await readSubscription(table, pool)) as Subscription;
      expect(figuresOf(subscription, { seats }, now).inUse.offline).toBe(2);
      for (const { number, fence, id } of licenses)
        expect(seats.find((seat) => seat.number === number)).toMatchObject({
          fence,
          hold: { holder: `offline#${id}` },
        });
      const held = seats.filter(({ hold }) => hold && hold.availableAt > now);
      return held.length;
    };
    await pool.set({ ...offline(), quota: 1, expiresAt: until });
    expect(await outcomes(many(3, (index) => activate(table, pool, `n${index}`)))).toEqual({ exhausted: 3 });
    expect(await check()).toBe(4);
    // Both sessions lapse: two licenses are more than the quota, so nobody comes in.
    const lapsed = clockAt(start + 61_000);
    expect((await activate(table, pool, 'late', lapsed)).outcome).toBe('exhausted');
    expect(await check(start + 61_000)).toBe(2);
    await pool.set({ ...offline(), quota: 3, expiresAt: until });
    expect(await outcomes(many(5, (index) => activate(table, pool, `m${index}`, lapsed)))).toEqual({
      acquired: 1,
      exhausted: 4,
    });
    await pool.set({ quota: 3, suspended: true, expiresAt: start + 62_000 });
    await planDue(table, { kind: 'subscription', pool, at: start + 62_000 });
    await runSchedule(pool, start + 62_000);
    for (const { id } of licenses)
      for (const sessionId of [id, `offline#${id}`])
        await deactivateSession(table, pool, { sessionId, userId: 'usr_owner', mayForce: true }, start);
    expect(await check(start + 62_000)).toBe(2);
    expect(await check(until - 1)).toBe(2);
    await expect(check(until)).rejects.toThrow();
  });

  it('frees its seat in the instant of its expiry, before anything has run', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const { expiresAt } = await issued(table, pool, undefined, undefined, { askedExpiry: Date.now() + 3_600_000 });
    expect((await activate(table, pool, 'a', clockAt(expiresAt - 1))).outcome).toBe('exhausted');
    expect((await activate(table, pool, 'a', clockAt(expiresAt))).outcome).toBe('acquired');
    await release(table, pool, 'a', expiresAt);
    expect((await issue(table, pool, undefined, clockAt(expiresAt))).outcome).toBe('issued');
  });

  it('keeps the file that was kept first, whoever signs at once', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const license = await issued(table, pool);
    const files = await Promise.all(many(6, (index) => licenseFile(table, pool, license, async () => `by.${index}`)));
    expect(new Set(files).size).toBe(1);
    const kept = (await readOfflineLicense(table, pool, license.id)) as OfflineLicense;
    expect(kept.jws).toBe(files[0]);
    expect(await licenseFile(table, pool, kept, () => Promise.reject(new Error('signed again')))).toBe(files[0]);
  });
});

it('issuing costs what the documents say', async () => {
  const metered = meter();
  const by = database.client({ request: metered.request });
  const pool = await createPool(table, { quota: 1000, ...offline() });
  const { bill } = await metered.of(async () => {
    const license = await issued(by, pool);
    await licenseFile(by, pool, license, async () => 'x'.repeat(600));
  });
  expect(bill).toMatchObject({ requests: 11, write: 6 });
  expect(bill.read).toBeLessThanOrEqual(7);
});

describe('voiding', () => {
  const start = Date.now();
  const void_ = (by: Table, pool: Pool, id: string, now = start + 1000) =>
    voidOfflineLicense(by, pool, id, { reason: 'Leaked', now });

  it('that dies anywhere leaves the license whole, or is finished by the schedule', async () => {
    const clock = clockAt(start);
    const prepared = async () => {
      const pool = await createPool(table, { quota: 1, ...offline() });
      return { pool, before: await issued(table, pool, undefined, clock) };
    };
    const deaths = await deathsOf(database, async (by) => {
      const { pool, before } = await prepared();
      await void_(by, pool, before.id);
    });
    for (const death of [{ nth: 1, when: 'before' } as const, ...deaths]) {
      const { pool, before } = await prepared();
      await expect(void_(dying(database, death), pool, before.id)).rejects.toThrow('injected');
      const after = await readOfflineLicense(table, pool, before.id);
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: keys.offlineLicense(pool, before.id), ConsistentRead: true }),
      );
      const [due] = reactionsToRecord({ before: { ...before }, after: Item })?.due() ?? [];
      expect(due !== undefined).toBe(after?.voidedAt !== undefined);
      if (due) await planDue(table, due);
      await settleAllDue(table, { now: start + 1000 + checkClaimAfterMs, most: 10_000, until: () => false });
      expect(await heldSeats(table, pool, start + day)).toHaveLength(after?.voidedAt === undefined ? 1 : 0);
      // The voiding's repetition finishes it, too.
      expect((await void_(table, pool, before.id))?.voidedAt).toBe(start + 1000);
      expect(await heldSeats(table, pool, start + day)).toEqual([]);
    }
  });

  it('meets a repetition of the request at any step: it never holds a seat for the voided license', async () => {
    const repeat = (by: Table, pool: Pool) => issue(by, pool, 'the-same-key-0009', fastClock(start));
    await atEachPlace(database, {
      prepare: async () => {
        const pool = await createPool(table, { quota: 2, ...offline() });
        // The first try stops where its record is pending.
        await repeat(dyingBeforeCompletion(), pool).catch(() => {});
        return pool;
      },
      work: repeat,
      other: async (by, pool) => {
        const { id } = await issued(by, pool, 'the-same-key-0009', fastClock(start));
        await void_(by, pool, id);
        return id;
      },
      check: async (pool, { result, other: id, place }) => {
        expect(result.outcome).toBe('issued');
        expect(await heldSeats(table, pool, start + day), place).toEqual([]);
        expect(await listed(pool)).toMatchObject([{ id, voidedAt: start + 1000 }]);
      },
    });
  });

  it('does not take the seat from whoever claimed it after the license was voided', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const { id } = await issued(table, pool, undefined, clockAt(start));
    await void_(table, pool, id);
    expect((await activate(table, pool, 'next', fastClock(start + 2000))).outcome).toBe('acquired');
    await void_(table, pool, id);
    expect(await holders(table, pool, start + 3000)).toEqual(['next']);
  });

  it('is told once, and its expiry no more', async () => {
    const pool = await createPool(table, { quota: 1, ...offline() });
    const { id, expiresAt } = await issued(table, pool, undefined, clockAt(start));
    await void_(table, pool, id);
    await markExpired(table, keys.offlineLicense(pool, id), expiresAt);
    expect((await readOfflineLicense(table, pool, id))?.expiredAt).toBeUndefined();
  });
});
