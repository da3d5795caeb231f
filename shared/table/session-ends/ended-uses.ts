import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { recordOf, type Session, voidedRecordOf } from '../../domain/holder-record.ts';
import { type EndedUse, endedUses, type License, seatOfUse } from '../../domain/license.ts';
import { type HeldSeat, leaseEndOf } from '../../domain/seat.ts';
import { dateEndEarlier, endRecord, putRecord } from '../items/holder-records.ts';
import { closeUse, freeUse } from '../items/license-uses.ts';
import { claimOf, sessionRecord } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import type { Table } from '../store/table.ts';

/** Returns the record of a licensed user's session. */
export const licensedSession = (seat: HeldSeat, asRead: Session | undefined, now: number): Session => ({
  ...sessionRecord(recordOf(seat, asRead, now), seat.hold),
  licensed: true,
});

/** Returns the ended record of a use that was never answered, so that no request can record the use. */
export const voidedUse = (seat: HeldSeat, now: number): Session => ({
  ...sessionRecord(voidedRecordOf(seat, now), seat.hold),
  licensed: true,
});

/**
 * Ends the record of a session whose use is over, with the use's reason. A session without a record ends before it begins: the
 * request that is about to record it notices. Tries again until the record tells the end: the license forgets the use
 * afterwards, and a lost try means that another request wrote the record.
 *
 * @returns the ended record; `over` if the record is of another claim, or had to be put
 */
const endDisplacedSession = async (
  table: Table,
  pool: Pool,
  license: License,
  use: EndedUse,
): Promise<Session | 'over'> => {
  const seat = seatOfUse(license, use);
  const key = keys.session(pool, use.sessionId);
  const end = { reason: use.reason, at: use.endedAt };
  return repeatUntilSettled(async () => {
    const ended = await endRecord<Session>(table, key, { claim: seat }, end);
    if (ended.outcome === 'ended' || ended.outcome === 'already') return ended.record;
    const asRead = ended.outcome === 'other' ? ended.record : undefined;
    // A newer claim of the session is on record: it remembers how this one ended.
    if (asRead && asRead.fence >= use.fence) return 'over';
    // The session is another member's: no request can record this use over that.
    if (asRead?.status === 'active' && asRead.userId !== license.userId) return 'over';
    const record: Session = {
      ...licensedSession(seat, asRead, use.endedAt),
      status: 'ended',
      untold: true,
      endedReason: use.reason,
      endedAt: use.endedAt,
      endedBy: table.actor,
    };
    return (await putRecord(table, key, record, asRead)) === 'recorded' ? 'over' : undefined;
  });
};

/**
 * Ends the records of all sessions whose use of this license is over. A record that was released, or ended by force, after that
 * keeps its reason and gets the time at which the use was over. Repeating it changes nothing.
 */
export const endDisplacedSessions = async (table: Table, pool: Pool, license: License): Promise<void> => {
  for (const use of endedUses(license)) {
    const ended = await endDisplacedSession(table, pool, license, use);
    if (ended === 'over' || ended.endedAt === undefined || ended.endedAt <= use.endedAt) continue;
    await dateEndEarlier(table, keys.session(pool, use.sessionId), seatOfUse(license, use), use.endedAt);
  }
};

/**
 * Ends the use of a license for a reason: the session's record first, also if the use has none yet. A use whose lease has ended
 * is closed before, as a seat is, so that no late heartbeat revives a session that was told as ended.
 */
export const forceUseEnd = async (
  table: Table,
  pool: Pool,
  license: License,
  { reason, at }: { reason: EndedReason; at: number },
): Promise<void> => {
  const { inUse, number, userId } = license;
  if (!inUse) return;
  const claim = claimOf({ ...inUse, number });
  let use: EndedUse = { ...inUse, reason, endedAt: at };
  if (inUse.availableAt <= at) {
    const closed = await closeUse(table, pool, userId, claim, { now: at });
    const lapse = leaseEndOf(closed.seat, claim);
    // Gone without a lapse: another request has ended the use, and tells so.
    if (closed.outcome === 'gone' && !lapse) return;
    if (lapse) use = { ...use, reason: lapse.reason ?? 'lease-expired', endedAt: lapse.end };
  }
  await endDisplacedSession(table, pool, license, use);
  await freeUse(table, pool, userId, claim);
};
