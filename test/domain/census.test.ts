import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockOf,
  blockSize,
  blocksOf,
  type Census,
  certificateMs,
  certifies,
  fullUntil,
  isWatched,
  isWatchOver,
  mayCertify,
  mayHaveClaimOf,
  rangeOf,
  unconfirmedOf,
} from '../../shared/domain/census.ts';
import { type HeldSeat, type Hold, noExpiry, offlineHolder, sessionHolder } from '../../shared/domain/seat.ts';

const now = 1_000_000_000;
const census = (changes: Partial<Census> = {}): Census => ({
  block: 2,
  epoch: 1,
  fullUntil: now + 1,
  upTo: 2048,
  nextFreeAt: noExpiry,
  unconfirmed: new Uint8Array(),
  ...changes,
});

describe('the blocks of a pool', () => {
  it('have each number that can be claimed in one block, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (claimable, size) => {
        const numbers = blocksOf(claimable, size).flatMap((block) => {
          const { first, last } = rangeOf(block, claimable, size);
          const inBlock = Array.from({ length: last - first + 1 }, (_, index) => first + index);
          expect(inBlock.length).toBeGreaterThanOrEqual(1);
          expect(inBlock.length).toBeLessThanOrEqual(size);
          for (const number of inBlock) expect(blockOf(number, size)).toBe(block);
          return inBlock;
        });
        expect(numbers).toEqual(Array.from({ length: claimable }, (_, index) => index + 1));
      }),
    );
  });
  it('have 1,024 seats each, and the last block has the rest', () => {
    expect([1, 1024, 1025].map((number) => blockOf(number))).toEqual([1, 1, 2]);
    expect(blocksOf(1500)).toEqual([1, 2]);
    expect([1, 2].map((block) => rangeOf(block, 1500))).toEqual([
      { first: 1, last: 1024 },
      { first: 1025, last: 1500 },
    ]);
  });
});

describe('a certificate', () => {
  it('is made only in a pool of several blocks that can all be claimed, with leases of a minute or more', () => {
    const terms = { quota: blockSize + 1, claimable: blockSize + 1, leaseSeconds: 60 };
    expect(mayCertify(terms)).toBe(true);
    expect(mayCertify({ ...terms, leaseSeconds: 59 })).toBe(false);
    expect(mayCertify({ ...terms, quota: blockSize + 2 })).toBe(false);
    expect(mayCertify({ ...terms, quota: blockSize, claimable: blockSize })).toBe(false);
  });
  it('ends after half a minute, and well before the first of its leases ends', () => {
    expect(certificateMs).toBe(30_000);
    expect(fullUntil(noExpiry, now)).toBe(now + 30_000);
    expect(fullUntil(now + 20_000, now)).toBe(now + 15_000);
  });
  it('refuses until its end, and only if it covers all numbers of the block that can be claimed', () => {
    expect(certifies(census(), 5000, now)).toBe(true);
    expect(certifies(census({ fullUntil: now }), 5000, now)).toBe(false);
    expect(certifies(census({ upTo: 2047 }), 5000, now)).toBe(false);
    expect(certifies(census({ upTo: 2000 }), 2000, now)).toBe(true);
    expect(certifies(census({ upTo: 2000 }), 2001, now)).toBe(false);
    expect(certifies(undefined, 5000, now)).toBe(false);
  });
  it('relies on the watch of a seat for 23 hours, and the watch goes on for one hour more', () => {
    const hour = 3_600_000;
    const aged = (ms: number) => [isWatched(now - ms, now), isWatchOver(now - ms, now)];
    expect(aged(0)).toEqual([true, false]);
    expect(aged(23 * hour - 1)).toEqual([true, false]);
    expect(aged(23 * hour)).toEqual([false, false]);
    expect(aged(24 * hour - 1)).toEqual([false, false]);
    expect(aged(24 * hour)).toEqual([false, true]);
    expect([isWatched(undefined, now), isWatchOver(undefined, now)]).toEqual([false, false]);
  });
});

describe('a request that comes back after a crash', () => {
  const held = (number: number, sessionId: string, changes: Partial<Hold> = {}): HeldSeat => {
    const times = { claimedAt: now - 1000, renewedAt: now - 1000, availableAt: now + 60_000, leaseMs: 60_000 };
    return { number, fence: 1, hold: { holder: sessionHolder(sessionId), userId: 'u', ...times, ...changes } };
  };
  const finds = (seats: readonly HeldSeat[], sessionId: string) =>
    mayHaveClaimOf(census({ unconfirmed: unconfirmedOf(seats, now) }), sessionHolder(sessionId));

  it('finds its claim in a full block, beside any number of others', () => {
    const ids = fc.uniqueArray(fc.string(), { maxLength: 8 });
    fc.assert(
      fc.property(ids, (sessions) => {
        const seats = sessions.map((id, index) => held(index + 1, id));
        for (const id of sessions) expect(finds(seats, id)).toBe(true);
        expect(unconfirmedOf(seats, now)).toHaveLength(3 * sessions.length);
      }),
    );
    expect(finds([held(1, 'a'), held(2, 'b')], 'c')).toBe(false);
    expect(finds([], 'a')).toBe(false);
  });
  it('finds it for two minutes, until the first heartbeat', () => {
    const claimed = (ago: number) => ({ claimedAt: now - ago, renewedAt: now - ago });
    expect(finds([held(1, 'a', claimed(119_999))], 'a')).toBe(true);
    expect(finds([held(1, 'a', claimed(120_000))], 'a')).toBe(false);
    expect(finds([held(1, 'a', { renewedAt: now - 500 })], 'a')).toBe(false);
  });
  it('is that of a session: offline licenses take no room', () => {
    expect(unconfirmedOf([held(1, 'a', { holder: offlineHolder('a') })], now)).toHaveLength(0);
  });
});
