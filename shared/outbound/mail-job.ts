import * as z from 'zod';
import type { Mail } from '../domain/outbox/mail.ts';

/** A job of the mail queue: the mail to send, and its attempts so far. */
export const MailJob = z.object({ organizationId: z.string(), mailId: z.string(), attempts: z.int() });
export type MailJob = z.infer<typeof MailJob>;

/** Returns the job for the next attempt at a mail. */
export const mailJobOf = ({ organizationId, id, attempts }: Mail): MailJob => ({
  organizationId,
  mailId: id,
  attempts,
});
