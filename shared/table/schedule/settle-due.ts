import pMap from 'p-map';
import { isRecordOf, type Session, voidedRecordOf } from '../../domain/holder-record.ts';
import { useSeat } from '../../domain/license.ts';
import { type Claim, type Hold, type HolderKind, holderId, holderKind, isClaim } from '../../domain/seat.ts';
import { statusOf } from '../../domain/subscription.ts';
import { checkClaimAfterMs, closeOrphanedClaim, type Recheck, voidLostClaim } from '../engine/unrecorded-claims.ts';
import { type Due, forgetDue, planDue, readDue } from '../items/due-items.ts';
import { voidClaim } from '../items/holder-records.ts';
import { freeUse } from '../items/license-uses.ts';
import { readLicense, readLicensePage } from '../items/licenses.ts';
import { readMachine } from '../items/machines.ts';
import { readSeatPage, unmarkSeat } from '../items/seats.ts';
import { claimOf, freeSessionHold, sessionRecord } from '../items/sessions.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { finishLicenseEnd } from '../licensed-users/end-license.ts';
import { resolveLicense, voidGrant } from '../licensed-users/pending-licenses.ts';
import { settleMachine, settleSlot } from '../machines/settle-machine.ts';
import { settleOffline } from '../offline/settle-offline.ts';
import { settleAlert } from '../outbox/alerts.ts';
import { settleAttempts } from '../outbox/attempts.ts';
import { writeWarning } from '../outbox/expiry-notices.ts';
import { deleteWebhook } from '../outbox/webhooks.ts';
import { settleMember } from '../removals/remove-member.ts';
import { settleKey } from '../removals/settle-key.ts';
import { finishRemoval } from '../session-ends/end-on-machine.ts';
import { endDisplacedSessions, voidedUse } from '../session-ends/ended-uses.ts';
import { readSessionHold, settleLapse } from '../session-ends/lapse.ts';
import { resolveMove } from '../session-ends/session-moves.ts';
import { keys, type Pool, type Position } from '../store/keys.ts';
import { type Bounds, inShards, type RunReport } from '../store/run-shards.ts';
import { getItems, type Table } from '../store/table.ts';
import { markExpired, writeExpiryNotice } from './mark-expired.ts';

/** The least time between checks of a live session, ms: a short lease is no reason for more checks. */
const recheckAfterMs = 60_000;

/**
 * Settles one claim of a kind of holder.
 *
 * @param options.lapsedAt when the lease ended, if the seat may no longer have that time (epoch ms)
 * @param options.hold the hold at the time of the claim, if the claim may have no record
 * @returns when to check again (epoch ms), or undefined if nothing is left to settle
 */
type Settle = (
  table: Table,
  pool: Pool,
  claim: Claim,
  options: { now: number; lapsedAt?: number; hold?: Hold },
) => Promise<Recheck | undefined>;

/**
 * Settles a session's claim: closes a lapsed or unrecorded claim, finishes an interrupted end, and ends the claim if its
 * subscription is over.
 */
const settleSession: Settle = async (table, pool, claim, { now, lapsedAt, hold }) => {
  const recordKey = keys.session(pool, holderId(claim.holder));
  const { seat, subscription, session } = await getItems(table, {
    seat: keys.seat(pool, claim.number),
    subscription: keys.subscription(pool),
    session: recordKey,
  });
  if (session?.moving && session.moving.fence === claim.fence && session.number === claim.number) {
    // The claim of a move: it is recorded, or given back.
    await resolveMove(table, pool, session, { now });
    return isClaim(seat, claim) ? { at: now + checkClaimAfterMs, leaseEnd: false } : undefined;
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
    const result = await settleLapse(table, pool, session, current.seat, { ...current, now, lapsedAt });
    if (result.outcome === 'superseded') return { at: now + checkClaimAfterMs, leaseEnd: false };
    if (result.outcome === 'ended') return undefined;
    const leaseEnds = result.seat.hold.availableAt;
    return { at: Math.max(leaseEnds, now + recheckAfterMs), leaseEnd: leaseEnds >= now + recheckAfterMs };
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
): Promise<Recheck | undefined> => {
  const license = await readLicense(table, pool, hold.userId);
  if (license) await endDisplacedSessions(table, pool, license);
  const recordKey = keys.session(pool, holderId(claim.holder));
  const ended = voidedUse({ ...claim, hold }, now);
  if (license?.status !== 'active' || !isClaim(useSeat(license), claim))
    return voidLostClaim(table, claim, recordKey, { asRead, ended, now });
  const voided = await voidClaim(table, recordKey, asRead, ended);
  const freed = voided && (await freeUse(table, pool, hold.userId, claim, license.revision));
  return freed === 'freed' ? undefined : { at: now + checkClaimAfterMs, leaseEnd: false };
};

/** Settles a user's claim: finishes its grant, transfer or end, or closes a claim without a license. */
const settleUser: Settle = async (table, pool, claim, { now }) => {
  const userId = holderId(claim.holder);
  const { seat, license } = await getItems(table, {
    seat: keys.seat(pool, claim.number),
    license: keys.license(pool, userId),
  });
  if (license && isRecordOf(license, claim)) {
    if (license.status === 'pending') await resolveLicense(table, pool, license, now);
    if (license.status === 'ended') await finishLicenseEnd(table, pool, license, now);
    return undefined;
  }
  if (!isClaim(seat, claim)) return undefined;
  const voided = await voidGrant(table, pool, seat, license, now);
  return voided ? undefined : { at: now + checkClaimAfterMs, leaseEnd: false };
};

const settlers: Record<HolderKind, Settle> = {
  session: settleSession,
  user: settleUser,
  offline: settleOffline,
  machine: settleSlot,
};

/** Settles a claim: finishes what was interrupted, closes what was left behind. */
export const settleClaim: Settle = async (table, pool, claim, options) =>
  settlers[holderKind(claim.holder)](table, pool, claim, options);

/** Reads the claims of sessions on a page of a pool's seats or licenses. */
const readClaimPage = async (table: Table, { pool, after }: { pool: Pool; after?: Position }, perUser: boolean) => {
  if (perUser) {
    const { items, next } = await readLicensePage(table, pool, { limit: 100, after });
    const claims = items.flatMap((license) => (license.inUse ? [claimOf({ ...license, ...license.inUse })] : []));
    return { claims, next };
  }
  const { items, next } = await readSeatPage(table, pool, { limit: 100, after });
  return { claims: items.flatMap(({ hold, ...seat }) => (hold ? [{ ...seat, holder: hold.holder }] : [])), next };
};

/** Writes that a subscription has expired, and settles its sessions. Returns where to continue, if the time is over before. */
const settleSubscription = async (
  table: Table,
  due: Due & { kind: 'subscription' },
  now: number,
  until: () => boolean,
) => {
  const subscription = await readSubscription(table, due.pool);
  // Renewed since: its new end has a due item of its own.
  if (!subscription || statusOf(subscription, now) !== 'expired') return undefined;
  await writeExpiryNotice(table, subscription, { endedAt: due.at, now });
  let after = due.after;
  do {
    const page = await readClaimPage(table, { pool: due.pool, after }, subscription.licenseType === 'per-user');
    await pMap(page.claims, (claim) => settleClaim(table, due.pool, claim, { now }), { concurrency: 10 });
    after = page.next;
  } while (after && !until());
  return after;
};

/** Does a due check. Returns the check that must follow, if any. */
const handleDueItem = async (table: Table, due: Due, now: number, until: () => boolean): Promise<Due | undefined> => {
  switch (due.kind) {
    case 'claim': {
      const lapsedAt = due.leaseEnd ? due.at : undefined;
      const again = await settleClaim(table, due.pool, due.claim, { now, lapsedAt, hold: due.hold });
      return again && { ...due, ...again };
    }
    case 'machine': {
      const { kind, pool, machineId } = due;
      const machine = await readMachine(table, pool, machineId);
      await finishRemoval(table, pool, { ...due, blockedUntil: machine?.blockedUntil }, now);
      const again = await settleMachine(table, pool, machineId, now);
      return again === undefined ? undefined : { kind, pool, machineId, at: again };
    }
    case 'subscription': {
      const after = await settleSubscription(table, due, now, until);
      // At a later time: this due item is deleted.
      return after && { ...due, at: now + 1, after };
    }
    case 'warning':
      await writeWarning(table, due.pool, due, now);
      return undefined;
    case 'alert': {
      const again = await settleAlert(table, due.pool, due.settingId, now);
      return again === undefined ? undefined : { ...due, at: again };
    }
    case 'end':
      await markExpired(table, due.key, due.at);
      return undefined;
    case 'delivery':
      await settleAttempts(table, keys.delivery(due.delivery), now);
      return undefined;
    case 'mail':
      await settleAttempts(table, keys.mail(due.mail), now);
      return undefined;
    case 'member':
      await settleMember(table, due, now);
      return undefined;
    case 'api-key':
      await settleKey(table, due, now);
      return undefined;
    case 'webhook':
      await deleteWebhook(table, due.webhook);
      return undefined;
  }
};

const settleDue = async (table: Table, due: Due, now: number, until: () => boolean): Promise<'done'> => {
  const again = await handleDueItem(table, due, now, until);
  if (again) await planDue(table, again);
  await forgetDue(table, due);
  return 'done';
};

/**
 * Does the due checks of all shards at once, oldest first in each, until none is left or a bound is reached. Safe to run
 * twice at once and to stop anywhere: a due item is deleted after its check, and a repeated check changes nothing. An item
 * that fails stays for the next run and delays no other.
 */
export const settleAllDue = (table: Table, { now, ...bounds }: Bounds & { now: number }): Promise<RunReport<Due>> =>
  inShards(bounds, {
    read: (shard, options) => readDue(table, shard, now, options),
    process: (due) => settleDue(table, due, now, bounds.until),
  });
