import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../shared/domain/dates.ts';
import type { HistorySession } from '../../../shared/domain/history/session-history.ts';
import {
  averageOf,
  averageWaitOf,
  combinedUsage,
  intervalsIn,
  type RefusedAt,
  usageOf,
  usageOfDay,
} from '../../../shared/domain/history/usage.ts';

const day = Date.UTC(2027, 0, 10);
const hour = dayMs / 24;
const session = (startedAt: number, endedAt?: number, who: Partial<HistorySession> = {}): HistorySession => ({
  sessionId: 's',
  fence: 1,
  number: 1,
  userId: 'usr_ada',
  machineId: 'm',
  licenseType: 'floating',
  leaseSeconds: 60,
  startedAt,
  ...(endedAt !== undefined && { endedAt, endedReason: 'released' as const }),
  ...who,
});
const usage = (from: number, to: number, ...sessions: HistorySession[]) => usageOf({ from, to }, sessions, []);

describe('usage', () => {
  it('counts one session at a time if the second starts at the very end of the first', () => {
    expect(usage(0, 100, session(0, 50), session(50, 100))).toMatchObject({ peak: 1, occupiedMs: 100 });
    expect(usage(0, 100, session(0, 51), session(50, 100))).toMatchObject({ peak: 2, occupiedMs: 101 });
  });
  it('counts the user, but no running session, if a session ends at its start', () => {
    expect(usage(0, 100, session(7, 7))).toMatchObject({ peak: 0, occupiedMs: 0, users: 1, machines: 1 });
  });
  it('excludes sessions before and after the range, and counts sessions that still run until its end', () => {
    expect(usage(50, 100, session(0, 50), session(100, 200))).toMatchObject({ peak: 0, users: 0, machines: 0 });
    expect(usage(50, 100, session(0))).toMatchObject({ peak: 1, occupiedMs: 50, users: 1 });
  });
  it('counts a refusal for the quota that refused, in the interval of its time', () => {
    const refusals: RefusedAt[] = [
      { at: 49, reason: 'license-quota' },
      { at: 50, reason: 'license-quota' },
      { at: 99, reason: 'machine-quota' },
      { at: 99, reason: 'machine-quota' },
      { at: 100, reason: 'machine-quota' },
    ];
    expect(usageOf({ from: 50, to: 100 }, [], refusals).refused).toEqual({ licenseQuota: 1, machineQuota: 2 });
  });
  it('counts a wait once, in the interval in which the session got its license', () => {
    const waited = [3, 10, 4].map((waitedSeconds, at) => session(60 + at, 500, { waitedSeconds }));
    const earlier = session(40, 500, { waitedSeconds: 100 });
    const at = (from: number, to: number) => usage(from, to, ...waited, earlier, session(70)).waited;
    expect(at(50, 100)).toEqual({ sessions: 3, seconds: 17, longestSeconds: 10 });
    expect(at(0, 61)).toEqual({ sessions: 2, seconds: 103, longestSeconds: 100 });
    expect(at(100, 200)).toBeUndefined();
    expect(averageWaitOf({ sessions: 3, seconds: 17, longestSeconds: 10 })).toBe(5.667);
  });
  it('counts a session that got its license at once as waiting for 0 seconds', () => {
    expect(usage(0, 100, session(0, 100, { waitedSeconds: 0 })).waited).toEqual({
      sessions: 1,
      seconds: 0,
      longestSeconds: 0,
    });
  });
  it('averages an interval that has not ended over the time until now', () => {
    const { whole, hours } = usageOfDay(day, { sessions: [session(day)], refusals: [] }, day + hour / 2);
    expect(whole.occupiedMs).toBe(hour / 2);
    expect(averageOf(whole, { from: day, to: day + dayMs }, day + hour / 2)).toBe(1);
    expect(averageOf(whole, { from: day, to: day + dayMs }, day + dayMs)).toBe(Math.round(1e6 / 48) / 1e6);
    expect(hours.map(({ peak }) => peak)).toEqual([1, ...Array.from({ length: 23 }, () => 0)]);
  });
});

describe('intervals', () => {
  const at = (text: string) => Date.parse(text);
  const told = (...[granularity, from, to]: ['hour' | 'day' | 'month', string, string]) =>
    intervalsIn(granularity, { from: at(from), to: at(to) }).map((start) => new Date(start).toISOString());
  it('are complete, and none starts at the end of the range', () => {
    expect(told('hour', '2027-01-31T23:30:00Z', '2027-02-01T01:00:00Z')).toEqual([
      '2027-01-31T23:00:00.000Z',
      '2027-02-01T00:00:00.000Z',
    ]);
    expect(told('day', '2028-02-28T12:00:00Z', '2028-03-01T00:00:00.001Z')).toEqual([
      '2028-02-28T00:00:00.000Z',
      '2028-02-29T00:00:00.000Z',
      '2028-03-01T00:00:00.000Z',
    ]);
    const range = { from: day, to: day + 9 * dayMs };
    expect(intervalsIn('day', range, 2)).toEqual([day, day + dayMs]);
    expect(told('month', '2026-12-31', '2027-02-01')).toEqual(['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
  });
});

// A reference count that examines each moment. All times are multiples of a step, and nothing changes in between.
const step = hour / 4;
const around = fc.integer({ min: -60, max: 160 }).map((steps) => day + steps * step);
const someSession = fc
  .record({
    startedAt: around,
    lasts: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.constant(undefined)),
    userId: fc.constantFrom('usr_ada', 'usr_bob', 'usr_cy'),
    machineId: fc.constantFrom('m1', 'm2', 'm3', 'm4'),
    waitedSeconds: fc.option(fc.nat(5000), { nil: undefined }),
  })
  .map(({ startedAt, lasts, ...who }) =>
    session(startedAt, lasts === undefined ? undefined : startedAt + lasts * step, who),
  );
const someRefusal = fc.record({ at: around, reason: fc.constantFrom('license-quota', 'machine-quota') });

const endOf = (one: HistorySession) => ('endedAt' in one ? one.endedAt : Infinity);
const looked = (from: number, to: number, sessions: readonly HistorySession[], refusals: readonly RefusedAt[]) => {
  let peak = 0;
  let occupiedMs = 0;
  const seen: HistorySession[] = [];
  for (let moment = from; moment < to; moment += step) {
    const running = sessions.filter((one) => one.startedAt <= moment && moment < endOf(one));
    peak = Math.max(peak, running.length);
    occupiedMs += running.length * step;
    seen.push(...running, ...sessions.filter(({ startedAt }) => startedAt === moment));
  }
  const refused = (reason: string) =>
    refusals.filter((one) => one.reason === reason && from <= one.at && one.at < to).length;
  const waits = sessions.flatMap((one) =>
    one.waitedSeconds !== undefined && from <= one.startedAt && one.startedAt < to ? one.waitedSeconds : [],
  );
  const waited = {
    sessions: waits.length,
    seconds: waits.reduce((sum, seconds) => sum + seconds, 0),
    longestSeconds: Math.max(...waits),
  };
  return {
    peak,
    occupiedMs,
    users: new Set(seen.map(({ userId }) => userId)).size,
    machines: new Set(seen.map(({ machineId }) => machineId)).size,
    refused: { licenseQuota: refused('license-quota'), machineQuota: refused('machine-quota') },
    waited: waits.length > 0 ? waited : undefined,
  };
};

describe('the usage of a day', () => {
  it('equals the count of each moment, for each hour and for the whole day', () => {
    fc.assert(
      fc.property(
        fc.array(someSession, { maxLength: 30 }),
        fc.array(someRefusal, { maxLength: 10 }),
        fc.constantFrom(day + dayMs, day + 30 * dayMs, day, day + 5 * hour + step),
        (sessions, refusals, now) => {
          const { whole, hours, used } = usageOfDay(day, { sessions, refusals }, now);
          const until = Math.min(now, day + dayMs);
          expect(whole).toEqual(looked(day, until, sessions, refusals));
          expect([used.users.size, used.machines.size]).toEqual([whole.users, whole.machines]);
          expect(hours).toHaveLength(24);
          for (const [index, told] of hours.entries()) {
            const from = day + index * hour;
            expect(told).toEqual(looked(from, Math.min(from + hour, until), sessions, refusals));
          }
        },
      ),
    );
  });
  it('combined with other days equals the usage of one interval', () => {
    fc.assert(
      fc.property(fc.array(someSession, { maxLength: 30 }), fc.array(someRefusal), (sessions, refusals) => {
        const days = [-1, 0, 1].map((index) =>
          usageOfDay(day + index * dayMs, { sessions, refusals }, day + 9 * dayMs),
        );
        const used = {
          users: new Set(days.flatMap((one) => [...one.used.users])),
          machines: new Set(days.flatMap((one) => [...one.used.machines])),
        };
        const whole = days.map((one) => one.whole);
        expect(combinedUsage(whole, used)).toEqual(
          usageOf({ from: day - dayMs, to: day + 2 * dayMs }, sessions, refusals),
        );
      }),
    );
  });
});
