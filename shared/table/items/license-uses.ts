import { endedUse, type License, type LicenseUse, useSeat } from '../../domain/license.ts';
import { type Claim, holderId, isClaim } from '../../domain/seat.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';
import type { Closed, CloseIf, Renewed } from './seats.ts';

// A licensed user's activation uses the license as a floating one holds a seat: the same claims, conditions and ends, on
// another item.

// The conditions of the writes.
const licensed = '#status = :active';
const thisUse = '(inUse.sessionId = :session AND inUse.fence = :fence)';
const notLater = 'inUse.renewedAt <= :from';
const notExtended = 'inUse.renewedAt = :renewedAt';
const lapsed = 'inUse.availableAt <= :now';

/** Keeps what the list of licensed users shows of a use that leaves its license. */
const keepLast = 'lastUsedAt = inUse.activeAt, lastMachineId = inUse.machineId';

const claimValues = (claim: Claim) => ({ ':session': holderId(claim.holder), ':fence': claim.fence });

/**
 * Puts a use on its license in one conditional write, if the license is as it was read. This write ends the use before.
 *
 * @param license as it was read: active, with its displaced sessions ended
 * @returns the current license, or undefined if it changed meanwhile
 */
export const claimUse = async (
  table: Table,
  pool: Pool,
  license: License,
  use: LicenseUse,
): Promise<License | undefined> => {
  const before = license.inUse && endedUse(license.inUse, 'logged-in-elsewhere', use.activatedAt);
  const sinceLapsed = before?.reason === 'lease-expired';
  const { done, item: after } = await update(table, {
    Key: keys.license(pool, license.userId),
    UpdateExpression: 'SET inUse = :use, useFence = :fence, #over = :over, revision = revision + :one',
    // A heartbeat leaves the revision, so check that none revived a use that was read as lapsed.
    ConditionExpression: `${licensed} AND revision = :asRead${sinceLapsed ? ` AND ${lapsed}` : ''}`,
    ExpressionAttributeValues: {
      ':active': 'active',
      ':use': use,
      ':fence': use.fence,
      ':over': before ? [before] : [],
      ':asRead': license.revision,
      ':one': 1,
      ...(sinceLapsed && { ':now': use.activatedAt }),
    },
  });
  // Refused by our own earlier try, whose answer was lost.
  return done || after?.inUse?.claimId === use.claimId ? after : undefined;
};

/**
 * Extends a use, also after its lease ended, as `renewSeat` does a seat's claim.
 *
 * @param options.from the time of the request, epoch ms
 * @param options.until the new end, epoch ms; default: the use's lease length after `from`
 * @param options.activeAt when the user last worked, epoch ms
 */
export const renewUse = async (
  table: Table,
  pool: Pool,
  userId: string,
  claim: Claim,
  options: { from: number; until?: number; leaseMs?: number; activeAt?: number },
): Promise<Renewed & { license: License | undefined }> => {
  const { from, until, leaseMs, activeAt } = options;
  const { item: license } = await update(table, {
    Key: keys.license(pool, userId),
    UpdateExpression:
      `SET inUse.renewedAt = :from, inUse.availableAt = ${until === undefined ? ':from + inUse.leaseMs' : ':until'}` +
      `${leaseMs === undefined ? '' : ', inUse.leaseMs = :leaseMs'}` +
      `${activeAt === undefined ? '' : ', inUse.activeAt = :activeAt'}`,
    ConditionExpression: `${licensed} AND ${thisUse} AND ${notLater}`,
    ExpressionAttributeValues: {
      ...claimValues(claim),
      ':active': 'active',
      ':from': from,
      ':until': until,
      ':leaseMs': leaseMs,
      ':activeAt': activeAt,
    },
  });
  const seat = license && useSeat(license);
  // A refusal while the claim stands: a later renewal was first.
  return license?.status === 'active' && isClaim(seat, claim)
    ? { outcome: 'renewed', seat, license }
    : { outcome: 'lost', seat, license };
};

/**
 * Takes over a use without a record, to record it: neither the request that made it nor the schedule frees it after this.
 *
 * @returns false if the use is over
 */
export const adoptUse = async (table: Table, pool: Pool, userId: string, claim: Claim): Promise<boolean> => {
  const { done } = await update(table, {
    Key: keys.license(pool, userId),
    UpdateExpression: 'SET revision = revision + :one',
    ConditionExpression: thisUse,
    ExpressionAttributeValues: { ...claimValues(claim), ':one': 1 },
  });
  return done;
};

/**
 * Ends a use. Harmless if it is over.
 *
 * @param asRead the license's revision: only if no request has adopted the use, or taken the license, since
 */
export const freeUse = async (
  table: Table,
  pool: Pool,
  userId: string,
  claim: Claim,
  asRead?: number,
): Promise<'freed' | 'already'> => {
  const { done } = await update(table, {
    Key: keys.license(pool, userId),
    UpdateExpression: `SET revision = revision + :one, ${keepLast} REMOVE inUse`,
    ConditionExpression: asRead === undefined ? thisUse : `${thisUse} AND revision = :asRead`,
    ExpressionAttributeValues: { ...claimValues(claim), ':one': 1, ':asRead': asRead },
  });
  return done ? 'freed' : 'already';
};

/** Closes a use, so that no late heartbeat revives it, as `closeSeat` does a seat's claim. The license keeps the end. */
export const closeUse = async (
  table: Table,
  pool: Pool,
  userId: string,
  claim: Claim,
  closeIf: CloseIf,
): Promise<Closed> => {
  const early = 'early' in closeIf ? closeIf.early : undefined;
  const { done, item: license } = await update(table, {
    Key: keys.license(pool, userId),
    UpdateExpression: `SET revision = revision + :one, closedUse = ${early ? ':closed' : 'inUse'}, ${keepLast} REMOVE inUse`,
    ConditionExpression: `${thisUse} AND ${early ? notExtended : lapsed}`,
    ExpressionAttributeValues: {
      ...claimValues(claim),
      ':one': 1,
      ...(early
        ? {
            ':renewedAt': early.renewedAt,
            ':closed': { fence: claim.fence, availableAt: early.at, reason: early.reason },
          }
        : { ':now': 'now' in closeIf ? closeIf.now : undefined }),
    },
  });
  const seat = license && useSeat(license);
  return !done && license?.status === 'active' && isClaim(seat, claim)
    ? { outcome: 'alive', seat }
    : { outcome: 'gone', seat };
};
