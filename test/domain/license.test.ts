import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endedUse,
  endedUses,
  endedUsesBefore,
  isOnline,
  isUnusedSince,
  type License,
  lastUseOf,
  licenseUses,
  nextUseFence,
  seatOfUse,
  useSeat,
} from '../../shared/domain/license.ts';

const license: License = {
  status: 'active',
  number: 1,
  fence: 1,
  revision: 1,
  userId: 'usr_1',
  previous: [],
  licensedAt: 100,
  useFence: 0,
  over: [],
};

it('the fence of an activation is above the last ones of its user and its session, and of no other license of its seat', () => {
  const fence = fc.nat({ max: 5000 });
  fc.assert(
    fc.property(fence, fence, fence, fence, fc.integer({ min: 1, max: 999 }), (seat, used, session, before, later) => {
      const next = nextUseFence({ fence: seat, useFence: used }, { fence: session });
      expect(next).toBeGreaterThan(Math.max(used, session));
      expect(next).not.toBe(nextUseFence({ fence: seat + later, useFence: before }, undefined));
    }),
  );
});

it('a license is unused since its grant or its last use; one that was used before its last use was kept counts as used', () => {
  expect([99, 100].map((since) => isUnusedSince(license, since))).toEqual([false, true]);
  const used = { ...license, useFence: 1001, lastUsedAt: 200, lastMachineId: 'm' };
  expect([199, 200].map((since) => isUnusedSince(used, since))).toEqual([false, true]);
  // A license that was granted anew, to a user who had one before.
  expect([299, 300].map((since) => isUnusedSince({ ...used, licensedAt: 300 }, since))).toEqual([false, true]);
  expect(isUnusedSince({ ...license, useFence: 1001 }, 1e15)).toBe(false);
});

it('the fence of an activation is the next one that has the last three digits of the license', () => {
  const next = (fence: number, useFence: number) => nextUseFence({ fence, useFence }, undefined);
  expect([next(7, 0), next(7, 6), next(7, 7), next(7, 2006), next(1007, 2007)]).toEqual([7, 7, 1007, 2007, 3007]);
});

describe('the use of a license', () => {
  const inUse = {
    sessionId: 's',
    machineId: 'm',
    hostname: 'h',
    fence: 1001,
    activatedAt: 200,
    renewedAt: 300,
    availableAt: 500,
    leaseMs: 200,
    activeAt: 250,
    claimId: 'c',
  };
  const used = { ...license, useFence: 1001, inUse };

  it('is like a held seat, and its end is kept like that of a lease', () => {
    const hold = {
      holder: 'session#s',
      userId: 'usr_1',
      machineId: 'm',
      hostname: 'h',
      claimedAt: 200,
      renewedAt: 300,
      availableAt: 500,
      leaseMs: 200,
    };
    const seat = { number: 1, fence: 1001, hold };
    expect(seatOfUse(license, inUse)).toEqual(seat);
    expect(useSeat(used)).toEqual(seat);
    expect(useSeat({ ...license, useFence: 1001 })).toEqual({ number: 1, fence: 1001 });
    const closedUse = { fence: 1, availableAt: 150, reason: 'released' as const };
    const last = { fence: 1, end: 150, reason: 'released' };
    expect(useSeat({ ...used, closedUse })).toEqual({ ...seat, last });
    expect(useSeat({ ...license, closedUse })).toEqual({ number: 1, fence: 0, last });
    expect(licenseUses([used, license, { ...used, status: 'pending' }, { ...used, status: 'ended' }])).toEqual([seat]);
  });

  it('is online until its lease or the subscription ends, if the license stands', () => {
    const online = (of: License, expiresAt: number, now: number) => isOnline(of, { expiresAt }, now);
    expect([499, 500].map((now) => online(used, 900, now))).toEqual([true, false]);
    expect([399, 400].map((now) => online(used, 400, now))).toEqual([true, false]);
    expect([online(license, 900, 1), online({ ...used, status: 'ended' }, 900, 1)]).toEqual([false, false]);
  });

  it('is the last one as long as it runs, and its time and machine are kept together', () => {
    const kept = { lastUsedAt: 150, lastMachineId: 'before' };
    expect(lastUseOf({ ...used, ...kept })).toEqual({ lastUsedAt: 250, lastMachineId: 'm' });
    expect(lastUseOf({ ...license, ...kept })).toEqual(kept);
    expect(lastUseOf({ ...license, lastUsedAt: 150 })).toBeUndefined();
    expect(lastUseOf({ ...license, lastMachineId: 'before' })).toBeUndefined();
  });

  it('ends now for the reason that was decided, or has ended with its lease', () => {
    expect(endedUse(inUse, 'license-removed', 499)).toEqual({ ...inUse, reason: 'license-removed', endedAt: 499 });
    expect(endedUse(inUse, 'license-removed', 500)).toEqual({ ...inUse, reason: 'lease-expired', endedAt: 500 });
  });

  it('ends with its license, after those that were displaced', () => {
    const over = [endedUse({ ...inUse, fence: 1 }, 'license-transferred', 100)];
    const end = { status: 'ended', endedReason: 'license-removed', endedAt: 400 } as const;
    expect(endedUses({ ...used, over, ...end })).toEqual([...over, endedUse(inUse, 'license-removed', 400)]);
    expect(endedUses({ ...license, over, ...end })).toBe(over);
    expect(endedUses({ ...used, over })).toBe(over);
    expect(endedUses({ ...used, over, ...end, status: 'active' })).toBe(over);
    expect(endedUses({ ...used, over, ...end, endedAt: undefined })).toBe(over);
    const carried = endedUsesBefore({ ...used, number: 2, over: [{ ...over[0]!, number: 3 }], ...end }, 450);
    expect(carried).toEqual([
      { ...over[0], number: 3 },
      { ...endedUse(inUse, 'license-removed', 400), number: 2 },
    ]);
    expect(endedUsesBefore(used, 450)).toEqual([{ ...endedUse(inUse, 'license-transferred', 450), number: 1 }]);
    // The license that replaces it may have another number.
    expect(carried.map((use) => seatOfUse(license, use).number)).toEqual([3, 2]);
  });
});
