import { beforeAll, describe, expect, it } from 'vitest';
import { recordOf, type Session } from '../../../shared/domain/holder-record.ts';
import { type HeldSeat, seatClaim, sessionHolder } from '../../../shared/domain/seat.ts';
import { claimLimitMs } from '../../../shared/table/engine/confirm-claim.ts';
import { checkClaimAfterMs } from '../../../shared/table/engine/unrecorded-claims.ts';
import { putRecord } from '../../../shared/table/items/holder-records.ts';
import { claimSeat } from '../../../shared/table/items/seats.ts';
import { readSession, sessionRecord } from '../../../shared/table/items/sessions.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { beforeWrite, dyingAfterWrite } from '../support/requests/at-write.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, clockAt, heldSeats, holders, release, seatOf } from '../support/sessions.ts';

// The schedule meets claims that have no record: the request of each may be dead, or only slow.
let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const start = Date.now();

/** A session whose request has claimed a seat, and puts its record late: `record`. */
const claimed = async (pool: TestPool, asRead?: Session) => {
  await expect(activate(dyingAfterWrite(database, 1), pool, 'x', clockAt(start))).rejects.toThrow('injected');
  const [seat] = (await heldSeats(table, pool, start)) as [HeldSeat];
  const record = () =>
    putRecord(table, keys.session(pool, 'x'), sessionRecord(recordOf(seat, asRead, start), seat.hold), asRead);
  return { seat, record };
};
const settle = (by: Table, pool: TestPool, seat: HeldSeat, now: number) =>
  settleClaim(by, pool, seatClaim(seat), { now, hold: seat.hold });

describe('a claim without a record', () => {
  it('is closed at the age of 15 s, and not before; then its request can record it no more', async () => {
    const pool = await createPool(table);
    const { seat, record } = await claimed(pool);
    expect(await settle(table, pool, seat, start + claimLimitMs - 1)).toBe(start + checkClaimAfterMs);
    expect(await holders(table, pool, start)).toEqual(['x']);
    expect(await settle(table, pool, seat, start + claimLimitMs)).toBeUndefined();
    expect(await holders(table, pool, start)).toEqual([]);
    expect(await record()).toBe('lost');
  });

  it('that is recorded just before the schedule voids it keeps its seat, and is checked again', async () => {
    const pool = await createPool(table);
    const { seat, record } = await claimed(pool);
    const now = start + claimLimitMs;
    expect(await settle(beforeWrite(database, record), pool, seat, now)).toBe(now + checkClaimAfterMs);
    expect(await holders(table, pool, start)).toEqual(['x']);
    expect(await readSession(table, pool, 'x')).toMatchObject({ status: 'active', fence: seat.fence });
  });
});

describe('a claim that has lost its seat before it was recorded', () => {
  const lapsed = start + 60_000;
  /** Another session takes the seat once the lease has ended. */
  const takeSeat = async (pool: TestPool, seat: HeldSeat) => {
    const hold = { ...seat.hold, holder: sessionHolder('y'), claimedAt: lapsed, availableAt: lapsed + 60_000 };
    const options = { claimId: 'other', fence: seat.fence + 1, asRead: seat };
    expect((await claimSeat(table, pool, seat.number, hold, options)).outcome).toBe('claimed');
  };

  it.each([
    ['first', false],
    ['later', true],
  ])('is never recorded afterwards: the %s claim of its session', async (_, isLater) => {
    const pool = await createPool(table, { quota: 2 });
    if (isLater) {
      seatOf(await activate(table, pool, 'x', clockAt(start)));
      await release(table, pool, 'x', start);
    }
    const { seat, record } = await claimed(pool, await readSession(table, pool, 'x'));
    await takeSeat(pool, seat);
    expect(await settle(table, pool, seat, lapsed)).toBeUndefined();
    expect(await record()).toBe('lost');
  });

  it('is checked again if it is recorded just then', async () => {
    const pool = await createPool(table, { quota: 2 });
    const { seat, record } = await claimed(pool);
    await takeSeat(pool, seat);
    expect(await settle(beforeWrite(database, record), pool, seat, lapsed)).toBe(lapsed + checkClaimAfterMs);
  });

  it('costs no write once its session has come back on another seat', async () => {
    const pool = await createPool(table, { quota: 2 });
    const { seat, record } = await claimed(pool);
    await takeSeat(pool, seat);
    seatOf(await activate(table, pool, 'x', clockAt(lapsed)));
    const metered = meter();
    const { result, bill } = await metered.of(() =>
      settle(database.client({ request: metered.request }), pool, seat, lapsed),
    );
    expect([result, bill.write]).toEqual([undefined, 0]);
    expect(await record()).toBe('lost');
  });
});
