import { hasHolder, holderId, holderKind, leaseEndOf, seatClaim } from '../../../domain/seat.ts';
import type { ChangeOf } from '../change.ts';
import { claimCheck } from '../due-checks.ts';
import type { Reactions } from '../reactions.ts';

/** After a claim: was it recorded? */
const claimed = (change: ChangeOf<'seat' | 'slot'>) => {
  const { before, after } = change;
  if (!hasHolder(after) || before?.fence === after.fence) return undefined;
  return [{ ...claimCheck(change, seatClaim(after), after.hold.claimedAt), hold: after.hold }];
};

/** A seat is claimed, renewed, moved and freed. */
export const seat: Reactions<'seat'> = {
  /** Sweeps check the claims of sessions, but not whether a move to another machine is complete. */
  due: (change) => {
    const [held, was] = [change.after.hold, change.before?.hold];
    const isSession = held && holderKind(held.holder) === 'session';
    const hasMoved = held?.holder === was?.holder && held?.claimedAt === was?.claimedAt;
    return isSession && !hasMoved ? undefined : claimed(change);
  },

  sweep: ({ before, after: { hold, fence } }) =>
    hold && before?.fence !== fence && holderKind(hold.holder) === 'session' ? 'seats' : undefined,

  /** Another claim took the seat, or the seat was closed, after a session's lease ended. */
  lapse: ({ before, after }) => {
    if (!before?.hold || before.fence === after.fence || holderKind(before.hold.holder) !== 'session') return undefined;
    // The same session on the same seat: it moved to another machine, or claimed its own leftover anew.
    if (after.hold?.holder === before.hold.holder) return undefined;
    const { holder, availableAt } = before.hold;
    return { sessionId: holderId(holder), claim: before, end: availableAt, ...leaseEndOf(after, before) };
  },
};

/** A machine slot is claimed, handed over and freed. */
export const slot: Reactions<'slot'> = { due: claimed };
