import type { Move, NewRecord, Session } from '../../domain/holder-record.ts';
import { type Claim, type Hold, holderId, sessionHolder } from '../../domain/seat.ts';
import { keys, type Pool } from '../store/keys.ts';
import { getItem, type Table } from '../store/table.ts';
import { endRecord, type RecordEnd, type RecordEnded, type WhichClaim } from './holder-records.ts';
import { closeUse, freeUse } from './license-uses.ts';
import { type Closed, type CloseIf, closeSeat, freeSeat } from './seats.ts';

export const claimOf = (session: Pick<Session, 'sessionId' | 'number' | 'fence'>): Claim => ({
  number: session.number,
  fence: session.fence,
  holder: sessionHolder(session.sessionId),
});

/** Returns the record of a session's claim, with the hold of its seat. */
export const sessionRecord = (base: NewRecord, hold: Hold): Session => ({
  ...base,
  sessionId: holderId(hold.holder),
  machineId: hold.machineId ?? '',
  hostname: hold.hostname,
  activatedAt: hold.claimedAt,
  leaseSeconds: hold.leaseMs / 1000,
  ...(base.status === 'ended' && { untold: true }),
});

/** Reads a session's record, strongly consistent. */
export const readSession = (table: Table, pool: Pool, sessionId: string): Promise<Session | undefined> =>
  getItem(table, keys.session(pool, sessionId));

/**
 * Ends a session: its record first, with its reason, then its seat. A repetition finishes an end that stopped half way.
 *
 * @returns also whether the session still held a seat or license: it may have lapsed before, and wait in the queue since
 */
export const endSession = async (
  table: Table,
  pool: Pool,
  sessionId: string,
  which: WhichClaim,
  end: RecordEnd,
): Promise<RecordEnded<Session> & { held: boolean }> => {
  const ended = await endRecord<Session>(table, keys.session(pool, sessionId), which, end);
  const isOver = ended.outcome === 'ended' || ended.outcome === 'already';
  return { ...ended, held: isOver && (await freeSessionHold(table, pool, ended.record)) };
};

/**
 * Frees the seat of an ended session, or its user's license.
 *
 * @returns whether the session still held it
 */
export const freeSessionHold = async (table: Table, pool: Pool, session: Session): Promise<boolean> => {
  const claim = claimOf(session);
  if (session.licensed) return (await freeUse(table, pool, session.userId, claim)) === 'freed';
  const freed = await freeSeat(table, pool, claim);
  // In this order: once its seat is free the session can't move any more; then free the seat of an earlier move.
  const { moving } = session;
  const moved = moving && (await freeSeat(table, pool, movedClaim(session, moving), moving.id));
  return freed === 'freed' || moved === 'freed';
};

/** Returns the claim that a move makes. */
export const movedClaim = (session: Session, { fence }: Move): Claim => ({ ...claimOf(session), fence });

/** The attributes of a session that name its seat, or license. */
export type SessionClaim = Pick<Session, 'sessionId' | 'userId' | 'number' | 'fence' | 'licensed'>;

/** Closes the seat or license of a session, so that no late heartbeat revives it. */
export const closeSessionHold = (table: Table, pool: Pool, session: SessionClaim, closeIf: CloseIf): Promise<Closed> =>
  session.licensed
    ? closeUse(table, pool, session.userId, claimOf(session), closeIf)
    : closeSeat(table, pool, claimOf(session), closeIf);
