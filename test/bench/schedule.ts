import { dayMs, dayOf } from '../../shared/domain/dates.ts';
import type { Session } from '../../shared/domain/holder-record.ts';
import { sessionHolder } from '../../shared/domain/seat.ts';
import { keyOfEnded } from '../../shared/table/history/ended-sessions.ts';
import { planPurge, purgeHistory } from '../../shared/table/history/purge.ts';
import { planRetentionDay } from '../../shared/table/history/retention-days.ts';
import { planDue } from '../../shared/table/items/due-items.ts';
import { settleAllDue } from '../../shared/table/schedule/settle-due.ts';
import { keys, type Pool } from '../../shared/table/store/keys.ts';
import type { Item, Table } from '../../shared/table/store/table.ts';
import { WrittenPlans } from '../../shared/table/store/written-plans.ts';
import { createPool, heldSeat, metered, putAll } from './database.ts';
import { load } from './load.ts';

/** The cost of the scheduled function for each of the items that are due at once. */
export interface Due {
  what: string;
  items: number;
  perSecond: number;
  requests: number;
  read: number;
  write: number;
}

const hour = 3_600_000;
const all = { most: 1_000_000, until: () => false };

/** The scheduled function, with ever more items that are due: sessions that lapsed, items that are past, days of the history. */
export const measureSchedule = async (table: Table, endpoint: string, counts: readonly number[]): Promise<Due[]> => {
  const counted = metered(table, endpoint);
  const rows: Due[] = [];
  // Earlier measurements have left some.
  await settleAllDue(table, { now: Date.now() + dayMs, ...all });
  await purgeHistory(table, { before: Date.now() + dayMs, ...all });
  const row = async (what: string, items: number, run: () => Promise<{ failed: { error: unknown }[] }>) => {
    const begin = performance.now();
    const { result, bill } = await counted.of(run);
    if (result.failed.length > 0) throw result.failed[0]?.error;
    const perSecond = (items / (performance.now() - begin)) * 1000;
    const each = { requests: bill.requests / items, read: bill.read / items, write: bill.write / items };
    rows.push({ what, items, perSecond, ...each });
  };
  for (const count of counts) {
    const pool = await createPool(table, count);
    const sessions = await lapsed(table, pool, count);
    const now = Date.now() + 2 * hour;
    await row('lease has ended', count, () => settleAllDue(counted.table, { now, ...all }));

    await load({ count, concurrency: 16 }, (at) => {
      const { sessionId, number, fence } = sessions[at] as Session;
      const unchanged = { status: 'ended', number, fence };
      return planPurge(table, { key: keys.session(pool, sessionId), since: now - hour, unchanged });
    });
    await row('single past item goes', count, () => purgeHistory(counted.table, { before: now, ...all }));

    const before = await dayOfHistory(table, pool, Math.ceil(count / 3));
    await row('item of a day’s history goes', 3 * Math.ceil(count / 3), () =>
      purgeHistory(counted.table, { before, ...all }),
    );
  }
  return rows.toSorted((a, b) => a.what.localeCompare(b.what));
};

/** Sessions whose leases end in an hour, with nobody to extend them, as the engine and the stream function write them. */
const lapsed = async (table: Table, pool: Pool, count: number): Promise<Session[]> => {
  const seats = Array.from({ length: count }, (_, at) => heldSeat(pool, at + 1));
  const sessions = seats.map(
    ({ holder, userId, machineId, claimedAt, fence }, at): Session => ({
      sessionId: String(holder).slice(sessionHolder('').length),
      userId: String(userId),
      machineId: String(machineId),
      status: 'active',
      number: at + 1,
      fence: Number(fence),
      revision: 1,
      activatedAt: Number(claimedAt),
      leaseSeconds: 120,
      previous: [],
    }),
  );
  const records: Item[] = sessions.map((session) => ({ ...keys.session(pool, session.sessionId), ...session }));
  await putAll(table, [...seats, ...records]);
  await planDue(table, {
    kind: 'sweep',
    pool,
    of: 'seats',
    at: Math.max(...seats.map((seat) => Number(seat.availableAt))),
  });
  return sessions;
};

/** A day of the history: of each activation its record, its item of the history and an event. Returns since when all of it is past. */
const dayOfHistory = async (table: Table, pool: Pool, sessions: number): Promise<number> => {
  const { organizationId } = pool;
  const day = dayOf(Date.now()) - 10 * dayMs;
  const since = day + dayMs;
  const items = Array.from({ length: sessions }, (_, at) => {
    const session = {
      sessionId: `build-4709-${at}-linux-x64`,
      fence: 1,
      startedAt: day + at,
      endedAt: day + at + hour,
    };
    const of = { userId: 'usr_ada', machineId: 'runner-07', number: 1, leaseSeconds: 120, endedReason: 'released' };
    return [
      { ...keys.session(pool, session.sessionId), ...session, ...of, status: 'ended' },
      { ...keys.auditEvent(organizationId, day + at, `event-${at}`), event: { ...session, ...of } },
      { ...keyOfEnded(pool, session), ...session, ...of },
    ];
  });
  await putAll(table, items.flat());
  const planned = new WrittenPlans();
  await planRetentionDay(table, { kind: 'events', organizationId, day, since }, planned, since);
  await planRetentionDay(table, { kind: 'sessions', pool, day, since }, planned, since);
  return since;
};
