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

describe('which ends may be followed by a new activation of the same session', () => {
  const free = ['released', 'lease-expired', 'idle-timeout', 'subscription-expired', 'subscription-suspended'];
  it.each(EndedReason.options)('%s', (reason) => {
    expect(mayComeBack(reason)).toBe(free.includes(reason));
  });
});

describe('the claim that a record stands for', () => {
  it('is that of its number and fence, both', () => {
    expect(isRecordOf(live, { number: 3, fence: 7 })).toBe(true);
    expect(isRecordOf(live, { number: 3, fence: 8 })).toBe(false);
    expect(isRecordOf(live, { number: 4, fence: 7 })).toBe(false);
    expect(isRecordOf(undefined, { number: 3, fence: 7 })).toBe(false);
  });
});

describe('the reason that the holder of a claim is told', () => {
  it('is the record’s own, for the claim that it stands for', () => {
    expect(reasonOf(ended(7, 'license-removed'), { number: 3, fence: 7 })).toBe('license-removed');
  });
  it('is lease-expired while the record is live, since its seat refused', () => {
    expect(reasonOf(live, { number: 3, fence: 7 })).toBe('lease-expired');
  });
  it('is that of an earlier claim, for as long as it is remembered: of those longer ago than a lease, four back', () => {
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
    // Its own reason was `released`; forgotten, it is told as what it has become in any case.
    expect(reasonOf(record, { number: 3, fence: 1 })).toBe('lease-expired');
    expect(reasonOf(record, { number: 9, fence: 5 })).toBe('lease-expired');
  });
});

describe('the ends that a new record remembers', () => {
  it('all within a lease, since their holders may still ask, but never more than a record can carry', () => {
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
  it('none, if there was no record', () => {
    expect(previousEnds(undefined, 5)).toEqual([]);
  });
  it('that of a live record that is written over is a lapse, now', () => {
    expect(previousEnds(live, 5)).toEqual([
      { number: 3, fence: 7, userId: live.userId, reason: 'lease-expired', at: 5 },
    ]);
  });
  it('that of an ended one keeps its reason and time', () => {
    expect(previousEnds(ended(7, 'released'), 5)).toEqual([
      { number: 3, fence: 7, userId: live.userId, reason: 'released', at: 700 },
    ]);
  });
});
