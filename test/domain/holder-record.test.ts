import { describe, expect, it } from 'vitest';
import { EndedReason } from '../../shared/contracts/schemas/activation.ts';
import {
  earliestEnd,
  type HolderRecord,
  involvesMember,
  isRecordOf,
  mayComeBack,
  previousEnds,
  reasonOf,
  recordOf,
  voidedRecordOf,
  withLeaseEnd,
} from '../../shared/domain/holder-record.ts';
import { type HeldSeat, type Seat, sessionHolder } from '../../shared/domain/seat.ts';

const live: HolderRecord = { status: 'active', number: 3, fence: 7, revision: 1, userId: 'u', previous: [] };
const ended = (fence: number, reason: EndedReason, record: HolderRecord = live): HolderRecord => ({
  ...record,
  fence,
  status: 'ended',
  endedReason: reason,
  endedAt: fence * 100,
});

describe('a session may activate again, or not, after its end', () => {
  const free = ['released', 'lease-expired', 'idle-timeout', 'subscription-expired', 'subscription-suspended'];
  it.each(EndedReason.options)('%s', (reason) => {
    expect(mayComeBack(reason)).toBe(free.includes(reason));
  });
});

describe('a record stands for a claim', () => {
  it('if both the number and the fence match', () => {
    expect(isRecordOf(live, { number: 3, fence: 7 })).toBe(true);
    expect(isRecordOf(live, { number: 3, fence: 8 })).toBe(false);
    expect(isRecordOf(live, { number: 4, fence: 7 })).toBe(false);
    expect(isRecordOf(undefined, { number: 3, fence: 7 })).toBe(false);
  });
});

describe('the holder of an ended claim learns the reason', () => {
  it('of the record, if the record stands for its claim', () => {
    expect(reasonOf(ended(7, 'license-removed'), { number: 3, fence: 7 })).toBe('license-removed');
  });
  it('`lease-expired` while the record is live, since the seat refused the claim', () => {
    expect(reasonOf(live, { number: 3, fence: 7 })).toBe('lease-expired');
  });
  it('of an earlier claim for as long as a lease, and of the last four for longer', () => {
    let record: HolderRecord = ended(1, 'released');
    const reasons = [
      'lease-expired',
      'subscription-expired',
      'subscription-suspended',
      'released',
      'idle-timeout',
    ] as const;
    reasons.forEach((reason, i) => {
      const next: HolderRecord = { ...live, number: 3, fence: i + 2, previous: previousEnds(record, 600_000) };
      record = ended(i + 2, reason, next);
    });
    expect(record.previous.map(({ fence }) => fence)).toEqual([5, 4, 3, 2]);
    expect(reasonOf(record, { number: 3, fence: 6 })).toBe('idle-timeout');
    expect(reasonOf(record, { number: 3, fence: 5 })).toBe('released');
    expect(reasonOf(record, { number: 3, fence: 2 })).toBe('lease-expired');
    // This claim was released. The record has dropped it, and its lease has expired by now in any case.
    expect(reasonOf(record, { number: 3, fence: 1 })).toBe('lease-expired');
    expect(reasonOf(record, { number: 9, fence: 5 })).toBe('lease-expired');
  });
});

describe('a new record keeps', () => {
  it('all earlier ends within a lease, since their holders may still ask, but never more than an item can hold', () => {
    const remembers = (ends: number, everyMs: number) => {
      const session = { ...live, leaseSeconds: 60 };
      let record = { ...session, previous: previousEnds(undefined, 0) };
      for (let end = 1; end <= ends; end++)
        record = {
          ...session,
          fence: end + 1,
          previous: previousEnds({ ...record, endedAt: end * everyMs }, end * everyMs),
        };
      return record.previous.length;
    };
    expect(remembers(10, 1000)).toBe(10);
    expect(remembers(10, 120_000)).toBe(4);
    expect(remembers(1000, 10)).toBe(50);
  });
  it('an end until a lease and a minute have passed since', () => {
    const end = (at: number) => ({ number: 3, fence: 1, userId: 'u', reason: 'released' as const, at });
    const previous = [5, 4, 3, 120_000, 120_001].map((ago) => end(1_000_000 - ago));
    const kept = previousEnds({ ...live, leaseSeconds: 60, previous }, 1_000_000);
    expect(kept.slice(1)).toEqual(previous.slice(0, 4));
  });
  it('the machine and the beginning of a lapse of a session that nobody noticed, but not of a move', () => {
    const session = { ...live, machineId: 'm', activatedAt: 1000, leaseSeconds: 60 };
    const unnoticed = (record: Parameters<typeof previousEnds>[0]) => previousEnds(record, 100_000)[0]?.unnoticed;
    expect(unnoticed(session)).toEqual({ machineId: 'm', activatedAt: 1000 });
    expect(unnoticed({ ...session, status: 'ended', endedReason: 'released', endedAt: 2000 })).toBeUndefined();
    expect(unnoticed({ ...session, endedReason: 'license-transferred' })).toBeUndefined();
    expect(unnoticed({ ...session, machineId: undefined })).toBeUndefined();
    expect(unnoticed({ ...session, activatedAt: undefined })).toBeUndefined();
  });
  it('no ends, if there was no record', () => {
    expect(previousEnds(undefined, 5)).toEqual([]);
  });
  it('a lapse, now, as the end of the live record that it replaces', () => {
    expect(previousEnds(live, 5)).toEqual([
      { number: 3, fence: 7, userId: live.userId, reason: 'lease-expired', at: 5 },
    ]);
  });
  it('the reason and time of the ended record that it replaces', () => {
    expect(previousEnds(ended(7, 'released'), 5)).toEqual([
      { number: 3, fence: 7, userId: live.userId, reason: 'released', at: 700 },
    ]);
  });
});

describe('the end of a lease', () => {
  const session = { ...live, activatedAt: 1000, leaseSeconds: 60 };
  const closed = (reason?: EndedReason): Seat => ({ number: 3, fence: 8, last: { fence: 7, end: 5000, reason } });

  it('is the one that the seat shows, with its reason if it ended early', () => {
    expect(withLeaseEnd(live, closed())).toEqual({ ...live, endedReason: 'lease-expired', endedAt: 5000 });
    expect(withLeaseEnd(live, closed('idle-timeout'))).toMatchObject({ endedReason: 'idle-timeout', endedAt: 5000 });
    expect(withLeaseEnd(live, undefined)).toBe(live);
    const over = ended(7, 'released');
    expect(withLeaseEnd(over, closed())).toBe(over);
  });
  it('is that of the first lease if no seat shows it, so that no two leases of a seat overlap in the history', () => {
    expect([60_000, 61_000, 99_000].map((now) => earliestEnd(session, now))).toEqual([60_000, 61_000, 61_000]);
    expect(earliestEnd({}, 99_000)).toBe(99_000);
    expect(previousEnds(session, 99_000)[0]?.at).toBe(61_000);
  });
});

describe('the record of a claim', () => {
  const hold = { holder: sessionHolder('s'), userId: 'u', claimedAt: 0, availableAt: 9, leaseMs: 9 };
  const seat: HeldSeat = { number: 3, fence: 7, hold };

  it('names the seat, the fence and the user, and follows the record that it replaces', () => {
    expect(recordOf(seat, undefined, 5)).toEqual(live);
    expect(recordOf(seat, { ...ended(6, 'released'), revision: 4 }, 5)).toEqual({
      ...live,
      revision: 5,
      previous: [{ number: 3, fence: 6, userId: 'u', reason: 'released', at: 600 }],
    });
  });
  it('that was never answered ends at once, so that it can never be active', () => {
    const end = { status: 'ended', endedReason: 'lease-expired', endedAt: 5 };
    expect(voidedRecordOf(seat, 5)).toEqual({ ...live, ...end });
  });
  it('exists for its user, and for the users of its earlier claims alone', () => {
    const end = { number: 3, fence: 6, userId: 'before', reason: 'released' as const, at: 1 };
    const record = { ...live, previous: [end, { ...end, userId: 'first' }] };
    const involved = ['u', 'before', 'first', 'other'].map((userId) => involvesMember(record, userId));
    expect(involved).toEqual([true, true, true, false]);
    expect(involvesMember(live, 'other')).toBe(false);
  });
});
