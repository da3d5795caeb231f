import { mayBeForgotten } from '../../domain/outbox/retry-schedule.ts';
import { recordEvent } from '../history/audit-events.ts';
import { planPurge } from '../history/purge.ts';
import { recordHistory } from '../history/record-sessions.ts';
import { recordRefusal, refusalOf } from '../history/refusals.ts';
import { PlannedDays, planRetentionDay, retentionDaysOf } from '../history/retention-days.ts';
import { retentionOf } from '../history/retention-rules.ts';
import { planDue } from '../items/due-items.ts';
import { planChallenge, planDeliveries } from '../outbox/deliveries.ts';
import type { Change } from '../store/change.ts';
import { followedPartitions } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { eventOf } from './derive-event.ts';
import { dueOf } from './due-checks.ts';
import { endLapsedSession } from './end-lapsed-session.ts';
import { expiriesOf } from './expiry-checks.ts';
import { rightCheckOf } from './right-checks.ts';

/** Whether anything follows from a change: nothing does from a deletion. On AWS the function is not called for the others. */
const isFollowed = ({ after }: Change): boolean =>
  after !== undefined && followedPartitions.some((prefix) => String(after.pk).startsWith(prefix));

/**
 * Writes everything derived from one change of the table: due checks, expiries, the history, ends of lapsed sessions, plans to
 * purge, refusals by time, the audit event and its deliveries. Idempotent and order-independent. A change so old that its
 * deliveries may have been made and forgotten makes none.
 *
 * @param planned the days of the history that are known to be planned
 */
export const followChange = async (
  table: Table,
  change: Change,
  { planned = new PlannedDays(), now = Date.now() }: { planned?: PlannedDays; now?: number } = {},
): Promise<void> => {
  if (!isFollowed(change)) return;
  const isTooLate = mayBeForgotten(change, now);
  const due = dueOf(change);
  if (due) await planDue(table, due);
  for (const expiry of expiriesOf(change)) await planDue(table, expiry);
  const rightCheck = rightCheckOf(change);
  if (rightCheck) await planDue(table, rightCheck);
  const past = retentionOf(change);
  if (past) await planPurge(table, past);
  await recordHistory(table, change, now);
  await endLapsedSession(table, change);
  const refusal = refusalOf(change);
  if (refusal) await recordRefusal(table, refusal);
  const event = eventOf(change);
  if (event) {
    await recordEvent(table, event);
    if (!isTooLate) await planDeliveries(table, event, change.at);
  }
  if (!isTooLate) await planChallenge(table, change);
  for (const day of retentionDaysOf(change, event)) await planRetentionDay(table, day, planned, now);
};
