import type { KeyLimitReached } from '../../domain/limits.ts';
import { type HeldSeat, type Holder, isHeld, type Seat } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Again, Claimant, Refused } from '../engine/claimant.ts';
import { closeLapsedSeats, readSeats } from '../items/seats.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** An API key, and how many sessions of one product may run by it at once. */
export interface KeyMaximum {
  keyId: string;
  maxSessions: number;
}

/** How often one request begins again because the claims that are in its way are only just made. */
const mostAgain = 4;
/** For how long after a claim its own request may still give it back, ms: most take much less. */
const settlingMs = 1000;
/** How often a claim looks whether those behind it have given way, and how long it waits between, at most, ms. */
const mostLooks = 10;
const lookPauseMs = 100;

/**
 * What a claimant adds whose API key has a maximum of sessions. Its seat names the key. After the claim, and before the
 * record, it lists the pool's seats, strongly consistent:
 *
 *     no more of the key than its maximum       the claim may be recorded
 *     more, but some are lapsed                 these are closed, and the others counted
 *     more, and it is among the first of them   it stays, and looks again: those behind it give way
 *     more, and it is behind these              it is given back
 *
 * Never more than the maximum are answered and live. Take those that are, at any instant, and of them the one whose claim was
 * written last. It listed the seats after that, so after the claims of all the others were written, and these stood from then
 * until that instant. It left none of them out: a lapsed one is closed before it is left out, and a late heartbeat revives
 * nothing that was closed. So it counted all of them, and would not have been recorded had they been more. Which claim is
 * given back is decided by the times of the claims: clocks that differ may let one look in vain, which then gives way
 * itself; they let in none too many.
 *
 * The first of those that meet at the last place stays, so that one of them gets it. A session that moves to another machine
 * keeps its seat, and the key on it. A repeated activation renews its seat: it reads nothing more than others do.
 */
export const withinMaximum = (
  table: Table,
  pool: Pool,
  maximum: KeyMaximum,
  holder: Holder,
): Required<Pick<Claimant<never>, 'admit' | 'secure'>> => {
  const { maxSessions } = maximum;
  let begunAgain = 0;
  const refuse = (live: readonly HeldSeat[], now: number): Refused | Again => {
    const isSettled = live.slice(0, maxSessions).every(({ hold }) => now - hold.claimedAt >= settlingMs);
    if (!isSettled && ++begunAgain <= mostAgain) return { outcome: 'again' };
    return { outcome: 'key-limited', reached: maximumReached(live, maximum) };
  };
  return {
    admit: async (clock) => {
      const seats = await readSeats(table, pool, [everySeat]);
      const now = clock.now();
      const live = inTheWay(seats, maximum, holder, now);
      return live && refuse(live, now);
    },
    secure: async (claim, _found, _subscription, clock) => {
      for (let looks = 0; looks < mostLooks; looks++) {
        if (looks > 0) await clock.pause(Math.random() * lookPauseMs);
        const seats = (await readSeats(table, pool, [everySeat])).filter((seat) => isOf(seat, maximum));
        if (seats.length <= maxSessions) return undefined;
        const { held } = await closeLapsedSeats(table, pool, seats, clock.now(), seats.length);
        if (held.length <= maxSessions) return undefined;
        const live = held.toSorted(byClaim);
        if (live.slice(0, maxSessions).some(({ number }) => number === claim.number)) continue;
        // Another request of this session has a seat, or is about to give its one back: the record tells.
        const isDouble = live.some(({ number, hold }) => hold.holder === holder && number !== claim.number);
        return isDouble ? { outcome: 'again' } : refuse(live, clock.now());
      }
      return { outcome: 'again' };
    },
  };
};

/** The sessions that leave a holder no room by its key, if they do. A holder that has a seat of its own wants no other. */
export const inTheWay = (
  seats: readonly Seat[],
  maximum: KeyMaximum,
  holder: Holder,
  now: number,
): HeldSeat[] | undefined => {
  const live = seats.filter((seat): seat is HeldSeat => isHeld(seat, now) && isOf(seat, maximum)).sort(byClaim);
  return live.length >= maximum.maxSessions && !live.some(({ hold }) => hold.holder === holder) ? live : undefined;
};

/** What a session is told for which its key has no room. */
export const maximumReached = (live: readonly HeldSeat[], { maxSessions }: KeyMaximum): KeyLimitReached => ({
  limit: 'maxSessions',
  value: maxSessions,
  nextFreeAt: Math.min(...live.map(({ hold }) => hold.availableAt)),
});

const isOf = ({ hold }: Seat, { keyId }: KeyMaximum): boolean => hold?.keyId === keyId;

/** First come first. Of two at the same millisecond the lower number decides: any rule does, if all have the same. */
const byClaim = (a: HeldSeat, b: HeldSeat): number => a.hold.claimedAt - b.hold.claimedAt || a.number - b.number;
