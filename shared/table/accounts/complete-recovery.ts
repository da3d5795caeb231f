import type { Member } from '../../domain/accounts/member.ts';
import type { Person } from '../../domain/accounts/principal.ts';
import { isRecoveryOf, mayComplete, type Recovery } from '../../domain/accounts/recovery.ts';
import { newId } from '../../ids.ts';
import { findMailbox, membershipWrites, ownerReplaced, readMember, readOwners } from '../items/members.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { transact, type Write } from '../store/transactions.ts';
import { changeTries } from './change-member.ts';
import { readIdentity } from './identities.ts';
import { type RecoveryName, readRecovery, recoveryKey } from './recoveries.ts';

export type Completed =
  | { outcome: 'member'; member: Member }
  /** No recovery for this person, or none that can be completed now. */
  | { outcome: 'missing' }
  | { outcome: 'contended' };

type NewSignIn = Pick<Person, 'subject' | 'email' | 'name'>;

/**
 * Hands the membership of a recovery over to the person who signed in. One transaction ends the old user's membership, as a
 * removal does, and begins the person's with the same role, if need be as owner in the other's place. A sign-in without a
 * user becomes a new user, to whom the address leads from then on. The old user keeps all it has in other organizations. A
 * repetition by the same person gives the same membership.
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
    if (isVoid) return { outcome: 'missing' };
    const known = await readIdentity(table, person.subject);
    const present = known === undefined ? undefined : await readMember(table, organizationId, known);
    const before = await readMember(table, organizationId, recovery.userId);
    if (
      present ||
      !before ||
      !isRecoveryOf(recovery, before) ||
      !mayComplete(recovery, { ...person, userId: known }, now)
    ) {
      // The same request may have completed the recovery meanwhile: read it again.
      isVoid = true;
      return { outcome: 'again' };
    }

    const { email, role } = recovery;
    const userId = known ?? fresh;
    const member: Member = { userId, email, name: person.name ?? before.name, role, joinedAt: now };
    // A refusal by one of these writes would only repeat itself at the next try.
    const lasting = [...consenterStands(recovery, now), ...membershipEnds(recovery, { userId, now })];
    const owners = role === 'owner' ? await readOwners(table, organizationId) : undefined;
    const completed = await transact(table, [
      ...lasting,
      completes(recovery, { userId, now }),
      ...membershipWrites({ ...member, organizationId, now }),
      ...(owners ? [ownerReplaced(organizationId, { asRead: owners, from: recovery.userId, to: userId })] : []),
      ...(known === undefined ? [signInIs(person.subject, userId)] : []),
      ...(await mailboxWrites(table, recovery, { userId, subject: person.subject })),
    ]);
    if (completed.done) return { outcome: 'member', member };
    isVoid = completed.refused.some((index) => index < lasting.length);
    return { outcome: 'again' };
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

/** The condition that the consenting member is still a member, unless the recovery needs no consent any more. */
const consenterStands = (recovery: Recovery, now: number): Write[] => {
  const { organizationId, effectiveAt, consentedBy } = recovery;
  if (effectiveAt <= now || consentedBy === undefined) return [];
  return [
    {
      ConditionCheck: {
        Key: keys.membership(consentedBy, organizationId),
        ConditionExpression: 'attribute_exists(pk)',
      },
    },
  ];
};

/** Ends the old membership, if the recovery was started for it. */
const membershipEnds = (
  { organizationId, userId: oldUserId, email, role, joinedAt }: Recovery,
  { userId, now }: { userId: string; now: number },
): Write[] => [
  {
    Update: {
      Key: keys.member(organizationId, oldUserId),
      UpdateExpression: 'SET removedAt = :now, recoveredAs = :userId',
      ConditionExpression:
        'email = :email AND #role = :role AND joinedAt = :joinedAt AND attribute_not_exists(removedAt)',
      ExpressionAttributeValues: {
        ':email': email,
        ':role': role,
        ':joinedAt': joinedAt,
        ':now': now,
        ':userId': userId,
      },
    },
  },
  { Delete: { Key: keys.membership(oldUserId, organizationId) } },
];

/** Completes a recovery, if it is as it was read: still open, with no other consent. */
const completes = (recovery: Recovery, { userId, now }: { userId: string; now: number }): Write => ({
  Update: {
    Key: recoveryKey(recovery),
    UpdateExpression: 'SET completedAt = :now, completedAs = :userId',
    ConditionExpression: [
      'id = :id AND attribute_not_exists(cancelledAt) AND attribute_not_exists(completedAt)',
      recovery.consentedBy === undefined ? 'attribute_not_exists(consentedBy)' : 'consentedBy = :consentedBy',
    ].join(' AND '),
    ExpressionAttributeValues: {
      ':id': recovery.id,
      ':now': now,
      ':userId': userId,
      ':consentedBy': recovery.consentedBy,
    },
  },
});

/** Gives a sign-in without a user this user. */
const signInIs = (subject: string, userId: string): Write => ({
  Put: {
    Item: { ...keys.identity(subject), userId },
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

/** Lets the address lead to the new sign-in, if it led to the old user. Another user's address stays as it is. */
const mailboxWrites = async (
  table: Table,
  { email, userId: oldUserId }: Recovery,
  { userId, subject }: { userId: string; subject: string },
): Promise<Write[]> => {
  const mailbox = await findMailbox(table, email);
  if (mailbox && mailbox.userId !== oldUserId) return [];
  return [
    {
      Update: {
        Key: keys.mailbox(email),
        UpdateExpression: 'SET userId = :userId, subject = :subject',
        ConditionExpression: 'attribute_not_exists(pk) OR userId = :oldUserId',
        ExpressionAttributeValues: { ':userId': userId, ':subject': subject, ':oldUserId': oldUserId },
      },
    },
  ];
};
