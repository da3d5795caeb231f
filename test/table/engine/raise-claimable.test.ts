import { expect, it } from 'vitest';
import { raiseClaimable } from '../../../shared/table/engine/raise-claimable.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { createDatabase, createPool, fillSeats } from '../support/database.ts';

it('after a shrink, no number is opened while a lapsed session above it can still come back', async () => {
  const table = (await createDatabase()).client();
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
