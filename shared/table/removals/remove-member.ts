import pMap from 'p-map';
import type { Role } from '../../contracts/schemas/organization.ts';
import { mayAppoint } from '../../domain/accounts/membership.ts';
import { isRecordOf } from '../../domain/holder-record.ts';
import { type HeldSeat, type HolderKind, holderKind, type Seat } from '../../domain/seat.ts';
import { finishJoins } from '../accounts/accept-invitation.ts';
import { changeMember, changeTries } from '../accounts/change-member.ts';
import { finishRecoveryOf } from '../accounts/complete-recovery.ts';
import { withdrawGrantsOfMember } from '../accounts/withdraw-grants.ts';
import { readLicense } from '../items/licenses.ts';
import { readEverMember, readMember } from '../items/members.ts';
import { followMember, listMembership } from '../items/memberships.ts';
import { readSeatPage, readSeats } from '../items/read-seats.ts';
import { forEachSubscription } from '../items/subscriptions.ts';
import { voidGrant } from '../licensed-users/pending-licenses.ts';
import { removeLicense } from '../licensed-users/remove-license.ts';
import { forceEnd } from '../session-ends/force-end.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import type { Pool, Position } from '../store/keys.ts';
import { type BeginAgain, repeatUntilSettled, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { forceAllToLeave, readWaiting } from './leave-queue.ts';

type MemberRemoved = 'removed' | 'missing' | 'forbidden' | 'last-owner';

/**
 * Removes a member: first its membership, so that it begins nothing new, then its API keys and its grants to others, then its
 * uses and licenses. A repetition finishes a removal that stopped half way.
 *
 * The history still tells the member's name and email.
 *
 * @param removal.by the caller's role
 * @returns `missing` if the user never was a member
 */
export const removeMember = async (
  table: Table,
  { organizationId, userId, by, now }: { organizationId: string; userId: string; by: Role; now: number },
  clock: Clock = systemClock,
): Promise<MemberRemoved | 'contended'> => {
  const endMembership = async (): Promise<{ outcome: MemberRemoved } | BeginAgain> => {
    const member = await readEverMember(table, organizationId, userId);
    if (!member) return { outcome: 'missing' };
    if (member.removedAt !== undefined) {
      await listMembership(table, organizationId, member);
      return { outcome: 'removed' };
    }
    if (!mayAppoint(by, { from: member.role })) return { outcome: 'forbidden' };
    const changed = await changeMember(table, organizationId, member, { removedAt: now }, now);
    return { outcome: changed === 'changed' ? 'removed' : changed };
  };
  const { outcome } = await retryWhileContended(clock, { tries: changeTries }, endMembership);
  if (outcome !== 'removed') return outcome;
  // The consequences of a removal need no authority: the caller may have removed itself.
  const { authority: _, ...free } = table;
  await withdrawGrantsOfMember(free, organizationId, userId, { now });
  await removeLicensesOf(free, organizationId, { userId, now });
  return 'removed';
};

/** Ends a removed member's waits, sessions and licenses in each subscription of its organization. */
const removeLicensesOf = (
  table: Table,
  organizationId: string,
  { userId, now }: { userId: string; now: number },
): Promise<void> =>
  forEachSubscription(table, organizationId, (subscription) =>
    subscription.licenseType === 'per-user'
      ? removeUserLicense(table, subscription, { userId, now })
      : endFloatingOf(table, subscription, { userId, now }),
  );

/**
 * Settles a member once no request can use its lost right any more: finishes what a request left half done, withdraws its
 * grants, and ends the sessions that it began in between. Sessions that a member began after it joined again stay.
 */
export const settleMember = async (
  table: Table,
  { organizationId, userId, removedAt }: { organizationId: string; userId: string; removedAt?: number },
  now: number,
): Promise<void> => {
  await finishRecoveryOf(table, organizationId, userId);
  await finishJoins(table, organizationId);
  await followMember(table, organizationId, userId);
  await withdrawGrantsOfMember(table, organizationId, userId, { now, upTo: removedAt });
  if (removedAt === undefined) return;
  const member = await readMember(table, organizationId, userId);
  if (!member) return removeLicensesOf(table, organizationId, { userId, now });
  await forEachSubscription(table, organizationId, (subscription) =>
    subscription.licenseType === 'per-user'
      ? undefined
      : endSessionsOf(table, subscription, { userId, before: member.joinedAt, now }),
  );
};

/** Ends a user's waits in a pool, and then the user's sessions. */
const endFloatingOf = async (table: Table, pool: Pool, { userId, now }: { userId: string; now: number }) => {
  const waiting = await readWaiting(table, pool, { userId }, now);
  await forceAllToLeave(table, pool, waiting, { reason: 'user-removed', now });
  await endSessionsOf(table, pool, { userId, now });
};

/**
 * Ends every session of a user in a pool, also those without a record yet. A session that moves to another machine meanwhile
 * has a new claim on the same seat, so a session has ended only once the user has left its seat.
 *
 * @param whose.before only sessions claimed before then (epoch ms)
 */
const endSessionsOf = (
  table: Table,
  pool: Pool,
  { userId, before, now }: { userId: string; before?: number; now: number },
): Promise<void> =>
  forEachSeatOf(table, pool, { userId, kind: 'session' }, async (listed) => {
    let seat: Seat | undefined = listed;
    await repeatUntilSettled(async () => {
      if (!seat || !isHoldOf(seat, { userId, kind: 'session' })) return 'over';
      if (before !== undefined && seat.hold.claimedAt >= before) return 'over';
      await forceEnd(table, pool, seat, { reason: 'user-removed', now });
      [seat] = await readSeats(table, pool, [{ first: listed.number, last: listed.number }]);
      return undefined;
    });
  });

/**
 * Removes a user's license, also a grant in flight, whose claim was made, and perhaps verified, before the membership
 * ended.
 */
const removeUserLicense = async (
  table: Table,
  pool: Pool,
  { userId, now }: { userId: string; now: number },
): Promise<void> => {
  await forEachSeatOf(table, pool, { userId, kind: 'user' }, async (seat) => {
    await repeatUntilSettled(async () => {
      const license = await readLicense(table, pool, userId);
      const isSettled = isRecordOf(license, seat) || (await voidGrant(table, pool, seat, license, now));
      return isSettled || undefined;
    });
  });
  await removeLicense(table, pool, userId, now);
};

/** Returns whether a user holds a seat, also after its lease ended. */
const isHoldOf = (seat: Seat, { userId, kind }: { userId: string; kind: HolderKind }): seat is HeldSeat =>
  seat.hold?.userId === userId && holderKind(seat.hold.holder) === kind;

/** Calls `work` for each seat of a pool that a user holds, also after its lease ended. */
const forEachSeatOf = async (
  table: Table,
  pool: Pool,
  whose: { userId: string; kind: HolderKind },
  work: (seat: HeldSeat) => Promise<void>,
): Promise<void> => {
  let after: Position | undefined;
  do {
    const { items, next } = await readSeatPage(table, pool, { limit: 1000, after });
    const own = items.filter((seat): seat is HeldSeat => isHoldOf(seat, whose));
    await pMap(own, work, { concurrency: 10 });
    after = next;
  } while (after);
};
