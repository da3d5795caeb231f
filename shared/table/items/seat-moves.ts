import pMap from 'p-map';
import { type Claim, type HeldSeat, hasHolder, isClaim, type Seat, seatClaim } from '../../domain/seat.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { claimValues, isShort, thisClaim, writeSeat } from './seats.ts';

// The writes of a seat whose session moves to another machine: `session-moves.ts` has their order.

const marked = `${thisClaim} AND moveId = :moveId`;

/**
 * Marks a seat as about to move to another machine, and replaces an earlier mark. A write that arrives after the move was made
 * or dropped changes nothing: the seat counts its marks.
 *
 * @param asRead the seat as it was read
 * @returns whether the seat has this mark now; false if it was marked since the read, or the claim is gone
 */
export const markSeat = async (
  table: Table,
  pool: Pool,
  asRead: HeldSeat,
  { machineId, moveId }: { machineId: string; moveId: string },
): Promise<boolean> => {
  const claim = seatClaim(asRead);
  const { marks } = asRead.hold;
  const { done, item: seat } = await writeSeat(table, pool, claim.number, {
    mayEnd: false,
    UpdateExpression: 'SET movingTo = :to, moveId = :moveId, marks = :next',
    ConditionExpression: `${thisClaim} AND ${marks === undefined ? 'attribute_not_exists(marks)' : 'marks = :marks'}`,
    ExpressionAttributeValues: {
      ...claimValues(claim),
      ':to': machineId,
      ':moveId': moveId,
      ':marks': marks,
      ':next': (marks ?? 0) + 1,
    },
  });
  // Refused by our own earlier try, whose answer was lost.
  return done || (isClaim(seat, claim) && seat.hold.moveId === moveId);
};

/**
 * Removes a mark from a seat, so that its move can't be made any more.
 *
 * @returns whether this write removed it, and the current seat
 */
export const unmarkSeat = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  moveId: string,
): Promise<{ done: boolean; seat: Seat | undefined }> => {
  const { done, item: seat } = await writeSeat(table, pool, claim.number, {
    mayEnd: false,
    UpdateExpression: 'REMOVE movingTo, moveId',
    ConditionExpression: marked,
    ExpressionAttributeValues: { ...claimValues(claim), ':moveId': moveId },
  });
  return { done, seat };
};

/** A seat whose session is about to move to another machine. */
export type MovingSeat = HeldSeat & { hold: { moveId: string } };

export const isMoving = (seat: Seat): seat is MovingSeat => seat.hold?.moveId !== undefined;

/**
 * Drops the moves of these seats, so that none of them can be made any more.
 *
 * @returns the seats that had moved before
 */
export const dropMoves = async (table: Table, pool: Pool, moving: readonly MovingSeat[]): Promise<HeldSeat[]> => {
  const seats = await pMap(
    moving,
    async (listed) => {
      const { moveId } = listed.hold;
      const { seat } = await unmarkSeat(table, pool, seatClaim(listed), moveId);
      return hasHolder(seat) && seat.hold.claimId === moveId ? [seat] : [];
    },
    { concurrency: 10 },
  );
  return seats.flat();
};

/**
 * Moves a session's seat to the machine of its mark, and renews its lease, in one conditional write.
 *
 * @returns the current seat, moved or not
 */
export const moveToMachine = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  { machineId, moveId, from, until }: { machineId: string; moveId: string; from: number; until: number },
): Promise<Seat | undefined> => {
  const { item } = await writeSeat(table, pool, claim.number, {
    mayEnd: isShort(from, until),
    UpdateExpression:
      'SET machineId = :to, fence = fence + :one, claimId = :moveId, movedAt = :from, renewedAt = :from, ' +
      'availableAt = :until ' +
      'REMOVE movingTo, moveId, marks, hostname',
    ConditionExpression: marked,
    ExpressionAttributeValues: {
      ...claimValues(claim),
      ':to': machineId,
      ':one': 1,
      ':moveId': moveId,
      ':from': from,
      ':until': until,
    },
  });
  return item;
};
