import { randomUUID } from 'node:crypto';
import { dayMs, dayOf } from '../../domain/dates.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import type { EndedSession } from '../../domain/history/session-history.ts';
import { hash32 } from '../../domain/seat.ts';
import { dueShards, type Key, keys, type Pool, poolText } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';
import type { WrittenPlans } from '../store/written-plans.ts';

/**
 * The items of the history that the purge deletes together: a plan for each item would be too much. All times are epoch ms.
 *
 * - the audit events of a trail's day; `organizationId` is the trail
 * - the activations of a pool that began on one day and ended on one day: they sort by their beginning, and their
 *   retention starts at their end
 * - the refused activations of a pool's day
 */
export type RetentionDay = {
  /** The beginning of the day by which the items sort. */
  day: number;
  /** When the retention starts: the end of the day on which they happened, or ended. */
  since: number;
} & ({ kind: 'events'; organizationId: string } | { kind: 'sessions' | 'refusals'; pool: Pool });

/** A planned day. Each new plan has a new `mark`, so that a purge does not forget later items. */
export type PlannedDay = RetentionDay & { mark: string };

const endOfDay = (at: number) => dayOf(at) + dayMs;

/** Returns the days of an event in its trails, an ended activation and a refused activation of a pool. */
export const retentionDaysOf = (
  pool: Pool,
  {
    event,
    ended,
    refusal,
  }: { event?: { at: number; trails: readonly string[] } | undefined; ended?: EndedSession; refusal?: Refusal },
): RetentionDay[] => {
  const days: RetentionDay[] = [];
  if (event) {
    const { at, trails } = event;
    for (const organizationId of trails)
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

/**
 * Plans the deletion of a day. Call this after the day's items are written: a purge keeps the plan if the day was planned
 * anew meanwhile.
 */
export const planRetentionDay = async (
  table: Table,
  past: RetentionDay,
  written: WrittenPlans,
  now: number,
): Promise<void> => {
  const key = retentionDayKey(past);
  if (written.has(key, { until: past.since, now })) return;
  const plan: PlannedDay = { ...past, mark: randomUUID() };
  await put(table, { Item: { ...plan, ...key } });
  written.add(key);
};
