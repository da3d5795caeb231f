import type { Move, NewRecord, Session } from '../../domain/holder-record.ts';
import { type Claim, type Hold, holderId, sessionHolder } from '../../domain/seat.ts';
import { keys, type Pool } from '../store/keys.ts';
import { getItem, type Table } from '../store/table.ts';
import { endRecord, type RecordEnd, type RecordEnded, type WhichClaim } from './holder-records.ts';
import { closeUse, freeUse } from './license-uses.ts';
import { type Closed, type CloseIf, closeSeat, freeSeat } from './seats.ts';

/** The claim that a session's record stands for. */
export const claimOf = (session: Pick<Session, 'sessionId' | 'number' | 'fence'>): Claim => ({
  number: session.number,
  fence: session.fence,
  holder: sessionHolder(session.sessionId),
});

/** The record of a session's claim, from what stands on its seat. */
export const sessionRecord = (base: NewRecord, hold: Hold): Session => ({
  ...base,
  sessionId: holderId(hold.holder),
  machineId: hold.machineId ?? '',
  hostname: hold.hostname,
  activatedAt: hold.claimedAt,
  leaseSeconds: hold.leaseMs / 1000,
  ...(base.status === 'ended' && { untold: true }),
});

/** A session's record, strongly consistent. */
export const readSession = (table: Table, pool: Pool, sessionId: string): Promise<Session | undefined> =>
  getItem(table, keys.session(pool, sessionId));

/**
 * Ends a session: its record first, with its reason, then its seat. It is done when both are.
 * Repeating it finishes an end that stopped half way.
 *
 * @returns also whether it still held anything: what has ended may have lapsed before, and wait for a license since
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
 * Frees what a session that has ended stands on: a seat of its own, or the license of its user.
 *
 * @returns whether it stood on anything
 */
export const freeSessionHold = async (table: Table, pool: Pool, session: Session): Promise<boolean> => {
  const claim = claimOf(session);
  if (session.licensed) return (await freeUse(table, pool, session.userId, claim)) === 'freed';
  const freed = await freeSeat(table, pool, claim);
  // In this order: once its seat is free it can't be moved any more; what was moved before is freed now.
  const { moving } = session;
  const moved = moving && (await freeSeat(table, pool, movedClaim(session, moving), moving.id));
  return freed === 'freed' || moved === 'freed';
};

/** The claim that a move makes. */
export const movedClaim = (session: Session, { fence }: Move): Claim => ({ ...claimOf(session), fence });

/** The attributes of a session that name its seat, or license. */
export type SessionClaim = Pick<Session, 'sessionId' | 'userId' | 'number' | 'fence' | 'licensed'>;

/** Closes the seat or license of a session, so that no late heartbeat revives it. */
export const closeSessionHold = (table: Table, pool: Pool, session: SessionClaim, closeIf: CloseIf): Promise<Closed> =>
  session.licensed
    ? closeUse(table, pool, session.userId, claimOf(session), closeIf)
    : closeSeat(table, pool, claimOf(session), closeIf);
