import { hasHolder, holderId, holderKind, leaseEndOf, seatClaim } from '../../../domain/seat.ts';
import type { ChangeOf } from '../change.ts';
import { claimCheck } from '../due-checks.ts';
import type { Reactions } from '../reactions.ts';

/** After a claim: was it recorded? That check plans the one at the lease's end. */
const claimed = (change: ChangeOf<'seat' | 'slot'>) => {
  const { before, after } = change;
  if (!hasHolder(after) || before?.fence === after.fence) return undefined;
  return [{ ...claimCheck(change, seatClaim(after), after.hold.claimedAt), hold: after.hold }];
};

/** A seat is claimed, renewed, moved and freed. */
export const seat: Reactions<'seat'> = {
  due: claimed,

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
