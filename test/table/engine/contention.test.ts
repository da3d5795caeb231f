import { expect, it } from 'vitest';
import { createDatabase, createPool } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, slowClock } from '../support/sessions.ts';

it('500 sessions at once on 100 free seats: 100 hold one, at 6 requests a session and 1.5 tries a winner', async () => {
  const metered = meter();
  const table = (await createDatabase()).client({ request: metered.request });
  const pool = await createPool(table, { quota: 100, leaseSeconds: 3600 });
  const clock = slowClock();
  const { result: results, bill } = await metered.of(() =>
    Promise.all(Array.from({ length: 500 }, (_, index) => activate(table, pool, `build-${index}`, clock))),
  );
  const winners = results.filter((result) => result.outcome === 'acquired');
  expect(winners).toHaveLength(100);
  expect(results.filter((result) => result.outcome === 'exhausted')).toHaveLength(400);
  expect(bill.requests / 500).toBeLessThanOrEqual(6);
  expect(winners.reduce((sum, winner) => sum + winner.races + 1, 0) / 100).toBeLessThanOrEqual(1.5);
});
