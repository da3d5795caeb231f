import pMap from 'p-map';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { briefActor } from '../../domain/accounts/actor.ts';
import { isWatchOver, shortestLeaseMs } from '../../domain/census.ts';
import {
  type Claim,
  type HeldSeat,
  type Hold,
  hasHolder,
  isClaim,
  isHeld,
  isLapsed,
  type Seat,
  seatClaim,
  withHostname,
} from '../../domain/seat.ts';
import { type Item, parse } from '../store/item.ts';
import { keys, type Pool, poolOfItem } from '../store/keys.ts';
import { shuffled } from '../store/shuffled.ts';
import { asActor, type Table, update, type Written } from '../store/table.ts';
import { seatKey } from './blocks.ts';
import { dissolveCertificate } from './censuses.ts';

/** Returns the seat, or slot, of a stored item, for example of a change of the stream. */
export const seatOf = (item: Item): Seat => parse(keys.seat(poolOfItem(item), 0), item);

// The conditions of the writes.
const unused = 'attribute_not_exists(pk)';
/** Each claim raises the fence: a seat that was read as free is free, and was not used since. */
const asItWas = 'fence = :fence';
const empty = 'attribute_not_exists(availableAt)';
/** The condition of a write of a claim: `claimValues` has its values. */
export const thisClaim = '(holder = :holder AND fence = :fence)';
const lapsed = 'availableAt <= :now';
const notExtended = 'renewedAt = :renewedAt';
const notLater = '(attribute_not_exists(renewedAt) OR renewedAt <= :from)';

export const claimValues = (claim: Claim) => ({ ':holder': claim.holder, ':fence': claim.fence });
const emptied =
  'REMOVE holder, userId, machineId, hostname, keyId, movingTo, moveId, marks, claimedAt, movedAt, renewedAt, availableAt, ' +
  'leaseMs, claimId';

/**
 * Writes a seat under its condition. Each write of a seat is made here. If the seat is watched, and the write may end a claim,
 * or let it end sooner than certificates rely on, the write dissolves the certificate of its block before it is answered. A
 * refused write does so, too: it may be the repetition of a write that died between the two.
 *
 * A seat's actor is the credential that keeps its claim alive, which its revocation ends. So only claims and renewals set it.
 *
 * @param mayEnd whether the write may end a claim, or shorten it below `shortestLeaseMs`
 * @param setsActor whether the write is a claim or a renewal
 */
export const writeSeat = async (
  table: Table,
  pool: Pool,
  number: number,
  {
    mayEnd,
    setsActor = false,
    ...write
  }: { mayEnd: boolean; setsActor?: boolean } & Omit<Parameters<typeof update<Seat>>[1], 'Key'>,
): Promise<Written<Seat>> => {
  const briefly = asActor(table, briefActor(table.actor));
  const Key = await seatKey(table, pool, number);
  const written = await update(briefly, { Key, ...write }, { keepsActor: !setsActor });
  if (mayEnd && written.item?.watchedAt !== undefined) await dissolveCertificate(table, pool, number);
  return written;
};

/** Returns whether a hold from `from` on, until `until` (epoch ms), ends sooner than certificates rely on. */
export const isShort = (from: number, until: number) => until - from < shortestLeaseMs;

/**
 * Watches a held seat: from now on each end of a claim of it dissolves the certificate of its block.
 *
 * @returns the seat, whose lease may have changed since the read; undefined if the claim is gone
 */
export const watchSeat = async (table: Table, pool: Pool, claim: Claim, now: number): Promise<HeldSeat | undefined> => {
  const { item: seat } = await writeSeat(table, pool, claim.number, {
    mayEnd: false,
    UpdateExpression: 'SET watchedAt = :now',
    ConditionExpression: thisClaim,
    ExpressionAttributeValues: { ...claimValues(claim), ':now': now },
  });
  return isClaim(seat, claim) && seat.watchedAt !== undefined ? seat : undefined;
};

export type Claimed =
  | { outcome: 'claimed'; seat: HeldSeat }
  /** Another request's write was first: `seat` is the current seat. */
  | { outcome: 'lost'; seat: Seat | undefined };

/** The optional attributes of a hold. The record alone has the host name: each refusal and list reads the seats. */
const optional = ['machineId', 'keyId'] as const;

/**
 * Claims a seat in one conditional write: the seat must be free as it was read, or, with `over`, still be that earlier claim of
 * the same holder. If the seat was used since the read, and is free again, the write is refused: a claim that arrives late would
 * begin before the one that it follows. The seat keeps the end of a claim that lapsed on it.
 *
 * @param options.claimId names this try, so that a repetition after a lost answer recognizes its own claim
 * @param options.fence the fence of the claim, above that of the seat as it was read
 * @param options.asRead the seat; undefined if it was never claimed
 */
export const claimSeat = async (
  table: Table,
  pool: Pool,
  number: number,
  hold: Hold,
  { claimId, fence, asRead, over }: { claimId: string; fence: number; asRead?: Seat; over?: Claim },
): Promise<Claimed> => {
  const hasLapsed = asRead?.hold !== undefined && !over;
  const unwatches = isWatchOver(asRead?.watchedAt, hold.claimedAt);
  const given = optional.filter((name) => hold[name] !== undefined);
  const absent = optional.filter((name) => hold[name] === undefined);
  const { done, item: seat } = await writeSeat(table, pool, number, {
    mayEnd: isShort(hold.claimedAt, hold.availableAt),
    setsActor: true,
    UpdateExpression:
      'SET holder = :by, userId = :userId, claimedAt = :now, renewedAt = :now, availableAt = :until, leaseMs = :leaseMs, ' +
      `claimId = :claimId, fence = :next${given.map((name) => `, ${name} = :${name}`).join('')}` +
      // These are the values of the item before this write: those of the claim that lapsed.
      (hasLapsed ? ', lastFence = fence, lastEnd = availableAt' : '') +
      // Remove the attributes that only the holder before had.
      ` REMOVE ${['hostname', 'movingTo', 'moveId', 'marks', 'movedAt', ...(hasLapsed ? ['lastReason'] : []), ...(unwatches ? ['watchedAt'] : []), ...absent].join(', ')}`,
    ConditionExpression: over ? thisClaim : !asRead ? unused : hasLapsed ? `${asItWas} AND ${lapsed}` : asItWas,
    ExpressionAttributeValues: {
      ':by': hold.holder,
      ':userId': hold.userId,
      ':machineId': hold.machineId,
      ':keyId': hold.keyId,
      ':now': hold.claimedAt,
      ':until': hold.availableAt,
      ':leaseMs': hold.leaseMs,
      ':claimId': claimId,
      ':next': fence,
      ':fence': asRead?.fence,
      ...(over && claimValues(over)),
    },
  });
  // Refused by our own earlier try, whose answer was lost.
  return hasHolder(seat) && (done || seat.hold.claimId === claimId)
    ? { outcome: 'claimed', seat: withHostname(seat, hold) }
    : { outcome: 'lost', seat };
};

export type Renewed =
  | { outcome: 'renewed'; seat: HeldSeat }
  /** The seat is no longer this claim's (or not this member's): it can't be renewed, now or ever. */
  | { outcome: 'lost'; seat: Seat | undefined };

/**
 * Extends a claim, also after its lease ended, if no request claimed or closed the seat since. A lease never goes back: a
 * renewal that arrives after a later one changes nothing, and returns the current lease.
 *
 * @param options.from the time of the request, epoch ms
 * @param options.until the new end, epoch ms; default: the hold's lease length after `from`
 * @param options.userId only if the hold is this member's
 */
export const renewSeat = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  options: { from: number; until?: number; leaseMs?: number; userId?: string },
): Promise<Renewed> => {
  const { from, until, leaseMs, userId } = options;
  const { item: seat } = await writeSeat(table, pool, claim.number, {
    mayEnd: (until !== undefined || leaseMs !== undefined) && isShort(from, until ?? from + (leaseMs ?? 0)),
    setsActor: true,
    UpdateExpression:
      `SET renewedAt = :from, availableAt = ${until === undefined ? ':from + leaseMs' : ':until'}` +
      `${leaseMs === undefined ? '' : ', leaseMs = :leaseMs'}`,
    ConditionExpression: `${thisClaim} AND ${notLater}${userId === undefined ? '' : ' AND userId = :userId'}`,
    ExpressionAttributeValues: {
      ...claimValues(claim),
      ':from': from,
      ':until': until,
      ':leaseMs': leaseMs,
      ':userId': userId,
    },
  });
  // A refusal while the claim stands: a later renewal was first.
  return isClaim(seat, claim) && (userId === undefined || seat.hold.userId === userId)
    ? { outcome: 'renewed', seat }
    : { outcome: 'lost', seat };
};

/**
 * Extends a hold without heartbeats.
 *
 * @param until its new end, epoch ms
 */
export const prolongSeat = async (table: Table, pool: Pool, claim: Claim, until: number): Promise<Renewed> => {
  const { done, item: seat } = await writeSeat(table, pool, claim.number, {
    mayEnd: true,
    UpdateExpression: 'SET availableAt = :until',
    ConditionExpression: thisClaim,
    ExpressionAttributeValues: { ...claimValues(claim), ':until': until },
  });
  return done && isClaim(seat, claim) ? { outcome: 'renewed', seat } : { outcome: 'lost', seat };
};

/**
 * Moves a seat or slot from one holder to another in one conditional write, so that nobody else can claim it between.
 *
 * @param claim the claim that loses the seat
 * @param to.claimId names the move, so that a repetition recognizes it
 * @returns the seat as moved, now or before; otherwise undefined
 */
export const handOver = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  to: Pick<Hold, 'holder' | 'userId' | 'claimedAt'> & { claimId: string },
): Promise<HeldSeat | undefined> => {
  const { done, item: seat } = await writeSeat(table, pool, claim.number, {
    mayEnd: false,
    UpdateExpression: 'SET holder = :to, userId = :userId, claimedAt = :at, claimId = :claimId, fence = fence + :one',
    ConditionExpression: thisClaim,
    ExpressionAttributeValues: {
      ...claimValues(claim),
      ':to': to.holder,
      ':userId': to.userId,
      ':at': to.claimedAt,
      ':claimId': to.claimId,
      ':one': 1,
    },
  });
  return hasHolder(seat) && (done || (seat.hold.holder === to.holder && seat.hold.claimId === to.claimId))
    ? seat
    : undefined;
};

/**
 * Gives a seat back. Harmless if the claim is gone.
 *
 * @param claimId only if the write of this ID made the claim
 */
export const freeSeat = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  claimId?: string,
): Promise<'freed' | 'already'> => {
  const { done } = await writeSeat(table, pool, claim.number, {
    mayEnd: true,
    UpdateExpression: emptied,
    ConditionExpression: claimId === undefined ? thisClaim : `${thisClaim} AND claimId = :claimId`,
    ExpressionAttributeValues: { ...claimValues(claim), ':claimId': claimId },
  });
  return done ? 'freed' : 'already';
};

/**
 * Raises the fence of a free seat to that of a claim which another table knows, so that no later claim is named like it. Harmless
 * if the seat is held, or its fence is higher.
 */
export const raiseFence = async (table: Table, pool: Pool, { number, fence }: Pick<Seat, 'number' | 'fence'>) => {
  await writeSeat(table, pool, number, {
    mayEnd: false,
    UpdateExpression: 'SET fence = :fence',
    ConditionExpression: `${empty} AND (attribute_not_exists(fence) OR fence < :fence)`,
    ExpressionAttributeValues: { ':fence': fence },
  });
};

export type Closed =
  /** No heartbeat can revive this claim: it was closed now, or was gone. */
  | { outcome: 'gone'; seat: Seat | undefined }
  /** The claim is alive: a heartbeat extended its lease meanwhile. */
  | { outcome: 'alive'; seat: HeldSeat };

/** An end of a lease now (epoch ms) for a reason, unless a heartbeat extended it after `renewedAt` (epoch ms). */
export interface EarlyEnd {
  at: number;
  reason: EndedReason;
  renewedAt: number | undefined;
}

/** The condition to close a claim: its lease has ended by `now` (epoch ms), or no heartbeat extended it since. */
export type CloseIf = { now: number } | { early: EarlyEnd };

/**
 * Closes a claim, so that a late heartbeat can't revive it. Call this before you rely on the end of a claim. The seat keeps the
 * time at which the lease ended.
 *
 * @param closeIf default: always
 */
export const closeSeat = async (table: Table, pool: Pool, claim: Claim, closeIf?: CloseIf): Promise<Closed> => {
  const early = closeIf && 'early' in closeIf ? closeIf.early : undefined;
  const condition = closeIf && (early ? notExtended : lapsed);
  const { done, item: seat } = await writeSeat(table, pool, claim.number, {
    mayEnd: true,
    UpdateExpression:
      `SET fence = fence + :one, lastFence = :fence, ` +
      `${early ? 'lastEnd = :at, lastReason = :reason' : 'lastEnd = availableAt'} ${emptied}${early ? '' : ', lastReason'}`,
    ConditionExpression: condition ? `${thisClaim} AND ${condition}` : thisClaim,
    ExpressionAttributeValues: {
      ...claimValues(claim),
      ':one': 1,
      ...(early
        ? { ':at': early.at, ':reason': early.reason, ':renewedAt': early.renewedAt }
        : { ':now': closeIf && 'now' in closeIf ? closeIf.now : undefined }),
    },
  });
  return !done && isClaim(seat, claim) ? { outcome: 'alive', seat } : { outcome: 'gone', seat };
};

/**
 * Closes all of these seats that are lapsed.
 *
 * @param most at most this many; the others stay open
 * @returns the held seats, with those that a heartbeat revived meanwhile and those beyond `most`
 */
export const closeLapsedSeats = async (
  table: Table,
  pool: Pool,
  seats: readonly Seat[],
  now: number,
  most: number,
): Promise<{ held: HeldSeat[]; left: HeldSeat[] }> => {
  // Shuffled: other requests may be closing the same seats.
  const lapsedSeats = shuffled(seats.filter((seat) => isLapsed(seat, now)));
  const held = seats.filter((seat) => isHeld(seat, now));
  const left = lapsedSeats.slice(most);
  const revived = await pMap(
    lapsedSeats.slice(0, most),
    async (seat) => {
      const closed = await closeSeat(table, pool, seatClaim(seat), { now });
      return closed.outcome === 'alive' ? [closed.seat] : [];
    },
    { concurrency: 25 },
  );
  return { held: [...held, ...revived.flat()], left };
};
