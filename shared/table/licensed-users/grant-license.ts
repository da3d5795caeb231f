import { presentMember } from '../../domain/accounts/member.ts';
import { endedUsesBefore, type License, lastUseOf } from '../../domain/license.ts';
import { noExpiry, userHolder } from '../../domain/seat.ts';
import { acquire } from '../engine/acquire-seat.ts';
import { type Acquired, type Claimant, shortHoldMs } from '../engine/claimant.ts';
import { checkEligibility, type Eligibility } from '../engine/request-state.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { checkAuthority } from '../store/authority.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, type Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { resolveLicense } from './pending-licenses.ts';

const userClaimant = (table: Table, pool: Pool, userId: string, clock: Clock): Claimant<License> => {
  const member = keys.member(pool.organizationId, userId);
  return {
    pool,
    holder: userHolder(userId),
    recordKey: keys.license(pool, userId),
    licenseType: 'per-user',
    hold: (_, now) => ({
      holder: userHolder(userId),
      userId,
      claimedAt: now,
      availableAt: now + shortHoldMs,
      leaseMs: 0,
    }),
    // A removal ends the membership, then lists the licenses: one of the two sees the other.
    precondition: {
      keys: [member],
      violation: (found) => (presentMember(found.get(member)) ? undefined : { outcome: 'missing' }),
    },
    record: (base, hold, asRead) => ({
      ...base,
      licensedAt: hold.claimedAt,
      useFence: asRead?.useFence ?? 0,
      over: asRead ? endedUsesBefore(asRead, hold.claimedAt) : [],
      ...(asRead && lastUseOf(asRead)),
    }),
    isSameRequest: () => true,
    mayAlwaysReturn: true,
    pendingHold: {
      until: () => noExpiry,
      resolve: (license) => resolveLicense(table, pool, license, clock.now()),
    },
  };
};

/** Checks whether the subscription allows grants now. */
export const checkGrants = async (table: Table, pool: Pool, now: number): Promise<Eligibility> =>
  checkEligibility({ licenseType: 'per-user' }, await readSubscription(table, pool), undefined, now);

/**
 * Grants a member a license.
 *
 * @returns `renewed` if the member has one; `missing` if there is no such subscription, or the user is no member
 */
export const grantLicense = async (
  table: Table,
  pool: Pool,
  userId: string,
  clock: Clock = systemClock,
): Promise<Acquired<License>> => {
  await checkAuthority(table);
  return acquire(table, userClaimant(table, pool, userId, clock), clock);
};
