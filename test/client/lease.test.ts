import { describe, expect, it } from 'vitest';
import { heartbeatTimeout, leaseOf, pauseAfterFailure, untilHeartbeat, untilNextCheck } from '../../client/lease.ts';

const at = (monotonic: number, wall = 1_000_000 + monotonic) => ({ monotonic, wall });
const told = { leaseExpiresAt: '2027-01-31T09:32:00.500Z', heartbeatSeconds: 40 };
const date = 'Sun, 31 Jan 2027 09:30:00 GMT';
const lease = leaseOf(told, date, { sent: at(100), received: at(300) });

describe('a lease', () => {
  it('ends when it must have ended, whatever this machine’s clock says: counted from the answer, to the next second', () => {
    expect(lease.endsAt).toBe(300 + 120_500 + 1000);
    expect(leaseOf(told, date, { sent: at(100, 0), received: at(300, 0) }).endsAt).toBe(lease.endsAt);
  });
  it('is three heartbeats long where `Date` is not shown', () => {
    expect(leaseOf(told, null, { sent: at(100), received: at(300) }).endsAt).toBe(300 + 120_000);
    expect(leaseOf(told, 'nonsense', { sent: at(100), received: at(300) }).endsAt).toBe(300 + 120_000);
  });
});

describe('a heartbeat', () => {
  it('is due an interval after the request before was sent', () => {
    expect(untilHeartbeat(lease, at(100))).toBe(40_000);
    expect(untilHeartbeat(lease, at(30_100))).toBe(10_000);
    expect(untilHeartbeat(lease, at(40_100))).toBe(0);
  });
  it('is due at once after a stall', () => expect(untilHeartbeat(lease, at(500_000))).toBe(0));
  it('is due at once after a sleep that only the wall clock saw', () => {
    expect(untilHeartbeat(lease, at(10_100, lease.since.wall + 3_600_000))).toBe(0);
  });
  it('has the most time after a stall longer than the lease, as no other has failed', () => {
    expect(heartbeatTimeout(lease, at(lease.endsAt + 500_000), { most: 10_000, failed: 0 })).toBe(10_000);
    expect(heartbeatTimeout(lease, at(lease.endsAt - 7000), { most: 10_000, failed: 0 })).toBe(7000);
  });
  it('is not put off by a wall clock that is set back', () => {
    expect(untilHeartbeat(lease, at(40_100, lease.since.wall - 3_600_000))).toBe(0);
    expect(untilHeartbeat(lease, at(30_100, lease.since.wall - 3_600_000))).toBe(10_000);
  });
  it('is checked for every few seconds, so that the end of a sleep is noticed soon', () => {
    expect(untilNextCheck(40_000)).toBe(5000);
    expect(untilNextCheck(1000)).toBe(1000);
  });
});

describe('after a heartbeat that failed', () => {
  it('the next ones come with growing pauses, not more rarely than heartbeats', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((failed) => pauseAfterFailure(failed, lease, at(40_100), () => 1));
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 10_000]);
    expect(pauseAfterFailure(6, { ...lease, everyMs: 1000 }, at(40_100), () => 1)).toBe(1000);
  });
  it('another one comes at the end of the lease', () => {
    expect(pauseAfterFailure(6, lease, at(lease.endsAt - 70), () => 1)).toBe(70);
  });
  it('none takes longer than the lease lasts, and each has time to be answered', () => {
    expect(heartbeatTimeout(lease, at(lease.endsAt - 60_000), { most: 10_000, failed: 1 })).toBe(10_000);
    expect(heartbeatTimeout(lease, at(lease.endsAt - 7000), { most: 10_000, failed: 1 })).toBe(7000);
    expect(heartbeatTimeout(lease, at(lease.endsAt), { most: 10_000, failed: 1 })).toBe(2000);
  });
});
