import { describe, expect, it } from 'vitest';
import { EndedReason } from '../../shared/contracts/schemas/activation.ts';
import {
  type HolderRecord,
  isRecordOf,
  mayComeBack,
  previousEnds,
  reasonOf,
} from '../../shared/domain/holder-record.ts';

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
