import { describe, expect, it } from 'vitest';
import { endOnRecord, type RunningSession } from '../../../shared/domain/history/session-history.ts';
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

  it('is unknown to a record that has forgotten the claim', () => {
    expect(endOnRecord(running, { ...record, fence: 9 })).toBeUndefined();
  });
});
