import { createHmac } from 'node:crypto';
import type { Limits } from '../../contracts/schemas/limits.ts';
import { dayWindow, offlineLicensesPerDay } from '../../domain/accounts/limits.ts';
import {
  holdsUntil,
  isOfRequest,
  lowestOfflineNumber,
  type OfflineLicense,
  type OfflineRequest,
  type OfflineTerms,
  offlineRecord,
  offlineTerms,
} from '../../domain/offline.ts';
import { type Claim, offlineHolder } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { newId } from '../../ids.ts';
import { acquire } from '../engine/acquire-seat.ts';
import { type Claimant, type Refused, shortHoldMs } from '../engine/claimant.ts';
import { completePending } from '../engine/complete-pending.ts';
import { countOnce, type LimitCount } from '../items/limit-counters.ts';
import { dryRunMachine } from '../machines/machine-dry-run.ts';
import { onMachine } from '../machines/register-machine.ts';
import { authorityKeys, requireAuthority } from '../store/authority.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { namedItems } from '../store/item.ts';
import { keys, type Page, type PageRequest, type Pool, ranges } from '../store/keys.ts';
import { currentSecret } from '../store/purpose-secrets.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import { getItem, readItems, readPage, type Table, update } from '../store/table.ts';
import { settleTransfers } from './settle-transfers.ts';

/** Returns the claim of a license's record. */
export const claimOfLicense = ({ id, number, fence }: OfflineLicense): Claim => ({
  number,
  fence,
  holder: offlineHolder(id),
});

interface Issuing {
  id: string;
  request: OfflineRequest;
  licenseType: OfflineLicense['licenseType'];
  /** Epoch ms. */
  expiresAt: number;
  /** The maximum of licenses issued on one day; absent: unbounded. */
  perDay?: number;
  clock: Clock;
}

/** Returns the day's count of a product's offline licenses. */
const dayCount = ({ product }: Pool, value: number, now: number): LimitCount => ({
  limit: 'offlineLicensesPerDay',
  of: product,
  window: dayWindow(now),
  value,
});

const offlineClaimant = (
  table: Table,
  pool: Pool,
  { id, request, licenseType, expiresAt, perDay, clock }: Issuing,
): Claimant<OfflineLicense> => {
  const { machineId, usedBy, description, askedExpiry } = request;
  const recordKey = keys.offlineLicense(pool, id);
  const { precondition, acquireDependencies } = onMachine(table, pool, { machineId });
  return {
    pool,
    holder: offlineHolder(id),
    recordKey,
    capacity: (subscription) => ({ lowest: lowestOfflineNumber(subscription) }),
    hold: (_, now) => ({
      holder: offlineHolder(id),
      userId: usedBy ?? '',
      machineId,
      claimedAt: now,
      availableAt: now + shortHoldMs,
      leaseMs: 0,
    }),
    // The terms were read before the claim: they may have changed since.
    precondition: {
      keys: precondition.keys,
      violation: (found, subscription, now) =>
        offlineTerms(subscription, expiresAt, now).outcome === 'allowed'
          ? precondition.violation(found, subscription, now)
          : { outcome: 'stale' },
    },
    // The count comes last, so an earlier refusal counts nothing. The same license counts once, however often a request tries.
    acquireDependencies: async (seat, found, subscription, by) => {
      const refused =
        (await acquireDependencies(seat, found, subscription, by)) ??
        (await settleTransfers(table, subscription, machineId, by.now()));
      if (refused || perDay === undefined) return refused;
      const reached = await countOnce(table, pool.organizationId, dayCount(pool, perDay, clock.now()), id);
      return reached && { outcome: 'limited', reached };
    },
    record: (base, hold) => offlineRecord(base, hold, { usedBy, description, licenseType, expiresAt, askedExpiry }),
    isSameRequest: (license) => isOfRequest(license, request),
    pendingHold: {
      until: holdsUntil,
      resolve: (license) =>
        completePending(table, { pool, recordKey }, claimOfLicense(license), {
          until: license.expiresAt,
          now: clock.now(),
        }),
    },
  };
};

export type Issued =
  | { outcome: 'issued'; license: OfflineLicense }
  /** The idempotency key was used for another request. */
  | { outcome: 'other' }
  | Exclude<OfflineTerms, { outcome: 'allowed' }>
  | Exclude<Refused, { outcome: 'stale' | 'ended' | 'conflict' }>;

/** How often an issue begins again because the subscription or the license changed meanwhile. */
const mostTries = 3;

/**
 * Issues an offline license: the license holds a seat until it expires, whatever becomes of the subscription. With an
 * idempotency key, a repetition gets the same license, also after its expiry: the id is derived from the key and the
 * service's secret for names.
 *
 * @param options.limits the organization's limits; absent: no bound per day
 */
export const issueOfflineLicense = async (
  table: Table,
  pool: Pool,
  request: OfflineRequest,
  { issuedBy, idempotencyKey, limits }: { issuedBy: string; idempotencyKey?: string; limits?: Limits },
  clock: Clock = systemClock,
): Promise<Issued> => {
  const id = idempotencyKey === undefined ? newId('off') : await derivedId(table, pool, issuedBy, idempotencyKey);
  return retryWhileContended(clock, { tries: mostTries }, async (): Promise<Issued | BeginAgain> => {
    const { subscription, license } = await readForIssue(table, pool, id, clock);
    if (license?.status === 'active') return isOfRequest(license, request) ? { outcome: 'issued', license } : other;
    if (!subscription) return { outcome: 'missing' };
    const terms = offlineTerms(subscription, request.askedExpiry, clock.now());
    if (terms.outcome !== 'allowed') return terms;
    const { expiresAt } = terms;
    const { licenseType, quota } = subscription;
    const perDay = limits && offlineLicensesPerDay(limits, quota);
    const claimant = offlineClaimant(table, pool, { id, request, licenseType, expiresAt, perDay, clock });
    const acquired = await acquire(table, claimant, clock);
    switch (acquired.outcome) {
      case 'acquired':
      case 'renewed':
        return { outcome: 'issued', license: acquired.record };
      case 'conflict':
        return other;
      // Another request with this key issued the license, and it has ended already.
      case 'ended':
      case 'stale':
        return { outcome: 'again' };
      case 'exhausted': {
        // If the machine is refused too, the answer says that first.
        const seen = { seats: acquired.held, now: clock.now() };
        return (await dryRunMachine(table, acquired.subscription, request.machineId, seen)) ?? acquired;
      }
      default:
        return acquired;
    }
  });
};

const other = { outcome: 'other' } as const;

/**
 * Gives a license that another table lost its seat in this one: with its ID, times and file, whatever the terms say now. Takes
 * the number that the license had, or any other. Repeating this is harmless.
 *
 * @returns `issued`, or why the license has no seat
 */
export const carryOfflineLicense = async (
  table: Table,
  pool: Pool,
  license: OfflineLicense,
  clock: Clock = systemClock,
): Promise<'issued' | Refused['outcome']> => {
  const { id, licenseType, expiresAt, number } = license;
  const claimant = offlineClaimant(table, pool, { id, request: license, licenseType, expiresAt, clock });
  const carried: Claimant<OfflineLicense> = {
    ...claimant,
    precondition: { keys: claimant.precondition?.keys ?? [], violation: () => undefined },
    record: (base) => ({ ...license, ...base }),
  };
  // A session that outlived the restore has another number.
  const itsNumber: Claimant<OfflineLicense>['capacity'] = (subscription) =>
    number > subscription.claimable
      ? { lowest: lowestOfflineNumber(subscription) }
      : { lowest: number, claimable: number, quota: number };
  const first = await acquire(table, { ...carried, capacity: itsNumber }, clock);
  const { outcome } = first.outcome === 'exhausted' ? await acquire(table, carried, clock) : first;
  return outcome === 'acquired' || outcome === 'renewed' ? 'issued' : outcome;
};

const derivedId = async (table: Table, { organizationId, product }: Pool, issuedBy: string, idempotencyKey: string) =>
  `off_${createHmac('sha256', (await currentSecret(table, 'names')).bytes)
    .update(`offline-license\n${organizationId}\n${product}\n${issuedBy}\n${idempotencyKey}`)
    .digest('hex')
    .slice(0, 26)}`;

const readForIssue = async (
  table: Table,
  pool: Pool,
  id: string,
  clock: Clock,
): Promise<{ subscription?: Subscription; license?: OfflineLicense }> => {
  const wanted = { subscription: keys.subscription(pool), license: keys.offlineLicense(pool, id) };
  const found = await readItems(table, [...Object.values(wanted), ...authorityKeys(table.authority)]);
  // Check before the claim: without authority the claim holds the seat for a minute, and can't be recorded.
  if (table.authority) requireAuthority(table.authority, found, clock.now());
  return namedItems(wanted, found);
};

/** Reads an issued license, strongly consistent. */
export const readOfflineLicense = async (table: Table, pool: Pool, id: string): Promise<OfflineLicense | undefined> => {
  const license = await getItem(table, keys.offlineLicense(pool, id));
  return license?.status === 'active' ? license : undefined;
};

/** How many records one request of a list reads, whatever it finds. */
const recordsPerRequest = 1000;

/** Reads a page of a pool's licenses, by id, with the expired ones. */
export const listOfflineLicenses = (table: Table, pool: Pool, options: PageRequest): Promise<Page<OfflineLicense>> =>
  readFiltered(
    (after) => readPage(table, ranges.offlineLicenses(pool), { limit: 100, after }),
    // No answer told of a pending license, and an ended one was never issued.
    (licenses) => licenses.filter(({ status }) => status === 'active'),
    ({ id }) => keys.offlineLicense(pool, id),
    { ...options, most: recordsPerRequest },
  );

/**
 * Returns the file of a license: the stored one, or one signed now. If two requests sign at once, the first stored file
 * counts. So the bytes stay the same for ever, also after a change of keys.
 */
export const licenseFile = async (
  table: Table,
  pool: Pool,
  license: OfflineLicense,
  sign: (license: OfflineLicense) => Promise<string>,
): Promise<string> => {
  if (license.jws !== undefined) return license.jws;
  const { item } = await update(table, {
    Key: keys.offlineLicense(pool, license.id),
    UpdateExpression: 'SET jws = if_not_exists(jws, :jws)',
    ConditionExpression: '#status = :active',
    ExpressionAttributeValues: { ':jws': await sign(license), ':active': 'active' },
  });
  if (item?.jws === undefined) throw new Error(`The offline license ${license.id} is gone.`);
  return item.jws;
};
