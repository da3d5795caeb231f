import * as z from 'zod';
import { SessionId, UtcTime } from './primitives.ts';

/** A session that waits for a license, with its place in the queue. */
export const Waiting = z
  .object({
    sessionId: SessionId,
    status: z.literal('waiting'),
    position: z.int().meta({
      description: 'How many go first, and itself: 1 is next. Exact for the first 100, an estimate further back.',
      example: 3,
    }),
    retryAfterSeconds: z.int().meta({
      description: 'Activate again after this time, with the same `sessionId`: that is how the place is kept.',
      example: 4,
    }),
    estimatedSeconds: z.int().nullable().meta({
      description: 'How long it may still take, by how fast the queue has moved so far; null if it has not.',
    }),
    waitingSince: UtcTime,
    waitsUntil: UtcTime.meta({ description: 'After it the session is refused: its `waitSeconds` are over.' }),
  })
  .meta({ id: 'Waiting' });
