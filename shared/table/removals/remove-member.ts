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
import { forceLeave, readWaiting } from './leave-queue.ts';

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
  let removedAt = now;
  const endMembership = async (): Promise<{ outcome: MemberRemoved } | BeginAgain> => {
    const member = await readEverMember(table, organizationId, userId);
    if (!member) return { outcome: 'missing' };
    if (member.removedAt !== undefined) {
      removedAt = member.removedAt;
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
  await endFormerUses(free, organizationId, { userId, removedAt, now });
  return 'removed';
};

/**
 * Withdraws a removed member's grants, and ends its waits, sessions and licenses in each subscription. A membership that began
 * anew keeps what began with it: each end reads what it may end first, and then the membership.
 */
const endFormerUses = async (
  table: Table,
  organizationId: string,
  { userId, removedAt, now }: { userId: string; removedAt: number; now: number },
): Promise<void> => {
  await withdrawGrantsOfMember(table, organizationId, userId, { now, upTo: removedAt });
  await forEachSubscription(table, organizationId, (subscription) =>
    subscription.licenseType === 'per-user'
      ? removeUserLicense(table, subscription, { userId, now })
      : endFloatingOf(table, subscription, { userId, now }),
  );
};

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
  if (removedAt === undefined) await withdrawGrantsOfMember(table, organizationId, userId, { now });
  else await endFormerUses(table, organizationId, { userId, removedAt, now });
};

/** Ends a former member's waits in a pool, and then its sessions. */
const endFloatingOf = async (table: Table, pool: Pool, { userId, now }: { userId: string; now: number }) => {
  const waiting = await readWaiting(table, pool, { userId }, now);
  const member = await readMember(table, pool.organizationId, userId);
  const end = { reason: 'user-removed', now } as const;
  // The walk over the seats, which follows, ends a session that got a seat meanwhile.
  await pMap(member ? [] : waiting, (ticket) => forceLeave(table, pool, ticket, end), { concurrency: 10 });
  await endSessionsOf(table, pool, { userId, now });
};

/**
 * Ends every session that a former member began in a pool, also those without a record yet. A session that moves to another
 * machine meanwhile has a new claim on the same seat, so a session has ended only once the user has left its seat.
 */
const endSessionsOf = (table: Table, pool: Pool, { userId, now }: { userId: string; now: number }): Promise<void> =>
  forEachSeatOf(table, pool, { userId, kind: 'session' }, async (listed) => {
    let seat: Seat | undefined = listed;
    await repeatUntilSettled(async () => {
      if (!seat || !isHoldOf(seat, { userId, kind: 'session' })) return 'over';
      const member = await readMember(table, pool.organizationId, userId);
      if (member && seat.hold.claimedAt >= member.joinedAt) return 'over';
      await forceEnd(table, pool, seat, { reason: 'user-removed', now });
      [seat] = await readSeats(table, pool, [{ first: listed.number, last: listed.number }]);
      return undefined;
    });
  });

/**
 * Removes a former member's license, also a grant in flight, whose claim was made, and perhaps verified, before the membership
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
      const mayStay = isRecordOf(license, seat) || (await readMember(table, pool.organizationId, userId)) !== undefined;
      return mayStay || (await voidGrant(table, pool, seat, license, now)) || undefined;
    });
  });
  await removeLicense(table, pool, userId, now, { ofFormer: true });
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
