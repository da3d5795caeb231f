import { describe, expect, it } from 'vitest';
import { PlannedDays } from '../../../shared/table/history/retention-days.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import { kindOfItem } from '../../../shared/table/store/keys.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { createDatabase, createPool } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, heartbeat, release, seatOf } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { followRecord } from '../support/stream/follow.ts';

const database = await createDatabase();
const table = database.client();
const changes = await openChanges(database);
const metered = meter();
const counted = database.client({ request: metered.request });
const planned = new PlannedDays();
const follow = async (some: readonly StreamRecord[]) => {
  for (const change of some) await followRecord(counted, change, { planned });
};
const costOf = async (some: readonly StreamRecord[]) => (await metered.of(() => follow(some))).bill;

describe('the stream function', () => {
  it('follows a session at 4 requests when it begins, 7 when it ends, one for its seat, and none for a heartbeat', async () => {
    const pool = await createPool(table, { quota: 5 });
    await activate(table, pool, 'the first of the day, whose days are planned');
    await release(table, pool, 'the first of the day, whose days are planned');
    await follow(await changes.next());

    const seat = seatOf(await activate(table, pool, 'a'));
    for (let beat = 0; beat < 5; beat++) await heartbeat(table, pool, 'a', seat);
    await release(table, pool, 'a');
    const all = await changes.next();
    const of = (kind: string) => all.filter(({ after }) => after && kindOfItem(after) === kind);
    const [begins, ends] = of('RECORD');
    const [claim, ...others] = of('SEAT');
    expect(await costOf([claim!])).toMatchObject({ requests: 1, write: 1 });
    expect(await costOf([begins!])).toMatchObject({ requests: 4, write: 2 });
    expect(await costOf([ends!])).toMatchObject({ requests: 7, write: 6 });
    expect(others).toHaveLength(6);
    expect(await costOf(others)).toMatchObject({ requests: 0 });
  });

  it('follows nothing that it wrote itself', async () => {
    const own = await changes.next();
    expect(own).toHaveLength(9);
    expect(await costOf(own)).toMatchObject({ requests: 0 });
  });
});

describe('the scheduled function', () => {
  it('settles a lapsed session at as many requests, however many are due', async () => {
    const each: number[] = [];
    for (const count of [16, 128]) {
      const pool = await createPool(table, { quota: count });
      const start = Date.now();
      for (let at = 0; at < count; at += 16)
        await Promise.all(Array.from({ length: 16 }, (_, index) => activate(table, pool, `s${at + index}`)));
      await follow(await changes.next());
      const settleAt = (now: number) =>
        metered.of(() => settleAllDue(counted, { now, most: 10_000, until: () => false }));
      // The looks after the claims plan those at the ends of the leases.
      await settleAt(start + 45_000);
      const { result, bill } = await settleAt(start + 200_000);
      expect(result).toMatchObject({ settled: count, failed: [] });
      // Each shard is asked once for 50.
      each.push((bill.requests - 8) / count);
    }
    const [few = 0, many = 0] = each;
    expect(few).toBeLessThanOrEqual(5);
    expect(many).toBeLessThanOrEqual(few * 1.05);
  });
});
