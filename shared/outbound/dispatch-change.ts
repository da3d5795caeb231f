import type { AuditEvent } from '../domain/history/audit.ts';
import { requestsAttempt } from '../domain/outbox/retry-schedule.ts';
import type { Change } from '../table/stream/change.ts';
import { type DeliveryJob, deliveryJobOf } from './deliver-webhook.ts';
import { type MailJob, mailJobOf } from './mail-job.ts';

/** The recipients of changes; absent ones get nothing. */
export interface Sinks {
  attempts?: (job: DeliveryJob) => Promise<void>;
  mails?: (job: MailJob) => Promise<void>;
  bus?: (event: AuditEvent) => Promise<void>;
}

/**
 * Dispatches a change: enqueues the attempt of a new delivery or mail, and puts the event on the bus. Throws on failure, so that
 * the stream repeats this change.
 */
export const dispatchChange = async (
  { attempts, mails, bus }: Sinks,
  change: Change,
  event: AuditEvent | undefined,
): Promise<void> => {
  if (attempts && change.kind === 'delivery' && requestsAttempt(change.before, change.after))
    await attempts(deliveryJobOf(change.after));
  if (mails && change.kind === 'mail' && requestsAttempt(change.before, change.after))
    await mails(mailJobOf(change.after));
  if (bus && event) await bus(event);
};
