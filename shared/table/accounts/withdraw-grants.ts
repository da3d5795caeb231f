import pMap from 'p-map';
import { actorParts, keyOfActor } from '../../domain/accounts/actor.ts';
import { type ApiKey, makerOf } from '../../domain/accounts/api-key.ts';
import type { Invitation } from '../../domain/accounts/invitation.ts';
import type { Appointment } from '../../domain/accounts/member.ts';
import { appointersOf, mayMakeKeysFor } from '../../domain/accounts/membership.ts';
import { readRole } from '../items/members.ts';
import { dropPending } from '../items/pending-things.ts';
import { keys, ranges } from '../store/keys.ts';
import { readAllWithActor, type Table } from '../store/table.ts';
import { endApiKey, readOpenKeys } from './api-keys.ts';
import { stopAppointments } from './appointments.ts';
import { withdrawConsents } from './complete-recovery.ts';
import { endInvitation, readOpenInvitations } from './invitations.ts';

/**
 * Withdraws the grants that a member could no longer make. A former member loses its keys, the keys that it made for others
 * and its open invitations; a member with a lower role loses those beyond its new rights. Webhooks stay, but one that is still
 * pending goes. A repetition finishes a request that stopped half way.
 *
 * @param options.upTo the time of a removal (epoch ms): withdraws all grants until then, even if the user is a member again
 */
export const withdrawGrantsOfMember = async (
  table: Table,
  organizationId: string,
  userId: string,
  { now, upTo = Number.NEGATIVE_INFINITY }: { now: number; upTo?: number },
): Promise<void> => {
  const open = await readOpenKeys(table, organizationId);
  // After the keys: a key of a membership that began anew is not among them, or its member has a role.
  const role = await readRole(table, organizationId, userId);
  const mayKeep = async (key: ApiKey): Promise<boolean> => {
    if (role === undefined || key.createdAt <= upTo) return false;
    if (key.userId === userId) return true;
    const of = key.belowOwner ? undefined : await readRole(table, organizationId, key.userId);
    return mayMakeKeysFor(role, of);
  };
  const concerned = open.filter((key) => key.userId === userId || makerOf(key) === userId);
  const ended = await pMap(concerned, async (key) => ((await mayKeep(key)) ? [] : [key.id]), { concurrency: 10 });
  await withdraw(table, organizationId, {
    keyIds: ended.flat(),
    of: userId,
    invitation: ({ invitedBy, invitedAt, role: invited }) =>
      invitedBy === userId && (role === undefined || invitedAt <= upTo || !appointersOf(invited).includes(role)),
    now,
  });
  if (role === undefined) await withdrawConsents(table, organizationId, userId);
};

/** Withdraws the grants of a revoked API key: open invitations, pending webhooks, and keys that older versions let it make. */
export const withdrawGrantsOfKey = (table: Table, organizationId: string, keyId: string, now: number): Promise<void> =>
  withdraw(table, organizationId, { keyIds: [keyId], invitation: () => false, now });

/**
 * Revokes these keys and invitations, and all grants made by such a key. Drops the pending webhooks, and stops the roles that are
 * being given, by `of` or such a key.
 */
const withdraw = async (
  table: Table,
  organizationId: string,
  {
    keyIds,
    of,
    invitation,
    now,
  }: { keyIds: string[]; of?: string; invitation: (made: Invitation) => boolean; now: number },
): Promise<void> => {
  const open = await readOpenKeys(table, organizationId);
  const ended = new Set(keyIds);
  // The set grows during the walk: a key may have made keys that made keys. A later use of a key overwrites its maker.
  for (const id of ended) for (const { id: made, actor } of open) if (keyOfActor(actor) === id) ended.add(made);
  await pMap([...ended], (id) => endApiKey(table, organizationId, id, now), { concurrency: 10 });
  const invitations = await readOpenInvitations(table, organizationId, now);
  const gone = invitations.filter((made) => invitation(made) || ended.has(keyOfActor(made.actor) ?? ''));
  await pMap(gone, (made) => endInvitation(table, made, now), { concurrency: 10 });
  for (const webhook of await readAllWithActor(table, ranges.webhooks(organizationId))) {
    const { userId = '' } = actorParts(webhook.actor);
    const isGone = userId === of || ended.has(keyOfActor(webhook.actor) ?? '');
    if (webhook.pending !== undefined && isGone) await dropPending(table, keys.webhook(webhook), webhook.pending);
  }
  const isEnded = ({ by, keyId }: Appointment) => by === of || ended.has(keyId ?? '');
  await stopAppointments(table, organizationId, { isEnded, now });
};
