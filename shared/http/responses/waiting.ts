import type * as z from 'zod';
import type { Waiting } from '../../contracts/schemas/waiting.ts';
import { utc } from '../../domain/activation.ts';
import { pollAfterSeconds } from '../../domain/queue.ts';
import type { Place } from '../../table/queue/queue.ts';

/** Returns a place in the queue as the API shows it. */
export const waitingBody = ({ ticket, ahead, estimatedSeconds }: Place, now: number): z.input<typeof Waiting> => ({
  sessionId: ticket.sessionId,
  status: 'waiting',
  position: ahead + 1,
  retryAfterSeconds: pollAfterSeconds(ahead, ticket.giveUpAt, now),
  estimatedSeconds: estimatedSeconds ?? null,
  waitingSince: utc(ticket.arrivedAt),
  waitsUntil: utc(ticket.giveUpAt),
});
