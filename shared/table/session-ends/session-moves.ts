import { isRecordOf, type Move, previousEnds, type Session } from '../../domain/holder-record.ts';
import { isClaim } from '../../domain/seat.ts';
import { readSeats } from '../items/read-seats.ts';
import { unmarkSeat } from '../items/seat-moves.ts';
import { claimOf, freeSessionHold, movedClaim } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';

// A session moves to another machine in four steps, each a conditional write of one item:
//
//     mark      the seat: `movingTo`, with the move's id. The other machine counts as used from here on
//     intent    the session's record: `moving`
//     commit    the seat: on condition of the mark; the machine changes, the fence grows
//     record    the session's record: the seat's new claim
//
// Between commit and record, the record names the move, so that any request can finish it. Before the commit, a request
// drops the move for good by removing the mark.

/** The time that a move's own request has, ms. After it any request may drop the move. */
const moveLimitMs = 3_000;

/** Notes a move on the record of a session, if the record is as it was read. */
export const putIntent = async (
  table: Table,
  pool: Pool,
  session: Session,
  moving: Move,
): Promise<Session | undefined> => {
  const { done, item: now } = await update(table, {
    Key: keys.session(pool, session.sessionId),
    UpdateExpression: 'SET moving = :moving, revision = revision + :one',
    ConditionExpression: '#status = :active AND revision = :asRead',
    ExpressionAttributeValues: { ':moving': moving, ':one': 1, ':active': 'active', ':asRead': session.revision },
  });
  // Refused by our own earlier try, whose answer was lost.
  return done || (now?.status === 'active' && now.moving?.id === moving.id) ? now : undefined;
};

const ofMove = '#status = :active AND #number = :number AND fence = :fence AND moving.id = :moveId';
const moveValues = ({ number, fence }: Session, { id }: Move) => ({
  ':active': 'active',
  ':number': number,
  ':fence': fence,
  ':moveId': id,
  ':one': 1,
});

/**
 * Records a move whose seat has moved. A session that ended meanwhile gives that seat back. The new record drops the old
 * machine's host name, and the wait for the license, which counts once.
 *
 * @param session with its intent
 * @param at when it moved, epoch ms
 */
export const recordMove = async (
  table: Table,
  pool: Pool,
  session: Session,
  moving: Move,
  at: number,
): Promise<Session | undefined> => {
  const moved = { ...session, endedReason: 'license-transferred', endedAt: at } as const;
  const { item: now } = await update(table, {
    Key: keys.session(pool, session.sessionId),
    UpdateExpression:
      'SET machineId = :to, fence = :toFence, previous = :previous, revision = revision + :one ' +
      'REMOVE moving, hostname, waitedSeconds',
    ConditionExpression: ofMove,
    ExpressionAttributeValues: {
      ...moveValues(session, moving),
      ':to': moving.machineId,
      ':toFence': moving.fence,
      ':previous': previousEnds(moved, at),
    },
  });
  if (now?.status === 'ended' && isRecordOf(now, session)) await freeSessionHold(table, pool, now);
  return now;
};

const dropIntent = async (table: Table, pool: Pool, session: Session, moving: Move): Promise<void> => {
  await update(table, {
    Key: keys.session(pool, session.sessionId),
    UpdateExpression: 'SET revision = revision + :one REMOVE moving',
    ConditionExpression: ofMove,
    ExpressionAttributeValues: moveValues(session, moving),
  });
};

/**
 * Finishes or drops a move, as the seat shows. Each request that reads a move on a session's record does this.
 *
 * @param options.drop also if its own request still has time
 * @returns `underway` if nothing changed: the session is still on its old machine
 */
export const resolveMove = async (
  table: Table,
  pool: Pool,
  session: Session,
  { now, drop = false }: { now: number; drop?: boolean },
): Promise<'settled' | 'underway'> => {
  const { moving } = session;
  if (!moving) return 'settled';
  if (session.status === 'ended') {
    await freeSessionHold(table, pool, session);
    return 'settled';
  }
  const claim = claimOf(session);
  const after = movedClaim(session, moving);
  let [seat] = await readSeats(table, pool, [{ first: claim.number, last: claim.number }]);
  if (isClaim(seat, claim)) {
    if (!drop && now - moving.at < moveLimitMs) return 'underway';
    const unmarked = await unmarkSeat(table, pool, claim, moving.id);
    if (!isClaim(unmarked.seat, after) || unmarked.seat.hold.claimId !== moving.id) {
      await dropIntent(table, pool, session, moving);
      return 'settled';
    }
    seat = unmarked.seat;
  } else if (!isClaim(seat, after) || seat.hold.claimId !== moving.id) {
    // The seat is another holder's, or free: the session is over, moved or not.
    await dropIntent(table, pool, session, moving);
    return 'settled';
  }
  await recordMove(table, pool, session, moving, seat?.hold?.movedAt ?? now);
  return 'settled';
};
