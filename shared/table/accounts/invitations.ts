import { createHash, createHmac, randomBytes } from 'node:crypto';
import pMap from 'p-map';
import {
  type Invitation,
  isOpenInvitation,
  isUnendedInvitation,
  type PendingInvitation,
} from '../../domain/accounts/invitation.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import type { Organization } from '../../domain/accounts/organization.ts';
import type { Person } from '../../domain/accounts/principal.ts';
import { readEverMember, readMemberByEmail } from '../items/members.ts';
import { completeThing, dropPending } from '../items/pending-things.ts';
import { checkAuthority, updateUnderAuthority } from '../store/authority.ts';
import { systemClock } from '../store/clock.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { type Key, keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { currentSecret, type PurposeSecret, secretOfVersion } from '../store/purpose-secrets.ts';
import { Contended, retryWhileContended } from '../store/retry.ts';
import { base36, hashOf, secretText } from '../store/secrets.ts';
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

/** Returns `lhi_<organization and id>_<secret>`, which leads to the item: it has the random parts of both ids. */
const tokenOf = ({ organizationId, id }: Invitation, secret: string) =>
  `lhi_${organizationId.slice('org_'.length)}${id.slice('inv_'.length)}_${secret}`;
/** The parts of a token: organization, id, secret. */
export const tokenForm = /^lhi_([0-9a-z]{26})([0-9a-z]{26})_([A-Za-z0-9]{43})$/;

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
 * Invites the persons with these addresses, each once. A new invitation replaces the earlier one of its address. Puts all of
 * them as pending, reads the caller's right, and completes them. After a crash some may be complete.
 *
 * @returns one outcome for each address
 * @throws LostAuthority if the caller's membership, role or key has ended: then nobody is invited
 * @throws Contended if another write ended one of the pending invitations
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
  await makeAll(
    table,
    invited.flatMap((one) => (one.outcome === 'invited' ? [one.invitation] : [])),
  );
  return invited;
};

/** How often to put an invitation while others invite the same address. */
const putTries = 5;

/** Puts an invitation as pending in the place of the one before. A late copy of the write replaces no later invitation. */
const putPending = async (table: Table, key: Key<Invitation>, invitation: Invitation): Promise<void> => {
  let before: Invitation | undefined;
  for (let tries = 0; tries < putTries; tries++) {
    const { done, item } = await put<Invitation>(table, {
      Item: { ...key, ...invitation, pending: invitation.nonce },
      // If the membership of the invitation before is under way, it comes first.
      ConditionExpression: before ? 'nonce = :before AND attribute_not_exists(joining)' : 'attribute_not_exists(pk)',
      ...(before && { ExpressionAttributeValues: { ':before': before.nonce } }),
    });
    if (done || item?.nonce === invitation.nonce) return;
    before = item;
  }
  throw new Contended();
};

/** Makes invitations as `makeThing` makes one thing. Each replaces the invitation of its address, pending or not. */
const makeAll = async (table: Table, invitations: Invitation[]): Promise<void> => {
  const each = <R>(work: (invitation: Invitation, key: Key<Invitation>) => Promise<R>): Promise<R[]> =>
    pMap(invitations, (one) => work(one, keys.invitation(one.organizationId, one.id)), { concurrency: 10 });
  try {
    await each((one, key) => putPending(table, key, one));
    await checkAuthority(table);
  } catch (error) {
    await each(({ nonce }, key) => dropPending(table, key, nonce));
    throw error;
  }
  const isMade = await each(async ({ nonce }, key) => {
    const now = await completeThing(table, key, nonce);
    // A later invitation of the address replaced this one.
    return now && (now.pending === undefined || now.nonce !== nonce);
  });
  if (isMade.every(Boolean)) return;
  await checkAuthority(table);
  throw new Contended();
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

/**
 * Adds an invitation to the list of its address, or removes it once it can't be accepted any more. The entry of a later
 * invitation of the organization stays, in whatever order changes are followed.
 */
export const listForAddress = async (
  table: Table,
  { email, organizationId, id, nonce, invitedAt }: Invitation,
  isOpen: boolean,
): Promise<void> => {
  const key = keys.pendingInvitation(email, organizationId);
  if (isOpen)
    await put(table, {
      Item: { ...key, organizationId, id, nonce, invitedAt },
      ConditionExpression: 'attribute_not_exists(invitedAt) OR invitedAt <= :invitedAt',
      ExpressionAttributeValues: { ':invitedAt': invitedAt },
    });
  else
    await remove(table, {
      Key: key,
      ConditionExpression: 'attribute_not_exists(nonce) OR nonce = :nonce',
      ExpressionAttributeValues: { ':nonce': nonce },
    });
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

/**
 * Revokes an invitation; repeating it is harmless. A membership that came of it stays.
 *
 * @throws Contended if the invitation was accepted, and its membership is not there yet
 */
export const revokeInvitation = async (
  table: Table,
  organizationId: string,
  id: string,
  now: number,
): Promise<'revoked' | 'missing'> => {
  const { done, item } = await updateUnderAuthority(table, {
    Key: keys.invitation(organizationId, id),
    UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :now)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':now': now },
  });
  if (item?.joining) await untilJoined(table, item);
  return done ? 'revoked' : 'missing';
};

/**
 * Waits until the membership of an accepted invitation is there: what its inviter lost must not come to life after the answer.
 *
 * @throws Contended if it takes longer than a second: the schedule makes the membership a minute later
 */
const untilJoined = async (table: Table, { organizationId, id }: Invitation): Promise<void> => {
  const { outcome } = await retryWhileContended(systemClock, { ms: 1000 }, async () => {
    const invitation = await readInvitation(table, organizationId, id);
    return { outcome: invitation?.joining ? 'again' : 'joined' } as const;
  });
  if (outcome === 'contended') throw new Contended();
};

/** Reads all invitations of an organization that can still make a member, pending ones too, each with its writer: the inviter. */
export const readOpenInvitations = async (
  table: Table,
  organizationId: string,
  now: number,
): Promise<WithActor<Invitation>[]> => {
  const found = await readAllWithActor(table, ranges.invitations(organizationId));
  return found.filter((invitation) => invitation.joining || isUnendedInvitation(invitation, now));
};

/**
 * Revokes an invitation that its inviter could no longer make, unless the address was invited anew meanwhile.
 *
 * @throws Contended if the invitation was accepted, and its membership is not there yet
 */
export const endInvitation = async (
  table: Table,
  { organizationId, id, secretHash }: Invitation,
  now: number,
): Promise<void> => {
  const { item } = await update(table, {
    Key: keys.invitation(organizationId, id),
    UpdateExpression: 'SET revokedAt = :now',
    ConditionExpression: 'secretHash = :hash AND attribute_not_exists(acceptedBy) AND attribute_not_exists(revokedAt)',
    ExpressionAttributeValues: { ':now': now, ':hash': secretHash },
  });
  if (item?.joining) await untilJoined(table, item);
};

/** Reads an invitation, open or not. */
export const readInvitation = (
  table: Table,
  organizationId: string,
  id: string,
): Promise<WithActor<Invitation> | undefined> => getItemWithActor(table, keys.invitation(organizationId, id));
