import type { Mail, MailLinks } from '../domain/outbox/mail.ts';
import { maxAttempts } from '../domain/outbox/retry-schedule.ts';
import { beginAttempt, noteAttempt, settleUnsent } from '../table/outbox/attempts.ts';
import { keys } from '../table/store/keys.ts';
import type { Table } from '../table/store/table.ts';
import { compose, type Email } from './compose-mail.ts';
import type { MailJob } from './mail-job.ts';

/** Sends an email and returns its message id. `id` is the same in each attempt. */
export type SendEmail = (id: string, email: Email) => Promise<string>;

/**
 * Makes one attempt at a mail. A job that comes twice or late makes no second attempt; after a crash the next attempt follows at
 * its time. So a mail is sent at least once, and twice after a crash between sending and recording it.
 */
export const sendMail = async (
  table: Table,
  { organizationId, mailId, attempts }: MailJob,
  { send, now, ...links }: { send: SendEmail; now: number } & MailLinks,
): Promise<{ outcome: 'sent' | 'dropped' | 'failed' | 'parked' | 'not-due'; error?: string }> => {
  const key = keys.mail({ organizationId, id: mailId });
  const mail = await beginAttempt<Mail>(table, key, { attempts, now });
  if (!mail) return { outcome: 'not-due' };

  const email = await compose(table, mail, { now, ...links });
  if (!email) {
    await settleUnsent(table, key, mail.attempts, { settled: 'dropped', now });
    return { outcome: 'dropped' };
  }
  const answer = await send(mail.id, email).then(
    (messageId) => ({ messageId }),
    // Only its name: its message may contain the address.
    (error: Error) => ({ error: error.name }),
  );
  if ('messageId' in answer) {
    await noteAttempt(table, key, mail.attempts, { answer, settled: 'sent', reached: true, now });
    return { outcome: 'sent' };
  }
  const settled = mail.attempts >= maxAttempts ? 'parked' : undefined;
  await noteAttempt(table, key, mail.attempts, { answer, settled, reached: false, now });
  return { outcome: settled ?? 'failed', ...answer };
};
