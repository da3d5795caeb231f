import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { isRecordOf, recordOf, type Session, withLeaseEnd } from '../../domain/holder-record.ts';
import { type Claim, type HeldSeat, holderId, isClaim } from '../../domain/seat.ts';
import { putRecord } from '../items/holder-records.ts';
import { closeSeat, freeSeat } from '../items/seats.ts';
import { claimOf, endSession, sessionRecord } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import { getItems, type Table } from '../store/table.ts';
import { settleLapse } from './lapse.ts';
import { resolveMove } from './session-moves.ts';

/**
 * Ends what stands on a seat that was listed as a session's, by somebody's decision: its record first, with the reason,
 * then the seat. When it returns, this claim is over; a later claim of the same session is a new decision, and stays.
 * Repeating it finishes what stopped half way.
 *
 * A claim that has no record yet is ended like any other: its record is put as ended, so that its author, who may be
 * dead or only slow, can't record it any more and learns the reason. What was over by itself before (its lease, its
 * subscription) ends for that reason.
 *
 * @param end.now when it was decided, epoch ms
 * @throws Contended if others changed the session again and again
 */
export const forceEnd = async (
  table: Table,
  pool: Pool,
  { number, fence, hold: { holder } }: HeldSeat,
  { reason, now }: { reason: EndedReason; now: number },
): Promise<void> => {
  const claim: Claim = { number, fence, holder };
  const sessionId = holderId(holder);
  await repeatUntilSettled(async () => {
    const { seat, session, subscription } = await readClaim(table, pool, claim);
    if (!isClaim(seat, claim)) return 'over';
    if (session?.moving && session.moving.fence === fence && session.number === number) {
      // A transfer died after it had moved the seat, and before it recorded that.
      await resolveMove(table, pool, session, { now });
      return undefined;
    }
    if (!session || !isRecordOf(session, claim))
      return (await endUnrecorded(table, pool, seat, session, { reason, now })) ? 'over' : undefined;
    if (session.status === 'active') {
      const { outcome } = await settleLapse(table, pool, session, seat, { subscription, now });
      if (outcome === 'ended') return 'over';
    }
    // Also where it has ended: that end may have stopped before the seat.
    const { outcome } = await endSession(table, pool, sessionId, { claim }, { reason, at: now });
    return outcome === 'ended' || outcome === 'already' ? 'over' : undefined;
  });
};

const readClaim = (table: Table, pool: Pool, { number, holder }: Claim) =>
  getItems(table, {
    seat: keys.seat(pool, number),
    subscription: keys.subscription(pool),
    session: keys.session(pool, holderId(holder)),
  });

/**
 * Ends a claim that the session's record does not stand for.
 *
 * @param asRead the record as it was read
 * @returns false if the record is no longer as it was read: look again
 */
const endUnrecorded = async (
  table: Table,
  pool: Pool,
  seat: HeldSeat,
  asRead: Session | undefined,
  { reason, now }: { reason: EndedReason; now: number },
): Promise<boolean> => {
  const claim: Claim = { number: seat.number, fence: seat.fence, holder: seat.hold.holder };
  let before = asRead;
  if (asRead?.status === 'active') {
    const other = await closeSeat(table, pool, claimOf(asRead), { now });
    if (other.outcome === 'alive') {
      // A duplicate's claim beside the session's own: it can't be recorded over that, and is given back in any case.
      await freeSeat(table, pool, claim);
      return true;
    }
    before = withLeaseEnd(asRead, other.seat);
  }
  const ended: Session = {
    ...sessionRecord(recordOf(seat, before, now), seat.hold),
    status: 'ended',
    untold: true,
    endedReason: reason,
    endedAt: now,
  };
  const { sessionId } = ended;
  if ((await putRecord(table, keys.session(pool, sessionId), ended, asRead)) === 'lost') return false;
  await freeSeat(table, pool, claim);
  return true;
};
