import * as z from 'zod';
import type { Mail } from '../domain/outbox/mail.ts';

/** What the queue of mails carries: which one to send, and how many attempts there were. */
export const MailJob = z.object({ organizationId: z.string(), mailId: z.string(), attempts: z.int() });
export type MailJob = z.infer<typeof MailJob>;

/** The order for the next attempt at a mail. */
export const mailJobOf = ({ organizationId, id, attempts }: Mail): MailJob => ({
  organizationId,
  mailId: id,
  attempts,
});
