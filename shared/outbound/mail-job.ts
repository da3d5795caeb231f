import * as z from 'zod';
import type { Mail } from '../domain/outbox/mail.ts';

/** What the queue of mails carries: which one to send, and how many attempts there were. */
export const MailOrder = z.object({ organizationId: z.string(), mailId: z.string(), attempts: z.int() });
export type MailOrder = z.infer<typeof MailOrder>;

/** The order for the next attempt at a mail. */
export const mailOrderOf = ({ organizationId, id, attempts }: Mail): MailOrder => ({
  organizationId,
  mailId: id,
  attempts,
});
