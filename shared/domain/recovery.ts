import type { Role } from '../contracts/schemas/organization.ts';
import type { Actor } from './actor.ts';
import { dayMs } from './dates.ts';

/** How long a recovery waits that nobody consents to, ms: its members have that time to read their mails and to cancel. */
export const recoveryWaitMs = 3 * dayMs;
/** How long a recovery can be completed after its start, ms. */
export const recoveryOpenMs = 14 * dayMs;

/**
 * The vendor hands a membership over to another sign-in of the same email address: for a member whose sign-in was lost.
 * Times are epoch ms.
 */
export interface Recovery {
  id: string;
  organizationId: string;
  /** The member, and its membership as it was at the start: with another one the recovery ends. */
  userId: string;
  email: string;
  role: Role;
  joinedAt: number;
  startedAt: number;
  startedBy: Actor;
  /** From then on it needs no consent. */
  effectiveAt: number;
  /** It can be completed until then. */
  expiresAt: number;
  /** The member who consented last. */
  consentedBy?: string;
  consentedAt?: number;
  cancelledAt?: number;
  completedAt?: number;
  /** The user who has the membership since. */
  completedAs?: string;
}

export type RecoveryStatus = 'waiting' | 'ready' | 'completed' | 'cancelled' | 'lapsed';

/** Whether a membership is the very one that a recovery was started for. */
export const isRecoveryOf = (
  recovery: Pick<Recovery, 'joinedAt' | 'role'>,
  member: { joinedAt: number; role: Role; removedAt?: number } | undefined,
): boolean =>
  member !== undefined &&
  member.removedAt === undefined &&
  member.joinedAt === recovery.joinedAt &&
  member.role === recovery.role;

/**
 * Where a recovery stands.
 *
 * @param circumstances.isSame whether the membership is as it was at the start
 * @param circumstances.consentStands whether the member who consented is one still
 */
export const recoveryStatus = (
  { completedAt, cancelledAt, expiresAt, effectiveAt, consentedBy }: Recovery,
  { isSame, consentStands }: { isSame: boolean; consentStands: boolean },
  now: number,
): RecoveryStatus => {
  if (completedAt !== undefined) return 'completed';
  if (cancelledAt !== undefined) return 'cancelled';
  if (expiresAt <= now || !isSame) return 'lapsed';
  return effectiveAt <= now || (consentedBy !== undefined && consentStands) ? 'ready' : 'waiting';
};

/**
 * Whether somebody is the one who started a recovery.
 *
 * @param person.subject of the sign-in, where it is known
 */
const isStarter = ({ startedBy }: Recovery, { subject, userId }: { subject?: string; userId?: string }): boolean =>
  startedBy === `vendor#${subject}` || startedBy === `user#${userId}`;

/**
 * Whether a recovery can be completed by a person, as far as the recovery itself tells. The person has another sign-in of
 * the member's address, and is none of the two who brought the recovery about.
 *
 * @param person.userId the user that its sign-in is, if any
 */
export const mayComplete = (
  recovery: Recovery,
  person: { subject: string; userId: string | undefined; email?: string },
  now: number,
): boolean =>
  person.email === recovery.email &&
  person.userId !== recovery.userId &&
  !isStarter(recovery, person) &&
  (person.userId === undefined || person.userId !== recovery.consentedBy) &&
  recovery.cancelledAt === undefined &&
  recovery.expiresAt > now &&
  (recovery.effectiveAt <= now || recovery.consentedBy !== undefined);

/**
 * Whether a member is a second person to a recovery: neither the member concerned nor the one who started it.
 *
 * @param starter the user that the sign-in is which started it, if any
 */
export const mayConsent = (recovery: Recovery, userId: string, starter: string | undefined): boolean =>
  userId !== recovery.userId && userId !== starter && !isStarter(recovery, { userId });
