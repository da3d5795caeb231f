import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Holder, noExpiry, type Seat } from '../../shared/domain/seat.ts';
import {
  capacityOf,
  figuresOf,
  heartbeatSeconds,
  isInBlocks,
  leaseEnd,
  machineQuotaBinds,
  raisedClaimable,
  resizedClaimable,
  resizedSlots,
  type Subscription,
  statusOf,
} from '../../shared/domain/subscription.ts';

const now = 1_000_000;
const subscription = (changes: Partial<Subscription> = {}): Subscription => ({
  organizationId: 'org_a',
  product: 'KRE',
  productName: 'KRE',
  licenseType: 'floating',
  quota: 10,
  machineQuota: 10,
  expiresAt: now + 100_000,
  leaseSeconds: 60,
  offline: { allowed: false, maxDays: null, reserveOnline: 0 },
  idleTimeoutMinutes: null,
  suspended: false,
  createdAt: 0,
  claimable: 10,
  machineClaimable: 0,
  slotsComplete: false,
  version: 1,
  ...changes,
});

describe('the status of a subscription', () => {
  it('is `expired` from the instant of the expiry on, suspended or not', () => {
    for (const suspended of [false, true]) {
      expect(statusOf(subscription({ suspended, expiresAt: now }), now)).toBe('expired');
      expect(statusOf(subscription({ suspended, expiresAt: now + 1 }), now)).toBe(suspended ? 'suspended' : 'active');
    }
  });
});

describe('a lease', () => {
  it('ends after its length, and never later than the subscription', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 5, max: 86_400 }), (left, leaseSeconds) => {
        const end = leaseEnd(subscription({ leaseSeconds, expiresAt: now + left }), now);
        expect(end).toBe(Math.min(now + leaseSeconds * 1000, now + left));
      }),
    );
  });
  it('has room for three heartbeats, so two may be lost', () => {
    for (let leaseSeconds = 5; leaseSeconds <= 86_400; leaseSeconds += 7) {
      expect(heartbeatSeconds(leaseSeconds) * 3).toBeLessThanOrEqual(leaseSeconds);
      expect(heartbeatSeconds(leaseSeconds)).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(heartbeatSeconds(leaseSeconds))).toBe(true);
    }
    expect([1, 5, 300].map(heartbeatSeconds)).toEqual([1, 1, 100]);
  });
});

describe('the raised `claimable`', () => {
  const small = fc.integer({ min: 0, max: 30 });
  const heldNumbers = fc.uniqueArray(fc.integer({ min: 1, max: 40 }));
  it('is the largest c for which c + the held numbers above c ≤ quota, or the present value', () => {
    fc.assert(
      fc.property(small, small, heldNumbers, (quota, claimable, numbers) => {
        const above = numbers.filter((number) => number > claimable);
        const fits = (c: number) => c + above.filter((number) => number > c).length <= quota;
        let expected = claimable;
        for (let c = claimable + 1; c <= quota; c++) if (fits(c)) expected = c;
        expect(raisedClaimable(quota, claimable, above)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
  it('does not depend on the order of the held numbers', () => {
    expect(raisedClaimable(5, 0, [9, 2, 7])).toBe(raisedClaimable(5, 0, [2, 7, 9]));
  });
  it('is the quota if nothing is held above', () => {
    expect(raisedClaimable(100_000, 0, [])).toBe(100_000);
  });
});

/** A pool that does one thing after the other by the rules of the engine. */
class Pool {
  quota: number;
  claimable: number;
  held = new Set<number>();
  constructor(quota: number) {
    this.quota = quota;
    this.claimable = resizedClaimable(undefined, quota);
  }
  resize(quota: number) {
    this.claimable = resizedClaimable(this, quota);
    this.quota = quota;
  }
  private raise() {
    const above = [...this.held].filter((number) => number > this.claimable);
    this.claimable = raisedClaimable(this.quota, this.claimable, above);
  }
  private free() {
    return Array.from({ length: this.claimable }, (_, i) => i + 1).filter((number) => !this.held.has(number));
  }
  /** Claims like the engine: a free number; otherwise it raises `claimable` and tries again. */
  claim(choice: number): boolean {
    if (this.free().length === 0) this.raise();
    const free = this.free();
    const number = free[choice % free.length];
    if (number !== undefined) this.held.add(number);
    return number !== undefined;
  }
  release(choice: number) {
    const number = [...this.held][choice % this.held.size];
    if (number !== undefined) this.held.delete(number);
  }
}

describe('resizing', () => {
  it('a new pool: every number of the quota may be claimed', () => {
    expect(resizedClaimable(undefined, 7)).toBe(7);
  });
  it('an open pool to a larger quota opens the new numbers; the same quota again changes nothing', () => {
    expect(resizedClaimable({ quota: 5, claimable: 5 }, 9)).toBe(9);
    expect(resizedClaimable({ quota: 5, claimable: 5 }, 5)).toBe(5);
    expect(resizedClaimable({ quota: 5, claimable: 2 }, 5)).toBe(2);
    expect(resizedClaimable({ quota: 5, claimable: 2 }, 9)).toBe(2);
  });
  it('to a smaller quota closes all numbers', () => {
    expect(resizedClaimable({ quota: 5, claimable: 5 }, 4)).toBe(0);
    expect(resizedClaimable({ quota: 5, claimable: 3 }, 0)).toBe(0);
  });
  it('from 0 opens nothing, since seats may still be held', () => {
    expect(resizedClaimable({ quota: 0, claimable: 0 }, 5)).toBe(0);
  });
  it('in any order with claims and releases lets nobody in at the quota, and refuses nobody below it', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('resize' as const), to: fc.nat({ max: 6 }) }),
        fc.record({ do: fc.constantFrom('claim' as const, 'release' as const), to: fc.nat({ max: 20 }) }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.nat({ max: 6 }), steps, (quota, all) => {
        const pool = new Pool(quota);
        for (const step of all) {
          if (step.do === 'resize') pool.resize(step.to);
          else if (step.do === 'release') pool.release(step.to);
          else {
            const free = pool.held.size < pool.quota;
            expect(pool.claim(step.to)).toBe(free);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the machine quota', () => {
  const bound = subscription({ machineQuota: 5, machineClaimable: 5, slotsComplete: true });
  const unbound = subscription();

  it('can refuse a machine if it is below the quota, or if users are named', () => {
    expect(machineQuotaBinds(bound)).toBe(true);
    expect(machineQuotaBinds(unbound)).toBe(false);
    expect(machineQuotaBinds({ ...unbound, licenseType: 'per-user' })).toBe(true);
  });
  it('opens all slots of a new subscription, and none while it cannot refuse a machine', () => {
    expect(resizedSlots(undefined, bound)).toEqual({ machineClaimable: 5, slotsComplete: true });
    expect(resizedSlots(undefined, unbound)).toEqual({ machineClaimable: 0, slotsComplete: false });
    expect(resizedSlots(bound, unbound)).toEqual({ machineClaimable: 0, slotsComplete: false });
  });
  it('that begins to refuse opens no slot until the machines in use have theirs', () => {
    const waiting = { machineClaimable: 0, slotsComplete: false };
    expect(resizedSlots(unbound, bound)).toEqual(waiting);
    expect(resizedSlots({ ...bound, ...waiting }, bound)).toEqual(waiting);
    // Also if an earlier release left slots open.
    expect(resizedSlots({ ...unbound, machineClaimable: 10, slotsComplete: true }, bound)).toEqual(waiting);
  });
  it('grows and shrinks like the quota', () => {
    expect(resizedSlots(bound, { ...bound, machineQuota: 7 })).toEqual({ machineClaimable: 7, slotsComplete: true });
    expect(resizedSlots(bound, { ...bound, machineQuota: 4 })).toEqual({ machineClaimable: 0, slotsComplete: true });
    expect(resizedSlots({ ...bound, machineClaimable: 3 }, { ...bound, machineQuota: 7 }).machineClaimable).toBe(3);
  });
});

describe('a pool', () => {
  it('has the capacity of its seats, and another of its slots', () => {
    const pool = subscription({ quota: 10, claimable: 9, machineQuota: 8, machineClaimable: 7 });
    expect(capacityOf(pool)).toEqual({ quota: 10, claimable: 9 });
    expect(capacityOf(pool, 'seats')).toEqual({ quota: 10, claimable: 9 });
    expect(capacityOf(pool, 'slots')).toEqual({ quota: 8, claimable: 7 });
  });
  it('is in blocks from the second block on', () => {
    expect([undefined, 0, 1, 2].map((blocks) => isInBlocks({ blocks }))).toEqual([false, false, false, true]);
  });
});

describe('the figures', () => {
  const seat = (number: number, holder: Holder, availableAt: number, machineId?: string): Seat => ({
    number,
    fence: 1,
    hold: { holder, userId: 'u', machineId, claimedAt: 0, availableAt, leaseMs: 0 },
  });
  it('count the present holders of each kind, and each of their machines once', () => {
    const seats = [
      seat(1, 'session#a', now + 1, 'm1'),
      seat(2, 'session#b', now + 1, 'm1'),
      seat(3, 'session#lapsed', now, 'm2'),
      seat(4, 'user#u', noExpiry),
      seat(5, 'offline#o', now + 1, 'm3'),
      { number: 6, fence: 4 },
    ];
    expect(figuresOf({ licenseType: 'floating', quota: 10, expiresAt: now + 1000 }, { seats }, now)).toEqual({
      available: 6,
      inUse: { licensedUsers: 1, online: 2, offline: 1 },
      registeredMachines: 2,
    });
  });
  it('count no session after the end of the subscription, however long its lease is', () => {
    const seats = [
      seat(1, 'session#a', now + 5000, 'm1'),
      seat(2, 'user#u', noExpiry),
      seat(3, 'offline#o', now + 5000, 'm3'),
    ];
    expect(figuresOf({ licenseType: 'floating', quota: 10, expiresAt: now }, { seats }, now)).toEqual({
      available: 8,
      inUse: { licensedUsers: 1, online: 0, offline: 1 },
      registeredMachines: 1,
    });
  });
  it('count per user the licenses in use, and the machines that stay registered', () => {
    const use = { sessionId: 's', machineId: 'm1', fence: 1, activatedAt: 0, renewedAt: 0, leaseMs: 1, activeAt: 0 };
    const record = { status: 'active', number: 1, fence: 1, revision: 1, userId: 'u', previous: [] } as const;
    const license = { ...record, licensedAt: 0, useFence: 1, over: [] };
    const usedUntil = (availableAt: number) => ({ ...license, inUse: { ...use, availableAt, claimId: 'c' } });
    const licenses = [usedUntil(now + 1), usedUntil(now), license];
    const machines = ['m1', 'm2'].map((machineId) => ({ ...record, machineId, registeredAt: 0, lastSeenAt: 0 }));
    const seats = [seat(1, 'user#u', noExpiry), seat(2, 'session#a', now + 1), seat(3, 'user#w', noExpiry)];
    const pool = { licenseType: 'per-user', quota: 10, expiresAt: now + 1000 } as const;
    expect(figuresOf(pool, { seats, licenses, machines }, now)).toEqual({
      available: 7,
      inUse: { licensedUsers: 2, online: 2, offline: 0 },
      registeredMachines: 2,
    });
  });
  it('never show fewer than 0 available licenses', () => {
    const seats = [seat(1, 'session#a', now + 1), seat(2, 'session#b', now + 1)];
    expect(figuresOf({ licenseType: 'floating', quota: 1, expiresAt: now + 1000 }, { seats }, now).available).toBe(0);
  });
});
