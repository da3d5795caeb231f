import { createHash, createHmac, randomBytes } from 'node:crypto';
import pMap from 'p-map';
import { keyOfActor } from '../../domain/accounts/actor.ts';
import { type Invitation, isOpenInvitation, type PendingInvitation } from '../../domain/accounts/invitation.ts';
import type { EverMember, Member } from '../../domain/accounts/member.ts';
import { appointersOf } from '../../domain/accounts/membership.ts';
import type { Organization } from '../../domain/accounts/organization.ts';
import type { Person } from '../../domain/accounts/principal.ts';
import { memberWrites, nameMailbox, readEverMember, readMember, readMemberByEmail } from '../items/members.ts';
import { updateUnderAuthority } from '../store/authority.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { currentSecret, type PurposeSecret, secretOfVersion } from '../store/purpose-secrets.ts';
import { type BeginAgain, Contended, retryWhileContended } from '../store/retry.ts';
import { base36, hashOf, isSecretOf, secretText } from '../store/secrets.ts';
import {
  getItemWithActor,
  put,
  readAllWithActor,
  readItems,
  readPage,
  remove,
  type Table,
  update,
  type WithActor,
} from '../store/table.ts';
import { transact, type Write } from '../store/transactions.ts';
import { changeTries } from './change-member.ts';

/** Returns `lhi_<organization and id>_<secret>`, which leads to the item: it has the random parts of both ids. */
const tokenOf = ({ organizationId, id }: Invitation, secret: string) =>
  `lhi_${organizationId.slice('org_'.length)}${id.slice('inv_'.length)}_${secret}`;
const tokenForm = /^lhi_([0-9a-z]{26})([0-9a-z]{26})_([A-Za-z0-9]{43})$/;

/**
 * Derives the secret of an invitation's token: the sender of the mail needs no stored copy, and no image of the item tells
 * the secret.
 */
const secretOf = (
  { bytes }: PurposeSecret,
  { organizationId, id, nonce }: Pick<Invitation, 'organizationId' | 'id' | 'nonce'>,
): string => secretText(createHmac('sha256', bytes).update(`invitation\n${organizationId}\n${id}\n${nonce}`).digest());

/**
 * Returns the token that accepts an invitation.
 *
 * @throws RetiredSecret if an operator retired the secret behind the token
 */
export const invitationToken = async (table: Table, invitation: Invitation): Promise<string> => {
  const secret = await secretOfVersion(table, 'invitations', invitation.derivedFrom ?? 0);
  return tokenOf(invitation, secretOf(secret, invitation));
};

/** Derives the id from the address: inviting an address again overwrites its invitation, and so ends the earlier token. */
const idOf = (organizationId: string, email: string) =>
  `inv_${base36(createHash('sha256').update(`invitation\n${organizationId}\n${email}`).digest())}`;

export type Invited =
  | { email: string; outcome: 'invited'; invitation: Invitation; token: string }
  | { email: string; outcome: 'already-member'; userId: string };

/**
 * Invites the persons with these addresses, each once: all of them together, or none. A new invitation replaces the earlier
 * one of its address.
 *
 * @param request.emails at most 50: one transaction holds no more
 * @returns one outcome for each address
 * @throws Contended if others were in the way for too long
 */
export const invite = async (
  table: Table,
  {
    emails,
    ...request
  }: Pick<Invitation, 'organizationId' | 'role' | 'expiresAt' | 'invitedBy'> & { emails: string[] },
  now: number,
): Promise<Invited[]> => {
  const invited = await pMap(emails, (email) => prepare(table, { ...request, email }, now), { concurrency: 10 });
  const writes = invited.flatMap((one): Write[] => {
    if (one.outcome !== 'invited') return [];
    const key = keys.invitation(request.organizationId, one.invitation.id);
    return [{ Put: { Item: { ...key, ...one.invitation } } }];
  });
  if (writes.length > 0 && !(await transact(table, writes)).done) throw new Contended();
  return invited;
};

const prepare = async (
  table: Table,
  request: Pick<Invitation, 'organizationId' | 'email' | 'role' | 'expiresAt' | 'invitedBy'>,
  now: number,
): Promise<Invited> => {
  const { organizationId, email } = request;
  const member = await readMemberByEmail(table, organizationId, email);
  // This is a hint for people: a member who accepts an invitation all the same changes nothing.
  if (member) return { email, outcome: 'already-member', userId: member.userId };
  const named = { organizationId, id: idOf(organizationId, email), nonce: randomBytes(16).toString('base64url') };
  const from = await currentSecret(table, 'invitations');
  const secret = secretOf(from, named);
  const derived = { derivedFrom: from.version, secretHash: hashOf(secret) };
  const invitation: Invitation = { ...request, ...named, ...derived, invitedAt: now };
  return { email, outcome: 'invited', invitation, token: tokenOf(invitation, secret) };
};

/** Reads a page of an organization's invitations that can still be accepted. */
export const listInvitations = (
  table: Table,
  organizationId: string,
  { now, ...options }: PageRequest & { now: number },
): Promise<Page<Invitation>> =>
  readFiltered(
    (after) => readPage(table, ranges.invitations(organizationId), { limit: 100, after }),
    (found) => found.filter((invitation) => isOpenInvitation(invitation, now)),
    ({ id }) => keys.invitation(organizationId, id),
    { ...options, most: 1000 },
  );

/** Adds an invitation to the list of its address, or removes it once it can't be accepted any more. */
export const listForAddress = async (
  table: Table,
  { email, organizationId, id }: Invitation,
  isOpen: boolean,
): Promise<void> => {
  const key = keys.pendingInvitation(email, organizationId);
  if (isOpen) await put(table, { Item: { ...key, organizationId, id } });
  else await remove(table, { Key: key });
};

/** An open invitation, as the invited person sees it. */
export interface OwnInvitation {
  invitation: Invitation;
  organization: Organization;
  inviter: EverMember | undefined;
  token: string;
}

/** Reads a page of a person's open invitations. Empty for a sign-in without a verified address, or without a user. */
export const listInvitationsOf = async (
  table: Table,
  { userId, email }: Pick<Person, 'userId' | 'email'>,
  { now, ...options }: PageRequest & { now: number },
): Promise<Page<OwnInvitation>> => {
  if (userId === undefined || email === undefined) return { items: [] };
  return readFiltered(
    (after) => readPage(table, ranges.pendingInvitations(email), { limit: 25, after }),
    (pending) => readOwn(table, pending, now),
    ({ invitation }) => keys.pendingInvitation(email, invitation.organizationId),
    { ...options, most: 250 },
  );
};

const readOwn = async (table: Table, pending: PendingInvitation[], now: number): Promise<OwnInvitation[]> => {
  const found = await readItems(
    table,
    pending.flatMap(({ organizationId, id }) => [
      keys.invitation(organizationId, id),
      keys.organization(organizationId),
    ]),
  );
  const own = pending.map(async ({ organizationId, id }): Promise<OwnInvitation[]> => {
    const invitation = found.get(keys.invitation(organizationId, id));
    const organization = found.get(keys.organization(organizationId));
    if (!invitation || !organization || !isOpenInvitation(invitation, now)) return [];
    const [inviter, token] = await Promise.all([
      readEverMember(table, organizationId, invitation.invitedBy),
      invitationToken(table, invitation),
    ]);
    return [{ invitation, organization, inviter, token }];
  });
  return (await Promise.all(own)).flat();
};

/** Revokes an invitation; repeating it is harmless. A membership that came of it stays. */
export const revokeInvitation = async (
  table: Table,
  organizationId: string,
  id: string,
  now: number,
): Promise<'revoked' | 'missing'> => {
  const { done } = await updateUnderAuthority(table, {
    Key: keys.invitation(organizationId, id),
    UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :now)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':now': now },
  });
  return done ? 'revoked' : 'missing';
};

/** Reads all invitations of an organization that can still be accepted, each with its writer: the inviter. */
export const readOpenInvitations = async (
  table: Table,
  organizationId: string,
  now: number,
): Promise<WithActor<Invitation>[]> => {
  const found = await readAllWithActor(table, ranges.invitations(organizationId));
  return found.filter((invitation) => isOpenInvitation(invitation, now));
};

/** Revokes an invitation that its inviter could no longer make, unless the address was invited anew meanwhile. */
export const endInvitation = async (
  table: Table,
  { organizationId, id, secretHash }: Invitation,
  now: number,
): Promise<void> => {
  await update(table, {
    Key: keys.invitation(organizationId, id),
    UpdateExpression: 'SET revokedAt = :now',
    ConditionExpression: 'secretHash = :hash AND attribute_not_exists(acceptedBy) AND attribute_not_exists(revokedAt)',
    ExpressionAttributeValues: { ':now': now, ':hash': secretHash },
  });
};

export type Accepted =
  | { outcome: 'member'; organizationId: string; member: Member }
  /** No invitation of this person: another's, unknown, expired, revoked, or used. */
  | { outcome: 'missing' }
  | { outcome: 'contended' };

/**
 * Makes the person who signed in a member, if it has the invited address. One transaction uses the invitation up and makes
 * the membership, on condition that the inviter could still invite. A repetition by the same person gives the same membership.
 * A person who is a member already keeps its membership.
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
    if (invitation.email !== email || invitation.revokedAt !== undefined) return { outcome: 'missing' };
    const present = await readMember(table, organizationId, userId);
    if (invitation.acceptedBy !== undefined) {
      const repeated = invitation.acceptedBy === userId && present;
      return repeated ? { outcome: 'member', organizationId, member: present } : { outcome: 'missing' };
    }
    if (invitation.expiresAt <= now || !couldBeMade(invitation, { userId, isMember: present !== undefined }))
      return { outcome: 'missing' };

    // Write this before the membership: a listed member can be found by the address.
    await nameMailbox(table, email, { userId, subject });
    const member: Member = present ?? { userId, email, name: name ?? email, role: invitation.role, joinedAt: now };
    const join = present ? [] : memberWrites({ ...member, organizationId, now });
    const inviter = inviterStands(invitation);
    const joined = await transact(table, [...inviter, ...join, use(invitation, { userId, now })]);
    if (joined.done) return { outcome: 'member', organizationId, member };
    return { outcome: joined.refused.some((index) => index < inviter.length) ? 'missing' : 'again' };
  });
};

/** Reads an invitation, open or not. */
export const readInvitation = (
  table: Table,
  organizationId: string,
  id: string,
): Promise<WithActor<Invitation> | undefined> => getItemWithActor(table, keys.invitation(organizationId, id));

/** Returns whether the inviter could make this invitation now: a former member can't invite itself, nor an API key an owner. */
const couldBeMade = (
  invitation: WithActor<Invitation>,
  { userId, isMember }: { userId: string; isMember: boolean },
): boolean =>
  (isMember || invitation.invitedBy !== userId) &&
  (invitation.role !== 'owner' || keyOfActor(invitation.actor) === undefined);

/** The conditions that the inviter could still invite: its membership, and the API key that it used. */
const inviterStands = (invitation: WithActor<Invitation>): Write[] => {
  const { organizationId, invitedBy, role, actor } = invitation;
  const roles = appointersOf(role).map((each, index) => [`:role${index}`, each] as const);
  // An open invitation was written once, by its inviter.
  const keyId = keyOfActor(actor);
  return [
    {
      ConditionCheck: {
        Key: keys.membership(invitedBy, organizationId),
        ConditionExpression: `#role IN (${roles.map(([name]) => name).join(', ')})`,
        ExpressionAttributeValues: Object.fromEntries(roles),
      },
    },
    ...(keyId === undefined
      ? []
      : [
          {
            ConditionCheck: {
              Key: keys.apiKey(organizationId, keyId),
              ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)',
            },
          },
        ]),
  ];
};

/** Uses an invitation up, if it is still this one and open. */
const use = (
  { organizationId, id, secretHash }: Invitation,
  { userId, now }: { userId: string; now: number },
): Write => ({
  Update: {
    Key: keys.invitation(organizationId, id),
    UpdateExpression: 'SET acceptedBy = :userId',
    ConditionExpression:
      'secretHash = :hash AND expiresAt > :now AND attribute_not_exists(acceptedBy) AND attribute_not_exists(revokedAt)',
    ExpressionAttributeValues: { ':userId': userId, ':hash': secretHash, ':now': now },
  },
});
