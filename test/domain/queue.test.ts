import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aheadByCaller,
  aheadIn,
  aliveUntil,
  type Entry,
  estimatedSeconds,
  hasWaitedOut,
  isForgettable,
  isRenewalDue,
  isServed,
  isWaiting,
  lineOf,
  lineOfEntries,
  longestAliveMs,
  mayHaveQueue,
  mayHaveTicket,
  ordinalAfter,
  placesPerCaller,
  pollAfterSeconds,
  pollSeconds,
  queueLengthOf,
  stampFor,
  type Ticket,
  unreadBefore,
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

  // Half a minute after the end of the dead ticket.
  const now = 30_050;

  it('follows from the arrival, and at the same instant from the session ID; a ticket whose runner is silent does not count', () => {
    expect(lineOf(tickets, 'x', now).waiting.map(({ sessionId }) => sessionId)).toEqual(['a', 'b', 'late']);
    expect(lineOf(tickets, 'x', now).dead.map(({ sessionId }) => sessionId)).toEqual(['dead']);
  });

  it('has all earlier tickets ahead; a session without a ticket has all tickets ahead', () => {
    const ahead = (sessionId: string) => aheadIn(lineOf(tickets, sessionId, now), [], now);
    expect(['a', 'b', 'late', 'newcomer', 'dead'].map(ahead)).toEqual([0, 1, 2, 3, 3]);
  });

  it('does not count while its session holds a seat, and counts again once that lease has ended', () => {
    const line = lineOf(tickets, 'late', now);
    expect(aheadIn(line, [seatOf('a')], now)).toBe(1);
    expect(aheadIn(line, [seatOf('a', 50)], now)).toBe(2);
    expect(queueLengthOf(line, [seatOf('a')], now)).toEqual({ length: 2, waitingSince: 10 });
    expect(queueLengthOf(lineOf([], 'x', now), [], now)).toEqual({ length: 0, waitingSince: undefined });
  });

  it('is a new one for a session that has had its seat since', () => {
    const since = (fence: number | undefined, record: { activatedAt: number; fence: number; untold?: true }) =>
      isServed(ticket('a', { arrivedAt: 10, fence }), record);
    // Whatever the clocks say; a claim that was never told is no license.
    expect(since(4, { activatedAt: 9, fence: 5 })).toBe(true);
    expect(since(4, { activatedAt: 11, fence: 4 })).toBe(false);
    expect(since(4, { activatedAt: 11, fence: 5, untold: true })).toBe(false);
    // A ticket of an earlier release.
    expect(since(undefined, { activatedAt: 11, fence: 5 })).toBe(true);
    expect(since(undefined, { activatedAt: 10, fence: 5 })).toBe(false);
    expect(since(undefined, { activatedAt: 9, fence: 5 })).toBe(false);
    expect(isServed(ticket('a'), undefined)).toBe(false);
  });

  it('ends with the wait of a runner that polled to the end, and is lost by a runner that was silent before', () => {
    const end = { aliveUntil: 1000, giveUpAt: 1000 };
    expect(hasWaitedOut(ticket('a', end), 999)).toBe(false);
    expect(hasWaitedOut(ticket('a', end), 1000)).toBe(true);
    expect(hasWaitedOut(ticket('a', end), 61_000)).toBe(false);
    expect(hasWaitedOut(ticket('a', { aliveUntil: 900, giveUpAt: 1000 }), 1000)).toBe(false);
  });
});

describe('a long line', () => {
  const entry = (arrivedAt: number, ordinal?: number): Entry => ({
    ...ticket(`s${arrivedAt}`, { arrivedAt }),
    ordinal,
  });
  const read = [entry(1, 1), entry(2, 2), entry(3)];
  const seenBy = (arrivedAt: number | undefined, entries: readonly Entry[] = read, isAll = false) => {
    const own = arrivedAt === undefined ? undefined : ticket(`s${arrivedAt}`, { arrivedAt });
    return lineOfEntries(entries, { sessionId: own?.sessionId ?? 'x', ticket: own, isAll }, 1000);
  };

  it('goes on after the entries that were read, unless these reach the requester or are all', () => {
    expect(seenBy(undefined).readTo).toBe(read[2]);
    expect(seenBy(4).readTo).toBe(read[2]);
    expect(seenBy(3).readTo).toBeUndefined();
    expect(seenBy(2).readTo).toBeUndefined();
    expect(seenBy(4, read, true).readTo).toBeUndefined();
    expect(seenBy(4, []).readTo).toBeUndefined();
    expect(lineOf([ticket('a')], 'x', 1000).readTo).toBeUndefined();
  });

  it('tells by the ordinals about how many sessions wait in the part that was not read', () => {
    // 1, 2, one without a number, then 4 to 9.
    expect(unreadBefore(seenBy(20), 10)).toBe(6);
    expect(unreadBefore(seenBy(20), 3)).toBe(0);
    expect(unreadBefore(seenBy(20), undefined)).toBe(0);
    expect(unreadBefore(seenBy(20, read, true), 10)).toBe(0);
    expect(unreadBefore(seenBy(20, [entry(1), entry(2)]), 10)).toBe(0);
  });

  it('numbers each entry after those before it', () => {
    expect(ordinalAfter([])).toBe(1);
    expect(ordinalAfter([entry(2), entry(1)])).toBe(3);
    expect(ordinalAfter([entry(2), entry(1, 7)])).toBe(9);
    expect(ordinalAfter([entry(2, 7), entry(1, 3)])).toBe(8);
  });
});

describe('an API key, or a person who signed in,', () => {
  it('may have as many waiting sessions as its maximum, or as the quota; a key ten in any case, a person a thousand', () => {
    const byKey = (maxSessions: number) => placesPerCaller({ maxSessions }, 100);
    expect([byKey(50), byKey(5)]).toEqual([50, 10]);
    expect([placesPerCaller({}, 100), placesPerCaller({}, 3)]).toEqual([100, 10]);
    expect([placesPerCaller(undefined, 3000), placesPerCaller(undefined, 3)]).toEqual([3000, 1000]);
  });

  it('has the sessions ahead that it began, also if the session came by another key at first', () => {
    const tickets = [
      ticket('a', { arrivedAt: 1, keyId: 'key' }),
      ticket('b', { arrivedAt: 2, keyId: 'other' }),
      ticket('c', { arrivedAt: 3 }),
      ticket('d', { arrivedAt: 4, keyId: 'key' }),
      ticket('e', { arrivedAt: 5, userId: 'usr_b' }),
      ticket('f', { arrivedAt: 6 }),
    ];
    const ahead = (sessionId: string) => aheadByCaller(tickets, { sessionId, userId: 'usr_ada', keyId: 'key' }, 1000);
    expect(['a', 'b', 'd', 'newcomer'].map(ahead)).toEqual([0, 1, 1, 2]);
    const aheadOfPerson = (sessionId: string) => aheadByCaller(tickets, { sessionId, userId: 'usr_a' }, 1000);
    expect(['c', 'd', 'f', 'newcomer'].map(aheadOfPerson)).toEqual([0, 1, 1, 2]);
  });
});

describe('a ticket', () => {
  it('counts for half a minute longer than it says, but for its own runner not beyond the end of the wait', () => {
    const own = ticket('a', { aliveUntil: 1000, giveUpAt: 1000 });
    const counts = (sessionId: string, now: number) => lineOf([own], sessionId, now).waiting.length === 1;
    expect([30_999, 31_000].map((now) => counts('x', now))).toEqual([true, false]);
    expect([999, 1000].map((now) => counts('a', now))).toEqual([true, false]);
  });

  it('may be deleted once it counts by no clock, and after five minutes if its session left the queue', () => {
    expect([60_999, 61_000].map((now) => isForgettable(ticket('a', { aliveUntil: 1000 }), now))).toEqual([false, true]);
    const left = ticket('a', { aliveUntil: 0, leftAt: 1_000_000 });
    expect(isWaiting(left, 1_000_000)).toBe(false);
    expect([1_299_999, 1_300_000].map((now) => isForgettable(left, now))).toEqual([false, true]);
  });

  it('may be left behind for four minutes by a session that waited for its seat', () => {
    const session = { waitedSeconds: 0, activatedAt: 1000 };
    expect([240_999, 241_000].map((now) => mayHaveTicket(session, now))).toEqual([true, false]);
    expect(mayHaveTicket({ ...session, waitedSeconds: undefined }, 1000)).toBe(false);
  });
});

describe('polls', () => {
  it('are every 2 to 4 seconds in front, less often further back, and at most 30 seconds apart', () => {
    const spread = (ahead: number) => [0, 0.999].map((random) => pollAfterSeconds(ahead, 1e9, 0, () => random));
    expect([0, 20, 1000].map(spread)).toEqual([
      [2, 4],
      [5, 9],
      [15, 30],
    ]);
  });

  it('are never due after the end of the wait', () => {
    expect(pollAfterSeconds(1000, 3_500, 0)).toBe(4);
    expect(pollAfterSeconds(0, 0, 5_000)).toBe(1);
  });

  it('write at most every fourth time in the same place, and keep the place even if two polls are lost', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.boolean(),
        fc.array(fc.record({ random: fc.double({ min: 0, max: 0.999, noNaN: true }), lost: fc.nat(2) }), {
          minLength: 40,
          maxLength: 40,
        }),
        (ahead, loses, polls) => {
          let now = 0;
          let writes = 0;
          const giveUpAt = 1e9;
          let own = ticket('a', { aliveUntil: aliveUntil(ahead, giveUpAt, now), giveUpAt });
          let answered = 0;
          for (const { random, lost } of polls) {
            now += pollAfterSeconds(ahead, giveUpAt, now, () => random) * 1000;
            // Lose polls, but only as many as the place survives in the worst case.
            if (loses && lost === 2) now += 2 * pollSeconds(ahead) * 1000 - 1;
            expect(own.aliveUntil).toBeGreaterThan(now);
            answered++;
            if (!isRenewalDue(own, ahead, now)) continue;
            own = { ...own, aliveUntil: aliveUntil(ahead, giveUpAt, now) };
            writes++;
          }
          if (!loses) expect(writes * 4).toBeLessThanOrEqual(answered);
        },
      ),
    );
  });

  it('keep the place, and all others respect it, even if the clocks of functions differ by half a minute', () => {
    const offset = fc.nat(30_000);
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.array(fc.tuple(offset, offset, fc.double({ min: 0, max: 0.999, noNaN: true })), { maxLength: 40 }),
        (ahead, polls) => {
          const giveUpAt = 1e9;
          let time = 100_000;
          let own = ticket('a', { aliveUntil: aliveUntil(ahead, giveUpAt, time), giveUpAt });
          for (const [polled, other, random] of polls) {
            // Just before the next poll.
            time += pollAfterSeconds(ahead, giveUpAt, time, () => random) * 1000;
            expect(aheadIn(lineOf([own], 'newcomer', time + other), [], time + other)).toBe(1);
            expect(lineOf([own], 'a', time + polled).own).toBe(own);
            if (isRenewalDue(own, ahead, time + polled))
              own = { ...own, aliveUntil: aliveUntil(ahead, giveUpAt, time + polled) };
          }
        },
      ),
    );
  });

  it('shorten the life of a ticket once its runner has moved up', () => {
    const own = ticket('a', { aliveUntil: aliveUntil(200, 1e9, 0), giveUpAt: 1e9 });
    expect(own.aliveUntil).toBe(longestAliveMs);
    expect(isRenewalDue(own, 200, 0)).toBe(false);
    expect(isRenewalDue(own, 0, 1000)).toBe(true);
    expect(aliveUntil(0, 1e9, 1000)).toBe(25_000);
  });

  it('renew a ticket that lives for fewer than three polls, or for more than eight', () => {
    const isDue = (aliveUntil: number) => isRenewalDue({ aliveUntil, giveUpAt: 1e9 }, 0, 0);
    expect([11_999, 12_000, 32_000, 32_001].map(isDue)).toEqual([true, false, false, true]);
  });

  it('do not write to extend a ticket beyond the end of the wait', () => {
    const own = ticket('a', { aliveUntil: aliveUntil(0, 5_000, 0), giveUpAt: 5_000 });
    expect(own.aliveUntil).toBe(5_000);
    expect(isRenewalDue(own, 0, 4_000)).toBe(false);
  });
});

describe('the stamp', () => {
  it('says that a session may be waiting, until the stamp ends', () => {
    const stamps = [{}, { lineUntil: 1000 }, { lineUntil: 1001 }, { queueUntil: 1000 }, { queueUntil: 1001 }];
    expect(stamps.map((stamped) => mayHaveQueue(stamped, 31_000))).toEqual([false, false, true, false, true]);
  });

  it('that lasts as long as the ticket is not written again', () => {
    const until = (lineUntil: number) => stampFor(ticket('a', { aliveUntil: 5000 }), { lineUntil }, 1000);
    expect([4999, 5000].map(until)).toEqual([241_000, undefined]);
  });

  it('outlasts every ticket, and is written at most once a minute', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20_000), fc.nat(300)), { maxLength: 100 }), (steps) => {
        let now = 0;
        let lineUntil: number | undefined;
        let last = Number.NEGATIVE_INFINITY;
        for (const [ms, ahead] of steps) {
          now += ms;
          const made = ticket('a', { aliveUntil: aliveUntil(ahead, 1e9, now) });
          const stamp = stampFor(made, { lineUntil }, now);
          if (stamp !== undefined) {
            expect(now - last).toBeGreaterThan(60_000);
            last = now;
            lineUntil = stamp;
          }
          expect(lineUntil).toBeGreaterThanOrEqual(made.aliveUntil);
        }
      }),
    );
  });
});

describe('the estimate of the remaining wait', () => {
  const line = (changes: Partial<Ticket>[]) =>
    lineOf(
      changes.map((change, index) => ticket(`s${index}`, { arrivedAt: index, ...change })),
      'x',
      10_000,
    );

  it('is unknown while nobody has moved up', () => {
    expect(estimatedSeconds(line([]), 0, 10_000)).toBeUndefined();
    expect(estimatedSeconds(line([{}, { aheadAtFirst: 1 }]), 1, 10_000)).toBeUndefined();
  });

  it('follows from the speed of the queue: five places in ten seconds, so the fourth place takes eight', () => {
    expect(estimatedSeconds(line([{ aheadAtFirst: 5 }]), 3, 10_000)).toBe(8);
  });

  it('follows from the session that has moved up the most, over the time since its own arrival', () => {
    const movedUp = (...places: number[]) =>
      line(places.map((moved, place) => ({ arrivedAt: 1000 * place, aheadAtFirst: place + moved })));
    expect(estimatedSeconds(movedUp(1, 5, 2), 4, 10_000)).toBe(9);
    expect(estimatedSeconds(movedUp(5, 1, 2), 4, 10_000)).toBe(10);
    expect(estimatedSeconds(movedUp(1, 2, 5), 4, 10_000)).toBe(8);
  });

  it('is unknown while the session that has moved up has only just come, by the clocks', () => {
    const came = (arrivedAt: number) => estimatedSeconds(line([{ arrivedAt, aheadAtFirst: 5 }]), 0, 10_000);
    expect([10_000, 10_001].map(came)).toEqual([undefined, undefined]);
  });
});
