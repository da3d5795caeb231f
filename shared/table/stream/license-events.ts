import type { Actor } from '../../domain/accounts/actor.ts';
import { utc } from '../../domain/activation.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import { type HolderRecord, isRecordOf, type Session } from '../../domain/holder-record.ts';
import type { License } from '../../domain/license.ts';
import { isBlocked, type Machine } from '../../domain/machine.ts';
import type { OfflineLicense } from '../../domain/offline.ts';
import type { Item } from '../store/table.ts';
import { as, type EventDraft, type EventMapper } from './event-types.ts';

/** How what was on record before ended, if a record that was live no longer stands for it. */
const endOf = (was: HolderRecord, now: HolderRecord) => {
  if (isRecordOf(now, was)) return now.endedReason && { reason: now.endedReason, at: now.endedAt };
  const end = now.previous.find(({ number, fence }) => number === was.number && fence === was.fence);
  return end && { reason: end.reason, at: end.at };
};

/** The activation that a record stands for. */
const activationOf = ({ userId, machineId, number, fence, activatedAt }: Session) => ({
  userId,
  machineId,
  seat: number,
  fence,
  startedAt: utc(activatedAt),
});

/** Of a session that never had a seat: somebody took its place in the queue away. */
const endOfWaiting = ({ sessionId, userId, machineId, hostname, endedReason, endedAt }: Session): EventDraft => ({
  action: 'activation.ended',
  target: { type: 'activation', id: sessionId },
  at: endedAt,
  details: { userId, machineId, hostname, seat: null, reason: endedReason },
});

/**
 * Of a session. A record that is put as ended voids a claim that nobody was told of; what stood on record before, and
 * had lapsed unseen, ends with it. A new claim over such a one tells both.
 */
const session: EventMapper = (before, after) => {
  const was = as<Session>(before);
  const now = after as unknown as Session;
  const target = { type: 'activation', id: now.sessionId } as const;
  const ended = was?.status === 'active' ? endOf(was, now) : undefined;
  if (now.status === 'ended') {
    if (!was || !ended) return now.number === 0 ? endOfWaiting(now) : undefined;
    const details = { ...activationOf(was), reason: ended.reason };
    return { action: 'activation.ended', target, at: ended.at, details };
  }
  if (was?.status === 'active' && isRecordOf(now, was)) return undefined;
  if (was && ended?.reason === 'license-transferred') {
    const machines = { before: { machineId: was.machineId }, after: { machineId: now.machineId } };
    const { machineId: _, ...details } = activationOf(now);
    return { action: 'activation.transferred', target, at: ended.at, details: { ...details, ...machines } };
  }
  const details = {
    ...activationOf(now),
    hostname: now.hostname,
    ...(was && ended && { ended: { ...activationOf(was), reason: ended.reason } }),
  };
  return { action: 'activation.started', target, at: now.activatedAt, details };
};

/** Who asked for what was pending: whoever meets it may complete it. */
const asker = (before: Item | undefined) => before?.actor as Actor | undefined;

/** Of a user's license. What is pending was told to nobody; that the one's ends by a transfer is told as the other's. */
const license: EventMapper = (before, after) => {
  const was = as<License>(before);
  const now = after as unknown as License;
  const target = { type: 'licensed-user', id: now.userId } as const;
  const seat = now.number;
  if (was?.status === 'pending' && now.status === 'active') {
    const told = { target, at: now.licensedAt, actor: asker(before) };
    return now.from
      ? { ...told, action: 'license.transferred', details: { seat, from: now.from.userId } }
      : { ...told, action: 'license.granted', details: { seat } };
  }
  // Also before a transfer to the user was complete: its seat was taken from another all the same.
  const wasLive = was?.status === 'active' || (was?.status === 'pending' && was.from !== undefined);
  if (wasLive && now.status === 'ended' && now.endedReason === 'user-removed')
    return { action: 'license.removed', target, at: now.endedAt, details: { seat, reason: now.endedReason } };
  return undefined;
};

const offlineLicense: EventMapper = (before, after) => {
  const was = as<OfflineLicense>(before);
  const now = after as unknown as OfflineLicense;
  if (!was || now.status !== 'active') return undefined;
  const { id, number, machineId, usedBy, description, issuedAt, expiresAt, expiredAt, voidedAt, voidReason } = now;
  const target = { type: 'offline-license', id } as const;
  const details = { machineId, userId: usedBy, description, seat: number, expiresAt: utc(expiresAt) };
  if (was.status === 'pending')
    return { action: 'offline-license.issued', target, at: issuedAt, actor: asker(before), details };
  if (was.expiredAt === undefined && expiredAt !== undefined)
    return { action: 'offline-license.expired', target, at: expiredAt, details };
  if (was.voidedAt === undefined && voidedAt !== undefined)
    return { action: 'offline-license.voided', target, at: voidedAt, details: { ...details, reason: voidReason } };
  return undefined;
};

/** Of a machine: that it is registered, and that somebody removed it. That it leaves by itself, idle, is told by its sessions. */
const machine: EventMapper = (before, after) => {
  const was = as<Machine>(before);
  const now = after as unknown as Machine;
  const target = { type: 'machine', id: now.machineId } as const;
  if (now.status === 'active')
    return was?.status === 'active'
      ? undefined
      : { action: 'machine.registered', target, at: now.registeredAt, details: { userId: now.userId || null } };
  const removed = now.endedReason === 'machine-removed' || now.endedReason === 'user-removed';
  if (!removed || was?.endedAt === now.endedAt) return undefined;
  const { endedReason: reason, endedAt = 0 } = now;
  // One that is over already may still stand on the record.
  const blockedUntil = isBlocked(now, endedAt) ? utc(now.blockedUntil) : undefined;
  return { action: 'machine.removed', target, at: endedAt, details: { reason, blockedUntil } };
};

/** Of an activation that a quota refused: noted once per session and reason, and never changed. */
const refusal: EventMapper = (before, after) => {
  if (before) return undefined;
  const { sessionId, at, reason, quota, inUse, userId, machineId, hostname } = after as unknown as Refusal;
  const details = { reason, quota, inUse, userId, machineId, hostname };
  return { action: 'license.refused', target: { type: 'activation', id: sessionId }, at, details };
};

/** What is told of licenses and their use. */
export const licenseEvents: Readonly<Record<string, EventMapper>> = {
  RECORD: session,
  LICENSE: license,
  OFFLINE: offlineLicense,
  MACHINE: machine,
  REFUSAL: refusal,
};
