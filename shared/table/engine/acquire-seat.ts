import { randomBytes } from 'node:crypto';
import { mayCertify } from '../../domain/census.ts';
import { type HolderRecord, isRecordOf, voidedRecordOf, withLeaseEnd } from '../../domain/holder-record.ts';
import { onlineChoice } from '../../domain/offline.ts';
import { aheadIn, type Line } from '../../domain/queue.ts';
import { type Claim, chooseSeat, type HeldSeat, isHeld, type Seat, seatClaim } from '../../domain/seat.ts';
import {
  freeNumbers,
  isWhole,
  maxPoolReads,
  merge,
  type PoolRead,
  planNextRead,
  planReread,
  poolReadOf,
  provesFull,
  showSameClaims,
  withoutHolders,
} from '../../domain/seat-view.ts';
import type { Capacity, Subscription } from '../../domain/subscription.ts';
import { isBehind, readCurrent } from '../items/blocks.ts';
import { voidClaim } from '../items/holder-records.ts';
import { claimSeat, closeSeat, freeSeat, prolongSeat, renewSeat } from '../items/seats.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import type { Pool } from '../store/keys.ts';
import { type BeginAgain, jitter, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { type Acquired, type Claimant, capacityFor, type Holding, type Refused } from './claimant.ts';
import { claimLimitMs, confirmClaim } from './confirm-claim.ts';
import { consultCensus } from './consult-census.ts';
import { type Raised, raiseClaimable } from './raise-claimable.ts';
import {
  checkEligibility,
  lastFullRead,
  learnCrowd,
  learnFull,
  learnReach,
  type RequestState,
  readPlanned,
  readRequestState,
} from './request-state.ts';

/** The longest time that one request tries, ms: longer than `claimLimitMs`, shorter than the gateway's 30 s. */
const patienceMs = 24_000;

/**
 * Gets a seat for a holder, or returns the reason for the refusal. Safe to repeat, at once and late: a holder with a seat gets
 * the same one.
 *
 *     read    subscription + record, and a window of seats                       (2 requests, in parallel)
 *     claim   one conditional write on one free number                           a lost race: read again
 *     verify  the subscription, strongly consistent: may this number be claimed? no: give the seat back
 *     record  on condition that the record is as it was read                     lost: give it back, begin again
 *
 * A request claims a seat before it verifies the subscription. An admin's change is written before it lists the seats. So one
 * of the two always sees the other. `docs/lifecycle.md` has the cases.
 */
export const acquire = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  clock: Clock = systemClock,
): Promise<Acquired<R>> => {
  const effort: Effort = { clock, giveUpAt: clock.now() + patienceMs, races: 0 };
  const result = await retryWhileContended(
    clock,
    { ms: patienceMs },
    async (): Promise<AttemptResult<R> & { line?: Line | undefined; asRead?: R | undefined }> => {
      const state = await readRequestState(table, claimant, clock.now());
      const eligibility = checkEligibility(claimant, state.subscription, state.record, clock.now());
      if (eligibility.outcome !== 'eligible')
        return state.block === undefined || (await isCurrent(table, claimant.pool, state))
          ? eligibility
          : { outcome: 'again' };
      const { subscription } = eligibility;
      const violation = claimant.precondition?.violation(state.found, subscription, clock.now());
      if (violation) return violation;
      if (state.record?.status === 'pending') {
        await claimant.pendingHold?.resolve(state.record);
        return { outcome: 'again' };
      }
      const settling = state.record?.status === 'active' && claimant.settleFirst?.(state.record, clock.now());
      const settled = settling && (await settling);
      if (settled === 'settled') return { outcome: 'again' };
      const renewed = await renewRecorded(table, claimant, subscription, state.record, clock);
      if (renewed.outcome !== 'nothing') return renewed;
      if (settled === 'underway') return { outcome: 'again' };
      const line = await claimant.queue?.read(subscription, state.record, clock.now());
      if (line === 'conflict') return { outcome: 'conflict' };
      const barred = await claimant.admit?.(clock);
      if (barred) return { ...barred, line };
      const found = { ...state, record: renewed.asRead, subscription, line };
      return { ...(await findAndClaim(table, claimant, found, effort)), line, asRead: found.record };
    },
  );
  return { ...result, races: effort.races };
};

/**
 * Returns whether a block's copy, or the subscription, is as the subscription is now, and no copy is older. Only then may it
 * refuse. If not, brings all copies up to date.
 */
const isCurrent = async (
  table: Table,
  pool: Pool,
  { subscription, block }: Pick<RequestState<never>, 'subscription' | 'block'>,
): Promise<boolean> => {
  const current = await readCurrent(table, pool, subscription ? undefined : block);
  return current?.version === subscription?.version;
};

/** The limits of one request, and its lost races. */
interface Effort {
  clock: Clock;
  /** Epoch ms. */
  giveUpAt: number;
  races: number;
}

type AttemptResult<R extends HolderRecord> = ({ outcome: 'acquired' | 'renewed' } & Holding<R>) | Refused | BeginAgain;

/** The holder has no claim to renew. A new record may overwrite `asRead`. */
interface NotRenewed<R extends HolderRecord> {
  outcome: 'nothing';
  asRead: R | undefined;
}

/**
 * Renews the claim that the holder has on record.
 *
 * @returns `nothing` if the holder has no claim or lost its seat. Then `asRead` has the end of the lease, if the seat shows it
 */
const renewRecorded = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  subscription: Subscription,
  record: R | undefined,
  clock: Clock,
): Promise<AttemptResult<R> | NotRenewed<R>> => {
  if (record?.status !== 'active') return { outcome: 'nothing', asRead: record };
  const { pool, holder, pendingHold } = claimant;
  if (pendingHold && pendingHold.until(record) <= clock.now()) return { outcome: 'ended', reason: 'lease-expired' };
  const claim: Claim = { number: record.number, fence: record.fence, holder };
  const notRenewed = (seat: Seat | undefined): NotRenewed<R> => ({
    outcome: 'nothing',
    asRead: withLeaseEnd(record, seat),
  });
  if (!claimant.isSameRequest(record)) {
    const closed = await closeSeat(table, pool, claim, { now: clock.now() });
    return closed.outcome === 'alive' ? { outcome: 'conflict' } : notRenewed(closed.seat);
  }
  const from = clock.now();
  const { availableAt: until, leaseMs } = claimant.hold(subscription, from);
  const renewed = pendingHold
    ? await prolongSeat(table, pool, claim, pendingHold.until(record))
    : await renewSeat(table, pool, claim, { from, until, leaseMs });
  if (renewed.outcome === 'lost') return notRenewed(renewed.seat);
  return { outcome: 'renewed', seat: renewed.seat, record, subscription };
};

/** Looks for a free number, claims it, and has the claim confirmed. */
const findAndClaim = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  {
    subscription,
    record: asRead,
    view: window,
    ...found
  }: RequestState<R> & { subscription: Subscription; line?: Line },
  effort: Effort,
): Promise<AttemptResult<R>> => {
  const { pool, holder } = claimant;
  const capacity = capacityFor(claimant, subscription);
  const { claimable, lowest } = capacity;
  const { clock } = effort;
  learnReach(pool, window, claimable, clock.now());
  let view = window;
  let record = asRead;
  let { line } = found;
  /** The reads of the whole pool since a number was last free. */
  let poolReads: PoolRead[] = [];
  /** An earlier request's read of the full pool, complete before the view was begun. */
  let earlier = found.isLate ? undefined : found.earlier;
  let { from } = found;
  const beginReading = () => {
    earlier = lastFullRead(table, pool);
    from = clock.now();
  };
  /** Whether the view is what a census led to: after a lost race the censuses lead on. */
  let isByCensus = false;
  let trustsCensus = claimant.trustsCensus === true && mayCertify(subscription, table.blockSize);
  // A block's copy never says that it was pushed.
  let mayBeOld = pool.numbered !== 'slots' && isBehind(subscription);
  for (let reads = 1; clock.now() < effort.giveUpAt || poolReads.length > 0; reads++) {
    const now = clock.now();
    const own = view.seats.find((seat): seat is HeldSeat => isHeld(seat, now) && seat.hold.holder === holder);
    const ownClaim = own && seatClaim(own);
    if (ownClaim && record?.status === 'ended' && isRecordOf(record, ownClaim)) {
      // An end stopped between record and seat: finish it.
      await claimant.finishEnd?.(record, now);
      await freeSeat(table, pool, ownClaim);
      return { outcome: 'again' };
    }
    // Another request of this holder made the claim: it is answered soon, or has crashed.
    if (own && now - own.hold.claimedAt < claimLimitMs) return { outcome: 'again' };

    learnCrowd(pool, view, claimable, now);
    const goFirst = () => (line ? aheadIn(line, view.seats, now) : 0);
    const isLeft = freeNumbers(view, claimable, now, { lowest, ahead: goFirst() });
    if (line && claimant.queue && isLeft.length > goFirst())
      line = await claimant.queue.readOn(line, isLeft.length, now);
    const ahead = goFirst();
    const number =
      ownClaim?.number ??
      chooseNumber(claimant, subscription, freeNumbers(view, claimable, now, { lowest, ahead }), { ahead, line });
    if (number === undefined && mayBeOld) {
      if (!(await isCurrent(table, pool, { subscription }))) return { outcome: 'again' };
      mayBeOld = false;
    }
    if (number === undefined && ahead >= capacity.quota && claimant.joinsQueue?.(subscription, line, now))
      return { outcome: 'exhausted', subscription, held: view.seats.filter((seat) => isHeld(seat, now)), ahead };
    if (number === undefined && !isWhole(view, claimable)) {
      const plan = planNextRead(view, claimable, reads);
      const mayReadAll = 'ranges' in plan;
      if (trustsCensus && (mayReadAll || isByCensus || reads === 1)) {
        const consulted = await consultCensus(table, claimant, subscription, { clock, mayReadAll });
        if (consulted.outcome === 'again') return { outcome: 'again' };
        if (consulted.outcome === 'full') {
          const census = { inUse: claimable, nextFreeAt: consulted.nextFreeAt };
          return { outcome: 'exhausted', subscription, held: [], census, ahead };
        }
        // The free numbers may be those of waiting sessions: then only the whole pool tells.
        const hasRead = consulted.view.ranges.length > 0;
        trustsCensus = consulted.outcome === 'look' ? ahead === 0 : !hasRead && !mayReadAll;
        isByCensus = consulted.outcome === 'look';
        view = merge(view, consulted.view);
        if (hasRead) continue;
      }
      view = merge(view, await readPlanned(table, pool, plan));
      continue;
    }
    if (number === undefined) {
      const raised = await openNumbers(table, claimant, subscription, capacity, now);
      if (raised.outcome === 'read-again') return { outcome: 'again' };
      // A crash may have left the holder's own claim above `claimable`: it is no reason to refuse the holder.
      if (raised.above.some((seat) => seat.hold?.holder === holder && isHeld(seat, now))) {
        view = merge(view, { ranges: [], seats: raised.above });
        continue;
      }
      const seats = [...view.seats.filter((seat) => seat.number <= claimable), ...raised.above];
      const read = poolReadOf(seats, clock.now());
      // Slots are few and seldom change hands: one read is enough.
      const before = pool.numbered === 'slots' ? read : poolReads.at(-1);
      const { version } = subscription;
      const isProven = provesFull(before, read) || (earlier?.version === version && provesFull(earlier, read, from));
      const isLast = poolReads.length + 1 >= maxPoolReads || read.at >= effort.giveUpAt;
      // To keep a place in the queue is no refusal, and needs no proof: the next poll is soon.
      const keepsPlace = line?.own !== undefined && claimant.joinsQueue?.(subscription, line, now);
      const isSteady = !found.earlier || showSameClaims(found.earlier, read);
      learnFull(table, pool, { ...withoutHolders(read), version, isSteady });
      if (keepsPlace || isProven || isLast) return { outcome: 'exhausted', subscription, held: [...read.held], ahead };
      // The second read proves that the first saw one instant. Pause before a third, while claims settle.
      if (poolReads.push(read) > 1) await clock.pause(jitter(reads));
      beginReading();
      view = await readPlanned(table, pool, { ranges: [{ first: 1, last: claimable }] });
      continue;
    }

    poolReads = [];
    const asSeen = view.seats.find((seat) => seat.number === number);
    if (own) {
      // A crash left this claim. Void it, so that its request can't record it after the next claim.
      const ended = claimant.record(voidedRecordOf(own, now), own.hold, record);
      const voided = await voidClaim(table, claimant.recordKey, record, ended);
      if (!voided) return { outcome: 'again' };
      // The record as read may have the end of a lease that no write has put there yet.
      record = { ...record, ...voided };
    }
    const claimed = await claimSeat(table, pool, number, claimant.hold(subscription, now), {
      claimId: randomBytes(6).toString('base64url'),
      // The fence grows with each claim of the seat, and with each of the holder.
      fence: Math.max(record?.fence ?? 0, asSeen?.fence ?? 0) + 1,
      asRead: asSeen,
      over: ownClaim,
    });
    if (claimed.outcome === 'claimed')
      return confirmClaim(table, claimant, claimed.seat, { asRead: record, line, view }, clock);
    effort.races++;
    // Another request of this holder won: the next round reads its record.
    if (claimed.seat?.hold?.holder === holder) return { outcome: 'again' };
    // The refused write returns the number's holder. If it was the last free number, the view now shows a full pool.
    const seen = merge(view, { ranges: [], seats: claimed.seat ? [claimed.seat] : [] });
    const isFull = isWhole(seen, claimable) && freeNumbers(seen, claimable, now, { lowest }).length === 0;
    if (isFull && claimable === capacity.quota) poolReads = [poolReadOf(seen.seats, clock.now())];
    await clock.pause(jitter(effort.races));
    beginReading();
    view = isByCensus ? { ranges: [], seats: [] } : await readPlanned(table, pool, planReread(claimable));
  }
  return { outcome: 'contended' };
};

/**
 * Returns the free number to claim, and leaves the first ones to the sessions ahead in the queue. Each waiting session has a
 * number of its own, so that they do not collide. Other holders spread.
 */
const chooseNumber = <R extends HolderRecord>(
  { pool, holder }: Claimant<R>,
  subscription: Subscription,
  free: readonly number[],
  { ahead, line }: { ahead: number; line: Line | undefined },
): number | undefined => {
  if (line?.own) return free[ahead];
  const left = free.slice(ahead);
  return chooseSeat(holder, pool.numbered === 'slots' ? left : onlineChoice(left, subscription));
};

/** Tries to open more numbers: none up to `claimable` is free, but below the quota seats above it may be. */
const openNumbers = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  subscription: Subscription,
  { quota, claimable }: Capacity,
  now: number,
): Promise<Raised> => {
  if (claimable === quota && quota > 0) return { outcome: 'full', above: [] };
  return claimant.openNumbers?.(subscription, now) ?? raiseClaimable(table, claimant.pool, subscription, now);
};
