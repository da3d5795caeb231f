import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../../shared/domain/holder-record.ts';
import { holderId, sessionHolder } from '../../../shared/domain/seat.ts';
import { findSession } from '../../../shared/table/activations/list-online.ts';
import { claimLimitMs } from '../../../shared/table/engine/confirm-claim.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { explored } from '../../depth.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { dyingAfterWrite } from '../support/requests/at-write.ts';
import {
  lastStepOf,
  type Operation,
  runInOrder,
  stepsOf,
  type Trace,
  traceOf,
} from '../support/requests/request-orders.ts';
import { activate, clockAt, fastClock, heartbeat, heldSeats, release, seatOf } from '../support/sessions.ts';

// Each request to DynamoDB is held until fast-check's scheduler lets it go, one at a time: every run is one order of
// the requests of two or three concurrent operations, chosen, shrunk and replayed by fast-check.
let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

/** Runs operations at once, their requests in the order that the scheduler chooses. */
const run = (s: fc.Scheduler, pool: TestPool, operations: Parameters<typeof runInOrder>[3]): Promise<Trace[]> =>
  runInOrder(database, s, pool, operations);

const activating =
  (sessionId: string, start: number): Operation =>
  async (client, pool) => {
    const result = await activate(client, pool, sessionId, fastClock(start));
    const got = result.outcome === 'acquired' || result.outcome === 'renewed';
    return { outcome: result.outcome, ...(got && { seat: { number: result.seat.number, fence: result.seat.fence } }) };
  };

const beating =
  (sessionId: string, claim: { number: number; fence: number }, now: number): Operation =>
  async (client, pool) => ({ outcome: (await heartbeat(client, pool, sessionId, claim, now)).outcome });

/** At rest, with nobody crashed: seats and records agree, and no session stands twice. */
const agree = async (pool: TestPool, now: number) => {
  const held = await heldSeats(table, pool, now);
  const sessions = held.map((seat) => holderId(seat.hold.holder));
  expect(new Set(sessions).size, 'a session on two seats').toBe(sessions.length);
  for (const seat of held) {
    const record = (await readSession(table, pool, holderId(seat.hold.holder))) as Session;
    expect(record, 'a held seat has a live record that names it').toMatchObject({
      status: 'active',
      number: seat.number,
      fence: seat.fence,
    });
  }
  return held;
};

const sessionIds = fc.constantFrom('a', 'b', 'c');
const runs = explored(20);

describe('every order of requests', () => {
  it('of three activations, duplicates among them: the quota holds, a session has one answer, no false refusal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.tuple(sessionIds, sessionIds, sessionIds),
        fc.integer({ min: 1, max: 2 }),
        async (s, ids, quota) => {
          const pool = await createPool(table, { quota });
          const start = Date.now();
          const traces = await run(
            s,
            pool,
            ids.map((id) => ({ who: id, work: activating(id, start) })),
          );
          const held = await agree(pool, start);
          expect(held).toHaveLength(Math.min(quota, new Set(ids).size));
          for (const id of new Set(ids)) {
            const answers = traces.filter((trace) => trace.who === id);
            const seats = new Set(answers.map(({ seat }) => JSON.stringify(seat)));
            expect(seats.size, `answers to ${id}: ${JSON.stringify(answers)}`).toBe(1);
            expect(answers.filter(({ outcome }) => outcome === 'acquired').length).toBeLessThanOrEqual(1);
          }
        },
      ),
      runs,
    );
  });

  it('of an activation, its duplicate and a release: never two seats, never one that is held for nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (s, heldByAnother) => {
        const pool = await createPool(table, { quota: 2 });
        const start = Date.now();
        seatOf(await activate(table, pool, 'a'));
        if (heldByAnother) seatOf(await activate(table, pool, 'b'));
        const traces = await run(s, pool, [
          { who: 'a', work: activating('a', start) },
          { who: 'a again', work: activating('a', start) },
          { who: 'release', work: async (client) => ({ outcome: await release(client, pool, 'a', start) }) },
        ]);
        await agree(pool, start);
        for (const { who, outcome } of traces)
          if (who !== 'release') expect(['acquired', 'renewed']).toContain(outcome);
      }),
      runs,
    );
  });

  it('of heartbeats after the lease ended, a claim of that seat and a retry: one holder, and a 200 is a promise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
        const start = Date.now();
        const lapsed = seatOf(await activate(table, pool, 'a', clockAt(start - 61_000)));
        const traces = await run(s, pool, [
          { who: 'heartbeat', work: beating('a', lapsed, start) },
          { who: 'b', work: activating('b', start) },
          { who: 'a', work: activating('a', start) },
        ]);
        const held = await agree(pool, start);
        expect(held).toHaveLength(1);
        const holder = holderId(held[0]!.hold.holder);
        const outcome = (who: string) => traceOf(traces, who).outcome;
        if (outcome('heartbeat') === 'extended') expect(holder).toBe('a');
        if (holder === 'b') expect([outcome('heartbeat'), outcome('a')]).toEqual(['ended', 'exhausted']);
        else expect(outcome('b')).toBe('exhausted');
      }),
      runs,
    );
  });

  it('of two newcomers and a shrink: whoever is verified after it comes in only below the new quota', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (s, growAgain) => {
        const pool = await createPool(table, { quota: 3, leaseSeconds: 3600 });
        const start = Date.now();
        seatOf(await activate(table, pool, 'a'));
        const traces = await run(s, pool, [
          { who: 'b', work: activating('b', start) },
          { who: 'c', work: activating('c', start) },
          {
            who: 'shrink',
            work: async (client) => ({ outcome: (await pool.set({ quota: 2 }, client)).outcome }),
          },
        ]);
        const held = await agree(pool, start);
        const shrunk = lastStepOf(traceOf(traces, 'shrink'), 'PutItem');
        for (const trace of traces) {
          if (trace.outcome !== 'acquired') continue;
          // The verification: the last read of the subscription before the record.
          if (lastStepOf(trace, 'BatchGetItem') > shrunk) expect(held.length).toBeLessThanOrEqual(2);
        }
        // No available seat is unusable: what was refused below the quota can be had, and not one more.
        await pool.set({ quota: growAgain ? 3 : 2 });
        for (const id of ['d', 'e', 'f']) await activate(table, pool, id);
        expect(await heldSeats(table, pool)).toHaveLength(Math.max(held.length, growAgain ? 3 : 2));
      }),
      runs,
    );
  });

  it('of a heartbeat after the lease ended and a look that closes it: told as ended is ended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
        const start = Date.now();
        const lapsed = seatOf(await activate(table, pool, 'a', clockAt(start - 61_000)));
        let told: string | undefined;
        const traces = await run(s, pool, [
          { who: 'heartbeat', work: beating('a', lapsed, start) },
          {
            who: 'look',
            work: async (client) => {
              told = (await findSession(client, pool, 'a', { now: start }))?.session.status;
              return { outcome: String(told) };
            },
          },
        ]);
        await agree(pool, start);
        const extended = traceOf(traces, 'heartbeat').outcome === 'extended';
        expect(told).toBe(extended ? 'active' : 'ended');
      }),
      runs,
    );
  });

  it('of two requests that open numbers after a shrink, and another shrink: never more than may', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 4 });
        const start = Date.now();
        seatOf(await activate(table, pool, 'a'));
        await pool.set({ quota: 3 });
        await run(s, pool, [
          { who: 'b', work: activating('b', start) },
          { who: 'c', work: activating('c', start) },
          { who: 'shrink', work: async (client) => ({ outcome: (await pool.set({ quota: 1 }, client)).outcome }) },
        ]);
        const held = await agree(pool, start);
        expect(held.length).toBeLessThanOrEqual(3);
        // Whatever the last writer was: the invariant of `claimable` holds, so nobody new comes in over the quota.
        const subscription = await readSubscription(table, pool);
        const above = held.filter((seat) => seat.number > (subscription?.claimable ?? 0)).length;
        expect(subscription?.quota).toBe(1);
        if (subscription?.claimable) expect(subscription.claimable + above).toBeLessThanOrEqual(1);
        expect((await activate(table, pool, 'd', fastClock(start))).outcome).toBe('exhausted');
      }),
      runs,
    );
  });

  it('of a forced end, heartbeats and a new activation of the session: forced is forced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 2 });
        const start = Date.now();
        const seat = seatOf(await activate(table, pool, 'a'));
        const by = { sessionId: 'a', userId: 'usr_admin', mayForce: true };
        const traces = await run(s, pool, [
          { who: 'force', work: async (client) => ({ outcome: await deactivateSession(client, pool, by, start) }) },
          { who: 'heartbeat', work: beating('a', seat, start) },
          { who: 'a', work: activating('a', start) },
        ]);
        expect(traceOf(traces, 'force').outcome).toBe('ended');
        expect(['renewed', 'ended']).toContain(traceOf(traces, 'a').outcome);
        expect(await agree(pool, start)).toEqual([]);
        expect(await heartbeat(table, pool, 'a', seat, start)).toEqual({ outcome: 'ended', reason: 'license-removed' });
        expect(await activate(table, pool, 'a')).toMatchObject({ outcome: 'ended', reason: 'license-removed' });
      }),
      runs,
    );
  });

  it('of a suspension, an activation and a heartbeat: whoever is verified after it is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 2 });
        const start = Date.now();
        const seat = seatOf(await activate(table, pool, 'a'));
        const traces = await run(s, pool, [
          {
            who: 'suspend',
            work: async (client) => ({ outcome: (await pool.set({ suspended: true }, client)).outcome }),
          },
          { who: 'b', work: activating('b', start) },
          { who: 'heartbeat', work: beating('a', seat, start) },
        ]);
        const suspended = lastStepOf(traceOf(traces, 'suspend'), 'PutItem');
        const b = traceOf(traces, 'b');
        expect(b.outcome).toBe(lastStepOf(b, 'BatchGetItem') > suspended ? 'suspended' : 'acquired');
        const beat = traceOf(traces, 'heartbeat');
        expect(beat.outcome).toBe((stepsOf(beat, 'GetItem')[0] ?? 0) > suspended ? 'ended' : 'extended');
        await agree(pool, start);
      }),
      runs,
    );
  });

  it('of an activation, its duplicate and the schedule, whose clock takes every claim for dead: one answer, one seat', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
        const start = Date.now();
        const ahead = start + claimLimitMs + 1000;
        const traces = await run(s, pool, [
          { who: 'a', work: activating('a', start) },
          { who: 'a ahead', work: activating('a', ahead) },
          {
            who: 'schedule',
            work: async (client) => {
              const claim = { number: 1, fence: 1, holder: sessionHolder('a') };
              await settleClaim(client, pool, claim, { now: ahead });
              return { outcome: 'settled' };
            },
          },
        ]);
        const held = await agree(pool, ahead);
        expect(held.length).toBeLessThanOrEqual(1);
        const answers = traces.filter(({ seat }) => seat);
        for (const { seat } of answers)
          expect(seat, JSON.stringify(traces)).toEqual({ number: held[0]?.number, fence: held[0]?.fence });
      }),
      runs,
    );
  });

  it('with a crash anywhere: the retry gets one seat, and the leftover is freed by it or by its age', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('a', 'b'),
        async (s, crashAt, other) => {
          const pool = await createPool(table, { quota: 2 });
          const start = Date.now();
          await run(s, pool, [
            { who: 'a', work: activating('a', start), crashAt },
            { who: other, work: activating(other, start) },
          ]);
          const retried = seatOf(await activate(table, pool, 'a', fastClock(start)));
          const retriedOther = seatOf(await activate(table, pool, other, fastClock(start)));
          if (other === 'a') expect(retriedOther).toMatchObject({ number: retried.number, fence: retried.fence });
          const held = await heldSeats(table, pool, start);
          expect(held.length).toBeLessThanOrEqual(2);
          // Once a leftover has reached its age and lease, both seats can be had.
          const later = clockAt(start + claimLimitMs + 61_000);
          const results = await Promise.all(['x', 'y', 'z'].map((id) => activate(table, pool, id, later)));
          expect(results.filter(({ outcome }) => outcome === 'acquired')).toHaveLength(2);
        },
      ),
      runs,
    );
  });
});

it('a session that comes back keeps the true end of its former lease, also if the request before died on its way', async () => {
  const pool = await createPool(table, { quota: 2 });
  const start = Date.now();
  const former = seatOf(await activate(table, pool, 'x', clockAt(start)));
  await heartbeat(table, pool, 'x', former, start + 30_000);
  const end = start + 90_000;
  // Others take both seats, and one gives back the seat that was not the session's.
  for (const other of ['y', 'z']) {
    const { number } = seatOf(await activate(table, pool, other, clockAt(end)));
    if (number !== former.number) await release(table, pool, other, end);
  }
  // Its first write finds the former seat taken, its second claims the other one.
  await expect(activate(dyingAfterWrite(database, 2), pool, 'x', clockAt(end + 1))).rejects.toThrow('injected');
  expect((await activate(table, pool, 'x', fastClock(end + 20_000))).outcome).toBe('acquired');
  expect((await readSession(table, pool, 'x'))?.previous).toMatchObject([{ fence: former.fence, at: end }]);
});
