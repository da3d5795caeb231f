import { describe, expect, it } from 'vitest';
import {
  durationSeconds,
  endOnRecord,
  endOrLapse,
  historyOf,
  historySessionOf,
  midnightsDuring,
  type RunningSession,
} from '../../../shared/domain/history/session-history.ts';
import type { Session } from '../../../shared/domain/holder-record.ts';

const running: RunningSession = {
  sessionId: 's',
  fence: 3,
  number: 2,
  userId: 'u',
  machineId: 'm',
  licenseType: 'floating',
  leaseSeconds: 60,
  startedAt: 100,
};
const record: Session = {
  sessionId: 's',
  fence: 3,
  number: 2,
  userId: 'u',
  machineId: 'm',
  leaseSeconds: 60,
  activatedAt: 100,
  status: 'ended',
  endedReason: 'released',
  endedAt: 500,
  revision: 2,
  previous: [],
};
const admin = 'user#usr_ada' as const;
const live: Session = { ...record, status: 'active', endedReason: undefined, endedAt: undefined } as never;
const earlier = { number: 2, fence: 3, userId: 'u', reason: 'released', at: 500 } as const;

describe('the end of an activation on its session’s record', () => {
  it('is that of its own claim', () => {
    expect(endOnRecord(running, record)).toEqual({ ...running, endedReason: 'released', endedAt: 500 });
    expect(endOnRecord(running, { ...record, status: 'active' })).toBeUndefined();
  });

  it('is remembered by the record of a later claim', () => {
    const later = { ...record, fence: 4, endedReason: 'lease-expired', endedAt: 900, previous: [earlier] } as const;
    expect(endOnRecord(running, later)).toMatchObject({ endedReason: 'released', endedAt: 500 });
  });

  it('is not that of a place in the queue, which has no seat, even if another clock ended that earlier', () => {
    const waited = { ...record, number: 0, endedReason: 'machine-removed', endedAt: 400, previous: [earlier] } as const;
    expect(endOnRecord(running, waited)).toMatchObject({ endedReason: 'released', endedAt: 500 });
  });

  it('is the one of this seat and this fence, among the ends of several claims', () => {
    const others = [
      { ...earlier, fence: 9, at: 700 },
      { ...earlier, number: 7, at: 600 },
    ];
    expect(endOnRecord(running, { ...record, fence: 10, previous: [...others, earlier] })?.endedAt).toBe(500);
  });

  it('is never before its start, though clocks differ, and has its actor if the record tells it', () => {
    const told = { ...record, endedAt: 90, endedBy: admin };
    expect(endOnRecord(running, told)).toMatchObject({ endedAt: 100, endedBy: admin });
  });

  it('was a lapse if the record has forgotten it', () => {
    const later = { ...record, fence: 9, activatedAt: 800 };
    expect(endOrLapse(running, later)).toEqual({ ...running, endedReason: 'lease-expired', endedAt: 800 });
    expect(endOrLapse(running, { ...record, status: 'active' })).toBeUndefined();
  });

  it('is unknown to a record that has forgotten the claim', () => {
    expect(endOnRecord(running, { ...record, fence: 9 })).toBeUndefined();
  });
});

describe('an activation on its session’s record', () => {
  it('is its claim, with its start', () => {
    const told = { ...live, hostname: 'build-1', waitedSeconds: 7, startedBy: admin } as const;
    const started = { ...running, hostname: 'build-1', waitedSeconds: 7, startedBy: admin };
    expect(historySessionOf(told)).toEqual(started);
    expect(historySessionOf({ ...told, licensed: true })).toEqual({ ...started, licenseType: 'per-user' });
  });
  it('has its end, once it has ended', () => {
    expect(historySessionOf(record)).toEqual({ ...running, endedReason: 'released', endedAt: 500 });
  });
  it('is none if the claim was never answered', () => {
    expect(historySessionOf({ ...record, untold: true })).toBeUndefined();
  });
  const moved = {
    ...live,
    fence: 4,
    startedBy: admin,
    previous: [{ ...earlier, reason: 'license-transferred', at: 300 }],
  };
  it('begins with the move of its session to another machine, and is not told as a start', () => {
    const claim = { ...running, fence: 4, startedAt: 300, activatedAt: 100 };
    expect(historySessionOf(moved as Session)).toEqual(claim);
    expect(historyOf(live, moved as Session).started).toEqual(claim);
  });
  it('begins with its activation if it uses a user’s license, even if that was transferred before', () => {
    expect(historySessionOf({ ...moved, licensed: true } as Session)).toMatchObject({
      startedAt: 100,
      startedBy: admin,
    });
  });
  it('tells the earlier activation whose lapse nobody had noticed', () => {
    const lapse = { ...earlier, reason: 'lease-expired', unnoticed: { machineId: 'm0', activatedAt: 50 } } as const;
    expect(historySessionOf({ ...live, fence: 4, activatedAt: 600, previous: [lapse] })).toEqual({
      ...running,
      fence: 4,
      startedAt: 600,
      lapsed: { number: 2, fence: 3, userId: 'u', machineId: 'm0', activatedAt: 50, reason: 'lease-expired' },
    });
  });
});

describe('a change of a session’s record adds to the history', () => {
  const next = { ...live, fence: 4, activatedAt: 800 };

  it('the start of a claim, and its end', () => {
    expect(historyOf(undefined, live)).toEqual({ started: running });
    const ended = { ...running, endedReason: 'released', endedAt: 500, endedBy: admin };
    expect(historyOf(live, { ...record, endedBy: admin })).toEqual({ ended });
  });
  it('nothing for a claim that was first recorded as ended, and for a heartbeat', () => {
    expect(historyOf(undefined, record)).toEqual({});
    expect(historyOf(live, { ...live, revision: 3 })).toEqual({ ended: undefined });
  });
  it('the lapse of the claim before, by the actor that ends another claim', () => {
    const lapse = { ...running, endedReason: 'lease-expired', endedAt: 800 };
    expect(historyOf(live, next).ended).toEqual(lapse);
    expect(historyOf(live, { ...next, status: 'ended', endedBy: admin }).ended).toEqual({ ...lapse, endedBy: admin });
  });
  it('an earlier date of an end, with the date that it replaces', () => {
    const earlierEnd = { ...record, endedAt: 400 };
    expect(historyOf(record, earlierEnd)).toEqual({
      ended: { ...running, endedReason: 'released', endedAt: 400 },
      later: { ...running, endedReason: 'released', endedAt: 500 },
    });
    for (const after of [
      record,
      { ...record, endedAt: 600 },
      { ...record, fence: 4, endedAt: 400 },
      { ...next, endedAt: 9 },
    ])
      expect(historyOf(record, after)).not.toHaveProperty('later');
  });
});

describe('the time of an activation', () => {
  const midnight = Date.UTC(2027, 0, 10);
  const day = 86_400_000;
  it.each([
    ['within a day', midnight, midnight + day, []],
    ['into the next day', midnight + 5, midnight + day + 1, [midnight + day]],
    ['over three midnights', midnight - 1, midnight + 2 * day + 1, [midnight, midnight + day, midnight + 2 * day]],
    ['of no length', midnight, midnight, []],
  ])('%s: its midnights', (_, startedAt, endedAt, midnights) => {
    expect(midnightsDuring({ startedAt, endedAt })).toEqual(midnights);
  });
  it('is in whole seconds, until now while it runs', () => {
    const session = { ...running, startedAt: 10_000 };
    expect(durationSeconds(session, 12_999)).toBe(2);
    expect(durationSeconds(session, 9_000)).toBe(0);
    expect(durationSeconds({ ...session, endedAt: 15_000, endedReason: 'released' }, 99_000)).toBe(5);
  });
});
