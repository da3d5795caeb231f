import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { sessionHolder } from '../../../shared/domain/seat.ts';
import { listOnline } from '../../../shared/table/activations/list-online.ts';
import { claimLimitMs } from '../../../shared/table/engine/confirm-claim.ts';
import { planDue } from '../../../shared/table/items/due-items.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, fillSeats } from '../support/database.ts';
import { activate, clockAt, heartbeat, heldSeats, holders, release, seatOf, slowClock } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const names = (count: number, prefix = 's') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('many at once', () => {
  it.each([
    { quota: 1, sessions: 40, duplicates: 1 },
    { quota: 1, sessions: 10, duplicates: 4 },
    { quota: 7, sessions: 30, duplicates: 3 },
    { quota: 10, sessions: 300, duplicates: 1 },
    { quota: 60, sessions: 60, duplicates: 3 },
    { quota: 100, sessions: 120, duplicates: 2 },
    { quota: 1000, sessions: 400, duplicates: 1 },
  ])('$sessions sessions × $duplicates on $quota seats: exactly as many hold one as can', async (burst) => {
    const pool = await createPool(table, { quota: burst.quota, leaseSeconds: 3600 });
    const requests = names(burst.sessions).flatMap((id) => Array.from({ length: burst.duplicates }, () => id));
    const clock = slowClock();
    const results = await Promise.all(
      requests.map(async (id) => ({ id, result: await activate(table, pool, id, clock) })),
    );

    const got = results.filter(({ result }) => result.outcome === 'acquired' || result.outcome === 'renewed');
    const sessions = new Set(got.map(({ id }) => id));
    expect(sessions.size).toBe(Math.min(burst.quota, burst.sessions));
    expect(await holders(table, pool)).toEqual([...sessions].sort());

    // Duplicates were told the same seat and fence, of which one request was the first to get it.
    for (const id of sessions) {
      const answers = got.filter((one) => one.id === id).map(({ result }) => seatOf(result));
      expect(new Set(answers.map(({ number, fence }) => `${number}/${fence}`)).size).toBe(1);
      expect(got.filter((one) => one.id === id && one.result.outcome === 'acquired')).toHaveLength(1);
    }
    for (const { id, result } of results)
      if (!sessions.has(id)) expect(result).toMatchObject({ outcome: 'exhausted', held: { length: burst.quota } });
    for (const { number } of await heldSeats(table, pool)) expect(number).toBeLessThanOrEqual(burst.quota);
  });

  it('the last free seat of 10,000 is found, by whoever comes', async () => {
    // No census tells where a seat is free.
    const pool = await createPool(table, { quota: 10_000, leaseSeconds: 30 });
    await fillSeats(table, pool, { first: 1, last: 7_776 });
    await fillSeats(table, pool, { first: 7_778, last: 10_000 });
    expect(seatOf(await activate(table, pool, 'last')).number).toBe(7_777);
    expect(await activate(table, pool, 'one-more')).toMatchObject({ outcome: 'exhausted', held: { length: 10_000 } });
  });

  it('a seat is free in the instant in which its lease ends, with no job having run', async () => {
    const pool = await createPool(table, { quota: 3, leaseSeconds: 5 });
    const start = Date.now();
    for (const id of names(3)) seatOf(await activate(table, pool, id, clockAt(start)));
    const justBefore = clockAt(start + 4_999);
    expect(await activate(table, pool, 'early', justBefore)).toMatchObject({ outcome: 'exhausted' });
    const then = clockAt(start + 5_000);
    const results = await Promise.all(names(9, 'new').map((id) => activate(table, pool, id, then)));
    expect(results.filter((result) => result.outcome === 'acquired')).toHaveLength(3);
    expect(await holders(table, pool, start + 5_000)).toHaveLength(3);
  });

  it('while sessions come, go, lapse and the quota changes, nobody new comes in over it', async () => {
    const pool = await createPool(table, { quota: 12, leaseSeconds: 5 });
    let ahead = 0;
    const clock = clockAt(() => Date.now() + ahead);
    // Every quota that was ever asked for, in order: a request may meet each that was in effect while it ran.
    const quotas = [12];
    const runner = async (id: string) => {
      for (let turn = 0; turn < 5; turn++) {
        const before = quotas.length;
        const result = await activate(table, pool, `${id}.${turn}`, clock);
        if (result.outcome !== 'acquired') continue;
        const { items: seats } = await listOnline(table, (await readSubscription(table, pool))!, {
          limit: 200,
          now: clock.now(),
        });
        expect(seats.length).toBeLessThanOrEqual(Math.max(...quotas.slice(before - 1)));
        await heartbeat(table, pool, `${id}.${turn}`, result.seat, clock.now());
        // Every third one is never given back: it lapses.
        if (turn % 3 !== 0) await release(table, pool, `${id}.${turn}`, clock.now());
      }
    };
    const admin = async () => {
      for (const next of [4, 9, 2, 12, 3, 12]) {
        if (next > (quotas.at(-1) ?? 0)) quotas.push(next);
        await pool.set({ quota: next, leaseSeconds: 5 });
        if (quotas.at(-1) !== next) quotas.push(next);
        ahead += 3_000;
        await setTimeout(100);
      }
    };
    await Promise.all([...names(20).map(runner), admin()]);
    // In the end, with everything lapsed, all twelve can be had again: no available seat is unusable.
    const end = clockAt(clock.now() + 60_000);
    const results = await Promise.all(names(20, 'end').map((id) => activate(table, pool, id, end)));
    expect(results.filter((result) => result.outcome === 'acquired')).toHaveLength(12);
    expect(await holders(table, pool, end.now())).toHaveLength(12);
  });

  it('clients whose clocks are half a minute apart never put two holders on a number', async () => {
    const pool = await createPool(table, { quota: 5, leaseSeconds: 120 });
    const start = Date.now();
    const skews = [-30_000, -10_000, 0, 10_000, 30_000];
    const results = await Promise.all(
      names(60).map((id, index) => activate(table, pool, id, clockAt(start + (skews[index % 5] ?? 0)))),
    );
    const got = results.filter((result) => result.outcome === 'acquired').map(seatOf);
    expect(got).toHaveLength(5);
    expect(new Set(got.map((seat) => seat.number)).size).toBe(5);
    // A claim by a clock that runs ahead may cut a lease short; then the old fence loses for good.
    const early = clockAt(start + 155_000);
    const taken = seatOf(await activate(table, pool, 'ahead', early));
    const loser = results.find((result) => result.outcome === 'acquired' && result.seat.number === taken.number);
    if (loser?.outcome !== 'acquired') throw new Error('nobody lost');
    expect(await heartbeat(table, pool, loser.record.sessionId, loser.seat, start)).toEqual({
      outcome: 'ended',
      reason: 'lease-expired',
    });
    expect((await heldSeats(table, pool, start)).length).toBeLessThanOrEqual(5);
  });

  it('a forced end is of the activation that was found, not of one that the member began since', async () => {
    const pool = await createPool(table, { quota: 1 });
    const { fence } = seatOf(await activate(table, pool, 'a'));
    let updates = 0;
    const slow = database.client({
      request: async ({ name }, send) => {
        // Between the look and the force: the member releases, and activates anew.
        if (name === 'UpdateItem' && ++updates === 2) {
          await release(table, pool, 'a');
          seatOf(await activate(table, pool, 'a'));
        }
        return send();
      },
    });
    const by = { sessionId: 'a', userId: 'usr_admin', mayForce: true, fence };
    expect(await deactivateSession(slow, pool, by, Date.now())).toBe('ended');
    expect(updates).toBeGreaterThanOrEqual(2);
    expect(await holders(table, pool)).toEqual(['a']);
    expect(await activate(table, pool, 'a')).toMatchObject({ outcome: 'renewed' });
  });

  it('after more seats lapsed than one pass closes, and a shrink, the quota can be had at once', async () => {
    const pool = await createPool(table, { quota: 1_500, leaseSeconds: 3600 });
    await fillSeats(table, pool, { first: 1, last: 1_500, availableAt: Date.now() - 1 });
    await pool.set({ quota: 20, leaseSeconds: 3600 });
    const first = await Promise.all(names(4).map((id) => activate(table, pool, id)));
    const later = await Promise.all(names(20, 'later').map((id) => activate(table, pool, id)));
    expect([...first, ...later].filter(({ outcome }) => outcome === 'acquired')).toHaveLength(20);
  });

  it('a leftover that a fast clock takes for dead is voided first: its slow author is not answered too', async () => {
    // The author claims and verifies, then sleeps before it records; a duplicate, or the schedule, comes meanwhile with
    // a clock that says that the claim is old.
    for (const who of ['duplicate', 'schedule'] as const) {
      const pool = await createPool(table, { quota: 1, leaseSeconds: 120 });
      const start = Date.now();
      const later = clockAt(start + claimLimitMs + 1000);
      const slow = database.client({
        request: async ({ name, input }, send) => {
          if (name === 'PutItem' && JSON.stringify(input).includes('SESSION#')) {
            if (who === 'duplicate') await activate(table, pool, 'a', later);
            else await closeUnrecorded(pool, 'a', later.now());
          }
          return send();
        },
      });
      let rounds = 0;
      const once = { now: () => start + (rounds > 0 ? 60_000 : 0), pause: async () => void rounds++ };
      const author = await activate(slow, pool, 'a', once);
      const b = await activate(table, pool, 'b', later);
      const answered = [author, b].filter((result) => result.outcome === 'acquired' || result.outcome === 'renewed');
      expect(answered.length, `${who}: ${author.outcome}, ${b.outcome}`).toBeLessThanOrEqual(1);
    }
  });

  it('a heartbeat that arrives late never takes back what a later one was told', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 5 });
    const start = Date.now();
    const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
    const told = await heartbeat(table, pool, 'a', seat, start + 4000);
    const late = await heartbeat(table, pool, 'a', seat, start + 500);
    const again = await activate(table, pool, 'a', clockAt(start + 600));
    for (const result of [told, late, again])
      expect(result).toMatchObject({ seat: { hold: { availableAt: start + 9000 } } });
    expect(await activate(table, pool, 'b', clockAt(start + 8999))).toMatchObject({ outcome: 'exhausted' });
  });
});

/** What the schedule does when it is due to look at the claim of a session. */
const closeUnrecorded = async (pool: Pool, sessionId: string, now: number) => {
  const seat = (await heldSeats(table, pool)).find(({ hold }) => hold.holder === sessionHolder(sessionId));
  if (!seat) return;
  const claim = { number: seat.number, fence: seat.fence, holder: seat.hold.holder };
  await planDue(table, { kind: 'claim', pool, at: now, claim });
  const { failed } = await settleAllDue(table, { now, most: 1000, until: () => false });
  expect(failed).toEqual([]);
};
