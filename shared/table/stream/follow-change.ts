import type { AuditEvent } from '../../domain/history/audit.ts';
import type { Session } from '../../domain/holder-record.ts';
import { mayBeForgotten } from '../../domain/outbox/retry-schedule.ts';
import { listForAddress } from '../accounts/invitations.ts';
import { checkRecord } from '../activations/settle-session.ts';
import { recordEvent } from '../history/audit-events.ts';
import { planPurge } from '../history/purge.ts';
import { recordQuota } from '../history/quotas.ts';
import { recordHistory } from '../history/record-sessions.ts';
import { recordRefusal } from '../history/refusals.ts';
import { planRetentionDay, retentionDaysOf } from '../history/retention-days.ts';
import { isBehind, readCurrent } from '../items/blocks.ts';
import { planDue, planSweep } from '../items/due-items.ts';
import { isPending } from '../items/pending-things.ts';
import { claimOf } from '../items/sessions.ts';
import { planChallenge, planDeliveries } from '../outbox/deliveries.ts';
import { planMails } from '../outbox/mails.ts';
import { mayHaveWebhooks } from '../outbox/webhooks.ts';
import { writeTerms } from '../portfolio/sold-subscriptions.ts';
import { holdKeyOf, holdOf } from '../session-ends/lapse.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type Found, readItems, type Table } from '../store/table.ts';
import { WrittenPlans } from '../store/written-plans.ts';
import type { Change } from './change.ts';
import { claimCheck } from './due-checks.ts';
import { endLapsedSession } from './end-lapsed-session.ts';
import { storedTrailsOf } from './event-draft.ts';
import { reactionsTo } from './reactions-by-kind.ts';

/**
 * Writes everything derived from one change of the table: due checks and sweeps, plans to purge, the history, ends of lapsed
 * sessions, refusals by time, quotas, the audit event, deliveries, the list of an address's invitations, and mails. Idempotent
 * and order-independent. A change so old that its deliveries and mails may have been made and deleted makes none.
 *
 * @param options.written the plans that this instance has written before
 * @param options.sendsMails whether the service sends mails
 * @returns the audit event
 */
export const followChange = async (
  table: Table,
  change: Change,
  {
    written = new WrittenPlans(),
    sendsMails = false,
    now = Date.now(),
  }: { written?: WrittenPlans; sendsMails?: boolean; now?: number } = {},
): Promise<AuditEvent | undefined> => {
  const { at, pool } = change;
  const reactions = reactionsTo(change);
  const isTooLate = mayBeForgotten(change, now);
  for (const check of reactions.due()) await planDue(table, check);
  const unmade = reactions.unmade();
  if (unmade && (await isPending(table, unmade.key))) await planDue(table, unmade);
  const swept = reactions.sweep();
  if (swept) await planSweep(table, { pool, of: swept }, written, now);
  const retained = reactions.retention();
  if (retained) await planPurge(table, retained);
  const session = change.kind === 'session' ? change.after : undefined;
  // All that the consequences of a record need, in one request: after the history is written.
  const read = once(() => readAround(table, pool, session));
  const history = reactions.history();
  if (history && session)
    await recordHistory(table, pool, history, async () => (await read()).get(keys.session(pool, session.sessionId)));
  const checked = reactions.record();
  if (checked) {
    const seat = await holdOf(table, pool, checked, await read());
    if ((await checkRecord(table, pool, checked, seat)) === 'lost')
      await planDue(table, claimCheck(change, claimOf(checked), now));
  }
  const lapse = reactions.lapse();
  if (lapse) await endLapsedSession(table, pool, lapse);
  const refusal = reactions.refusal();
  if (refusal) await recordRefusal(table, refusal);
  const quota = reactions.quota();
  if (quota) await recordQuota(table, pool, quota);
  const event = reactions.event();
  const trails = event ? storedTrailsOf(change, event) : [];
  if (event) {
    await recordEvent(table, event, trails);
    const isWanted = !isTooLate && (!session || (await areWebhooksIn(table, pool, await read())));
    if (isWanted) await planDeliveries(table, event, at);
  }
  // A request that changed the terms of a pool in blocks may have died before it brought them to each block.
  if (change.kind === 'subscription' && isBehind(change.after)) await readCurrent(table, change.after);
  const sold = reactions.sold();
  if (sold) await writeTerms(table, sold);
  const challenge = reactions.challenge();
  if (challenge && !isTooLate) await planChallenge(table, challenge, at);
  for (const day of retentionDaysOf(pool, { event: event && { at: event.at, trails }, ended: history?.ended, refusal }))
    await planRetentionDay(table, day, written, now);
  const pending = reactions.pending();
  if (pending) await listForAddress(table, pending.invitation, pending.isOpen);
  const mails = reactions.mails();
  if (mails && sendsMails && !isTooLate) await planMails(table, mails, at);
  return event;
};

const readAround = async (table: Table, pool: Pool, session: Session | undefined): Promise<Found> =>
  readItems(table, [
    keys.listOfWebhooks(pool.organizationId),
    ...(session ? [keys.session(pool, session.sessionId), await holdKeyOf(table, pool, session)] : []),
  ]);

const areWebhooksIn = (table: Table, { organizationId }: Pool, found: Found): Promise<boolean> =>
  mayHaveWebhooks(table, organizationId, found.get(keys.listOfWebhooks(organizationId)));

const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let result: Promise<T> | undefined;
  return () => {
    result ??= read();
    return result;
  };
};
