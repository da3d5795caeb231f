import { names, voidedRecordOf } from '../../domain/holder-record.ts';
import { type OfflineLicense, voidedOffline } from '../../domain/offline.ts';
import { type HeldSeat, holderId, holderKind } from '../../domain/seat.ts';
import { voidClaim } from '../items/holder-records.ts';
import { readSession, sessionRecord } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { keyText, readItems, type Table } from '../store/table.ts';

/**
 * Whether a claim is on record; one that is not never will be, once this has looked. Its request begins
 * again, and is verified anew.
 *
 * @returns `changed` if it was recorded, or ended, in this moment: look again
 */
export const voidInFlight = async (
  table: Table,
  pool: Pool,
  seat: HeldSeat,
  now: number,
): Promise<'recorded' | 'voided' | 'changed'> => {
  const kind = holderKind(seat.hold.holder);
  if (kind === 'offline') return voidOffline(table, pool, seat, now);
  if (kind !== 'session') return 'recorded';
  const sessionId = holderId(seat.hold.holder);
  const session = await readSession(table, pool, sessionId);
  const isNamed = session && (names(session, seat) || (session.moving && session.moving.id === seat.hold.claimId));
  // One that has ended, or was voided by somebody before this, only has its seat to give back.
  if (isNamed) return session.status === 'active' ? 'recorded' : 'voided';
  const ended = sessionRecord(voidedRecordOf(seat, now), seat.hold);
  return (await voidClaim(table, keys.session(pool, sessionId), session, ended)) ? 'voided' : 'changed';
};

const voidOffline = async (table: Table, pool: Pool, seat: HeldSeat, now: number) => {
  const recordKey = keys.offlineLicense(pool, holderId(seat.hold.holder));
  const license = (await readItems(table, [recordKey])).get(keyText(recordKey)) as unknown as
    | OfflineLicense
    | undefined;
  // A pending one has passed its verification.
  if (license && names(license, seat)) return license.status === 'ended' ? 'voided' : 'recorded';
  return (await voidClaim(table, recordKey, license, voidedOffline(seat, now))) ? 'voided' : 'changed';
};
