import { beforeAll, describe, expect, it } from 'vitest';
import type { HolderRecord } from '../../../shared/domain/holder-record.ts';
import { type HolderKind, noExpiry } from '../../../shared/domain/seat.ts';
import type { Activated } from '../../../shared/table/activations/activate-floating.ts';
import { acquire } from '../../../shared/table/engine/acquire-seat.ts';
import type { Claimant } from '../../../shared/table/engine/claimant.ts';
import { completePending } from '../../../shared/table/engine/complete-pending.ts';
import { endRecord } from '../../../shared/table/items/holder-records.ts';
import { type Clock, systemClock } from '../../../shared/table/store/clock.ts';
import { keyOf, type Pool } from '../../../shared/table/store/keys.ts';
import { getItem, type Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database } from '../support/database.ts';
import { beforeWrite, meeting } from '../support/requests/at-write.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { activate, clockAt, fastClock, heldSeats, release, seatOf, slowClock } from '../support/sessions.ts';

// The engine for holders that are no sessions: a user's license has no end, an offline license ends at its expiry. Both
// claim for a minute, are verified and recorded, and only then hold for long.
let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const holdOf = (
  pool: Pool,
  kind: HolderKind,
  id: string,
  until: number,
  recordKey = keyOf<HolderRecord>({ pk: `TEST#${pool.organizationId}#${kind}#${id}`, sk: 'RECORD' }),
): Claimant<HolderRecord> => ({
  pool,
  holder: `${kind}#${id}`,
  recordKey,
  licenseType: 'per-user',
  hold: (_, now) => ({ holder: `${kind}#${id}`, userId: id, claimedAt: now, availableAt: now + 60_000, leaseMs: 0 }),
  record: (base) => base,
  isSameRequest: () => true,
  pendingHold: {
    until: () => until,
    resolve: ({ number, fence }) =>
      completePending(
        table,
        { pool, recordKey },
        { number, fence, holder: `${kind}#${id}` },
        { until, now: Date.now() },
      ),
  },
});

const perUser = (quota: number) => createPool(table, { quota, licenseType: 'per-user' });
const got = async (by: Table, claimant: Claimant<HolderRecord>, clock?: Clock) =>
  (await acquire(by, claimant, clock)).outcome;

const endFirst = async ({ recordKey }: Claimant<HolderRecord>) => {
  const claim = (await getItem(table, recordKey)) as HolderRecord;
  await endRecord(table, recordKey, { claim }, { reason: 'lease-expired', at: Date.now(), pending: true });
};

describe('holders of every kind, on the same seats', () => {
  it('never exceed the quota together, however many come at once', async () => {
    const pool = await perUser(7);
    const kinds = ['user', 'offline'] as const;
    const claimants = Array.from({ length: 30 }, (_, index) =>
      holdOf(pool, kinds[index % 2] as HolderKind, `h${index}`, index % 2 ? Date.now() + 86_400_000 : noExpiry),
    );
    const clock = slowClock();
    const outcomes = await Promise.all(
      claimants.flatMap((claimant) => [got(table, claimant, clock), got(table, claimant, clock)]),
    );
    expect(await heldSeats(table, pool)).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome === 'acquired')).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome === 'renewed')).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome === 'exhausted')).toHaveLength(46);
  });

  it('that come at once spread over the free seats: none of them loses a race', async () => {
    const pool = await createPool(table, { quota: 1000 });
    const sessions = ['a', 'b', 'c', 'd', 'e'].map((id) => (by: Table) => activate(by, pool, id));
    const results = await meeting(database, sessions);
    expect(results.map(({ outcome, races }) => [outcome, races])).toEqual(Array(5).fill(['acquired', 0]));
  });

  it('that come late to a seat which was used meanwhile begin after its use: never do two have it at once', async () => {
    const pool = await createPool(table, { quota: 1 });
    let usedUntil = 0;
    let isLate = true;
    const late = database.client({
      request: async ({ name, input }, send) => {
        if (isLate && name === 'UpdateItem' && String(input.Key.sk).startsWith('SEAT')) {
          isLate = false;
          seatOf(await activate(table, pool, 'quick'));
          await release(table, pool, 'quick');
          usedUntil = Date.now();
        }
        return send();
      },
    });
    const { number, hold } = seatOf(await activate(late, pool, 'late', systemClock));
    expect(number).toBe(1);
    expect(hold.claimedAt).toBeGreaterThanOrEqual(usedUntil);
  });

  it('without an end hold for ever, and one with an end is free in that instant', async () => {
    const pool = await perUser(2);
    const start = Date.now();
    const expiry = start + 30 * 86_400_000;
    // The subscription outlives both.
    await pool.set({ licenseType: 'per-user', expiresAt: start + 1000 * 86_400_000 });
    expect(await got(table, holdOf(pool, 'user', 'ada', noExpiry))).toBe('acquired');
    expect(await got(table, holdOf(pool, 'offline', 'laptop', expiry))).toBe('acquired');
    const next = holdOf(pool, 'user', 'ben', noExpiry);
    expect(await got(table, next, clockAt(expiry - 1))).toBe('exhausted');
    expect(await got(table, next, clockAt(expiry))).toBe('acquired');
    expect(await got(table, holdOf(pool, 'user', 'cyd', noExpiry), clockAt(expiry + 900 * 86_400_000))).toBe(
      'exhausted',
    );
  });

  it('that held until their end are over: a repetition neither revives them nor gets another seat', async () => {
    const pool = await perUser(2);
    const expiry = Date.now() + 86_400_000;
    await pool.set({ licenseType: 'per-user', expiresAt: expiry + 86_400_000 });
    const laptop = holdOf(pool, 'offline', 'laptop', expiry);
    const after = clockAt(expiry);
    expect(await got(table, laptop)).toBe('acquired');
    expect(await got(table, laptop, after)).toBe('ended');
    const read = () => getItem(table, laptop.recordKey);
    const record = (await read()) as HolderRecord;
    for (const next of ['ada', 'ben'])
      expect(await got(table, holdOf(pool, 'user', next, noExpiry), after)).toBe('acquired');
    expect(await got(table, laptop, after)).toBe('ended');
    // Somebody who saw it pending, and wakes up only now, ends nothing.
    await laptop.pendingHold?.resolve({ ...record, status: 'pending' });
    expect(await read()).toEqual(record);
  });

  it('that die anywhere on the way leave nothing for longer than the minute, and a repetition completes them', async () => {
    const first = (by: Table, pool: Pool, start: number) =>
      acquire(by, holdOf(pool, 'user', 'ada', noExpiry), fastClock(start));
    for (const death of await deathsOf(database, async (by) => first(by, await perUser(1), Date.now()))) {
      const pool = await perUser(1);
      const start = Date.now();
      await expect(first(dying(database, death), pool, start)).rejects.toThrow();
      const repeated = await first(table, pool, start);
      expect(['acquired', 'renewed'], JSON.stringify(death)).toContain(repeated.outcome);
      const held = await heldSeats(table, pool, start + 86_400_000);
      expect(held.map(({ hold }) => hold.holder)).toEqual(['user#ada']);
    }
    const pool = await perUser(1);
    const start = Date.now();
    await expect(first(dying(database, { nth: 5, when: 'before' }), pool, start)).rejects.toThrow();
    expect(await got(table, holdOf(pool, 'user', 'ben', noExpiry), fastClock(start + 60_000))).toBe('acquired');
  });

  it('whose claim is pending as their request dies get that claim by a repetition', async () => {
    const pool = await perUser(1);
    const start = Date.now();
    const ada = holdOf(pool, 'user', 'ada', noExpiry);
    await expect(acquire(dying(database, { nth: 6, when: 'before' }), ada, fastClock(start))).rejects.toThrow();
    expect(await acquire(table, ada, fastClock(start))).toMatchObject({ outcome: 'renewed', seat: { fence: 1 } });
  });

  it('that ask twice at once get one claim: the second request waits for the first, and takes nothing over', async () => {
    const pool = await createPool(table, { quota: 2 });
    const start = Date.now();
    const hasWaited = Promise.withResolvers<void>();
    let pauses = 0;
    const waiting: Clock = {
      now: () => start,
      pause: async (ms) => {
        if (++pauses === 3) hasWaited.resolve();
        await systemClock.pause(ms);
      },
    };
    let second: Promise<Activated> | undefined;
    // The first request has claimed its seat, and not recorded it yet.
    const by = beforeWrite(
      database,
      async () => {
        second = activate(table, pool, 'a', waiting);
        await Promise.race([second, hasWaited.promise]);
      },
      2,
    );
    expect(await activate(by, pool, 'a', clockAt(start))).toMatchObject({ outcome: 'acquired', seat: { fence: 1 } });
    expect(await second).toMatchObject({ outcome: 'renewed', seat: { fence: 1 } });
  });

  it('find no seat in a pool of none', async () => {
    expect(await got(table, holdOf(await perUser(0), 'user', 'ada', noExpiry))).toBe('exhausted');
  });

  it('whose pending claim lost its seat never get that seat by a late completion', async () => {
    const pool = await perUser(1);
    const start = Date.now();
    const ada = holdOf(pool, 'user', 'ada', noExpiry);
    await expect(acquire(dying(database, { nth: 6, when: 'before' }), ada, fastClock(start))).rejects.toThrow();
    const pending = (await getItem(table, ada.recordKey)) as HolderRecord;
    expect(pending.status).toBe('pending');
    expect(await got(table, holdOf(pool, 'user', 'ben', noExpiry), fastClock(start + 60_000))).toBe('acquired');
    expect(await ada.pendingHold?.resolve(pending)).toEqual({ outcome: 'lost' });
    expect((await getItem(table, ada.recordKey))?.status).toBe('ended');
    expect((await heldSeats(table, pool, start + 86_400_000)).map(({ hold }) => hold.holder)).toEqual(['user#ben']);
  });

  it('whose pending claim ends just before it is completed are answered with another claim, and hold one seat', async () => {
    const pool = await perUser(2);
    const ada = holdOf(pool, 'user', 'ada', noExpiry);
    // The writes of a claim: the seat, the record, the longer hold, the record again.
    const by = beforeWrite(database, () => endFirst(ada), 4);
    const result = await acquire(by, ada);
    expect(result).toMatchObject({ outcome: 'acquired', record: { status: 'active', fence: 2 } });
    expect(await heldSeats(table, pool)).toMatchObject([{ fence: 2, hold: { holder: 'user#ada' } }]);
  });

  it('are not of the pool’s kind: refused', async () => {
    const pool = await createPool(table, { quota: 1 });
    expect(await got(table, holdOf(pool, 'user', 'ada', noExpiry))).toBe('not-licensed');
  });
});
