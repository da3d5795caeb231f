import type * as z from 'zod';
import type { Activation } from '../contracts/schemas/activation.ts';
import type { Session } from './holder-record.ts';
import { type HeldSeat, holderId } from './seat.ts';
import { heartbeatSeconds, type Subscription, sessionEnd } from './subscription.ts';

/** A member's request for a license: for this session, on this machine. */
export interface SessionRequest {
  sessionId: string;
  userId: string;
  machineId: string;
  hostname?: string;
  /** How long the session waits if no license is free, seconds. Default: 0. */
  waitSeconds?: number;
  /** The API key of the request, if any. */
  key?: { id: string; maxSessions?: number | undefined };
}

/** Returns an instant as the API writes it: ISO 8601 in UTC. */
export const utc = (epochMs: number): string => new Date(epochMs).toISOString();

/** The fields of a session that an activation shows. They come from its record, or from its seat. */
type ActivationFields = Pick<
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
 * Returns a session as the API shows it.
 *
 * @param leaseEndsAt when the lease of a live session ends, epoch ms; undefined for an ended session
 */
export const activationOf = (
  product: string,
  session: ActivationFields,
  leaseEndsAt?: number,
): z.input<typeof Activation> => ({
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

/** Returns a live session as the API shows it. Its seat has all fields but the host name: `withHostname`. */
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
