import { expect, it } from 'vitest';
import { listHistory } from '../../shared/table/reports/list-sessions.ts';
import { listUsage } from '../../shared/table/reports/list-usage.ts';
import { followChange } from '../../shared/table/stream/follow-change.ts';
import { openChanges } from './changes.ts';
import { createDatabase, createPool } from './database.ts';
import { activate, clockAt, heartbeat, seatOf } from './sessions.ts';

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
