import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { dayMs, dayOf, monthOf, type TimeRange } from '../../../shared/domain/dates.ts';
import type { Refusal } from '../../../shared/domain/history/refusal.ts';
import {
  type EndedSession,
  type HistorySession,
  historyOf,
  isEnded,
} from '../../../shared/domain/history/session-history.ts';
import { type Granularity, intervalOf } from '../../../shared/domain/history/usage.ts';
import type { Session } from '../../../shared/domain/holder-record.ts';
import { extendActivation, startActivation } from '../../../shared/table/activations/activations.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { keyOfEnded } from '../../../shared/table/history/ended-sessions.ts';
import { recordRefusal } from '../../../shared/table/history/refusals.ts';
import { listHistory } from '../../../shared/table/reports/list-sessions.ts';
import { listUsage, type UsageInterval } from '../../../shared/table/reports/list-usage.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import { shuffled } from '../../../shared/table/store/shuffled.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { createDatabase, createPool, putMany } from '../support/database.ts';
import { endSessions, putRecords, ran, refusal } from '../support/past-sessions.ts';
import { meter } from '../support/requests/metering.ts';
import { atEachPlace } from '../support/requests/places.ts';
import { clockAt, release } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { followRecord } from '../support/stream/follow.ts';

const database = await createDatabase({ stream: true });
const table = database.client();
const changes = await openChanges(database);

const hour = dayMs / 24;
const now = Date.now();
const today = dayOf(now);
const lengths: Granularity[] = ['hour', 'day', 'month'];

interface Asked {
  granularity?: Granularity;
  range?: TimeRange;
  limit?: number;
  most?: number;
  now?: number;
  by?: Table;
}
const recent = { from: today - 12 * dayMs, to: today + dayMs };
/** All pages of the usage of a range. */
const usage = async (pool: Pool, { by = table, ...asked }: Asked = {}): Promise<UsageInterval[]> => {
  const told: UsageInterval[] = [];
  let after: Parameters<typeof listUsage>[2]['after'];
  do {
    const page = await listUsage(by, pool, { granularity: 'day', range: recent, limit: 200, now, ...asked, after });
    told.push(...page.items);
    expect(page.next).not.toEqual(after ?? null);
    after = page.next;
  } while (after);
  return told;
};
/** Only what is something. */
const some = (intervals: readonly UsageInterval[]) =>
  intervals.filter(({ usage: { users, refused } }) => users + refused.licenseQuota + refused.machineQuota > 0);

const allSessions = async (pool: Pool): Promise<HistorySession[]> => {
  const sessions: HistorySession[] = [];
  let after: Parameters<typeof listHistory>[2]['after'];
  do {
    const page = await listHistory(table, pool, { range: { from: 0, to: now + dayMs }, limit: 200, after });
    sessions.push(...page.items);
    after = page.next;
  } while (after);
  return sessions;
};

/** The same, counted from the list of sessions and from refusals by whoever has never heard of days or sweeps. */
const countedAnew = (
  { from, to }: TimeRange,
  sessions: readonly HistorySession[],
  refusals: readonly Pick<Refusal, 'at' | 'reason'>[],
): UsageInterval['usage'] => {
  const until = Math.min(to, now);
  const endOf = (session: HistorySession) => (isEnded(session) ? session.endedAt : Infinity);
  const there = sessions.filter((one) => one.startedAt < until && (endOf(one) > from || one.startedAt >= from));
  // The most run at a moment at which one begins, or at the beginning.
  const runningAt = (moment: number) => there.filter((one) => one.startedAt <= moment && moment < endOf(one)).length;
  const refused = (reason: string) =>
    refusals.filter((one) => one.reason === reason && one.at >= from && one.at < until).length;
  const waits = there.filter(({ startedAt }) => startedAt >= from).flatMap(({ waitedSeconds }) => waitedSeconds ?? []);
  const waited = {
    sessions: waits.length,
    seconds: waits.reduce((sum, seconds) => sum + seconds, 0),
    longestSeconds: Math.max(...waits),
  };
  return {
    peak: Math.max(0, ...[from, ...there.map((one) => Math.max(from, one.startedAt))].map(runningAt)),
    occupiedMs: there.reduce((sum, one) => sum + Math.min(endOf(one), until) - Math.max(one.startedAt, from), 0),
    users: new Set(there.map(({ userId }) => userId)).size,
    machines: new Set(there.map(({ machineId }) => machineId)).size,
    refused: { licenseQuota: refused('license-quota'), machineQuota: refused('machine-quota') },
    ...(waits.length > 0 && { waited }),
  };
};

const expectExact = async (pool: Pool, refusals: readonly Pick<Refusal, 'at' | 'reason'>[] = []) => {
  const sessions = await allSessions(pool);
  for (const granularity of lengths) {
    const told = await usage(pool, { granularity });
    expect(told.map(({ from }) => from)).toEqual(
      [...new Set(told.map(({ from }) => intervalOf(granularity, from)))].sort((a, b) => a - b),
    );
    for (const { from, to, usage: is } of told)
      expect({ from, is }).toEqual({ from, is: countedAnew({ from, to }, sessions, refusals) });
    expect(some(told).length > 0).toBe(sessions.length + refusals.length > 0);
  }
  return sessions;
};

describe('usage', () => {
  it('is what the sessions and refusals tell, whatever happens at once and in whatever order it is heard of', async () => {
    const quota = 4;
    const pool = await createPool(table, { quota, machineQuota: 3, leaseSeconds: 3600 });
    const refused = new Map<string, Pick<Refusal, 'at' | 'reason'>>();
    let late: StreamRecord[] = [];
    // Hours apart, so that they run over midnights, lapse, are taken over, or come back.
    for (let round = 0; round < 18; round++) {
      const time = today - 4 * dayMs + round * 5 * hour;
      const at = (ms: number) => clockAt(time + ms);
      const start = async (sessionId: string, index: number) => {
        const request = { sessionId, userId: `usr_${index % 3}`, machineId: `m${(round + index) % 4}` };
        const result = await startActivation(table, pool, request, at(index));
        const reason = { exhausted: 'license-quota', 'machines-exhausted': 'machine-quota' } as const;
        const key = reason[result.outcome as keyof typeof reason];
        const name = `${sessionId} ${key}`;
        if (key && !refused.has(name)) refused.set(name, { at: time + index, reason: key });
        return { request, result };
      };
      const started = await Promise.all(
        Array.from({ length: 7 }, (_, index) => start(`${index < 4 ? 's' : `t${round}-`}${index}`, index)),
      );
      await Promise.all(
        started.map(async ({ request, result }, index) => {
          if (result.outcome !== 'acquired' && result.outcome !== 'renewed') return;
          const { number: seat, fence } = result.seat;
          const lives = { sessionId: request.sessionId, userId: request.userId, seat, fence };
          if ((round + index) % 3 === 0) await extendActivation(table, pool, lives, time + 1_800_000);
          else if ((round + index) % 3 === 1)
            await release(table, pool, request.sessionId, time + 600_000 * (index + 1));
          else if (index % 2 === 0)
            await transferSession(table, pool, { sessionId: request.sessionId, machineId: `m${index}` }, at(60_000));
        }),
      );
      // Some of it is heard of at once, the rest after what comes later, and all of it twice. Meanwhile it is read.
      const heard = shuffled([...late, ...(await changes.next())]);
      late = heard.filter((_, index) => index % 3 === 0);
      const follow = async (batch: readonly StreamRecord[]) => {
        for (const change of batch) await followRecord(table, change);
      };
      await Promise.all([
        ...[0, 1, 2].map((part) => follow(heard.filter((_, index) => index % 3 === part))),
        ...(round % 3 === 0 ? lengths.map((granularity) => usage(pool, { granularity })) : []),
      ]);
    }
    for (const rest of [late, await changes.next(), await changes.next()])
      await Promise.all(shuffled(rest).map((change) => followRecord(table, change)));
    const sessions = await expectExact(pool, [...refused.values()]);
    expect(sessions.length).toBeGreaterThan(30);
    expect(new Set([...refused.values()].map(({ reason }) => reason)).size).toBe(2);
    for (const { usage: is } of await usage(pool)) expect(is.peak).toBeLessThanOrEqual(quota);
    // What was kept is what would be counted now.
    const before = await usage(pool);
    await forget(pool);
    expect(await usage(pool)).toEqual(before);
  }, 240_000);

  it('a session that runs is in use until it is known to have ended, and then never was after that', async () => {
    const pool = await createPool(table);
    const [begins, ends] = ran(pool, [{ startedAt: today - 9 * dayMs + hour, endedAt: today - 7 * dayMs + hour }]) as [
      StreamRecord,
      StreamRecord,
    ];
    await putRecords(table, [begins]);
    expect(some(await usage(pool))).toHaveLength(9 + (now > today ? 1 : 0));
    await endSessions(table, [ends]);
    await followRecord(table, ends);
    expect(some(await usage(pool)).map(({ usage: { occupiedMs } }) => occupiedMs / hour)).toEqual([23, 24, 1]);
    await expectExact(pool);
  });

  it('a page that has counted enough goes on in the next, and what was counted is not counted again', async () => {
    const pool = await createPool(table);
    const runs = Array.from({ length: 60 }, (_, index) => ({
      startedAt: today - 40 * dayMs + index * hour * 16,
      endedAt: today - 40 * dayMs + index * hour * 16 + 9 * hour,
      machineId: `m${index % 11}`,
      ...(index % 3 === 0 && { waitedSeconds: index * 10 }),
    }));
    const range = { from: monthOf(today, -12), to: today + dayMs };
    const heard = ran(pool, runs);
    await putRecords(table, heard);
    await Promise.all(heard.map((change) => followRecord(table, change)));
    // At noon: soon after midnight, yesterday may still change, and is counted anew.
    const noon = today + 12 * hour;
    const all = { granularity: 'month', range, limit: 200, now: noon } as const;
    const first = await listUsage(table, pool, { ...all, most: 500 });
    expect(first.items.length).toBeLessThan(13);
    expect(first.next).toBeDefined();
    for (const granularity of lengths) {
      // The hours of a year would be 44 pages.
      const asked = {
        granularity,
        now: noon,
        range: granularity === 'hour' ? { ...range, from: today - 45 * dayMs } : range,
      };
      expect(await usage(pool, { ...asked, most: 500 })).toEqual(await usage(pool, asked));
    }
    const sessions = await allSessions(pool);
    for (const { from, to, usage: is } of await usage(pool, all))
      expect(is).toEqual(countedAnew({ from, to }, sessions, []));

    const metered = meter();
    const by = database.client({ request: metered.request });
    const again = await metered.of(() => listUsage(by, pool, all));
    expect(again.result.items).toHaveLength(13);
    // Where it begins 10, the months that are kept 1, and the current one 15: its days, who used them, and today.
    expect(again.bill).toMatchObject({ write: 0 });
    expect(again.bill.requests).toBeLessThanOrEqual(26);
    const days = await metered.of(() => listUsage(by, pool, { ...all, granularity: 'day' }));
    expect(days.bill).toMatchObject({ write: 0 });
    expect(days.bill.requests).toBeLessThanOrEqual(22);
  });

  it('who used it is kept in parts that an item holds, and counted together', async () => {
    const pool = await createPool(table, { quota: 10_000 });
    const at = monthOf(today, -1) + hour;
    const long = 'x'.repeat(110);
    const runs = Array.from({ length: 2500 }, (_, index) => ({
      startedAt: at + (index % 2) * dayMs,
      endedAt: at + (index % 2) * dayMs + 1000,
      machineId: `${long}-${index >> 1}`,
    }));
    const over = ran(pool, runs).filter(({ id }) => id.endsWith('e'));
    await putMany(
      table,
      over.map(({ before, after }) => {
        const session = historyOf(before as Session | undefined, after as unknown as Session).ended as EndedSession;
        return { ...keyOfEnded(pool, session), ...session };
      }),
    );
    const range = { from: monthOf(today, -1), to: monthOf(today) };
    for (let times = 0; times < 2; times++) {
      const [month] = await usage(pool, { granularity: 'month', range });
      expect(month?.usage).toMatchObject({ peak: 1250, machines: 1250, users: 1, occupiedMs: 2_500_000 });
    }
  }, 240_000);
});

/** Takes away what is kept of the recent days. */
const forget = async (pool: Pool) => {
  for (let day = recent.from; day < today; day += dayMs)
    await table.client
      .send(
        new UpdateCommand({
          TableName: table.name,
          Key: keys.usage(pool, 'day', day),
          UpdateExpression: 'SET version = version + :one REMOVE #usage',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: { '#usage': 'usage' },
          ExpressionAttributeValues: { ':one': 1 },
        }),
      )
      .catch(() => undefined);
};

describe('history that is heard of while it is counted', () => {
  const past = monthOf(today) - 3 * dayMs;
  const range = { from: past - dayMs, to: monthOf(today) };
  const nothing = () => Promise.resolve();
  /** What is late, and what was so before it. */
  const lates: Record<string, (pool: Pool) => { before: () => Promise<void>; late: (by: Table) => Promise<void> }> = {
    'a session that began and ended': (pool) => {
      const all = ran(pool, [{ startedAt: past + hour, endedAt: past + 2 * dayMs, waitedSeconds: 30 }]);
      return {
        before: nothing,
        late: async (by) => {
          for (const change of all) await followRecord(by, change);
        },
      };
    },
    'the end of one that ran': (pool) => {
      const [begins, ends] = ran(pool, [{ startedAt: past + hour, endedAt: past + dayMs + hour }]) as [
        StreamRecord,
        StreamRecord,
      ];
      return {
        before: () => putRecords(table, [begins]),
        late: async (by) => {
          await endSessions(by, [ends]);
          await followRecord(by, ends);
        },
      };
    },
    'the end of one that had left its seat before': (pool) => {
      const [begins, ends] = ran(pool, [{ startedAt: past + hour, endedAt: past + dayMs + hour }]) as [
        StreamRecord,
        StreamRecord,
      ];
      return {
        before: async () => {
          await putRecords(table, [begins]);
          await endSessions(table, [ends]);
        },
        late: (by) => followRecord(by, ends),
      };
    },
    'a refusal': (pool) => ({ before: nothing, late: (by) => recordRefusal(by, refusal(pool, past + hour)) }),
  };
  /** A pool of which there is something to count before. */
  const livedInPool = async () => {
    const pool = await createPool(table);
    const earlier = ran(pool, [{ sessionId: 'earlier', startedAt: past - 1, endedAt: past }]);
    for (const change of earlier) await followRecord(table, change);
    return pool;
  };
  const told = (pool: Pool, by = table) =>
    Promise.all((['day', 'month'] as const).map((granularity) => usage(pool, { granularity, range, by })));

  describe.each(Object.entries(lates))('%s', (_, make) => {
    /** A pool that heard of what came before. */
    const heardBefore = async () => {
      const pool = await livedInPool();
      const { before, late } = make(pool);
      await before();
      return { pool, late };
    };
    /** What is told in the end, where nothing happened at once. */
    const inOrder = async () => {
      const { pool, late } = await heardBefore();
      await late(table);
      return told(pool);
    };

    it('is told, wherever in the counting it comes', async () => {
      const expected = await inOrder();
      await atEachPlace(database, {
        prepare: heardBefore,
        work: async (by, { pool }) => {
          for (const granularity of ['day', 'month'] as const) await usage(pool, { granularity, range, by });
        },
        other: (by, { late }) => late(by),
        check: async ({ pool }, { place }) => {
          expect({ place, told: await told(pool) }).toEqual({ place, told: expected });
          // Also by who finds it kept.
          expect(await told(pool)).toEqual(expected);
        },
      });
    }, 240_000);

    it('is told, wherever in its writing somebody counts', async () => {
      const expected = await inOrder();
      await atEachPlace(database, {
        prepare: async () => {
          const at = await heardBefore();
          await told(at.pool);
          return at;
        },
        work: (by, { late }) => late(by),
        other: (by, { pool }) => told(pool, by),
        check: async ({ pool }, { place }) => {
          expect({ place, told: await told(pool) }).toEqual({ place, told: expected });
          expect(await told(pool)).toEqual(expected);
        },
      });
    }, 240_000);
  });
});
