import { beforeAll, describe, expect, it } from 'vitest';
import { claimSeat } from '../../../shared/table/items/seats.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { forceEnd } from '../../../shared/table/session-ends/force-end.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { type Around, createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import {
  activate,
  activateMany,
  clockAt,
  fastClock,
  heartbeat,
  heldSeats,
  holders,
  release,
  seatOf,
} from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const reason = 'machine-removed';
const end = (pool: TestPool, seat: Parameters<typeof forceEnd>[2], by = table, now = Date.now()) =>
  forceEnd(by, pool, seat, { reason, now });
/** Around the first write of a session's record. */
const aroundRecord = (work: (send: () => Promise<unknown>) => Promise<unknown>): Around => {
  let met = false;
  return async ({ name, input }, send) => {
    if (met || name !== 'PutItem' || !JSON.stringify(input).includes('SESSION#')) return send();
    met = true;
    return work(send);
  };
};
const dies = async () => {
  throw new Error('injected');
};

describe('a forced end', () => {
  it('ends the activation with its reason and frees the seat; the session can’t come back', async () => {
    const pool = await createPool(table, { quota: 2 });
    await activateMany(table, pool, 2);
    const [seat, kept] = await heldSeats(table, pool);
    await end(pool, seat!);
    const [sessionId] = (await activateMany(table, pool, 2)).flatMap((result, index) =>
      result.outcome === 'ended' ? [`s${index}`] : [],
    );
    expect(await readSession(table, pool, sessionId!)).toMatchObject({ status: 'ended', endedReason: reason });
    expect(await heartbeat(table, pool, sessionId!, seat!)).toEqual({ outcome: 'ended', reason });
    expect((await heldSeats(table, pool)).map(({ number }) => number)).toEqual([kept?.number]);
  });

  it('of a claim in flight: its author is told, and nothing stays held', async () => {
    const pool = await createPool(table, { quota: 2 });
    const slow = database.client({
      request: aroundRecord(async (send) => {
        const [seat] = await heldSeats(table, pool);
        await end(pool, seat!);
        return send();
      }),
    });
    expect(await activate(slow, pool, 'a', fastClock())).toMatchObject({ outcome: 'ended', reason });
    expect(await holders(table, pool)).toEqual([]);
  });

  it('of a claim that is recorded between look and end: it is ended all the same', async () => {
    const pool = await createPool(table);
    const record = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    const author = activate(
      database.client({
        request: aroundRecord(async (send) => {
          claimed.resolve();
          await record.promise;
          return send();
        }),
      }),
      pool,
      'a',
    );
    await claimed.promise;
    const [seat] = await heldSeats(table, pool);
    const late = database.client({
      request: aroundRecord(async (send) => {
        record.resolve();
        seatOf(await author);
        return send();
      }),
    });
    await end(pool, seat!, late);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: reason });
    expect(await holders(table, pool)).toEqual([]);
  });

  it('of what a crash left without a record: the seat is free, and the session has ended', async () => {
    const pool = await createPool(table, { quota: 1 });
    await expect(activate(database.client({ request: aroundRecord(dies) }), pool, 'a')).rejects.toThrow();
    const [leftover] = await heldSeats(table, pool);
    await end(pool, leftover!);
    expect(await activate(table, pool, 'a', fastClock())).toMatchObject({ outcome: 'ended', reason });
    expect(await activate(table, pool, 'b')).toMatchObject({ outcome: 'acquired' });
  });

  it('of a leftover after an earlier activation: that one keeps its own reason', async () => {
    const pool = await createPool(table, { quota: 1 });
    const first = seatOf(await activate(table, pool, 'a'));
    await release(table, pool, 'a');
    await expect(activate(database.client({ request: aroundRecord(dies) }), pool, 'a')).rejects.toThrow();
    const [leftover] = await heldSeats(table, pool);
    await end(pool, leftover!);
    expect(await heartbeat(table, pool, 'a', first)).toEqual({ outcome: 'ended', reason: 'released' });
    expect(await heartbeat(table, pool, 'a', leftover!)).toEqual({ outcome: 'ended', reason });
    expect(await holders(table, pool)).toEqual([]);
  });

  it('of a leftover whose session had lapsed before: it can’t come back on either', async () => {
    const pool = await createPool(table, { quota: 2, leaseSeconds: 3600 });
    const start = Date.now() - 7_200_000;
    const first = seatOf(await activate(table, pool, 'a', clockAt(start)));
    // Somebody else takes its seat, so that it claims another, and dies.
    await activateMany(table, pool, 2);
    await release(table, pool, 's0');
    await expect(activate(database.client({ request: aroundRecord(dies) }), pool, 'a')).rejects.toThrow();
    const leftover = (await heldSeats(table, pool)).find(({ hold }) => hold.holder === 'session#a');
    await end(pool, leftover!);
    expect(await heartbeat(table, pool, 'a', first)).toEqual({ outcome: 'ended', reason: 'lease-expired' });
    expect(await activate(table, pool, 'a')).toMatchObject({ outcome: 'ended', reason });
    expect(await holders(table, pool)).toEqual(['s1']);
  });

  it('of a duplicate’s second claim leaves the session’s own alone', async () => {
    const pool = await createPool(table, { quota: 2 });
    const own = seatOf(await activate(table, pool, 'a'));
    const hold = { ...own.hold, claimedAt: Date.now() };
    const second = await claimSeat(table, pool, own.number === 1 ? 2 : 1, hold, { claimId: 'second', fence: 2 });
    if (second.outcome !== 'claimed') throw new Error('the second seat was not free');
    await end(pool, second.seat);
    expect(await heldSeats(table, pool)).toEqual([own]);
    expect(await heartbeat(table, pool, 'a', own)).toMatchObject({ outcome: 'extended' });
  });

  it('of what had lapsed before tells that it lapsed, and no heartbeat revives it', async () => {
    const pool = await createPool(table, { leaseSeconds: 5 });
    const start = Date.now() - 60_000;
    const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
    await end(pool, seat);
    expect(await readSession(table, pool, 'a')).toMatchObject({ endedReason: 'lease-expired', endedAt: start + 5000 });
    expect(await heartbeat(table, pool, 'a', seat)).toEqual({ outcome: 'ended', reason: 'lease-expired' });
  });

  it('of a claim that is over by now changes nothing: the session’s next activation is a new decision', async () => {
    const pool = await createPool(table);
    const seat = seatOf(await activate(table, pool, 'a'));
    await release(table, pool, 'a');
    seatOf(await activate(table, pool, 'a'));
    await end(pool, seat);
    expect(await activate(table, pool, 'a')).toMatchObject({ outcome: 'renewed' });
  });

  it.each([1, 2, 3, 4])('that died after its write %i is finished by its repetition', async (nth) => {
    for (const recorded of [true, false]) {
      const pool = await createPool(table, { quota: 1 });
      if (recorded) await activate(table, pool, 'a');
      else await expect(activate(database.client({ request: aroundRecord(dies) }), pool, 'a')).rejects.toThrow();
      const [seat] = await heldSeats(table, pool);
      let writes = 0;
      const dying = database.client({
        request: async ({ name }, send) => {
          const output = await send();
          if (name !== 'BatchGetItem' && ++writes === nth) throw new Error('injected');
          return output;
        },
      });
      await end(pool, seat!, dying).catch(() => {});
      await end(pool, seat!);
      expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: reason });
      expect(await holders(table, pool)).toEqual([]);
    }
  });
});
