import type { AuditEvent } from '../../domain/history/audit.ts';
import { mayBeForgotten } from '../../domain/outbox/retry-schedule.ts';
import { listForAddress } from '../accounts/invitations.ts';
import { recordEvent } from '../history/audit-events.ts';
import { planPurge } from '../history/purge.ts';
import { recordQuota } from '../history/quotas.ts';
import { recordHistory } from '../history/record-sessions.ts';
import { recordRefusal } from '../history/refusals.ts';
import { PlannedDays, planRetentionDay, retentionDaysOf } from '../history/retention-days.ts';
import { planDue } from '../items/due-items.ts';
import { planChallenge, planDeliveries } from '../outbox/deliveries.ts';
import { planMails } from '../outbox/mails.ts';
import { writeTerms } from '../portfolio/sold-subscriptions.ts';
import type { Table } from '../store/table.ts';
import type { Change } from './change.ts';
import { endLapsedSession } from './end-lapsed-session.ts';
import { reactionsTo } from './reactions-by-kind.ts';

/**
 * Writes everything derived from one change of the table: due checks, plans to purge, the history, ends of lapsed sessions,
 * refusals by time, quotas, the audit event, deliveries, the list of an address's invitations, and mails. Idempotent and order-independent. A change so old that its
 * deliveries and mails may have been made and deleted makes none.
 *
 * @param options.planned the days of the history that were planned before
 * @param options.sendsMails whether the service sends mails
 * @returns the audit event
 */
export const followChange = async (
  table: Table,
  change: Change,
  {
    planned = new PlannedDays(),
    sendsMails = false,
    now = Date.now(),
  }: { planned?: PlannedDays; sendsMails?: boolean; now?: number } = {},
): Promise<AuditEvent | undefined> => {
  const { at, pool } = change;
  const reactions = reactionsTo(change);
  const isTooLate = mayBeForgotten(change, now);
  for (const check of reactions.due()) await planDue(table, check);
  const retained = reactions.retention();
  if (retained) await planPurge(table, retained);
  const history = reactions.history();
  if (history) await recordHistory(table, pool, history, { at, now });
  const lapse = reactions.lapse();
  if (lapse) await endLapsedSession(table, pool, lapse);
  const refusal = reactions.refusal();
  if (refusal) await recordRefusal(table, refusal);
  const quota = reactions.quota();
  if (quota) await recordQuota(table, pool, quota);
  const event = reactions.event();
  if (event) {
    await recordEvent(table, event);
    if (!isTooLate) await planDeliveries(table, event, at);
  }
  const sold = reactions.sold();
  if (sold) await writeTerms(table, sold);
  const challenge = reactions.challenge();
  if (challenge && !isTooLate) await planChallenge(table, challenge, at);
  for (const day of retentionDaysOf(pool, { event, ended: history?.ended, refusal }))
    await planRetentionDay(table, day, planned, now);
  const pending = reactions.pending();
  if (pending) await listForAddress(table, pending.invitation, pending.isOpen);
  const mails = reactions.mails();
  if (mails && sendsMails && !isTooLate) await planMails(table, mails, at);
  return event;
};
