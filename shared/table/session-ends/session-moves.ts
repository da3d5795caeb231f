import { isRecordOf, type Move, previousEnds, type Session } from '../../domain/holder-record.ts';
import { isClaim } from '../../domain/seat.ts';
import { readSeats, unmarkSeat } from '../items/seats.ts';
import { claimOf, freeSessionHold, movedClaim } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';

// A session moves to another machine in four steps, each a conditional write of one item:
//
//     mark      the seat: `movingTo`, with the move's id. The other machine counts as used from now on
//     intent    the session's record: `moving`
//     commit    the seat: on condition of the mark; the machine changes, the fence grows
//     record    the session's record: what the seat says
//
// Between commit and record the record says what the session stands on now, so that whoever meets it can finish. Before
// the commit, taking the mark away is what drops a move for good.

/** For how long a move is left to its own request, ms: a courtesy, after which whoever meets it drops it. */
const moveLimitMs = 3_000;

/** Notes a move on the record of a session, if that is as it was read. */
export const putIntent = async (
  table: Table,
  pool: Pool,
  session: Session,
  moving: Move,
): Promise<Session | undefined> => {
  const { done, item } = await update(table, {
    Key: keys.session(pool, session.sessionId),
    UpdateExpression: 'SET moving = :moving, revision = revision + :one',
    ConditionExpression: '#status = :active AND revision = :asRead',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':moving': moving, ':one': 1, ':active': 'active', ':asRead': session.revision },
  });
  const now = item;
  // Refused by our own earlier try, whose answer was lost.
  return done || (now?.status === 'active' && now.moving?.id === moving.id) ? now : undefined;
};

const ofMove = '#status = :active AND #number = :number AND fence = :fence AND moving.id = :moveId';
const moveNames = { '#status': 'status', '#number': 'number' };
const moveValues = ({ number, fence }: Session, { id }: Move) => ({
  ':active': 'active',
  ':number': number,
  ':fence': fence,
  ':moveId': id,
  ':one': 1,
});

/**
 * Records a move whose seat has moved. A session that ended meanwhile gives that seat back. What is told of the machine
 * before stays there: its host's name, and the wait for the license, which is to be counted once.
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
  const { item } = await update(table, {
    Key: keys.session(pool, session.sessionId),
    UpdateExpression:
      'SET machineId = :to, fence = :toFence, previous = :previous, revision = revision + :one ' +
      'REMOVE moving, hostname, waitedSeconds',
    ConditionExpression: ofMove,
    ExpressionAttributeNames: moveNames,
    ExpressionAttributeValues: {
      ...moveValues(session, moving),
      ':to': moving.machineId,
      ':toFence': moving.fence,
      ':previous': previousEnds(moved, at),
    },
  });
  const now = item;
  if (now?.status === 'ended' && isRecordOf(now, session)) await freeSessionHold(table, pool, now);
  return now;
};

const dropIntent = async (table: Table, pool: Pool, session: Session, moving: Move): Promise<void> => {
  await update(table, {
    Key: keys.session(pool, session.sessionId),
    UpdateExpression: 'SET revision = revision + :one REMOVE moving',
    ConditionExpression: ofMove,
    ExpressionAttributeNames: moveNames,
    ExpressionAttributeValues: moveValues(session, moving),
  });
};

/**
 * Finishes or drops a move that was begun, by what the seat says. Whoever meets one on a session's record does that.
 *
 * @param options.drop also if it may still be under way
 * @returns `underway` if nothing was changed: the session is where it was, for now
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
  const [seat] = await readSeats(table, pool, [{ first: claim.number, last: claim.number }]);
  if (isClaim(seat, claim)) {
    if (!drop && now - moving.at < moveLimitMs) return 'underway';
    const unmarked = await unmarkSeat(table, pool, claim, moving.id);
    if (!isClaim(unmarked.seat, after) || unmarked.seat.hold.claimId !== moving.id) {
      await dropIntent(table, pool, session, moving);
      return 'settled';
    }
  } else if (!isClaim(seat, after) || seat.hold.claimId !== moving.id) {
    // The seat is somebody else's, or free: the session is over, moved or not.
    await dropIntent(table, pool, session, moving);
    return 'settled';
  }
  await recordMove(table, pool, session, moving, now);
  return 'settled';
};
