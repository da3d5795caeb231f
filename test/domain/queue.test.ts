import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aheadIn,
  aliveUntil,
  estimatedSeconds,
  hasWaitedOut,
  isQueued,
  isRenewalDue,
  isServed,
  lengthOf,
  lineOf,
  longestAliveMs,
  pollSeconds,
  retryAfterSeconds,
  stampFor,
  type Ticket,
} from '../../shared/domain/queue.ts';
import { type Seat, sessionHolder } from '../../shared/domain/seat.ts';

const ticket = (sessionId: string, changes: Partial<Ticket> = {}): Ticket => ({
  sessionId,
  userId: 'usr_a',
  machineId: 'm',
  arrivedAt: 0,
  aliveUntil: 100_000,
  giveUpAt: 1_000_000,
  aheadAtFirst: 0,
  ...changes,
});
const seatOf = (sessionId: string, availableAt = 100_000): Seat => ({
  number: 1,
  fence: 1,
  hold: { holder: sessionHolder(sessionId), userId: 'usr_a', claimedAt: 0, availableAt, leaseMs: 1000 },
});

describe('a place in the queue', () => {
  const tickets = [
    ticket('late', { arrivedAt: 30 }),
    ticket('dead', { arrivedAt: 5, aliveUntil: 50 }),
    ticket('b', { arrivedAt: 10 }),
    ticket('a', { arrivedAt: 10 }),
  ];

  it('is by arrival, and at the same instant by session ID; those whose runners are silent do not count', () => {
    expect(lineOf(tickets, 'x', 50).waiting.map(({ sessionId }) => sessionId)).toEqual(['a', 'b', 'late']);
    expect(lineOf(tickets, 'x', 50).dead.map(({ sessionId }) => sessionId)).toEqual(['dead']);
  });

  it('has those before it ahead; who has no place has all of them ahead', () => {
    const ahead = (sessionId: string) => aheadIn(lineOf(tickets, sessionId, 50), [], 50);
    expect(['a', 'b', 'late', 'newcomer', 'dead'].map(ahead)).toEqual([0, 1, 2, 3, 3]);
  });

  it('does not count once its session stands on a seat, and does again when that lease has ended', () => {
    const line = lineOf(tickets, 'late', 50);
    expect(aheadIn(line, [seatOf('a')], 50)).toBe(1);
    expect(aheadIn(line, [seatOf('a', 50)], 50)).toBe(2);
    expect(lengthOf(line, [seatOf('a')], 50)).toEqual({ length: 2, since: 10 });
    expect(lengthOf(lineOf([], 'x', 50), [], 50)).toEqual({ length: 0, since: undefined });
  });

  it('is not the old one for a session that got its seat since', () => {
    expect(isServed(ticket('a', { arrivedAt: 10 }), { activatedAt: 11 })).toBe(true);
    expect(isServed(ticket('a', { arrivedAt: 10 }), { activatedAt: 9 })).toBe(false);
    expect(isServed(ticket('a'), undefined)).toBe(false);
  });

  it('was waited out by who polled to the end, and lost by who was silent before', () => {
    const end = { aliveUntil: 1000, giveUpAt: 1000 };
    expect(hasWaitedOut(ticket('a', end), 999)).toBe(false);
    expect(hasWaitedOut(ticket('a', end), 1000)).toBe(true);
    expect(hasWaitedOut(ticket('a', end), 61_000)).toBe(false);
    expect(hasWaitedOut(ticket('a', { aliveUntil: 900, giveUpAt: 1000 }), 1000)).toBe(false);
  });
});

describe('polls', () => {
  it('are every 2 to 4 seconds in front, less often further back, and at most 30 seconds apart', () => {
    const spread = (ahead: number) => [0, 0.999].map((random) => retryAfterSeconds(ahead, 1e9, 0, () => random));
    expect([0, 20, 1000].map(spread)).toEqual([
      [2, 4],
      [5, 9],
      [15, 30],
    ]);
  });

  it('are never asked for after the end of the waiting', () => {
    expect(retryAfterSeconds(1000, 3_500, 0)).toBe(4);
    expect(retryAfterSeconds(0, 0, 5_000)).toBe(1);
  });

  it('write at most every fourth time in the same place, and never let a place go that is polled, two lost ones included', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.array(fc.record({ random: fc.double({ min: 0, max: 0.999, noNaN: true }), lost: fc.nat(2) }), {
          minLength: 40,
          maxLength: 40,
        }),
        (ahead, polls) => {
          let now = 0;
          let writes = 0;
          const giveUpAt = 1e9;
          let own = ticket('a', { aliveUntil: aliveUntil(ahead, giveUpAt, now), giveUpAt });
          let answered = 0;
          for (const { random, lost } of polls) {
            now += retryAfterSeconds(ahead, giveUpAt, now, () => random) * 1000;
            // Lost ones: only as many as the place stands at its worst.
            if (lost === 2) now += 2 * pollSeconds(ahead) * 1000 - 1;
            expect(own.aliveUntil).toBeGreaterThan(now);
            answered++;
            if (!isRenewalDue(own, ahead, now)) continue;
            own = { ...own, aliveUntil: aliveUntil(ahead, giveUpAt, now) };
            writes++;
          }
          if (polls.every(({ lost }) => lost < 2)) expect(writes * 4).toBeLessThanOrEqual(answered);
        },
      ),
    );
  });

  it('shorten what outlives the runner by far, once it has come forward', () => {
    const own = ticket('a', { aliveUntil: aliveUntil(200, 1e9, 0), giveUpAt: 1e9 });
    expect(own.aliveUntil).toBe(longestAliveMs);
    expect(isRenewalDue(own, 200, 0)).toBe(false);
    expect(isRenewalDue(own, 0, 1000)).toBe(true);
    expect(aliveUntil(0, 1e9, 1000)).toBe(25_000);
  });

  it('do not write for the end of the waiting, past which nothing lasts', () => {
    const own = ticket('a', { aliveUntil: aliveUntil(0, 5_000, 0), giveUpAt: 5_000 });
    expect(own.aliveUntil).toBe(5_000);
    expect(isRenewalDue(own, 0, 4_000)).toBe(false);
  });
});

describe('the stamp', () => {
  it('says that somebody may be waiting, until it is over', () => {
    expect([{}, { queueUntil: 1000 }, { queueUntil: 1001 }].map((stamped) => isQueued(stamped, 1000))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('outlasts every ticket, and is made at most once a minute', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20_000), fc.nat(300)), { maxLength: 100 }), (steps) => {
        let now = 0;
        let queueUntil: number | undefined;
        let last = Number.NEGATIVE_INFINITY;
        for (const [ms, ahead] of steps) {
          now += ms;
          const made = ticket('a', { aliveUntil: aliveUntil(ahead, 1e9, now) });
          const stamp = stampFor(made, { queueUntil }, now);
          if (stamp !== undefined) {
            expect(now - last).toBeGreaterThan(60_000);
            last = now;
            queueUntil = stamp;
          }
          expect(queueUntil).toBeGreaterThanOrEqual(made.aliveUntil);
        }
      }),
    );
  });
});

describe('the estimate', () => {
  const line = (changes: Partial<Ticket>[]) =>
    lineOf(
      changes.map((change, index) => ticket(`s${index}`, { arrivedAt: index, ...change })),
      'x',
      10_000,
    );

  it('is none while nobody has come forward', () => {
    expect(estimatedSeconds(line([]), 0, 10_000)).toBeUndefined();
    expect(estimatedSeconds(line([{}, { aheadAtFirst: 1 }]), 1, 10_000)).toBeUndefined();
  });

  it('is by how fast the queue has moved: five places in ten seconds, so the fourth place takes eight', () => {
    expect(estimatedSeconds(line([{ aheadAtFirst: 5 }]), 3, 10_000)).toBe(8);
  });
});
