import type * as z from 'zod';
import type { LicenseType, OfflineRules } from '../contracts/schemas/subscription.ts';
import { isOnline, type License } from './license.ts';
import { type Machine, registeredMachines } from './machine.ts';
import { type Hold, type HolderKind, holderKind, isHeld, type Numbered, type Seat } from './seat.ts';

/** What the vendor sets. Times are epoch ms. */
export interface SubscriptionTerms {
  productName: string;
  licenseType: z.infer<typeof LicenseType>;
  quota: number;
  machineQuota: number;
  expiresAt: number;
  leaseSeconds: number;
  offline: z.infer<typeof OfflineRules>;
  idleTimeoutMinutes: number | null;
  suspended: boolean;
}

export interface Subscription extends SubscriptionTerms {
  organizationId: string;
  product: string;
  createdAt: number;
  /** Its end, once that was told: `expiresAt`. Whether it is expired is decided by the time. */
  expiredAt?: number | undefined;
  /** Only the numbers 1..`claimable` may be claimed; `claimable` + held seats above it never exceed the quota. */
  claimable: number;
  /** The same of the machine slots and the machine quota; 0 while the machine quota can't bind. */
  machineClaimable: number;
  /**
   * Whether every machine in use holds a slot. Not so while the machine quota can't bind; once it can, the machines in
   * use are given theirs before any other slot may be claimed.
   */
  slotsComplete: boolean;
  /** Until when somebody may be waiting for a seat, epoch ms: `queue.ts`. */
  queueUntil?: number | undefined;
  /** The name of the last setting of the terms, by which a write recognizes its own earlier try. */
  settingId?: string;
  /** Grows with each write; every write is conditional on it. */
  version: number;
}

export const statusOf = (subscription: Subscription, now: number): 'active' | 'suspended' | 'expired' => {
  if (subscription.expiresAt <= now) return 'expired';
  return subscription.suspended ? 'suspended' : 'active';
};

/**
 * `claimable` after the quota is set anew: one write at any size, whoever holds what. Growing a pool in which every
 * number may be claimed opens the new numbers at once. Shrinking closes all; `raisedClaimable` opens them again as
 * far as seats get free. After a shrink to 0 nothing may be claimed, and yet seats may still be held: not an open pool.
 */
export const resizedClaimable = (before: { quota: number; claimable: number } | undefined, quota: number): number => {
  if (!before) return quota;
  if (quota >= before.quota && before.quota > 0 && before.claimable === before.quota) return quota;
  return quota < before.quota ? 0 : before.claimable;
};

/**
 * Whether the machine quota can refuse anybody. A floating license is on one machine, so that there are never more
 * machines than licenses in use; the machines of named users stay registered when they are not used.
 */
export const machineQuotaBinds = ({
  licenseType,
  quota,
  machineQuota,
}: Pick<SubscriptionTerms, 'licenseType' | 'quota' | 'machineQuota'>): boolean =>
  licenseType === 'per-user' || machineQuota < quota;

/** Which slots may be claimed after the subscription is set anew: as `resizedClaimable`, and none while they can't bind. */
export const resizedSlots = (
  before: Subscription | undefined,
  terms: SubscriptionTerms,
): Pick<Subscription, 'machineClaimable' | 'slotsComplete'> => {
  if (!machineQuotaBinds(terms)) return { machineClaimable: 0, slotsComplete: false };
  // It begins to bind: the machines that are in use have no slots yet.
  if (before && !machineQuotaBinds(before)) return { machineClaimable: 0, slotsComplete: false };
  const slots = before && { quota: before.machineQuota, claimable: before.machineClaimable };
  return {
    machineClaimable: resizedClaimable(slots, terms.machineQuota),
    slotsComplete: before?.slotsComplete ?? true,
  };
};

/** How many of its numbered items there may be, and up to which number they may be claimed. */
export interface Capacity {
  quota: number;
  claimable: number;
}

export const capacityOf = (subscription: Subscription, numbered: Numbered = 'seats'): Capacity =>
  numbered === 'slots'
    ? { quota: subscription.machineQuota, claimable: subscription.machineClaimable }
    : { quota: subscription.quota, claimable: subscription.claimable };

/**
 * The largest number up to which seats may be claimed without exceeding the quota.
 *
 * @param heldAbove the numbers above the present `claimable` that are held. A lapsed seat above the answer must have
 *   been closed first: a late heartbeat could revive it.
 */
export const raisedClaimable = (quota: number, claimable: number, heldAbove: readonly number[]): number => {
  const held = heldAbove.toSorted((a, b) => b - a);
  let above = 0;
  for (let candidate = quota; candidate > claimable; candidate--) {
    while ((held[above] ?? 0) > candidate) above++;
    if (candidate + above <= quota) return candidate;
  }
  return claimable;
};

/** When a lease that begins or is extended now ends, epoch ms: never after the subscription does. */
export const leaseEnd = (subscription: Subscription, now: number): number =>
  Math.min(now + subscription.leaseSeconds * 1000, subscription.expiresAt);

/** When a session's hold ends, epoch ms: also when the subscription was set to end before the lease would. */
export const sessionEnd = (hold: Hold, { expiresAt }: Pick<Subscription, 'expiresAt'>): number =>
  Math.min(hold.availableAt, expiresAt);

/** How often to heartbeat, seconds: three times per lease. */
export const heartbeatSeconds = (leaseSeconds: number): number => Math.max(1, Math.floor(leaseSeconds / 3));

export interface Figures {
  available: number;
  inUse: { licensedUsers: number; online: number; offline: number };
  registeredMachines: number;
}

/**
 * The figures of the License Management page.
 *
 * @param pool its seats, and where these belong to users their licenses and machines
 */
export const figuresOf = (
  subscription: Pick<Subscription, 'licenseType' | 'quota' | 'expiresAt'>,
  {
    seats,
    licenses = [],
    machines = [],
  }: { seats: readonly Seat[]; licenses?: readonly License[]; machines?: readonly Machine[] },
  now: number,
): Figures => {
  const held = seats
    .filter((seat) => isHeld(seat, now))
    .map((seat) => seat.hold)
    .filter((hold) => holderKind(hold.holder) !== 'session' || sessionEnd(hold, subscription) > now);
  const inUse = new Set(held.flatMap(({ machineId }) => (machineId === undefined ? [] : [machineId])));
  const count = (kind: HolderKind) => held.filter((hold) => holderKind(hold.holder) === kind).length;
  return {
    available: Math.max(0, subscription.quota - held.length),
    inUse: {
      licensedUsers: count('user'),
      online: count('session') + licenses.filter((license) => isOnline(license, subscription, now)).length,
      offline: count('offline'),
    },
    registeredMachines: registeredMachines(subscription.licenseType, { machines, inUse }).size,
  };
};
