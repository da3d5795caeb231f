import { randomUUID } from 'node:crypto';
import { dayMs, dayOf } from '../../domain/dates.ts';
import type { AuditEvent } from '../../domain/history/audit.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import type { EndedSession } from '../../domain/history/session-history.ts';
import { hash32 } from '../../domain/seat.ts';
import { dueShards, type Key, keys, type Pool, poolText } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';

/**
 * What of the history goes together: there is far too much of it for a plan for each item. All times are epoch ms.
 *
 * - the audit events of an organization's day
 * - the activations of a pool that began on the same day and ended on the same day: how long they are kept counts from
 *   their end, while they are found by their beginning
 * - the refused activations of a pool's day
 */
export type RetentionDay = {
  /** The beginning of the day by which they are found. */
  day: number;
  /** Since when all of it is history: the end of the day on which they happened, or ended. */
  since: number;
} & ({ kind: 'events'; organizationId: string } | { kind: 'sessions' | 'refusals'; pool: Pool });

/** As it is planned; `mark` is another whenever it is planned anew, so that what came meanwhile is not forgotten. */
export type PlannedDay = RetentionDay & { mark: string };

const endOfDay = (at: number) => dayOf(at) + dayMs;

/** Returns the days to which an event, an activation that ended and a refused activation of a pool belong. */
export const retentionDaysOf = (
  pool: Pool,
  { event, ended, refusal }: { event?: AuditEvent; ended?: EndedSession; refusal?: Refusal },
): RetentionDay[] => {
  const days: RetentionDay[] = [];
  if (event) {
    const { organizationId, at } = event;
    days.push({ kind: 'events', organizationId, day: dayOf(at), since: endOfDay(at) });
  }
  if (ended) days.push({ kind: 'sessions', pool, day: dayOf(ended.startedAt), since: endOfDay(ended.endedAt) });
  if (refusal) days.push({ kind: 'refusals', pool, day: dayOf(refusal.at), since: endOfDay(refusal.at) });
  return days;
};

export const retentionDayKey = (past: RetentionDay): Key => {
  const of = past.kind === 'events' ? past.organizationId : poolText(past.pool);
  const name = `DAY#${past.kind}#${of}#${past.day}`;
  return keys.past(hash32(name) % dueShards, past.since, name);
};

/** The days that one instance of the stream function knows to be planned. */
export class PlannedDays {
  private readonly names = new Set<string>();

  /** Not once the day is over: from then on a run may have purged it, and its plan with it. */
  has(past: RetentionDay, now: number): boolean {
    return now < past.since && this.names.has(retentionDayKey(past).sk);
  }

  add(past: RetentionDay): void {
    if (this.names.size >= 10_000) this.names.clear();
    this.names.add(retentionDayKey(past).sk);
  }
}

/**
 * Plans that a day goes with the rest of the history of its time. To be called after what lies in it was written: a run
 * that purges it forgets it only if it was not planned anew meanwhile.
 */
export const planRetentionDay = async (
  table: Table,
  past: RetentionDay,
  planned: PlannedDays,
  now: number,
): Promise<void> => {
  if (planned.has(past, now)) return;
  const plan: PlannedDay = { ...past, mark: randomUUID() };
  await put(table, { Item: { ...plan, ...retentionDayKey(past) } });
  planned.add(past);
};
