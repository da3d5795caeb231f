import type { AuditEvent } from '../domain/history/audit.ts';
import type { Mail } from '../domain/outbox/mail.ts';
import { type Retried, requestsAttempt } from '../domain/outbox/retry-schedule.ts';
import type { Delivery } from '../domain/outbox/webhook.ts';
import type { Change } from '../table/store/change.ts';
import { kindOfItem } from '../table/store/keys.ts';
import { eventOf } from '../table/stream/derive-event.ts';
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
export const dispatchChange = async ({ attempts, mails, bus }: Sinks, change: Change): Promise<void> => {
  const { before, after } = change;
  if (after && requestsAttempt(before as Retried | undefined, after as unknown as Retried)) {
    const kind = kindOfItem(after);
    if (attempts && kind === 'DELIVERY') await attempts(deliveryJobOf(after as unknown as Delivery));
    if (mails && kind === 'MAIL') await mails(mailJobOf(after as unknown as Mail));
  }
  const event = bus && eventOf(change);
  if (event) await bus(event);
};
