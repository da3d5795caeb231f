import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, dayOf } from '../../../shared/domain/dates.ts';
import {
  type HistorySession,
  historyOf,
  isEnded,
  midnightsDuring,
  overlaps,
  type RunningSession,
} from '../../../shared/domain/history/session-history.ts';
import { previousEnds, type Session } from '../../../shared/domain/holder-record.ts';
import { everySeat } from '../../../shared/domain/seat-view.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { readSeats } from '../../../shared/table/items/read-seats.ts';
import { closeLapsedSeats } from '../../../shared/table/items/seats.ts';
import { endSession, readSession } from '../../../shared/table/items/sessions.ts';
import { listHistory } from '../../../shared/table/reports/list-sessions.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { parse } from '../../../shared/table/store/item.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import { shuffled } from '../../../shared/table/store/shuffled.ts';
import type { Item } from '../../../shared/table/store/table.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { explored } from '../../depth.ts';
import { createDatabase, createPool, putMany } from '../support/database.ts';
import { endSessions, putRecords, ran } from '../support/past-sessions.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, clockAt, release, seatOf } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { followRecord, recordHistoryOf } from '../support/stream/follow.ts';

const database = await createDatabase({ stream: true });
const table = database.client();
const changes = await openChanges(database);
/** Follows changes, and those that this makes. */
const follow = async (some: readonly StreamRecord[]) => {
  for (let heard = some; heard.length > 0; heard = await changes.next())
    for (const change of heard) await followRecord(table, change);
};

const always = { from: 0, to: Date.UTC(2100, 0) };
const list = (pool: Pool, options: Partial<Parameters<typeof listHistory>[2]> = {}) =>
  listHistory(table, pool, { range: always, limit: 200, ...options });
const whole = async (pool: Pool, options: Partial<Parameters<typeof listHistory>[2]> = {}) => {
  const sessions: HistorySession[] = [];
  let after: Parameters<typeof listHistory>[2]['after'];
  do {
    const page = await list(pool, { ...options, after });
    sessions.push(...page.items);
    after = page.next;
  } while (after);
  return sessions;
};
const told = (sessions: readonly HistorySession[]) =>
  sessions.map((session) => [session.sessionId, session.machineId, isEnded(session) ? session.endedReason : 'runs']);

/** What is stored of a pool's history. */
const stored = async ({ organizationId }: Pool) => {
  const { Items = [] } = await table.client.send(
    new ScanCommand({
      TableName: table.name,
      FilterExpression: '(begins_with(pk, :h) OR begins_with(pk, :r)) AND contains(pk, :org)',
      ExpressionAttributeValues: { ':h': 'HISTORY#', ':r': 'RUNNING#', ':org': organizationId },
    }),
  );
  return Items.map((item) => JSON.stringify(item, Object.keys(item).sort())).sort();
};

/** A pool on which sessions did all that they can do. */
const livedIn = async () => {
  const pool = await createPool(table, { quota: 5, leaseSeconds: 60 });
  const start = Date.now();
  const at = (ms: number) => clockAt(start + ms);
  const lapsed = seatOf(await activate(table, pool, 'again', at(0)));
  await activate(table, pool, 'released', at(1));
  await activate(table, pool, 'moved', at(2));
  await activate(table, pool, 'forced', at(3));
  await release(table, pool, 'released', start + 10);
  await activate(table, pool, 'released', at(20));
  await transferSession(table, pool, { sessionId: 'moved', machineId: 'other' }, at(30));
  await endSession(table, pool, 'forced', { userId: 'usr_ada' }, { reason: 'license-removed', at: start + 40 });
  // Its lease ended, somebody else has its seat, and nobody closed its record: it is written over.
  await takeOver(pool, lapsed.number);
  await activate(table, pool, 'again', at(70_000));
  return { pool, start };
};
/** Gives a seat to another session, for long. */
const takeOver = (pool: Pool, number: number) =>
  table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.seat(pool, number),
      UpdateExpression: 'SET holder = :other, fence = fence + :one, availableAt = :late',
      ExpressionAttributeValues: { ':other': 'session#other', ':one': 1, ':late': Date.now() + dayMs },
    }),
  );
const expected = [
  ['again', 'runner-07', 'runs'],
  // Its lease ended, too, and `again` has its seat.
  ['moved', 'other', 'lease-expired'],
  ['released', 'runner-07', 'runs'],
  ['forced', 'runner-07', 'license-removed'],
  ['moved', 'runner-07', 'license-transferred'],
  ['released', 'runner-07', 'released'],
  ['again', 'runner-07', 'lease-expired'],
];

describe('the history', () => {
  it('tells each activation once, newest first, with how it ended', async () => {
    const { pool, start } = await livedIn();
    await follow(await changes.next());
    const sessions = await whole(pool);
    expect(told(sessions)).toEqual(expected);
    const times = sessions.map((session) => [
      session.startedAt - start,
      isEnded(session) ? session.endedAt - start : undefined,
    ]);
    expect(times).toEqual([
      [70_000, undefined],
      [30, 60_030],
      [20, undefined],
      [3, 40],
      // A transfer leaves no gap, and nothing twice.
      [2, 30],
      [1, 10],
      // The seat no longer tells when the lease ended: at its first end, unless a heartbeat extended it.
      [0, 60_000],
    ]);
    for (const session of sessions)
      expect(session).toMatchObject({ userId: 'usr_ada', licenseType: 'floating', leaseSeconds: 60 });
  });

  it('is the same whatever the order in which changes are heard of, and how often', async () => {
    const { pool } = await livedIn();
    const heard = await changes.next();
    await follow(heard);
    const before = await stored(pool);
    // Those that have ended.
    expect(before.length).toBe(5);
    for (let round = 0; round < 5; round++) await follow(shuffled([...heard, ...heard]));
    expect(await stored(pool)).toEqual(before);
    // Never in order from the first.
    for (let round = 0; round < 5; round++) {
      const fresh = (await livedIn()).pool;
      await Promise.all(shuffled(await changes.next()).map((change) => followRecord(table, change)));
      await follow(await changes.next());
      expect(told(await whole(fresh))).toEqual(expected);
    }
  });

  it('is complete after a death anywhere, once the change is delivered again', async () => {
    const { pool } = await livedIn();
    const all = await changes.next();
    const heard = all.filter(({ after }) => String(after?.pk).startsWith('SESSION#'));
    for (let dies = 1; dies <= 6; dies++) {
      let writes = 0;
      const mortal = database.client({
        request: async ({ name }, send) => {
          if (['PutItem', 'DeleteItem', 'GetItem'].includes(name) && ++writes === dies) throw new Error('died');
          return send();
        },
      });
      for (const change of heard) {
        writes = 0;
        await followRecord(mortal, change).catch(() => undefined);
      }
    }
    await follow(shuffled(all));
    expect(told(await whole(pool))).toEqual(expected);
  });

  it('keeps the earlier of two ends, whatever the order in which they are heard of, also with a death anywhere', async () => {
    const start = Date.now() - 5 * dayMs;
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 2, 0],
      [2, 1, 0],
    ];
    const places = orders.flatMap((order) => (['before', 'meanwhile'] as const).map((dating) => ({ order, dating })));
    for (const { order, dating } of places) {
      const pool = await createPool(table);
      const [begins, ends] = ran(pool, [{ sessionId: 'x', startedAt: start, endedAt: start + 4 * dayMs }]);
      const later = ends?.after as Item;
      const dated = { ...later, revision: 3, endedAt: start + dayMs };
      const heard = [begins!, ends!, { id: 'dated', at: Date.now(), before: later, after: dated }];
      for (const [place, change] of order.map((index) => heard[index]!).entries()) {
        // The record is at least as new as the newest change that was heard of.
        const newest = dating === 'before' ? 2 : Math.max(...order.slice(0, place + 1));
        await putMany(table, [heard[newest]!.after!]);
        let isFollowed = false;
        for (let dies = 1; !isFollowed; dies++) {
          let requests = 0;
          const mortal = database.client({
            request: async (_, send) => {
              if (++requests === dies) throw new Error('died');
              return send();
            },
          });
          isFollowed = await recordHistoryOf(mortal, change).then(
            () => true,
            () => false,
          );
        }
      }
      await follow(order.map((index) => heard[index]!));
      const items = (await stored(pool)).map((text) => JSON.parse(text) as Item);
      expect(items.map(({ endedAt }) => endedAt)).toEqual([start + dayMs]);
    }
  });

  it('tells nothing of a claim that was told to nobody', async () => {
    const pool = await createPool(table);
    const voided: Session = {
      sessionId: 'never',
      machineId: 'm',
      userId: 'usr_ada',
      status: 'ended',
      number: 1,
      fence: 1,
      revision: 1,
      activatedAt: 5,
      leaseSeconds: 60,
      endedReason: 'lease-expired',
      endedAt: 6,
      previous: [],
    };
    const key = keys.session(pool, 'never');
    const next: Session = { ...voided, status: 'active', fence: 2, revision: 2, previous: previousEnds(voided, 7) };
    delete next.endedReason;
    delete next.endedAt;
    const heard: StreamRecord[] = [
      { id: '1', at: Date.now(), before: undefined, after: { ...key, ...voided } },
      { id: '2', at: Date.now(), before: { ...key, ...voided }, after: { ...key, ...voided, revision: 2 } },
      { id: '3', at: Date.now(), before: { ...key, ...voided }, after: { ...key, ...next } },
    ];
    await putRecords(table, heard);
    await follow(heard);
    expect((await whole(pool)).map(({ fence }) => fence)).toEqual([2]);
  });

  it('tells a lapse at its time also where the seat is somebody else’s since, and nobody has looked for a week', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60, expiresAt: Date.now() + 30 * dayMs });
    const start = Date.now();
    const at = (ms: number) => clockAt(start + ms);
    await activate(table, pool, 'a', at(0));
    seatOf(await activate(table, pool, 'b', at(100_000)));
    // Closed by somebody who needs only the seat.
    await closeLapsedSeats(table, pool, await readSeats(table, pool, [everySeat]), start + 170_000, 10);
    seatOf(await activate(table, pool, 'c', at(7 * dayMs)));
    await follow(await changes.next());
    await follow(await changes.next());
    expect((await whole(pool)).map((session) => [session.sessionId, isEnded(session) && session.endedAt])).toEqual([
      ['c', false],
      ['b', start + 160_000],
      ['a', start + 60_000],
    ]);
    expect(await readSession(table, pool, 'a')).toMatchObject({
      endedReason: 'lease-expired',
      endedAt: start + 60_000,
    });
  });

  it('follows what the schedule ends: a lapse at its time, not at that of the run', async () => {
    const pool = await createPool(table, { leaseSeconds: 60 });
    const start = Date.now();
    const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
    await settleClaim(table, pool, { ...seat, holder: 'session#a' }, { now: start + 7 * dayMs });
    await follow(await changes.next());
    expect(await whole(pool)).toMatchObject([{ endedAt: start + 60_000, endedReason: 'lease-expired' }]);
  });
});

const day = Date.UTC(2026, 0, 10);
describe('a range', () => {
  it('has each session that ran in it, however long ago that began, also in pages and by user and machine', async () => {
    const hour = dayMs / 24;
    const time = fc.integer({ min: 0, max: 60 * 24 }).map((hours) => day + hours * hour);
    const run = fc.record({
      startedAt: time,
      lasts: fc.oneof(
        fc.integer({ min: 0, max: 3 * hour }),
        fc.constantFrom(0, hour, dayMs, 3 * dayMs, 40 * dayMs, undefined),
      ),
      userId: fc.constantFrom('usr_ada', 'usr_bob'),
      machineId: fc.constantFrom('m1', 'm2'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { maxLength: 25 }),
        fc.array(fc.tuple(time, time, fc.constantFrom(1, 2, 7, 200)), { minLength: 3, maxLength: 3 }),
        async (some, asked) => {
          const pool = await createPool(table);
          const runs = some.map(({ lasts, ...rest }) => ({
            ...rest,
            endedAt: lasts === undefined ? undefined : rest.startedAt + lasts,
          }));
          const heard = ran(pool, runs);
          await putRecords(table, heard);
          await Promise.all(shuffled(heard).map((change) => followRecord(table, change)));
          const all = await whole(pool);
          expect(all.length).toBe(runs.length);
          for (const [from, to, limit] of asked)
            for (const filter of [
              {},
              { userId: 'usr_ada' },
              { machineId: 'm1' },
              { userId: 'usr_bob', machineId: 'm2' },
            ]) {
              const range = { from, to };
              const there = all.filter(
                (session) =>
                  overlaps(session, range) && Object.entries(filter).every(([k, v]) => session[k as 'userId'] === v),
              );
              expect(from < to ? await whole(pool, { range, limit, ...filter }) : there).toEqual(there);
            }
        },
      ),
      { ...explored(25), endOnFailure: false },
    );
  });

  it('has the sessions that earlier releases stored, in pages with those since', async () => {
    const pool = await createPool(table);
    const runs = Array.from({ length: 20 }, (_, index) => ({
      sessionId: `s${index}`,
      startedAt: day + index * (dayMs / 5),
      endedAt: day + index * (dayMs / 5) + (index % 4) * dayMs + 1,
      userId: index % 3 ? 'usr_ada' : 'usr_bob',
    }));
    const [former, later] = [runs.slice(0, 12), runs.slice(8)];
    const ended = ran(pool, former).flatMap(({ before, after }) => {
      const session =
        before && historyOf(parse(keys.session(pool, ''), before), parse(keys.session(pool, ''), after!)).ended;
      return session ? [session] : [];
    });
    await putMany(
      table,
      ended.flatMap((session) =>
        [
          keys.formerEndedSession(pool, session),
          keys.formerEndedSession(pool, session, { userId: session.userId }),
          keys.formerEndedSession(pool, session, { machineId: session.machineId }),
          ...midnightsDuring(session).map((midnight) => keys.formerCarriedSession(pool, session, midnight)),
        ].map((key) => ({ ...key, ...session })),
      ),
    );
    const heard = ran(pool, later);
    await putRecords(table, heard);
    await follow(heard);
    for (const [from, to] of [
      [0, 30],
      [1, 2],
      [2.5, 3],
      [4, 9],
    ] as const)
      for (const limit of [1, 3, 200])
        for (const userId of [undefined, 'usr_bob']) {
          const range = { from: day + from * dayMs, to: day + to * dayMs };
          const there = runs
            .filter((run) => run.startedAt < range.to && run.endedAt > range.from && (!userId || run.userId === userId))
            .map(({ sessionId }) => sessionId)
            .reverse();
          const told = (await whole(pool, { range, limit, userId })).map(({ sessionId }) => sessionId);
          expect(told, JSON.stringify({ from, to, limit, userId })).toEqual(there);
        }
  });

  it('reads what it shows, and little more of a long history', async () => {
    const pool = await createPool(table);
    const runs = Array.from({ length: 600 }, (_, index) => ({
      startedAt: day + index * (dayMs / 10),
      endedAt: day + index * (dayMs / 10) + 60_000,
      machineId: `m${index}`,
    }));
    const all = ran(pool, [...runs, { sessionId: 'long', startedAt: day, endedAt: day + 50 * dayMs }]);
    await putRecords(table, all);
    for (let from = 0; from < all.length; from += 50)
      await Promise.all(all.slice(from, from + 50).map((change) => recordHistoryOf(table, change)));
    const metered = meter();
    const by = database.client({ request: metered.request });
    const range = { from: day + 30 * dayMs, to: day + 31 * dayMs };
    const { result, bill } = await metered.of(() => listHistory(by, pool, { range, limit: 50 }));
    expect(result.items).toHaveLength(11);
    expect(result.items.at(-1)?.sessionId).toBe('long');
    // The seats, the licenses, the lists of six classes of durations, and both of earlier releases.
    expect(bill.requests).toBeLessThanOrEqual(10);
    expect(bill.read).toBeLessThan(10);
    const one = await metered.of(() => listHistory(by, pool, { range: always, limit: 50, machineId: 'm7' }));
    expect(one.result.items).toHaveLength(1);
    // No list is a machine's own.
    expect(one.bill.read).toBeLessThan(60);
  });

  it('is kept at a cost that does not grow: one write, at the end', async () => {
    const pool = await createPool(table);
    const metered = meter();
    const by = database.client({ request: metered.request });
    const today = dayOf(Date.now());
    const [begins, ends] = ran(pool, [
      { startedAt: today, endedAt: today + 3 * dayMs + 1, startedBy: 'user#usr_ada' },
    ]) as [StreamRecord, StreamRecord];
    expect((await metered.of(() => recordHistoryOf(by, begins))).bill.requests).toBe(0);
    const over = (await metered.of(() => recordHistoryOf(by, ends))).bill;
    expect(over).toMatchObject({ requests: 2, write: 1 });
    expect(over.read).toBeLessThanOrEqual(1);
    expect((await metered.of(() => recordHistoryOf(by, { ...begins, before: begins.after }))).bill.requests).toBe(0);
  });

  it('has a session that an earlier release stored as active once, and no more as active once it ended', async () => {
    const pool = await createPool(table);
    const [begins, ends] = ran(pool, [{ startedAt: day, endedAt: day + 1 }]) as [StreamRecord, StreamRecord];
    const former = historyOf(undefined, begins.after as unknown as Session).started;
    await putMany(table, [{ ...keys.formerRunningSession(pool, former as RunningSession), ...former }]);
    await putRecords(table, [begins]);
    expect(told(await whole(pool))).toEqual([['s0', 'm', 'runs']]);
    await endSessions(table, [ends]);
    await follow([ends]);
    expect(told(await whole(pool))).toEqual([['s0', 'm', 'released']]);
    expect(await stored(pool)).toHaveLength(1);
  });

  it('goes on where it was while sessions begin and end between its pages', async () => {
    const pool = await createPool(table);
    const runs = Array.from({ length: 12 }, (_, index) => ({ startedAt: day + index, endedAt: day + dayMs + index }));
    const all = ran(pool, runs);
    await putRecords(
      table,
      all.filter(({ id }) => id.endsWith('b')),
    );
    const seen: string[] = [];
    let after: Parameters<typeof listHistory>[2]['after'];
    let index = 0;
    do {
      const page = await list(pool, { limit: 2, after });
      seen.push(...page.items.map(({ sessionId }) => sessionId));
      after = page.next;
      // Two of those that were told end, and two of those that were not.
      const ends = all.filter(({ id }) => [`${index}e`, `${11 - index}e`].includes(id));
      await endSessions(table, ends);
      await follow(ends);
      index++;
    } while (after);
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => `s${11 - i}`));
  });
});
