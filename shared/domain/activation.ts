import type * as z from 'zod';
import type { Activation } from '../contracts/schemas/activation.ts';
import type { Session } from './holder-record.ts';
import { type HeldSeat, holderId } from './seat.ts';
import { heartbeatSeconds, type Subscription, sessionEnd } from './subscription.ts';

/** What a member asks for: a license for this session on this machine. */
export interface SessionRequest {
  sessionId: string;
  userId: string;
  machineId: string;
  hostname?: string;
  /** For how long it will wait if nothing is free (default: not at all). */
  waitSeconds?: number;
  /** The API key of the request, if it has one. */
  key?: { id: string; maxSessions?: number | undefined };
}

/** An instant as the API writes it. */
export const utc = (epochMs: number): string => new Date(epochMs).toISOString();

/** What an activation shows of its session, from its record or from the seat that it stands on. */
type Shown = Pick<
  Session,
  | 'sessionId'
  | 'machineId'
  | 'hostname'
  | 'userId'
  | 'status'
  | 'number'
  | 'fence'
  | 'activatedAt'
  | 'leaseSeconds'
  | 'endedAt'
  | 'endedReason'
>;

/**
 * What the API tells of a session.
 *
 * @param leaseEndsAt while it is live: when its lease ends, epoch ms
 */
export const activationOf = (product: string, session: Shown, leaseEndsAt?: number): z.input<typeof Activation> => ({
  sessionId: session.sessionId,
  product,
  machineId: session.machineId,
  hostname: session.hostname ?? null,
  userId: session.userId,
  status: session.status,
  seat: session.number,
  fence: session.fence,
  activatedAt: utc(session.activatedAt),
  leaseExpiresAt: leaseEndsAt === undefined ? null : utc(leaseEndsAt),
  heartbeatSeconds: heartbeatSeconds(session.leaseSeconds),
  endedAt: session.endedAt === undefined ? null : utc(session.endedAt),
  endedReason: session.endedReason ?? null,
});

/** What the API tells of a live session: its seat has it all. */
export const liveActivation = (
  subscription: Pick<Subscription, 'product' | 'expiresAt'>,
  { number, fence, hold }: HeldSeat,
): z.input<typeof Activation> =>
  activationOf(
    subscription.product,
    {
      sessionId: holderId(hold.holder),
      machineId: hold.machineId ?? '',
      hostname: hold.hostname,
      userId: hold.userId,
      status: 'active',
      number,
      fence,
      activatedAt: hold.claimedAt,
      leaseSeconds: hold.leaseMs / 1000,
    },
    sessionEnd(hold, subscription),
  );
