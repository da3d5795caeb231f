import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { isRecordOf, recordOf, type Session, withLeaseEnd } from '../../domain/holder-record.ts';
import { type Claim, type HeldSeat, holderId, isClaim, seatClaim } from '../../domain/seat.ts';
import { seatKey } from '../items/blocks.ts';
import { putRecord } from '../items/holder-records.ts';
import { closeSeat, freeSeat } from '../items/seats.ts';
import { claimOf, endSession, sessionRecord } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import { getItems, type Table } from '../store/table.ts';
import { settleLapse } from './lapse.ts';
import { resolveMove } from './session-moves.ts';

/**
 * Ends a session's claim by a decision: its record first, with the reason, then its seat. A later claim of the session stays.
 * A repetition finishes an end that stopped half way.
 *
 * A claim without a record gets an ended one, so that its request, dead or slow, can't record it any more and learns the
 * reason. A session whose lease or subscription ended before ends for that reason.
 *
 * @param end.now when it was decided, epoch ms
 * @throws Contended if others changed the session again and again
 */
export const forceEnd = async (
  table: Table,
  pool: Pool,
  listed: HeldSeat,
  { reason, now }: { reason: EndedReason; now: number },
): Promise<void> => {
  const claim = seatClaim(listed);
  const sessionId = holderId(claim.holder);
  await repeatUntilSettled(async () => {
    const { seat, session, subscription } = await readClaim(table, pool, claim);
    if (!isClaim(seat, claim)) return 'over';
    if (session?.moving && session.moving.fence === claim.fence && session.number === claim.number) {
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
    // Also for an ended session: its end may have stopped before the seat.
    const { outcome } = await endSession(table, pool, sessionId, { claim }, { reason, at: now });
    return outcome === 'ended' || outcome === 'already' ? 'over' : undefined;
  });
};

const readClaim = async (table: Table, pool: Pool, { number, holder }: Claim) =>
  getItems(table, {
    seat: await seatKey(table, pool, number),
    subscription: keys.subscription(pool),
    session: keys.session(pool, holderId(holder)),
  });

/**
 * Ends a claim that is not on record.
 *
 * @param asRead the session's record as it was read
 * @returns false if the record changed since: read again
 */
const endUnrecorded = async (
  table: Table,
  pool: Pool,
  seat: HeldSeat,
  asRead: Session | undefined,
  { reason, now }: { reason: EndedReason; now: number },
): Promise<boolean> => {
  const claim = seatClaim(seat);
  let before = asRead;
  if (asRead?.status === 'active') {
    const other = await closeSeat(table, pool, claimOf(asRead), { now });
    if (other.outcome === 'alive') {
      // The session lives on another claim, so no request can record this one.
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
    endedBy: table.actor,
  };
  const { sessionId } = ended;
  if ((await putRecord(table, keys.session(pool, sessionId), ended, asRead)) === 'lost') return false;
  await freeSeat(table, pool, claim);
  return true;
};
