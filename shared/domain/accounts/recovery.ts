import type { Role } from '../../contracts/schemas/organization.ts';
import { dayMs } from '../dates.ts';
import type { Actor } from './actor.ts';

/** How long a recovery waits without consent, ms. Members need this time to read their mails and to cancel. */
export const recoveryWaitMs = 3 * dayMs;
/** How long after its start a recovery can be completed, ms. */
export const recoveryOpenMs = 14 * dayMs;

/**
 * The handover of a membership to another sign-in with the same email address. The vendor starts a recovery for a member who
 * can no longer sign in as before. Times are epoch ms.
 */
export interface Recovery {
  id: string;
  organizationId: string;
  /** The member, and its membership at the start. If the membership changes, the recovery lapses. */
  userId: string;
  email: string;
  role: Role;
  joinedAt: number;
  startedAt: number;
  startedBy: Actor;
  /** From when on the recovery can be completed without consent. */
  effectiveAt: number;
  /** From when on the recovery can no longer be completed. */
  expiresAt: number;
  /** The member who consented last. */
  consentedBy?: string;
  consentedAt?: number;
  cancelledAt?: number;
  /** The completion that is under way. */
  claim?: RecoveryClaim;
  completedAt?: number;
  /** The user who got the membership. */
  completedAs?: string;
}

/** A completion of a recovery, by a sign-in: its subject, and the user who gets the membership. */
export interface RecoveryClaim {
  subject: string;
  userId: string;
  name?: string;
  /** Epoch ms. */
  at: number;
  /** The revision of the membership that it ends: the claim is void once there is another. */
  revision: number;
}

export type RecoveryStatus = 'waiting' | 'ready' | 'completed' | 'cancelled' | 'lapsed';

/** Returns whether a membership is still as it was when the recovery started. */
export const isRecoveryOf = (
  recovery: Pick<Recovery, 'joinedAt' | 'role'>,
  member: { joinedAt: number; role: Role; removedAt?: number } | undefined,
): boolean =>
  member !== undefined &&
  member.removedAt === undefined &&
  member.joinedAt === recovery.joinedAt &&
  member.role === recovery.role;

/**
 * Returns the status of a recovery.
 *
 * @param circumstances.isSame whether the membership is still as it was at the start
 * @param circumstances.consentStands whether the member who consented is still a member
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
 * Returns whether a person started this recovery.
 *
 * @param person.subject the subject of the person's sign-in, if known
 */
const isStarter = ({ startedBy }: Recovery, { subject, userId }: { subject?: string; userId?: string }): boolean =>
  startedBy === `vendor#${subject}` || startedBy === `user#${userId}`;

/**
 * Returns whether a person may complete a recovery, as far as the recovery's own record says. The person needs another
 * sign-in with the member's address, and neither started the recovery nor consented to it.
 *
 * @param person.userId the user of the person's sign-in, if any
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
 * Returns whether a member may consent to a recovery: it is neither the member concerned nor the person who started it.
 *
 * @param starter the user of the sign-in that started the recovery, if that sign-in has one
 */
export const mayConsent = (recovery: Recovery, userId: string, starter: string | undefined): boolean =>
  userId !== recovery.userId && userId !== starter && !isStarter(recovery, { userId });
