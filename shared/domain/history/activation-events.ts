import { createHash } from 'node:crypto';
import type { Actor } from '../accounts/actor.ts';
import { utc } from '../activation.ts';
import type { AuditEvent } from './audit.ts';
import {
  type EndedSession,
  type HistorySession,
  isEnded,
  type LapsedActivation,
  type RunningSession,
} from './session-history.ts';

/** The activation of a pool. */
interface InPool {
  organizationId: string;
  product: string;
}

/** The actions that the history of sessions tells. */
type ActivationAction = 'activation.started' | 'activation.ended';

/** Returns the same ID wherever the event is told: it derives from the claim alone. */
const eventId = ({ organizationId, product }: InPool, action: ActivationAction, session: RunningSession): string => {
  const { sessionId, number, fence } = session;
  const name = [action, organizationId, product, sessionId, number, fence].join('\n');
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
};

const detailsOf = ({ userId, machineId, number, fence, activatedAt }: Omit<LapsedActivation, 'reason'>) => ({
  userId,
  machineId,
  seat: number,
  fence,
  startedAt: utc(activatedAt),
});

const eventOf = (
  pool: InPool,
  action: ActivationAction,
  session: RunningSession,
  { at, actor, more }: { at: number; actor: Actor; more: Record<string, unknown> },
): AuditEvent => ({
  id: eventId(pool, action, session),
  at,
  organizationId: pool.organizationId,
  action,
  actor,
  target: { type: 'activation', id: session.sessionId },
  product: pool.product,
  details: { ...detailsOf({ activatedAt: session.startedAt, ...session }), ...more },
});

/** Returns the event of an activation's start. If the start ended an earlier activation, the event tells both. */
export const startEventOf = (pool: InPool, session: RunningSession, actor: Actor): AuditEvent => {
  const { hostname, lapsed } = session;
  const more = {
    ...(hostname !== undefined && { hostname }),
    ...(lapsed && { ended: { ...detailsOf(lapsed), reason: lapsed.reason } }),
  };
  return eventOf(pool, 'activation.started', session, { at: session.startedAt, actor, more });
};

/** Returns the event of an activation's end. */
export const endEventOf = (pool: InPool, session: EndedSession, actor: Actor): AuditEvent => {
  const { endedAt: at, endedReason: reason } = session;
  return eventOf(pool, 'activation.ended', session, { at, actor, more: { reason } });
};

/**
 * Returns the events that an activation of the history tells: its start and its end. Other events tell a move, a lapse that
 * nobody noticed, and the starts and ends of earlier releases.
 */
export const eventsOfActivation = (pool: InPool, session: HistorySession): AuditEvent[] => [
  ...(session.startedBy ? [startEventOf(pool, session, session.startedBy)] : []),
  ...(isEnded(session) && session.endedBy ? [endEventOf(pool, session, session.endedBy)] : []),
];

/** Returns the name of an activation's start or end: the same in the history and as an earlier release stored it. */
export const nameOfEvent = ({ id, action, product, target, details: { seat, fence } }: AuditEvent): string =>
  action.startsWith('activation.') && typeof seat === 'number' && typeof fence === 'number'
    ? [action, product, target.id, seat, fence].join('\n')
    : id;
