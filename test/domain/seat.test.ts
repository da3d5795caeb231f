import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseSeat,
  type HeldSeat,
  hasHolder,
  hash32,
  holderId,
  holderKind,
  isClaim,
  isHeld,
  isLapsed,
  leaseEndOf,
  machineHolder,
  noExpiry,
  offlineHolder,
  type Seat,
  seatClaim,
  sessionHolder,
  userHolder,
} from '../../shared/domain/seat.ts';

const now = 1000;
const seat = (availableAt: number): Seat => ({
  number: 1,
  fence: 4,
  hold: { holder: sessionHolder('a'), userId: 'u', claimedAt: 0, availableAt, leaseMs: 1 },
});

describe('a seat', () => {
  it('is held until its lease ends; from that instant on it is free, and lapsed until it is closed', () => {
    for (const [end, heldThen] of [
      [now + 1, true],
      [now, false],
      [now - 1, false],
    ] as const) {
      expect(isHeld(seat(end), now)).toBe(heldThen);
      expect(isLapsed(seat(end), now)).toBe(!heldThen);
    }
  });
  it('without a hold is neither held nor lapsed', () => {
    expect(isHeld({ number: 1, fence: 4 }, now)).toBe(false);
    expect(isLapsed({ number: 1, fence: 4 }, now)).toBe(false);
  });
  it('has a claim if holder and fence match, also after the end of the lease', () => {
    const claim = { number: 1, fence: 4, holder: sessionHolder('a') };
    expect(isClaim(seat(now - 1), claim)).toBe(true);
    expect(isClaim(seat(now + 1), { ...claim, fence: 3 })).toBe(false);
    expect(isClaim(seat(now + 1), { ...claim, holder: sessionHolder('b') })).toBe(false);
    expect(isClaim({ number: 1, fence: 4 }, claim)).toBe(false);
    expect(isClaim(undefined, claim)).toBe(false);
    expect(seatClaim(seat(now) as HeldSeat)).toEqual(claim);
  });
  it('has a holder until it is freed or closed', () => {
    expect([seat(now - 1), { number: 1, fence: 4 }, undefined].map(hasHolder)).toEqual([true, false, false]);
  });
  it('remembers the end of its last lease alone, and no end of a hold without one', () => {
    const closed = (end: number): Seat => ({ number: 1, fence: 5, last: { fence: 4, end } });
    expect(leaseEndOf(closed(now), { fence: 4 })).toEqual({ fence: 4, end: now });
    expect(leaseEndOf(closed(now), { fence: 3 })).toBeUndefined();
    expect(leaseEndOf(closed(noExpiry), { fence: 4 })).toBeUndefined();
    expect(leaseEndOf(seat(now), { fence: 4 })).toBeUndefined();
    expect(leaseEndOf(undefined, { fence: 4 })).toBeUndefined();
  });
});

describe('a holder', () => {
  it('has a kind and an ID, whatever the ID contains', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        const holders = [sessionHolder(id), userHolder(id), offlineHolder(id), machineHolder(id)];
        expect(holders.map(holderKind)).toEqual(['session', 'user', 'offline', 'machine']);
        expect(holders.map(holderId)).toEqual([id, id, id, id]);
      }),
    );
  });
});

describe('choosing a seat', () => {
  const free = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1 });
  it('lets duplicates of a request choose the same free number', () => {
    fc.assert(
      fc.property(fc.string(), free, (id, numbers) => {
        const chosen = chooseSeat(sessionHolder(id), numbers);
        expect(numbers).toContain(chosen);
        expect(chooseSeat(sessionHolder(id), [...numbers])).toBe(chosen);
      }),
    );
  });
  it('finds none if no number is free', () => {
    expect(chooseSeat(sessionHolder('a'), [])).toBeUndefined();
  });
  it('spreads a thousand runners evenly: no number of 100 is the choice of more than 3 % of them', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
    const chosen = Array.from({ length: 1000 }, (_, i) => chooseSeat(sessionHolder(`build-${i}`), numbers));
    const most = Math.max(...Object.values(Object.groupBy(chosen, String)).map((same) => same?.length ?? 0));
    expect(most).toBeLessThanOrEqual(30);
    expect(new Set(chosen).size).toBeGreaterThan(95);
  });
  it('uses a hash that is the same on every machine, for ever', () => {
    expect(hash32('session#a')).toBe(hash32('session#a'));
    expect(hash32('')).toBe(0xe3b0c442);
  });
});
