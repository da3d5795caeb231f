import { isRecordOf, type Session, voidedRecordOf } from '../../domain/holder-record.ts';
import { useSeat } from '../../domain/license.ts';
import { type Claim, type Hold, holderId, isClaim, type Seat } from '../../domain/seat.ts';
import { checkClaimAfterMs, closeOrphanedClaim, voidLostClaim } from '../engine/unrecorded-claims.ts';
import { seatKey } from '../items/blocks.ts';
import { voidClaim } from '../items/holder-records.ts';
import { freeUse } from '../items/license-uses.ts';
import { readLicense } from '../items/licenses.ts';
import { unmarkSeat } from '../items/seat-moves.ts';
import { claimOf, freeSessionHold, sessionRecord } from '../items/sessions.ts';
import { endDisplacedSessions, voidedUse } from '../session-ends/ended-uses.ts';
import { readSessionHold, settleLapse } from '../session-ends/lapse.ts';
import { resolveMove } from '../session-ends/session-moves.ts';
import { keys, type Pool } from '../store/keys.ts';
import { getItems, type Table } from '../store/table.ts';

/**
 * Checks that a session's record and its seat or license agree. Frees what an ended session still holds: its request died.
 *
 * @param seat the session's seat, read after the record
 * @returns `lost` if the session is active and its claim gone: it may have been recorded too late for anybody to end it
 */
export const checkRecord = async (
  table: Table,
  pool: Pool,
  session: Session,
  seat: Seat | undefined,
): Promise<'lost' | undefined> => {
  const isHeld = isClaim(seat, claimOf(session));
  if (session.status === 'active') return isHeld ? undefined : 'lost';
  if (isHeld) await freeSessionHold(table, pool, session);
  return undefined;
};

/**
 * Settles a session's claim: closes a lapsed or unrecorded claim, finishes an interrupted end, and ends the claim if its
 * subscription is over.
 *
 * @param options.hold the hold of the claim, if the claim may have no record
 * @returns when to check again (epoch ms), `live` if the session lives, or undefined if nothing is left to settle
 */
export const settleSession = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  { now, hold }: { now: number; hold?: Hold },
): Promise<number | 'live' | undefined> => {
  const recordKey = keys.session(pool, holderId(claim.holder));
  const { seat, subscription, session } = await getItems(table, {
    seat: await seatKey(table, pool, claim.number),
    subscription: keys.subscription(pool),
    session: recordKey,
  });
  if (session?.moving && session.moving.fence === claim.fence && session.number === claim.number) {
    // The claim of a move: it is recorded, or given back.
    await resolveMove(table, pool, session, { now });
    return isClaim(seat, claim) ? now + checkClaimAfterMs : undefined;
  }
  if (session && isRecordOf(session, claim)) {
    const readHold = async () => (session.licensed ? readSessionHold(table, pool, session) : { seat, subscription });
    if (session.status === 'ended') {
      if (isClaim((await readHold()).seat, claim)) await freeSessionHold(table, pool, session);
      return undefined;
    }
    // A mark whose move the record does not have: that move must not begin any more.
    const moveId = seat?.hold?.moveId;
    if (moveId !== undefined && moveId !== session.moving?.id) await unmarkSeat(table, pool, claim, moveId);
    const current = await readHold();
    const result = await settleLapse(table, pool, session, current.seat, { ...current, now });
    if (result.outcome === 'superseded') return now + checkClaimAfterMs;
    return result.outcome === 'live' ? 'live' : undefined;
  }
  if (!isClaim(seat, claim)) {
    if (!hold) return undefined;
    if (subscription?.licenseType === 'per-user') return settleUse(table, pool, claim, { asRead: session, hold, now });
    const ended = sessionRecord(voidedRecordOf({ ...claim, hold }, now), hold);
    return voidLostClaim(table, claim, recordKey, { asRead: session, ended, now });
  }
  const ended = sessionRecord(voidedRecordOf(seat, now), seat.hold);
  return closeOrphanedClaim(table, pool, seat, recordKey, { asRead: session, ended, now });
};

/**
 * Settles an unrecorded use of a user's license: in flight, left by a crash, or over. The use is voided first, so that its
 * request can't record it later. A request that adopts the use meanwhile keeps it: the license is freed only if unchanged
 * since its read.
 */
const settleUse = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  { asRead, hold, now }: { asRead: Session | undefined; hold: Hold; now: number },
): Promise<number | undefined> => {
  const license = await readLicense(table, pool, hold.userId);
  if (license) await endDisplacedSessions(table, pool, license);
  const recordKey = keys.session(pool, holderId(claim.holder));
  const ended = voidedUse({ ...claim, hold }, now);
  if (license?.status !== 'active' || !isClaim(useSeat(license), claim))
    return voidLostClaim(table, claim, recordKey, { asRead, ended, now });
  const voided = await voidClaim(table, recordKey, asRead, ended);
  const freed = voided && (await freeUse(table, pool, hold.userId, claim, license.revision));
  return freed === 'freed' ? undefined : now + checkClaimAfterMs;
};
