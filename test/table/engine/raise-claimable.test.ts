import { beforeAll, expect, it } from 'vitest';
import { raiseClaimable } from '../../../shared/table/engine/raise-claimable.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, fillSeats } from '../support/database.ts';
import { dyingAfterWrite } from '../support/requests/at-write.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, clockAt, fastClock, holders } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

it('after a shrink, no number is opened while a lapsed session above it can still come back', async () => {
  const pool = await createPool(table, { quota: 700 });
  const now = Date.now();
  // More than one pass closes.
  await fillSeats(table, pool, { first: 1, last: 700, availableAt: now - 1 });
  await pool.set({ quota: 2 });
  const pass = async () => {
    const subscription = await readSubscription(table, pool);
    if (!subscription) throw new Error('no subscription');
    const { outcome } = await raiseClaimable(table, pool, subscription, now);
    return { outcome, claimable: (await readSubscription(table, pool))?.claimable };
  };
  expect(await pass()).toEqual({ outcome: 'read-again', claimable: 0 });
  expect(await pass()).toEqual({ outcome: 'read-again', claimable: 2 });
});

it('after a shrink, a session is not refused for the claim that its own crash left above the open numbers', async () => {
  const pool = await createPool(table, { quota: 200 });
  const start = Date.now();
  await fillSeats(table, pool, { first: 1, last: 198 });
  await expect(activate(dyingAfterWrite(database, 1), pool, 'x', clockAt(start))).rejects.toThrow('injected');
  // The claim is outside of the seats that a request reads first.
  await pool.set({ quota: 199 });
  expect((await activate(table, pool, 'x', fastClock(start + 20_000))).outcome).toBe('acquired');
  const held = await holders(table, pool, start + 20_000);
  expect([held.length, held.filter((holder) => holder === 'x')]).toEqual([199, ['x']]);
});

/** A pool that shrank: five of its seats are held, two of them with high numbers. */
const shrunkTo = async (quota: number) => {
  const pool = await createPool(table, { quota: 10 });
  await fillSeats(table, pool, { first: 1, last: 3 });
  await fillSeats(table, pool, { first: 8, last: 9 });
  await pool.set({ quota });
  return pool;
};

it.each([
  [5, 3],
  [0, 0],
])('after a shrink to %i, a refusal counts each seat once, those above the open numbers, too', async (quota, open) => {
  const refused = await activate(table, await shrunkTo(quota), 'x');
  if (refused.outcome !== 'exhausted') throw new Error(refused.outcome);
  expect(refused.subscription.claimable).toBe(open);
  expect(refused.held.map(({ number }) => number)).toEqual([1, 2, 3, 8, 9]);
});

it('after a shrink, the next session is refused by one read of the open numbers, and one of those above', async () => {
  const pool = await shrunkTo(5);
  const metered = meter();
  const by = database.client({ request: metered.request });
  expect((await activate(by, pool, 'x')).outcome).toBe('exhausted');
  const { result, bill } = await metered.of(() => activate(by, pool, 'y'));
  expect([result.outcome, bill.requests]).toEqual(['exhausted', 3]);
});
