import type { KeyLimitReached } from '../../domain/accounts/limits.ts';
import { type HeldSeat, type Holder, isHeld, type Seat } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Claimant, Refused } from '../engine/claimant.ts';
import { readSeats } from '../items/read-seats.ts';
import { closeLapsedSeats } from '../items/seats.ts';
import type { Pool } from '../store/keys.ts';
import type { BeginAgain } from '../store/retry.ts';
import type { Table } from '../store/table.ts';

/** An API key, and how many sessions of one product may run by it at once. */
export interface KeyMaximum {
  keyId: string;
  maxSessions: number;
}

/** The most restarts of a request because of brand-new claims. */
const maxRestarts = 4;
/** How long after a claim its own request may still give it back, ms; most requests take much less. */
const settlingMs = 1000;
/** How often a claim checks that later claims have given way, and the longest wait between two checks, ms. */
const maxChecks = 10;
const checkPauseMs = 100;

/**
 * The additions of a claimant whose API key has a maximum of sessions. The claimant's seat names the key. Between its claim and
 * its record, the claimant lists the pool's seats, strongly consistent:
 *
 *     no more of the key than its maximum       the claim may be recorded
 *     more, but some are lapsed                 these are closed, and the others counted
 *     more, and it is among the first of them   it stays, and checks again: those behind it give way
 *     more, and it is behind these              it is given back
 *
 * The sessions that are answered and live never exceed the maximum. Proof: take these sessions at any instant, and call the one
 * with the last written claim L. L listed the seats after its own claim, so after the claims of all the others, which stand
 * from then until that instant. L left out none of them: a claimant closes a lapsed seat before it leaves it out, and no late
 * heartbeat revives a closed seat. So L counted all of them, and would not have been recorded had they been more. The times of
 * the claims decide which claim is given back. If clocks differ, a claim may check in vain and then gives way itself; none too
 * many gets in.
 *
 * The first of the claims that meet at the last place stays, so one of them gets it. A session that moves to another machine
 * keeps its seat, and the key on it. A repeated activation renews its seat, and reads no more than others do.
 */
export const withinMaximum = (
  table: Table,
  pool: Pool,
  maximum: KeyMaximum,
  holder: Holder,
): Required<Pick<Claimant<never>, 'admit' | 'acquireDependencies'>> => {
  const { maxSessions } = maximum;
  let restarts = 0;
  const refuse = (live: readonly HeldSeat[], now: number): Refused | BeginAgain => {
    const isSettled = live.slice(0, maxSessions).every(({ hold }) => now - hold.claimedAt >= settlingMs);
    if (!isSettled && ++restarts <= maxRestarts) return { outcome: 'again' };
    return { outcome: 'key-limited', reached: maximumReached(live, maximum) };
  };
  return {
    admit: async (clock) => {
      const seats = await readSeats(table, pool, [everySeat]);
      const now = clock.now();
      const live = sessionsAtMaximum(seats, maximum, holder, now);
      return live && refuse(live, now);
    },
    acquireDependencies: async (claim, _found, _subscription, clock) => {
      for (let checks = 0; checks < maxChecks; checks++) {
        if (checks > 0) await clock.pause(Math.random() * checkPauseMs);
        const seats = (await readSeats(table, pool, [everySeat])).filter((seat) => isOf(seat, maximum));
        if (seats.length <= maxSessions) return undefined;
        const { held } = await closeLapsedSeats(table, pool, seats, clock.now(), seats.length);
        if (held.length <= maxSessions) return undefined;
        const live = held.toSorted(byClaim);
        if (live.slice(0, maxSessions).some(({ number }) => number === claim.number)) continue;
        // Another request of this session has a seat, or is about to give its own back: the record tells.
        const isDouble = live.some(({ number, hold }) => hold.holder === holder && number !== claim.number);
        return isDouble ? { outcome: 'again' } : refuse(live, clock.now());
      }
      return { outcome: 'again' };
    },
  };
};

/** Returns the sessions that leave a holder no room under its key, if so. A holder with a seat of its own needs no other. */
export const sessionsAtMaximum = (
  seats: readonly Seat[],
  maximum: KeyMaximum,
  holder: Holder,
  now: number,
): HeldSeat[] | undefined => {
  const live = seats.filter((seat): seat is HeldSeat => isHeld(seat, now) && isOf(seat, maximum)).sort(byClaim);
  return live.length >= maximum.maxSessions && !live.some(({ hold }) => hold.holder === holder) ? live : undefined;
};

/** Returns the refusal of a session for which its key has no room. */
export const maximumReached = (live: readonly HeldSeat[], { maxSessions }: KeyMaximum): KeyLimitReached => ({
  limit: 'maxSessions',
  value: maxSessions,
  nextFreeAt: Math.min(...live.map(({ hold }) => hold.availableAt)),
});

const isOf = ({ hold }: Seat, { keyId }: KeyMaximum): boolean => hold?.keyId === keyId;

/** Orders claims by time. At the same millisecond the lower number wins: any rule will do, if all apply the same. */
const byClaim = (a: HeldSeat, b: HeldSeat): number => a.hold.claimedAt - b.hold.claimedAt || a.number - b.number;
