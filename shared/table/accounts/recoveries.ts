import { ulid } from 'ulid';
import { actorParts } from '../../domain/accounts/actor.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import {
  isRecoveryOf,
  mayConsent,
  type Recovery,
  type RecoveryClaim,
  type RecoveryStatus,
  recoveryOpenMs,
  recoveryStatus,
  recoveryWaitMs,
} from '../../domain/accounts/recovery.ts';
import { readEverMember, readEverMembers, readMember } from '../items/members.ts';
import { changeAsRead, revisionOf } from '../items/memberships.ts';
import { updateUnderAuthority } from '../store/authority.ts';
import { keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import { getItem, put, readPage, type Table, update } from '../store/table.ts';
import { readIdentity } from './identities.ts';

/** Names a recovery. */
export interface RecoveryName {
  organizationId: string;
  id: string;
}

/**
 * Matches `rec_<member><own>`: the id leads to the item. A member has one item, which its next recovery overwrites with
 * another id. An id of another form finds nothing.
 */
const idForm = /^rec_([0-9a-z]{26})[0-9a-z]{26}$/;
export const recoveryKey = ({ organizationId, id }: RecoveryName) =>
  keys.recovery(organizationId, `usr_${idForm.exec(id)?.[1]}`);

/** Reads a recovery, unless another one took its place. */
export const readRecovery = async (table: Table, name: RecoveryName): Promise<Recovery | undefined> => {
  const recovery = await getItem(table, recoveryKey(name));
  return recovery?.id === name.id ? recovery : undefined;
};

/**
 * Starts the recovery of a member, unless one is open.
 *
 * @returns `repeated` with the open one; `missing` if the user is no member
 */
export const startRecovery = async (
  table: Table,
  { organizationId, userId }: { organizationId: string; userId: string },
  now: number,
): Promise<{ outcome: 'started' | 'repeated'; recovery: Recovery } | { outcome: 'missing' }> => {
  const member = await readMember(table, organizationId, userId);
  if (!member) return { outcome: 'missing' };
  const { email, role, joinedAt } = member;
  const recovery: Recovery = {
    id: `rec_${userId.slice('usr_'.length)}${ulid(now).toLowerCase()}`,
    ...{ organizationId, userId, email, role, joinedAt },
    startedAt: now,
    startedBy: table.actor,
    effectiveAt: now + recoveryWaitMs,
    expiresAt: now + recoveryOpenMs,
  };
  const { done, item: present } = await put(table, {
    Item: { ...keys.recovery(organizationId, userId), ...recovery },
    // A completion that is under way keeps its recovery.
    ConditionExpression: `attribute_not_exists(claim) AND (attribute_not_exists(pk) OR NOT (${isOpen}) OR joinedAt <> :joinedAt OR #role <> :role)`,
    ExpressionAttributeValues: { ':now': now, ':joinedAt': joinedAt, ':role': role },
  });
  return done || present?.id === recovery.id
    ? { outcome: 'started', recovery }
    : { outcome: 'repeated', recovery: present as Recovery };
};

/** The condition that a recovery is open at `:now`. */
const isOpen = 'attribute_not_exists(cancelledAt) AND attribute_not_exists(completedAt) AND expiresAt > :now';

export type Consented =
  | { outcome: 'consented'; recovery: Recovery }
  /** `own`: the member is no second person to the recovery. `over`: completed, cancelled or expired. */
  | { outcome: 'missing' | 'own' | 'over' };

/**
 * Consents to a recovery, as a member who is neither the one concerned nor the one who started it. The completion checks that
 * the one who consented is still a member.
 */
export const consentToRecovery = async (
  table: Table,
  name: RecoveryName,
  userId: string,
  now: number,
): Promise<Consented> => {
  const recovery = await readRecovery(table, name);
  if (!recovery) return { outcome: 'missing' };
  const { type, id: subject } = actorParts(recovery.startedBy);
  const starter = type === 'vendor' ? await readIdentity(table, subject) : undefined;
  if (!mayConsent(recovery, userId, starter)) return { outcome: 'own' };
  // Also after the completion: this request may repeat one whose answer was lost.
  if (recovery.consentedBy === userId && recovery.cancelledAt === undefined) return { outcome: 'consented', recovery };
  const consent = { consentedBy: userId, consentedAt: now };
  const { done } = await updateUnderAuthority(table, {
    Key: recoveryKey(name),
    UpdateExpression: 'SET consentedBy = :consentedBy, consentedAt = :now',
    ConditionExpression: `id = :id AND ${isOpen}`,
    ExpressionAttributeValues: { ':id': name.id, ':consentedBy': userId, ':now': now },
  });
  return done ? { outcome: 'consented', recovery: { ...recovery, ...consent } } : { outcome: 'over' };
};

/** Cancels a recovery, unless it is completed; repeating it is harmless. */
export const cancelRecovery = async (
  table: Table,
  name: RecoveryName,
  now: number,
): Promise<'cancelled' | 'completed' | 'missing'> => {
  return repeatUntilSettled(async () => {
    const { done, item } = await updateUnderAuthority(table, {
      Key: recoveryKey(name),
      UpdateExpression: 'SET cancelledAt = if_not_exists(cancelledAt, :now)',
      ConditionExpression: 'id = :id AND attribute_not_exists(completedAt) AND attribute_not_exists(claim)',
      ExpressionAttributeValues: { ':id': name.id, ':now': now },
    });
    if (done) return 'cancelled';
    if (item?.id !== name.id) return 'missing';
    return !item.claim || (await voidClaim(table, item, item.claim)) === 'over' ? 'completed' : undefined;
  });
};

/** Returns whether a membership ended by this claim: then nothing stops the handover any more. */
const isEndedBy = (member: EverMember | undefined, { userId, at }: RecoveryClaim): boolean =>
  member?.removedAt === at && member.recoveredAs === userId;

/**
 * Takes the claim of a recovery back, unless the old membership has ended by it. A new revision of that membership comes
 * first: after it no late try of the claim ends the membership.
 *
 * @returns `over` if the membership has ended by the claim
 */
export const voidClaim = (
  table: Table,
  { id, organizationId, userId }: Recovery,
  claim: RecoveryClaim,
): Promise<'void' | 'over'> =>
  repeatUntilSettled(async () => {
    const member = await readEverMember(table, organizationId, userId);
    if (isEndedBy(member, claim)) return 'over';
    if (member && revisionOf(member) === claim.revision && !(await changeAsRead(table, organizationId, member)).done)
      return undefined;
    await update(table, {
      Key: recoveryKey({ organizationId, id }),
      UpdateExpression: 'REMOVE claim',
      ConditionExpression: 'id = :id AND claim = :claim',
      ExpressionAttributeValues: { ':id': id, ':claim': claim },
    });
    return 'void';
  });

/** A recovery with its current status. */
export type RecoveryWithStatus = Recovery & { status: RecoveryStatus };

/** Returns recoveries of an organization with their status. The consent of a former member does not count. */
export const withStatus = async (
  table: Table,
  organizationId: string,
  recoveries: readonly Recovery[],
  now: number,
): Promise<RecoveryWithStatus[]> => {
  const concerned = recoveries.flatMap(({ userId, consentedBy }) => [userId, ...(consentedBy ? [consentedBy] : [])]);
  const members = await readEverMembers(table, organizationId, concerned);
  return recoveries.map((recovery) => {
    const { userId, consentedBy = '', completedAt } = recovery;
    const consenter = members.get(consentedBy);
    const consentStands = consenter !== undefined && consenter.removedAt === undefined;
    const status = recoveryStatus(
      recovery,
      { isSame: isRecoveryOf(recovery, members.get(userId)), consentStands },
      now,
    );
    const counts = consentStands || completedAt !== undefined;
    return { ...recovery, status, consentedBy: counts ? recovery.consentedBy : undefined };
  });
};

/** Reads a page of an organization's recoveries: the last one of each member. */
export const listRecoveries = async (
  table: Table,
  organizationId: string,
  { now, ...options }: PageRequest & { now: number },
): Promise<Page<RecoveryWithStatus>> => {
  const { items, next } = await readPage(table, ranges.recoveries(organizationId), options);
  return { items: await withStatus(table, organizationId, items, now), next };
};
