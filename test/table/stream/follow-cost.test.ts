import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../shared/domain/dates.ts';
import { purgeHistory } from '../../../shared/table/history/purge.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import { kindOfItem } from '../../../shared/table/store/keys.ts';
import { WrittenPlans } from '../../../shared/table/store/written-plans.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { createDatabase, createPool } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, heartbeat, release, seatOf } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { followRecord } from '../support/stream/follow.ts';

const database = await createDatabase({ stream: true });
const table = database.client();
const changes = await openChanges(database);
const metered = meter();
const counted = database.client({ request: metered.request });
const written = new WrittenPlans();
const follow = async (some: readonly StreamRecord[]) => {
  for (const change of some) await followRecord(counted, change, { written });
};
const costOf = async (some: readonly StreamRecord[]) => (await metered.of(() => follow(some))).bill;

/** The next changes that a session made itself. */
const ofSession = async () =>
  (await changes.next()).filter(({ after }) => ['SEAT', 'RECORD'].includes(kindOfItem(after ?? {})));

describe('the stream function', () => {
  it('follows a session at one request when it begins, 2 when it ends, and none for its seat or a heartbeat', async () => {
    const pool = await createPool(table, { quota: 5 });
    await activate(table, pool, 'the first of the day, whose days are planned');
    await release(table, pool, 'the first of the day, whose days are planned');
    await follow(await changes.next());

    const seat = seatOf(await activate(table, pool, 'a'));
    const [claim, begins] = await ofSession();
    expect(await costOf([claim!])).toMatchObject({ requests: 0 });
    expect(await costOf([begins!])).toMatchObject({ requests: 1, write: 0 });

    for (let beat = 0; beat < 5; beat++) await heartbeat(table, pool, 'a', seat);
    await release(table, pool, 'a');
    const all = await ofSession();
    const isEnd = ({ after }: StreamRecord) => kindOfItem(after ?? {}) === 'RECORD';
    expect(await costOf(all.filter(isEnd))).toMatchObject({ requests: 2, write: 1 });
    const others = all.filter((change) => !isEnd(change));
    expect(others).toHaveLength(6);
    expect(await costOf(others)).toMatchObject({ requests: 0 });
  });

  it('follows nothing that it wrote itself', async () => {
    const own = await changes.next();
    expect(own.map(({ after }) => String(after?.pk).split('#')[0])).toEqual(['HISTORY']);
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
      // Earlier tests left some.
      await settleAllDue(table, { now: start + 400_000, most: 10_000, until: () => false });
      await follow(await changes.next());
      const settleAt = (now: number) =>
        metered.of(() => settleAllDue(counted, { now, most: 10_000, until: () => false }));
      const { result, bill } = await settleAt(start + 400_000);
      // One sweep, or two if the claims were followed at the turn to the next.
      expect(result.failed).toEqual([]);
      expect([1, 2]).toContain(result.settled);
      // Each shard is asked once, and a sweep reads one page and is forgotten.
      each.push((bill.requests - 8 - 2 * result.settled) / count);
    }
    const [few = 0, many = 0] = each;
    expect(few).toBeLessThanOrEqual(5);
    expect(many).toBeLessThanOrEqual(few * 1.05);
  });
});

describe('a session, from its begin to its purge', () => {
  it('costs 7 write units and 12 requests besides heartbeats, in a pool with others', async () => {
    const count = 50;
    const own = await createDatabase({ stream: true });
    const heard = await openChanges(own);
    const by = own.client({ request: metered.request });
    const plans = new WrittenPlans();
    const followAll = async () => {
      for (const change of await heard.next()) await followRecord(by, change, { written: plans });
    };
    const pool = await createPool(own.client(), { quota: count, leaseSeconds: 3600 });
    await followAll();
    const ids = Array.from({ length: count }, (_, index) => `s${index}`);
    const later = { now: Date.now() + 2 * dayMs, most: 10_000, until: () => false };
    const { bill } = await metered.of(async () => {
      for (const id of ids) await activate(by, pool, id);
      await followAll();
      for (const id of ids) await release(by, pool, id);
      await followAll();
      await settleAllDue(by, later);
      await purgeHistory(by, { before: later.now, ...later });
    });
    expect(Math.round(bill.write / count)).toBe(7);
    expect(Math.round(bill.requests / count)).toBe(12);
  });
});
