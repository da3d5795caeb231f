import { beforeAll, describe, expect, it } from 'vitest';
import type { SubscriptionTerms } from '../../../shared/domain/subscription.ts';
import { findSession } from '../../../shared/table/activations/list-online.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { checkClaimAfterMs } from '../../../shared/table/engine/unrecorded-claims.ts';
import { claimSeat } from '../../../shared/table/items/seats.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { settleMachine } from '../../../shared/table/machines/settle-machine.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, fillSeats, type TestPool } from '../support/database.ts';
import { activateOn, agree, inUse, registered, removeHalf } from '../support/machines.ts';
import { meter } from '../support/requests/metering.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { clockAt, fastClock, heartbeat, heldSeats, release, seatOf } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const transfer = (by: Table, pool: TestPool, machineId: string, now = Date.now(), sessionId = 'a') =>
  transferSession(by, pool, { sessionId, machineId }, fastClock(now));

/** The deaths of a transfer to m2. */
const deathsOfTransfer = (terms: Partial<SubscriptionTerms>) =>
  deathsOf(database, async (by) => {
    const pool = await createPool(table, terms);
    seatOf(await activateOn(table, pool, 'm1', 'a'));
    await transfer(by, pool, 'm2');
  });

/** Transfers the session to m2 and dies as soon as its seat has moved: nothing is on record yet. */
const untilMoved = async (pool: TestPool, now: number) => {
  const mover = database.client({
    request: async ({ name }, send) => {
      const output = await send();
      const [seat] = name === 'UpdateItem' ? await heldSeats(table, pool) : [];
      if (seat?.hold.machineId === 'm2') throw new Error('injected');
      return output;
    },
  });
  await expect(transfer(mover, pool, 'm2', now)).rejects.toThrow('injected');
};

/** Transfers the session to m2 and dies after a write. */
const untilWritten = async (pool: TestPool, what: string, now: number) => {
  const by = database.client({
    request: async ({ name, input }, send) => {
      const output = await send();
      if (name === 'UpdateItem' && input.UpdateExpression.includes(what)) throw new Error('injected');
      return output;
    },
  });
  await expect(transfer(by, pool, 'm2', now)).rejects.toThrow('injected');
};

/** A session stands on one seat, on one machine, with a record that says so. */
const stands = async (pool: TestPool, now = Date.now()) => {
  const held = await heldSeats(table, pool, now);
  expect(held).toHaveLength(1);
  const [seat] = held;
  expect(await readSession(table, pool, 'a')).toMatchObject({
    status: 'active',
    number: seat?.number,
    fence: seat?.fence,
    machineId: seat?.hold.machineId,
  });
  expect(seat?.hold.movingTo).toBeUndefined();
  return seat!;
};

it('a session ID whose lease has ended on one machine starts on another', async () => {
  const pool = await createPool(table, { quota: 2 });
  seatOf(await activateOn(table, pool, 'm1', 'a', clockAt(Date.now() - 86_400_000)));
  expect(await activateOn(table, pool, 'm2', 'a')).toMatchObject({
    outcome: 'acquired',
    seat: { hold: { machineId: 'm2' } },
  });
});

const quotas = [{ machineQuota: 100 }, { machineQuota: 3 }, { machineQuota: 1 }];

describe.each(quotas)('a transfer, machine quota $machineQuota', (terms) => {
  it('keeps the seat, ends the old claim as transferred, and is the same activation on the other machine', async () => {
    const pool = await createPool(table, { quota: 5, ...terms });
    const before = seatOf(await activateOn(table, pool, 'm1', 'a'));
    const result = await transfer(table, pool, 'm2');
    if (result.outcome !== 'transferred') throw new Error(JSON.stringify(result));
    expect(result.seat).toMatchObject({ number: before.number, fence: before.fence + 1, hold: { machineId: 'm2' } });
    await stands(pool);
    expect(await heartbeat(table, pool, 'a', before)).toEqual({ outcome: 'ended', reason: 'license-transferred' });
    expect(await heartbeat(table, pool, 'a', result.seat)).toMatchObject({ outcome: 'extended' });
    expect(await activateOn(table, pool, 'm2', 'a')).toMatchObject({
      outcome: 'renewed',
      seat: { number: before.number, fence: before.fence + 1 },
    });
    expect((await activateOn(table, pool, 'm1', 'a')).outcome).toBe('conflict');
    expect((await transfer(table, pool, 'm2')).outcome).toBe('transferred');
    expect((await stands(pool)).fence).toBe(before.fence + 1);
    await agree(table, pool, terms.machineQuota);
  });

  it('that dies anywhere is finished by its repetition', async () => {
    for (const death of await deathsOfTransfer({ quota: 5, ...terms })) {
      const pool = await createPool(table, { quota: 5, ...terms });
      const before = seatOf(await activateOn(table, pool, 'm1', 'a'));
      await transfer(dying(database, death), pool, 'm2').catch(() => {});
      const later = Date.now() + 4_000;
      expect((await transfer(table, pool, 'm2', later)).outcome, JSON.stringify(death)).toBe('transferred');
      expect((await stands(pool, later)).hold.machineId).toBe('m2');
      expect(await heartbeat(table, pool, 'a', before)).toEqual({ outcome: 'ended', reason: 'license-transferred' });
      await agree(table, pool, terms.machineQuota);
    }
  });

  it('that dies anywhere leaves a session that lives on one machine or the other, whoever comes first', async () => {
    const others: Record<string, (pool: TestPool, now: number) => Promise<unknown>> = {
      'its process on the old machine': async (pool, now) => heartbeat(table, pool, 'a', { number: 1, fence: 1 }, now),
      'an activation on the old machine': (pool, now) => activateOn(table, pool, 'm1', 'a', fastClock(now)),
      'an activation on the new machine': (pool, now) => activateOn(table, pool, 'm2', 'a', fastClock(now)),
      'a third machine': (pool, now) => activateOn(table, pool, 'm3', 'c', fastClock(now)),
      'another session of the old machine': (pool, now) => activateOn(table, pool, 'm1', 'b', fastClock(now)),
      'another session of the new machine': (pool, now) => activateOn(table, pool, 'm2', 'b', fastClock(now)),
      'its release': (pool, now) => release(table, pool, 'a', now),
    };
    for (const [who, meets] of Object.entries(others)) {
      const quota = who.includes('session') ? 5 : 1;
      for (const death of await deathsOfTransfer({ quota, ...terms })) {
        const pool = await createPool(table, { quota, ...terms });
        seatOf(await activateOn(table, pool, 'm1', 'a'));
        await transfer(dying(database, death), pool, 'm2').catch(() => {});
        const later = Date.now() + 4_000;
        await meets(pool, later);
        const told = `${who}, ${JSON.stringify(death)}`;
        await agree(table, pool, terms.machineQuota);
        // The schedule, when it comes.
        for (const seat of await heldSeats(table, pool, later)) {
          const claim = { number: seat.number, fence: seat.fence, holder: seat.hold.holder };
          await settleClaim(table, pool, claim, { now: later + checkClaimAfterMs });
        }
        await agree(table, pool, terms.machineQuota);
        const of = (await heldSeats(table, pool, later)).filter(({ hold }) => hold.holder === 'session#a');
        expect(of.length, told).toBe(who === 'its release' ? 0 : 1);
        const session = await readSession(table, pool, 'a');
        if (who !== 'its release') expect(session, told).toMatchObject({ status: 'active', fence: of[0]?.fence });
        // Whatever was left: once the session has ended, everything can be had.
        await release(table, pool, 'a', later);
        await release(table, pool, 'b', later);
        await release(table, pool, 'c', later);
        expect(await heldSeats(table, pool, later), told).toEqual([]);
        expect((await activateOn(table, pool, 'm9', 'z', clockAt(later + 60_000))).outcome, told).toBe('acquired');
        await agree(table, pool, terms.machineQuota);
      }
    }
  });

  it('whose seat moves before a late schedule closes it is finished by that, which looks again', async () => {
    const pool = await createPool(table, { quota: 5, ...terms });
    const start = Date.now();
    const { number, fence, hold } = seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(start)));
    const later = hold.availableAt + 1;
    let reads = 0;
    const settling = database.client({
      request: async ({ name }, send) => {
        const output = await send();
        // By the clock of who transfers it, the lease has not ended.
        if (name === 'BatchGetItem' && !reads++) await untilMoved(pool, start);
        return output;
      },
    });
    const again = await settleClaim(settling, pool, { number, fence, holder: hold.holder }, { now: later });
    expect(again).toBe(later + checkClaimAfterMs);
    expect((await stands(pool, start)).hold.machineId).toBe('m2');
  });

  it('that dies with its seat moved is finished by a removal of the other machine, which then ends the session', async () => {
    const pool = await createPool(table, { quota: 5, ...terms });
    const now = Date.now();
    const before = seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(now)));
    await untilMoved(pool, now);
    await removeMachine(table, pool, 'm2', { now: now + 1000 });
    expect(await readSession(table, pool, 'a')).toMatchObject({
      status: 'ended',
      fence: before.fence + 1,
      machineId: 'm2',
      endedReason: 'machine-removed',
      previous: [{ fence: before.fence, reason: 'license-transferred' }],
    });
    expect(await heartbeat(table, pool, 'a', before, now + 2000)).toEqual({
      outcome: 'ended',
      reason: 'license-transferred',
    });
    expect(await heldSeats(table, pool, now)).toEqual([]);
  });

  it('whose seat moves between the two reads of a look is finished by it', async () => {
    const pool = await createPool(table, { quota: 5, ...terms });
    seatOf(await activateOn(table, pool, 'm1', 'a'));
    const start = Date.now();
    let looks = 0;
    const looking = database.client({
      request: async ({ name }, send) => {
        const output = await send();
        if (name === 'GetItem' && !looks++) await untilMoved(pool, start);
        return output;
      },
    });
    const found = await findSession(looking, pool, 'a', { now: start });
    expect(found?.session).toMatchObject({ status: 'active', machineId: 'm2' });
    expect((await stands(pool)).hold.machineId).toBe('m2');
    await agree(table, pool, terms.machineQuota);
  });
});

/**
 * A client whose writes of a kind are sent, and arrive only when a test lets them: the SDK's next try is served at once, or,
 * of the kind that is `lost`, there is none.
 */
const delaying = (isLate: (expression: string) => boolean, isLost: (expression: string) => boolean = () => false) => {
  const late: (() => Promise<unknown>)[] = [];
  const seen = new Set<string>();
  const by = database.client({
    attempt: async ({ name, input }, send) => {
      const expression = name === 'UpdateItem' ? String(input.UpdateExpression) : '';
      const key = JSON.stringify(input);
      if (!isLate(expression) || seen.has(key)) return send();
      seen.add(key);
      late.push(send);
      throw isLost(expression)
        ? new Error('died')
        : Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
    },
  });
  /** Lets them arrive, in the order in which they were sent; those that are refused have an error. */
  const arrive = async () => {
    for (const send of late) await send().catch(() => {});
    return late.length;
  };
  return { by, arrive };
};
const marks = (expression: string) => expression.includes('movingTo = :to');
const commits = (expression: string) =>
  expression.includes('machineId = :to') && expression.includes('claimId = :moveId');

it('a transfer that dies with its seat moved has moved its slot too: there is no place for a third machine', async () => {
  const pool = await createPool(table, { quota: 5, machineQuota: 1 });
  const now = Date.now();
  await activateOn(table, pool, 'm1', 'a', fastClock(now));
  await untilMoved(pool, now);
  expect((await activateOn(table, pool, 'm3', 'c', fastClock(now))).outcome).toBe('machines-exhausted');
  expect(await inUse(table, pool, now)).toEqual(['m2']);
  expect(await registered(table, pool)).toEqual(['m2']);
});

it('a transfer that dies with its seat moved costs the next activation one write more: the record of the move', async () => {
  const pool = await createPool(table, { quota: 5 });
  const now = Date.now();
  await activateOn(table, pool, 'm1', 'a', fastClock(now));
  await untilMoved(pool, now);
  const metered = meter();
  const by = database.client({ request: metered.request });
  const { result, bill } = await metered.of(() => activateOn(by, pool, 'm2', 'a', fastClock(now)));
  expect(result.outcome).toBe('renewed');
  expect(bill.write).toBe(2);
});

describe('a transfer that died before its seat moved, when the machine quota begins to bind', () => {
  it('does not count the other machine', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 5 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 'a', fastClock(now));
    await untilWritten(pool, 'movingTo = ', now);
    await pool.set({ quota: 5, machineQuota: 1 });
    const refused = await activateOn(table, pool, 'm3', 'c', fastClock(now));
    expect(refused).toMatchObject({ outcome: 'machines-exhausted', registered: 1 });
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('does not count a third machine either, on which a claim of its session is under way', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 5 });
    const now = Date.now();
    const { number, hold } = seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(now)));
    await untilWritten(pool, 'moving = ', now);
    // Its request read the record before the transfer began.
    const other = { ...hold, machineId: 'm3' };
    await claimSeat(table, pool, number === 1 ? 2 : 1, other, { claimId: 'underway', fence: 9 });
    await pool.set({ quota: 5, machineQuota: 1 });
    expect((await activateOn(table, pool, 'm4', 'c', fastClock(now))).outcome).toBe('machines-exhausted');
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('leaves its slot, which was to move too, to the machine on which its session is', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 'a', fastClock(now));
    await untilWritten(pool, 'heir = ', now);
    for (const machineQuota of [5, 1]) await pool.set({ quota: 5, machineQuota });
    expect((await activateOn(table, pool, 'm3', 'c', fastClock(now))).outcome).toBe('machines-exhausted');
    expect((await activateOn(table, pool, 'm1', 'b', fastClock(now))).outcome).toBe('acquired');
    expect(await registered(table, pool)).toEqual(['m1']);
  });
});

it('a transfer that died with its seat moved counts on the other machine when the machine quota begins to bind', async () => {
  const pool = await createPool(table, { quota: 5, machineQuota: 5 });
  const now = Date.now();
  await activateOn(table, pool, 'm1', 'a', fastClock(now));
  await untilMoved(pool, now);
  await pool.set({ quota: 5, machineQuota: 1 });
  expect((await activateOn(table, pool, 'm3', 'c', fastClock(now))).outcome).toBe('machines-exhausted');
  expect(await registered(table, pool)).toEqual(['m2']);
});

it('a transfer that died with its seat moved leaves a slot to a session that has begun on the old machine since', async () => {
  const pool = await createPool(table, { quota: 5, machineQuota: 1 });
  const now = Date.now();
  await activateOn(table, pool, 'm1', 'a', fastClock(now));
  await untilMoved(pool, now);
  await pool.set({ quota: 5, machineQuota: 5 });
  await activateOn(table, pool, 'm1', 'b', fastClock(now));
  await pool.set({ quota: 5, machineQuota: 1 });
  const refused = await activateOn(table, pool, 'm3', 'c', fastClock(now));
  expect(refused).toMatchObject({ outcome: 'machines-exhausted', registered: 2 });
  expect(await registered(table, pool)).toEqual(['m1', 'm2']);
});

describe('a transfer that died before its seat moved, but not before its slot was to move too', () => {
  it.each([
    ['ends since, its slot is free', 'm3', 'c'],
    ['begins anew since, its machine has a slot', 'm1', 'a'],
  ])('leaves nothing on the other machine: if the session %s', async (_, machineId, sessionId) => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 'a', fastClock(now));
    await untilWritten(pool, 'heir = ', now);
    await release(table, pool, 'a', now);
    expect((await activateOn(table, pool, machineId, sessionId, fastClock(now))).outcome).toBe('acquired');
    expect(await registered(table, pool)).toEqual([machineId]);
    expect((await removeMachine(table, pool, 'm2', { now })).outcome).toBe('missing');
  });
});

describe('a transfer that takes its slot along', () => {
  /** A transfer to m2, and something that happens wholly before its first request of a kind. */
  const overtaken = async (
    pool: TestPool,
    { before, now }: { before: (name: string, input: any) => boolean; now: number },
    happen: () => Promise<void>,
  ) => {
    let happened = false;
    const by = database.client({
      request: async ({ name, input }, send) => {
        if (!happened && before(name, input)) {
          happened = true;
          await happen();
        }
        return send();
      },
    });
    const { outcome } = await transfer(by, pool, 'm2', now);
    expect(happened).toBe(true);
    return outcome;
  };
  const handsOver = (name: string, input: any) =>
    name === 'UpdateItem' && input.UpdateExpression.includes('holder = :to');
  const records = (name: string, input: any) => name === 'PutItem' && input.Item.sk === 'MACHINE#m2';

  it('gives back a slot if the other machine has got one of its own in that moment', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 'a', fastClock(now));
    const outcome = await overtaken(pool, { before: handsOver, now }, async () => {
      await pool.set({ quota: 5, machineQuota: 2 });
      expect((await activateOn(table, pool, 'm2', 'b', fastClock(now))).outcome).toBe('acquired');
    });
    expect(outcome).toBe('transferred');
    expect(await registered(table, pool)).toEqual(['m2']);
    expect((await activateOn(table, pool, 'm3', 'c', fastClock(now))).outcome).toBe('acquired');
    await agree(table, pool, 2);
  });

  it('keeps the slot if the end of the other machine is forgotten in that moment: there is no place for a third', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1 });
    const start = Date.now();
    await activateOn(table, pool, 'm2', 'before', fastClock(start));
    await removeMachine(table, pool, 'm2', { now: start });
    const now = start + 3_600_000;
    await activateOn(table, pool, 'm1', 'a', fastClock(now));
    const outcome = await overtaken(pool, { before: records, now }, async () => {
      expect(await settleMachine(table, pool, 'm2', now)).toBeUndefined();
    });
    expect(outcome).toBe('transferred');
    expect((await activateOn(table, pool, 'm3', 'c', fastClock(now))).outcome).toBe('machines-exhausted');
    expect(await inUse(table, pool, now)).toEqual(['m2']);
  });

  it('is told as made if others have given the slot to the other machine, and that to a third, in that moment', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 'a', fastClock(now));
    const outcome = await overtaken(pool, { before: handsOver, now }, async () => {
      expect((await activateOn(table, pool, 'm1', 'b', fastClock(now))).outcome).toBe('machines-exhausted');
      await release(table, pool, 'a', now);
      expect((await activateOn(table, pool, 'm3', 'c', fastClock(now))).outcome).toBe('acquired');
    });
    expect(outcome).toBe('transferred');
    expect(await registered(table, pool)).toEqual(['m3']);
  });

  it('is refused once a removal of its machine has begun, though that died: its repetition ends the session', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 'a', fastClock(now));
    await removeHalf(database, pool, 'm1', now);
    expect((await transfer(table, pool, 'm2', now)).outcome).toBe('machines-exhausted');
    await removeMachine(table, pool, 'm1', { now });
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });
    expect(await registered(table, pool)).toEqual([]);
  });
});

it('a session whose seat moves while it asks again holds that seat alone', async () => {
  const pool = await createPool(table, { quota: 60, leaseSeconds: 3600 });
  const start = Date.now();
  // The session is outside of the seats that its next request reads first.
  await fillSeats(table, pool, { first: 1, last: 59, availableAt: start + 1 });
  await activateOn(table, pool, 'm1', 'a', clockAt(start));
  const later = start + 60_000;
  const arrived = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  const mover = database.client({
    request: async ({ name, input }, send) => {
      if (name !== 'UpdateItem' || !commits(input.UpdateExpression)) return send();
      sent.resolve();
      await arrived.promise;
      await send();
      throw new Error('died');
    },
  });
  const moving = expect(transfer(mover, pool, 'm2', later)).rejects.toThrow('died');
  await sent.promise;
  let reads = 0;
  const asking = database.client({
    request: async ({ name }, send) => {
      const output = await send();
      // The second read looks at the seat that moves.
      if (name !== 'Query' || ++reads !== 2) return output;
      arrived.resolve();
      await moving;
      return output;
    },
  });
  expect((await activateOn(asking, pool, 'm1', 'a', fastClock(later))).outcome).toBe('conflict');
  expect((await stands(pool, later)).hold.machineId).toBe('m2');
});

describe('a write of a transfer that arrives late', () => {
  it('leaves no mark when that was taken off: the other machine does not count as used', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 2 });
    await activateOn(table, pool, 'm1', 'a');
    await activateOn(table, pool, 'm1', 'b');
    await activateOn(table, pool, 'm2', 'c');
    const { by, arrive } = delaying(marks);
    expect(await transfer(by, pool, 'm3')).toMatchObject({ outcome: 'machines-exhausted' });
    expect(await arrive()).toBe(1);
    expect((await heldSeats(table, pool)).map(({ hold }) => hold.movingTo)).toEqual([undefined, undefined, undefined]);
    expect((await transfer(table, pool, 'm2')).outcome).toBe('transferred');
  });

  it('moves no seat when its move was dropped: the session stands where its record says', async () => {
    const pool = await createPool(table, { quota: 5 });
    const start = Date.now();
    await activateOn(table, pool, 'm1', 'a', fastClock(start));
    const { by, arrive } = delaying((expression) => marks(expression) || commits(expression), commits);
    await expect(transfer(by, pool, 'm2', start)).rejects.toThrow('died');
    const later = start + 4_000;
    expect((await activateOn(table, pool, 'm1', 'a', fastClock(later))).outcome).toBe('renewed');
    expect(await arrive()).toBe(2);
    expect((await stands(pool, later)).hold.machineId).toBe('m1');
    expect((await transfer(table, pool, 'm2', later)).outcome).toBe('transferred');
  });
});

describe('a transfer', () => {
  it('to a machine too many is refused, and nothing has changed', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 2 });
    const before = seatOf(await activateOn(table, pool, 'm1', 'a'));
    await activateOn(table, pool, 'm1', 'b');
    await activateOn(table, pool, 'm2', 'c');
    expect(await transfer(table, pool, 'm3')).toMatchObject({ outcome: 'machines-exhausted', machineQuota: 2 });
    expect(await heartbeat(table, pool, 'a', before)).toMatchObject({ outcome: 'extended' });
    expect(await inUse(table, pool)).toEqual(['m1', 'm2']);
    expect(await registered(table, pool)).toEqual(['m1', 'm2']);
    expect((await transfer(table, pool, 'm2')).outcome).toBe('transferred');
    expect((await transfer(table, pool, 'm1')).outcome).toBe('transferred');
  });

  it('that a removal of its machine overtakes says that the session ended, not that machines are too many', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 2 });
    await activateOn(table, pool, 'm1', 'a');
    await activateOn(table, pool, 'm1', 'b');
    await activateOn(table, pool, 'm2', 'c');
    let removals = 0;
    const by = database.client({
      request: async ({ name, input }, send) => {
        const { UpdateExpression } = input as { UpdateExpression?: string };
        if (name === 'UpdateItem' && UpdateExpression?.includes('REMOVE movingTo') && removals++ === 0)
          await removeMachine(table, pool, 'm1', { now: Date.now() });
        return send();
      },
    });
    expect(await transfer(by, pool, 'm3')).toEqual({ outcome: 'ended', reason: 'machine-removed' });
    expect(removals).toBeGreaterThan(0);
  });

  it('however many follow within a lease, tells each machine that the license was transferred', async () => {
    const pool = await createPool(table, { quota: 3, leaseSeconds: 120 });
    const start = Date.now();
    const claims = [seatOf(await activateOn(table, pool, 'm0', 'a', fastClock(start)))];
    for (let n = 1; n <= 8; n++) {
      const moved = await transfer(table, pool, `m${n}`, start + n * 1000);
      if (moved.outcome !== 'transferred') throw new Error(moved.outcome);
      claims.push(moved.seat);
    }
    const last = claims.pop();
    for (const claim of claims)
      expect(await heartbeat(table, pool, 'a', claim, start + 10_000), `fence ${claim.fence}`).toEqual({
        outcome: 'ended',
        reason: 'license-transferred',
      });
    expect(last && (await heartbeat(table, pool, 'a', last, start + 10_000))).toMatchObject({ outcome: 'extended' });
  });

  it('of two at once: one of them is made last, and the session stands once', async () => {
    for (const machineQuota of [100, 3, 1]) {
      const pool = await createPool(table, { quota: 5, machineQuota });
      seatOf(await activateOn(table, pool, 'm1', 'a'));
      const results = await Promise.all(
        ['m2', 'm3', 'm2'].map((to) => transferSession(table, pool, { sessionId: 'a', machineId: to })),
      );
      for (const { outcome } of results) expect(['transferred', 'contended']).toContain(outcome);
      await stands(pool);
      await agree(table, pool, machineQuota);
    }
  });

  it('that comes between the look and the write of a forced end does not save the session', async () => {
    const pool = await createPool(table, { quota: 5 });
    const { fence } = seatOf(await activateOn(table, pool, 'm1', 'a'));
    let requests = 0;
    const between = database.client({
      request: async (_, send) => {
        if (++requests === 2) expect((await transfer(table, pool, 'm2')).outcome).toBe('transferred');
        return send();
      },
    });
    const forced = { sessionId: 'a', userId: 'usr_admin', mayForce: true, fence };
    expect(await deactivateSession(between, pool, forced, Date.now())).toBe('ended');
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'license-removed' });
    expect(await heldSeats(table, pool)).toEqual([]);
  });
});
