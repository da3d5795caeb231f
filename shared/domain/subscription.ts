import type * as z from 'zod';
import type { LicenseType, OfflineRules } from '../contracts/schemas/subscription.ts';
import { isOnline, type License } from './license.ts';
import { type Machine, registeredMachines } from './machine.ts';
import { type Hold, type HolderKind, holderKind, isHeld, type Numbered, type Seat } from './seat.ts';

/** The terms of a subscription, which the vendor sets. Times are epoch ms. */
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
  /** Whether the vendor sold it as a trial. Absent: no. */
  trial?: true | undefined;
  /** The vendor's note, which no member sees. */
  note?: string | undefined;
}

export interface Subscription extends SubscriptionTerms {
  organizationId: string;
  product: string;
  createdAt: number;
  /** `expiresAt`, set once the schedule has written the notice of this end. `statusOf` looks at the time alone. */
  expiredAt?: number | undefined;
  /** Only the numbers 1..`claimable` may be claimed. `claimable` + the held seats above it never exceed the quota. */
  claimable: number;
  /** The same for machine slots and the machine quota; 0 while the machine quota can't bind. */
  machineClaimable: number;
  /**
   * Whether every machine in use holds a slot. False while the machine quota can't bind. When it starts to bind, the
   * machines in use get their slots before any other slot may be claimed.
   */
  slotsComplete: boolean;
  /** Until when a session may be waiting for a seat, epoch ms: `queue.ts`. */
  lineUntil?: number | undefined;
  /** Until when a session may be waiting by a ticket of an earlier release, epoch ms. */
  queueUntil?: number | undefined;
  /**
   * The most blocks of seats that the pool ever had: from the second on, each has a partition of its own, beside a copy of the
   * subscription. 0: all seats are in the pool's partition for good. Absent: an earlier release set the terms, or they are per user.
   */
  blocks?: number | undefined;
  /** No block's copy is older than this version, or ever will be. Only in a pool of several blocks. */
  pushed?: number | undefined;
  /**
   * Until when removals block machines, epoch ms, in a pool in blocks. Only then does an activation there look for the block of
   * its machine. Absent: it always looks.
   */
  machinesBlockedUntil?: number | undefined;
  /** Identifies the last write of the terms, so that a retry recognizes its own earlier write. */
  settingId?: string;
  /** Grows with each write. Every write is conditional on it. */
  version: number;
}

/**
 * Returns the status of a subscription at `now` (epoch ms). An expired subscription is `expired`, also if it is
 * suspended.
 */
export const statusOf = (
  subscription: Pick<SubscriptionTerms, 'expiresAt' | 'suspended'>,
  now: number,
): 'active' | 'suspended' | 'expired' => {
  if (subscription.expiresAt <= now) return 'expired';
  return subscription.suspended ? 'suspended' : 'active';
};

/**
 * Returns `claimable` after a change of the quota. This takes one write at any size, whatever is held. If every number
 * could be claimed, growth opens the new numbers at once. A smaller quota closes all numbers; `raisedClaimable` opens
 * them again as seats become free. After a shrink to 0, `claimable` equals the quota although seats may still be held, so
 * growth from 0 opens nothing.
 */
export const resizedClaimable = (before: { quota: number; claimable: number } | undefined, quota: number): number => {
  if (!before) return quota;
  if (quota < before.quota) return 0;
  return before.quota > 0 && before.claimable === before.quota ? quota : before.claimable;
};

/**
 * Returns whether the machine quota can refuse a machine. A floating license is used on one machine, so there are never more
 * machines than licenses in use. Named users' machines stay registered while they are not used.
 */
export const machineQuotaBinds = ({
  licenseType,
  quota,
  machineQuota,
}: Pick<SubscriptionTerms, 'licenseType' | 'quota' | 'machineQuota'>): boolean =>
  licenseType === 'per-user' || machineQuota < quota;

/**
 * Returns which slots may be claimed after a change of the terms: like `resizedClaimable`, and none while the quota can't
 * bind.
 */
export const resizedSlots = (
  before: Subscription | undefined,
  terms: SubscriptionTerms,
): Pick<Subscription, 'machineClaimable' | 'slotsComplete'> => {
  if (!machineQuotaBinds(terms)) return { machineClaimable: 0, slotsComplete: false };
  // The machine quota starts to bind: the machines in use have no slots yet.
  if (before && !machineQuotaBinds(before)) return { machineClaimable: 0, slotsComplete: false };
  const slots = before && { quota: before.machineQuota, claimable: before.machineClaimable };
  return {
    machineClaimable: resizedClaimable(slots, terms.machineQuota),
    slotsComplete: before?.slotsComplete ?? true,
  };
};

/** Returns whether the pool has, or had, seats in several blocks. */
export const isInBlocks = ({ blocks = 0 }: Pick<Subscription, 'blocks'>): boolean => blocks > 1;

/** The quota of a pool's seats or slots, and the highest number that may be claimed. */
export interface Capacity {
  quota: number;
  claimable: number;
}

/** Returns the capacity of a pool's seats (by default) or slots. */
export const capacityOf = (subscription: Subscription, numbered: Numbered = 'seats'): Capacity =>
  numbered === 'slots'
    ? { quota: subscription.machineQuota, claimable: subscription.machineClaimable }
    : { quota: subscription.quota, claimable: subscription.claimable };

/**
 * Returns the highest number up to which seats may be claimed without exceeding the quota.
 *
 * @param heldAbove the held numbers above the present `claimable`. Close lapsed seats first: a late heartbeat could revive a
 *   lapsed seat above the returned number
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

/** Returns when a lease that starts or is extended now ends, epoch ms: never later than the subscription. */
export const leaseEnd = (subscription: Subscription, now: number): number =>
  Math.min(now + subscription.leaseSeconds * 1000, subscription.expiresAt);

/** Returns when a session's hold ends, epoch ms: with its lease, or with the subscription if that ends earlier. */
export const sessionEnd = (hold: Hold, { expiresAt }: Pick<Subscription, 'expiresAt'>): number =>
  Math.min(hold.availableAt, expiresAt);

/** Returns the time between two heartbeats, seconds: a third of the lease. */
export const heartbeatSeconds = (leaseSeconds: number): number => Math.max(1, Math.floor(leaseSeconds / 3));

/** The figures of a subscription. */
export interface Figures {
  available: number;
  inUse: { licensedUsers: number; online: number; offline: number };
  registeredMachines: number;
}

/**
 * Returns the figures of a subscription at `now` (epoch ms).
 *
 * @param pool the seats; per user, also the licenses and machines
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
