import type { EverMember, Member } from '../../domain/accounts/member.ts';
import { isAtLeast } from '../../domain/accounts/membership.ts';
import type { Person } from '../../domain/accounts/principal.ts';
import { isRecoveryOf, mayComplete, type Recovery, type RecoveryClaim } from '../../domain/accounts/recovery.ts';
import { newId } from '../../ids.ts';
import { readEverMember, readMember } from '../items/members.ts';
import {
  changeAsRead,
  followMember,
  joinAsRead,
  listMembership,
  raiseRevision,
  replaceOwner,
  revisionOf,
} from '../items/memberships.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, ranges } from '../store/keys.ts';
import { type BeginAgain, repeatUntilSettled, retryWhileContended } from '../store/retry.ts';
import { getItem, readAll, type Table, update } from '../store/table.ts';
import { changeTries } from './change-member.ts';
import { giveIdentity, readIdentity } from './identities.ts';
import { type RecoveryName, readRecovery, recoveryKey, voidClaim } from './recoveries.ts';

export type Completed =
  | { outcome: 'member'; member: Member }
  /** No recovery for this person, or none that can be completed now. */
  | { outcome: 'missing' }
  | { outcome: 'contended' };

type NewSignIn = Pick<Person, 'subject' | 'email' | 'name'>;

/**
 * Hands the membership of a recovery over to the person who signed in: a claim of the recovery first, then the end of the old
 * user's membership, as a removal ends it. From that end nothing stops the handover, and each step follows once: the person's
 * membership with the same role, if need be as owner in the other's place. A sign-in without a user becomes a new user, to whom
 * the address leads from then on. The old user keeps all it has in other organizations. A repetition by the same person gives
 * the same membership, and finishes a completion that stopped half way.
 */
export const completeRecovery = async (
  table: Table,
  name: RecoveryName,
  person: NewSignIn,
  now: number,
  clock: Clock = systemClock,
): Promise<Completed> => {
  const { organizationId } = name;
  const fresh = newId('usr');
  let isVoid = false;
  return retryWhileContended(clock, { tries: changeTries }, async (): Promise<Completed | BeginAgain> => {
    const recovery = await readRecovery(table, name);
    if (!recovery) return { outcome: 'missing' };
    if (recovery.completedAt !== undefined) return repeatedBy(table, recovery, person);
    if (recovery.claim) {
      await finishRecovery(table, recovery, recovery.claim);
      return { outcome: 'again' };
    }
    if (isVoid) return { outcome: 'missing' };
    const known = await readIdentity(table, person.subject);
    const present = known === undefined ? undefined : await readMember(table, organizationId, known);
    const before = await readMember(table, organizationId, recovery.userId);
    if (
      present ||
      !before ||
      !isRecoveryOf(recovery, before) ||
      !mayComplete(recovery, { ...person, userId: known }, now) ||
      !(await consentStands(table, recovery, now))
    ) {
      // The same request may have completed the recovery meanwhile: read it again.
      isVoid = true;
      return { outcome: 'again' };
    }
    const claim: RecoveryClaim = {
      subject: person.subject,
      userId: known ?? fresh,
      name: person.name ?? before.name,
      at: now,
      revision: revisionOf(before),
    };
    const { done } = await claimRecovery(table, recovery, claim);
    if (!done || (await finishRecovery(table, recovery, claim)) === 'void') return { outcome: 'again' };
    const member = await readMember(table, organizationId, claim.userId);
    return member ? { outcome: 'member', member } : { outcome: 'missing' };
  });
};

/** Returns the membership that a completed recovery gave, if this person has it. */
const repeatedBy = async (
  table: Table,
  { organizationId, completedAs }: Recovery,
  { subject }: NewSignIn,
): Promise<Completed> => {
  const userId = await readIdentity(table, subject);
  const member = userId !== undefined && userId === completedAs && (await readMember(table, organizationId, userId));
  return member ? { outcome: 'member', member } : { outcome: 'missing' };
};

/** Returns whether the member who consented is still a member, or the recovery needs no consent any more. */
const consentStands = async (
  table: Table,
  { organizationId, effectiveAt, consentedBy }: Recovery,
  now: number,
): Promise<boolean> =>
  effectiveAt <= now ||
  (consentedBy !== undefined && (await readMember(table, organizationId, consentedBy)) !== undefined);

/** Claims a recovery, if it is as it was read: still open, with no other consent. */
const claimRecovery = (table: Table, recovery: Recovery, claim: RecoveryClaim) =>
  update(table, {
    Key: recoveryKey(recovery),
    UpdateExpression: 'SET claim = :claim',
    ConditionExpression: [
      'id = :id AND attribute_not_exists(cancelledAt) AND attribute_not_exists(completedAt) AND attribute_not_exists(claim)',
      recovery.consentedBy === undefined ? 'attribute_not_exists(consentedBy)' : 'consentedBy = :consentedBy',
    ].join(' AND '),
    ExpressionAttributeValues: { ':id': recovery.id, ':claim': claim, ':consentedBy': recovery.consentedBy },
  });

/**
 * Carries a claimed completion out, from wherever another try stopped. Each step is one write that only the first try makes.
 *
 * @returns `void` if the claim no longer holds: the membership or the consent ended, or the sign-in became another user
 */
const finishRecovery = async (table: Table, recovery: Recovery, claim: RecoveryClaim): Promise<'done' | 'void'> => {
  const { id, organizationId, userId: from, email, role } = recovery;
  const { userId, subject, name, at, revision } = claim;
  const old = await readMember(table, organizationId, from);
  const holds =
    isRecoveryOf(recovery, old) &&
    revisionOf(old) === revision &&
    (await consentStands(table, recovery, at)) &&
    (await giveIdentity(table, subject, userId));
  // An end of the consent after this look raises the revision of the old membership before that end is answered.
  if (old && holds) await changeAsRead(table, organizationId, old, { removedAt: at, recoveredAs: userId });
  if ((await voidClaim(table, recovery, claim)) === 'void') return 'void';
  const ended = await readEverMember(table, organizationId, from);
  if (ended) await listMembership(table, organizationId, ended);
  const isOver = (member: EverMember | undefined) => member?.recoveredBy === id;
  if (role === 'owner') await replaceOwner(table, organizationId, { from, to: userId, isOver });
  await repeatUntilSettled(async () => {
    const before = await readEverMember(table, organizationId, userId);
    if (isOver(before)) return 'joined';
    // A person who joined by an invitation meanwhile keeps the higher role.
    const higher = before && before.removedAt === undefined && isAtLeast(before.role, role) ? before.role : role;
    const member = { userId, email, name: name ?? email, role: higher, joinedAt: at, recoveredBy: id };
    return (await joinAsRead(table, organizationId, before, member)).done || undefined;
  });
  await nameNewUser(table, recovery, { userId, subject });
  await followMember(table, organizationId, userId);
  await update(table, {
    Key: recoveryKey(recovery),
    UpdateExpression: 'SET completedAt = :at, completedAs = :userId REMOVE claim',
    ConditionExpression: 'id = :id AND claim = :claim',
    ExpressionAttributeValues: { ':id': id, ':at': at, ':userId': userId, ':claim': claim },
  });
  return 'done';
};

/** Finishes the completion of a member's recovery, if a request stopped half way. */
export const finishRecoveryOf = async (table: Table, organizationId: string, userId: string): Promise<void> => {
  const recovery = await getItem(table, keys.recovery(organizationId, userId));
  if (recovery?.claim) await finishRecovery(table, recovery, recovery.claim);
};

/**
 * Stops the completions that rest on the consent of a former member: their claims hold for the revision of the membership
 * before. A completion whose old membership has ended goes on.
 */
export const withdrawConsents = async (table: Table, organizationId: string, userId: string): Promise<void> => {
  for (const recovery of await readAll(table, ranges.recoveries(organizationId)))
    if (recovery.claim && recovery.consentedBy === userId) await raiseRevision(table, organizationId, recovery.userId);
};

/** Lets the address lead to the new sign-in, if it led to the old user. Another user's address stays as it is. */
const nameNewUser = async (
  table: Table,
  { email, userId: from }: Recovery,
  { userId, subject }: { userId: string; subject: string },
): Promise<void> => {
  await update(table, {
    Key: keys.mailbox(email),
    UpdateExpression: 'SET userId = :userId, subject = :subject',
    ConditionExpression: 'attribute_not_exists(pk) OR userId = :from',
    ExpressionAttributeValues: { ':userId': userId, ':subject': subject, ':from': from },
  });
};
