import { describe, expect, it } from 'vitest';
import { activateSession } from '../../shared/table/activations/activate-floating.ts';
import { activateUser } from '../../shared/table/activations/activate-licensed.ts';
import { grantLicense } from '../../shared/table/licensed-users/grant-license.ts';
import { listHistory } from '../../shared/table/reports/list-sessions.ts';
import { listUsage } from '../../shared/table/reports/list-usage.ts';
import type { Pool } from '../../shared/table/store/keys.ts';
import { followChange } from '../../shared/table/stream/follow-change.ts';
import { openChanges } from './changes.ts';
import { createDatabase, createPool } from './database.ts';
import { createLicensedPool } from './licensed.ts';
import { activate, clockAt, heartbeat, release, seatOf, userId } from './sessions.ts';

const database = await createDatabase();
const table = database.client();
const changes = await openChanges(database);

it('a session that asks after its seat was taken ended when its lease did: usage never exceeds the quota', async () => {
  const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
  const start = Date.now() - 600_000;
  const at = (ms: number) => clockAt(() => start + ms);
  const lapsed = seatOf(await activate(table, pool, 'x', at(0)));
  seatOf(await activate(table, pool, 'y', at(200_000)));
  // The stream function has told nothing of this yet.
  expect(await heartbeat(table, pool, 'x', lapsed, start + 203_000)).toMatchObject({ reason: 'lease-expired' });
  for (const change of await changes.next()) await followChange(table, change);
  const range = { from: start - 1000, to: start + 600_000 };
  const { sessions } = await listHistory(table, pool, { range, limit: 10 });
  expect(sessions.find(({ sessionId }) => sessionId === 'x')).toMatchObject({ endedAt: start + 60_000 });
  const { intervals } = await listUsage(table, pool, { granularity: 'hour', range, limit: 24, now: Date.now() });
  expect(Math.max(...intervals.map(({ usage }) => usage.peak))).toBe(1);
});

describe('a session that comes back after its lease ended, before the stream told', () => {
  /** Its activations as the history tells them, each with when it ended, ms after the start. */
  const told = async (pool: Pool, start: number) => {
    for (const change of await changes.next()) await followChange(table, change);
    const range = { from: start - 1000, to: start + 600_000 };
    const { sessions } = await listHistory(table, pool, { range, limit: 10 });
    return sessions
      .filter(({ sessionId }) => sessionId === 'x')
      .map((session) => ('endedAt' in session ? session.endedAt - start : 'runs'))
      .reverse();
  };

  it.each(['runner-07', 'another'])(
    'ended when its lease did, though its seat was another’s since (%s)',
    async (machineId) => {
      const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
      const start = Date.now() - 600_000;
      const at = (ms: number) => clockAt(() => start + ms);
      await activate(table, pool, 'x', at(0));
      seatOf(await activate(table, pool, 'y', at(200_000)));
      await release(table, pool, 'y', start + 250_000);
      const request = { sessionId: 'x', userId, machineId };
      expect(await activateSession(table, pool, request, at(300_000))).toMatchObject({ outcome: 'acquired' });
      expect(await told(pool, start)).toEqual([60_000, 'runs']);
    },
  );

  it('ended when its lease did, of a licensed user on another machine', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user] = pool.users as [string];
    const start = Date.now() - 600_000;
    const at = (ms: number) => clockAt(() => start + ms);
    await grantLicense(table, pool, user);
    for (const [machineId, ms] of [
      ['one', 0],
      ['other', 300_000],
    ] as const)
      expect(await activateUser(table, pool, { sessionId: 'x', userId: user, machineId }, at(ms))).toMatchObject({
        outcome: 'acquired',
      });
    expect(await told(pool, start)).toEqual([60_000, 'runs']);
  });
});
