import type { Session } from '../../domain/holder-record.ts';
import { type License, seatOfUse } from '../../domain/license.ts';
import { isBlocked, type Machine } from '../../domain/machine.ts';
import type { OfflineLicense } from '../../domain/offline.ts';
import type { Mail } from '../../domain/outbox/mail.ts';
import { checkAttemptsAt, type Retried } from '../../domain/outbox/retry-schedule.ts';
import type { Delivery, Webhook } from '../../domain/outbox/webhook.ts';
import type { Claim } from '../../domain/seat.ts';
import { checkClaimAfterMs } from '../engine/unrecorded-claims.ts';
import type { Due } from '../items/due-items.ts';
import { seatClaimOf } from '../items/licenses.ts';
import { seatOf } from '../items/seats.ts';
import { claimOf } from '../items/sessions.ts';
import { checkRemovalAfterMs, forgetAt } from '../machines/settle-machine.ts';
import { claimOfLicense } from '../offline/offline-licenses.ts';
import { removedForMs } from '../outbox/webhooks.ts';
import type { Change } from '../store/change.ts';
import { poolOfItem } from '../store/keys.ts';
import type { Item } from '../store/table.ts';

const startsWith = (item: Item, attribute: 'pk' | 'sk', prefix: string) => String(item[attribute]).startsWith(prefix);

/**
 * Returns the check that the schedule must make because of a change; undefined for the many changes that need none, such as
 * heartbeats.
 *
 * - a seat, or a slot, was claimed: was the claim recorded? (The answer plans the look at the lease's end.)
 * - a user's license is in use by an activation: was the activation recorded? (A session of it has no seat of its own.)
 * - a license is on its way to a user, or ended: was that completed?
 * - an offline license was voided: was its seat freed?
 * - a session ended: was its seat freed? (Not asked after a lapse, where the seat is closed before the record.)
 * - a machine is registered no more: did what ran on it end, where it was removed? Forget it after a time.
 * - an attempt of a delivery, or at a mail, was asked for or begun, or it was settled: is the next one due, may it be forgotten?
 * - a webhook was removed: forget it after a time.
 */
export const dueOf = ({ before, after }: Pick<Change, 'before' | 'after'>): Due | undefined => {
  if (!after) return undefined;
  if (startsWith(after, 'sk', 'SEAT#') || startsWith(after, 'sk', 'SLOT#')) {
    const { number, fence, hold } = seatOf(after);
    if (!hold || before?.fence === fence) return undefined;
    return { ...claimCheckAt(after, { number, fence, holder: hold.holder }, hold.claimedAt), hold };
  }
  if (startsWith(after, 'pk', 'SESSION#')) {
    const session = after as unknown as Session;
    if (session.status !== 'ended' || before?.status === 'ended' || session.endedAt === undefined) return undefined;
    return session.endedReason === 'lease-expired' ? undefined : claimCheckAt(after, claimOf(session), session.endedAt);
  }
  if (startsWith(after, 'sk', 'LICENSE#')) {
    const license = after as unknown as License;
    const { number, inUse } = license;
    if (inUse && before?.useFence !== license.useFence)
      return {
        ...claimCheckAt(after, claimOf({ ...inUse, number }), inUse.activatedAt),
        hold: seatOfUse(license, inUse).hold,
      };
    if (license.status === 'active' || license.status === before?.status) return undefined;
    return claimCheckAt(after, seatClaimOf(license), license.endedAt ?? license.licensedAt);
  }
  if (startsWith(after, 'sk', 'OFFLINE#')) {
    const license = after as unknown as OfflineLicense;
    if (license.voidedAt === undefined || before?.voidedAt === license.voidedAt) return undefined;
    return claimCheckAt(after, claimOfLicense(license), license.voidedAt);
  }
  if (startsWith(after, 'sk', 'MACHINE#')) {
    const machine = after as unknown as Machine;
    if (machine.status !== 'ended' || before?.revision === machine.revision) return undefined;
    const { machineId, endedAt = 0, ran = [] } = machine;
    const check = { kind: 'machine', pool: poolOfItem(after), machineId } as const;
    const at = endedAt + checkRemovalAfterMs;
    return ran.length > 0 || isBlocked(machine, at) ? { ...check, at, ran } : { ...check, at: forgetAt(machine) };
  }
  if (startsWith(after, 'sk', 'DELIVERY#')) {
    const { organizationId, webhookId, id } = after as unknown as Delivery;
    const at = newAttemptsCheck(before, after);
    return at === undefined ? undefined : { kind: 'delivery', at, delivery: { organizationId, webhookId, id } };
  }
  if (startsWith(after, 'sk', 'MAIL#')) {
    const { organizationId, id } = after as unknown as Mail;
    const at = newAttemptsCheck(before, after);
    return at === undefined ? undefined : { kind: 'mail', at, mail: { organizationId, id } };
  }
  if (startsWith(after, 'sk', 'WEBHOOK#')) {
    const { organizationId, id, removedAt } = after as unknown as Webhook;
    if (removedAt === undefined || before?.removedAt === removedAt) return undefined;
    return { kind: 'webhook', at: removedAt + removedForMs, webhook: { organizationId, id } };
  }
  return undefined;
};

/** A look at a claim, once what happened to it at `since` should be complete. */
const claimCheckAt = (item: Item, claim: Claim, since: number): Due & { kind: 'claim' } => ({
  kind: 'claim',
  pool: poolOfItem(item),
  at: since + checkClaimAfterMs,
  claim,
  leaseEnd: false,
});

/** When to look at something that is sent by attempts, unless that was planned before. */
const newAttemptsCheck = (before: Item | undefined, after: Item): number | undefined => {
  const at = checkAttemptsAt(after as unknown as Retried);
  return before && checkAttemptsAt(before as unknown as Retried) === at ? undefined : at;
};
