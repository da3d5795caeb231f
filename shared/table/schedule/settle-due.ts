import { isRecordOf } from '../../domain/holder-record.ts';
import { type Claim, type Hold, type HolderKind, holderId, holderKind, isClaim, seatClaim } from '../../domain/seat.ts';
import { statusOf } from '../../domain/subscription.ts';
import { firstSweepAfter } from '../../domain/sweep.ts';
import { settleSession } from '../activations/settle-session.ts';
import { checkClaimAfterMs } from '../engine/unrecorded-claims.ts';
import { type Due, forgetDue, planDue, readDue } from '../items/due-items.ts';
import { readMachine } from '../items/machines.ts';
import { dropPending } from '../items/pending-things.ts';
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
import { keys, type Pool } from '../store/keys.ts';
import { type Bounds, inShards, type RunReport } from '../store/run-shards.ts';
import { getItems, type Table } from '../store/table.ts';
import { markExpired, writeExpiryNotice } from './mark-expired.ts';
import { endWalk, readHeldPage, settleAll, sweepPool, sweptOf } from './sweep-pool.ts';

/**
 * Settles one claim of a kind of holder.
 *
 * @param options.hold the hold at the time of the claim, if the claim may have no record
 * @returns when to check again (epoch ms), `live` if a session lives, or undefined if nothing is left to settle
 */
type Settle = (
  table: Table,
  pool: Pool,
  claim: Claim,
  options: { now: number; hold?: Hold },
) => Promise<number | 'live' | undefined>;

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
  return voided ? undefined : now + checkClaimAfterMs;
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

/**
 * Writes that a subscription has expired, and settles its sessions.
 *
 * @returns the rest, if the time is over before
 * @throws AggregateError after the walk, if sessions could not be settled
 */
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
  const failures: unknown[] = [];
  let after = due.after;
  do {
    const page = await readHeldPage(table, due.pool, sweptOf(subscription), after);
    await settleAll(page.items, (seat) => settleSession(table, due.pool, seatClaim(seat), { now }), failures);
    after = page.next;
  } while (after && !until());
  // At a later time: this due item is deleted.
  const rest = after && { ...due, at: now + 1, after };
  await endWalk(table, rest, failures);
  return rest;
};

const firstSweep = async (table: Table, pool: Pool, now: number): Promise<Due | undefined> => {
  const subscription = await readSubscription(table, pool);
  return subscription && { kind: 'sweep', pool, of: sweptOf(subscription), at: firstSweepAfter(now) };
};

/** Does a due check. Returns the check that must follow, if any. */
const handleDueItem = async (table: Table, due: Due, now: number, until: () => boolean): Promise<Due | undefined> => {
  switch (due.kind) {
    case 'claim': {
      const { pool, claim, hold } = due;
      const again = await settleClaim(table, pool, claim, { now, hold });
      // From now on sweeps follow the session.
      if (again === 'live') return firstSweep(table, pool, now);
      return again === undefined ? undefined : { ...due, at: again };
    }
    case 'sweep':
      return sweepPool(table, due, { now, until });
    case 'machine': {
      const { kind, pool, machineId } = due;
      const machine = await readMachine(table, pool, machineId);
      await finishRemoval(table, pool, { ...due, blockedUntil: machine?.blockedUntil }, now);
      const again = await settleMachine(table, pool, machineId, now);
      return again === undefined ? undefined : { kind, pool, machineId, at: again };
    }
    case 'subscription':
      return settleSubscription(table, due, now, until);
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
      await deleteWebhook(table, due.webhook, now);
      return undefined;
    case 'pending-thing':
      await dropPending(table, due.key);
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
