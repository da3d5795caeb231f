import { keyOfActor } from '../../domain/accounts/actor.ts';
import { type Invitation, isOpenInvitation } from '../../domain/accounts/invitation.ts';
import { type Member, presentMember } from '../../domain/accounts/member.ts';
import { appointersOf } from '../../domain/accounts/membership.ts';
import type { Person } from '../../domain/accounts/principal.ts';
import { nameMailbox, readEverMember, readMember, readRole } from '../items/members.ts';
import { followMember, joinAsRead, revisionOf } from '../items/memberships.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, ranges } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import { isSecretOf } from '../store/secrets.ts';
import { getItem, readAll, type Table, update, type WithActor, type Written } from '../store/table.ts';
import { changeTries } from './change-member.ts';
import { readInvitation, tokenForm } from './invitations.ts';

export type Accepted =
  | { outcome: 'member'; organizationId: string; member: Member }
  /** No invitation of this person: another's, unknown, expired, revoked, or used. */
  | { outcome: 'missing' }
  | { outcome: 'contended' };

/**
 * Makes the person who signed in a member, if it has the invited address. The use of the invitation is one write, made while the
 * inviter could still invite. The membership follows from it once. A repetition by the same person gives the same membership. A
 * person who is a member already keeps its membership.
 */
export const acceptInvitation = async (
  table: Table,
  token: string,
  { subject, userId, email, name }: Pick<Person, 'subject' | 'userId' | 'email' | 'name'>,
  now: number,
  clock: Clock = systemClock,
): Promise<Accepted> => {
  const [, organization, own, secret] = tokenForm.exec(token) ?? [];
  if (!secret || !userId || !email) return { outcome: 'missing' };
  const organizationId = `org_${organization}`;
  return retryWhileContended(clock, { tries: changeTries }, async (): Promise<Accepted | BeginAgain> => {
    const invitation = await readInvitation(table, organizationId, `inv_${own}`);
    if (!invitation || !isSecretOf(secret, invitation.secretHash)) return { outcome: 'missing' };
    if (invitation.email !== email) return { outcome: 'missing' };
    if (invitation.acceptedBy !== undefined)
      return invitation.acceptedBy === userId ? joined(table, invitation, userId) : { outcome: 'missing' };
    const before = await readEverMember(table, organizationId, userId);
    const isMember = presentMember(before) !== undefined;
    if (!isOpenInvitation(invitation, now) || !couldBeMade(invitation, { userId, isMember }))
      return { outcome: 'missing' };
    if (!(await inviterStands(table, invitation))) return { outcome: 'missing' };

    // Write this before the membership: a listed member can be found by the address.
    await nameMailbox(table, email, { userId, subject });
    const joining = isMember ? undefined : { name: name ?? email, at: now, revision: revisionOf(before) };
    const { done, item } = await use(table, invitation, { userId, joining, now });
    return done && item ? joined(table, item, userId) : { outcome: 'again' };
  });
};

/** Returns the membership that comes of an invitation which this user accepted. */
const joined = async (table: Table, invitation: Invitation, userId: string): Promise<Accepted> => {
  const { organizationId } = invitation;
  await finishJoin(table, invitation);
  const member = await readMember(table, organizationId, userId);
  return member ? { outcome: 'member', organizationId, member } : { outcome: 'missing' };
};

/**
 * Makes the member of an accepted invitation, unless it is there. The member's item must be as it was before the use. So
 * this makes one membership, also where several try, and none for a person who was removed since.
 */
const finishJoin = async (table: Table, invitation: Invitation): Promise<void> => {
  const { organizationId, id, email, role, secretHash, acceptedBy: userId, joining } = invitation;
  if (!joining || userId === undefined) return;
  const before = await readEverMember(table, organizationId, userId);
  if (revisionOf(before) === joining.revision && !presentMember(before)) {
    const member: Member = { userId, email, name: joining.name, role, joinedAt: joining.at };
    await joinAsRead(table, organizationId, before, member);
  }
  await followMember(table, organizationId, userId);
  await update(table, {
    Key: keys.invitation(organizationId, id),
    UpdateExpression: 'REMOVE joining',
    ConditionExpression: 'secretHash = :hash AND attribute_exists(joining)',
    ExpressionAttributeValues: { ':hash': secretHash },
  });
};

/** Makes the members of all accepted invitations of an organization that are not there yet. */
export const finishJoins = async (table: Table, organizationId: string): Promise<void> => {
  const invitations = await readAll(table, ranges.invitations(organizationId));
  for (const invitation of invitations) await finishJoin(table, invitation);
};

/** Returns whether the inviter could make this invitation now: a former member can't invite itself, nor an API key an owner. */
const couldBeMade = (
  invitation: WithActor<Invitation>,
  { userId, isMember }: { userId: string; isMember: boolean },
): boolean =>
  (isMember || invitation.invitedBy !== userId) &&
  (invitation.role !== 'owner' || keyOfActor(invitation.actor) === undefined);

/**
 * Returns whether the inviter could still invite: by its membership, and the API key that it used. A right that ends after this
 * look revokes the invitation before the end is answered. So the invitation's use, which comes after the look, is refused.
 */
const inviterStands = async (table: Table, invitation: WithActor<Invitation>): Promise<boolean> => {
  const { organizationId, invitedBy, role, actor } = invitation;
  // An open invitation was written once, by its inviter.
  const keyId = keyOfActor(actor);
  const [by, key] = await Promise.all([
    readRole(table, organizationId, invitedBy),
    keyId === undefined ? undefined : getItem(table, keys.apiKey(organizationId, keyId)),
  ]);
  if (keyId !== undefined && (!key || key.revokedAt !== undefined)) return false;
  return by !== undefined && appointersOf(role).includes(by);
};

/** Uses an invitation up, if it is still this one and open. */
const use = (
  table: Table,
  { organizationId, id, secretHash }: Invitation,
  { userId, joining, now }: { userId: string; joining: Invitation['joining']; now: number },
): Promise<Written<Invitation>> =>
  update(table, {
    Key: keys.invitation(organizationId, id),
    UpdateExpression: `SET acceptedBy = :userId${joining ? ', joining = :joining' : ''}`,
    ConditionExpression:
      'secretHash = :hash AND expiresAt > :now AND attribute_not_exists(acceptedBy) AND attribute_not_exists(revokedAt)',
    ExpressionAttributeValues: { ':userId': userId, ':joining': joining, ':hash': secretHash, ':now': now },
  });
