import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { EndedReason } from '../contracts/schemas/activation.ts';
import { type HolderRecord, mayComeBack, names, previousEnds } from '../domain/record.ts';
import { type Claim, chooseSeat, type Hold, isClaim, isHeld, type Seat, spread } from '../domain/seat.ts';
import { type Subscription, statusOf } from '../domain/subscription.ts';
import {
  everySeat,
  freeNumbers,
  isWhole,
  lookAgain,
  lookFurther,
  nextReach,
  sawMove,
  type View,
  windowSize,
  windowStart,
} from '../domain/view.ts';
import { raiseClaimable } from './claimable.ts';
import { type Key, keys, type Pool } from './keys.ts';
import { putRecord } from './records.ts';
import { claimSeat, closeSeat, freeSeat, readSeatPage, readSeats, renewSeat } from './seats.ts';
import { readSubscription, subscriptionOf } from './subscriptions.ts';
import { keyText, readItems, type Table } from './table.ts';

/**
 * When a claim without a record passes for a crash's leftover, ms after the claim: it may then be re-claimed by its own
 * holder, and is closed by the schedule.
 */
export const claimLimitMs = 15_000;
/** Until when a request may begin to record its claim: the rest is for the tries of that one write. */
const recordLimitMs = 10_000;

/** Who wants a seat, and how it holds it. One kind of claimant per kind of holder; the engine knows no other difference. */
export interface Claimant<R extends HolderRecord> {
  pool: Pool;
  holder: Hold['holder'];
  recordKey: Key;
  /** The only type of subscription on whose seats it may stand. */
  licenseType: Subscription['licenseType'];
  /** What stands on the seat: enough to list it and to end it without its record. */
  hold: (subscription: Subscription, now: number) => Hold;
  /** The record of a verified claim. */
  record: (base: HolderRecord, hold: Hold, subscription: Subscription) => R;
  /** Whether a live record is what this claimant asks for again; otherwise its session ID is taken. */
  isSame: (record: R) => boolean;
  /** For a hold that becomes long only once it is recorded: until when, epoch ms. */
  holdUntil?: (subscription: Subscription) => number;
}

/** What the pool looked like when it refused. */
export interface Occupancy {
  subscription: Subscription;
  /** Every seat that is held. */
  held: (Seat & { hold: Hold })[];
}

export type Refused =
  | { outcome: 'missing' }
  | { outcome: 'suspended' | 'expired' }
  /** The subscription's seats are not for this kind of holder. */
  | { outcome: 'not-licensed' }
  /** This holder's record was ended for a reason after which it can't come back. */
  | { outcome: 'ended'; reason: EndedReason }
  /** The holder's ID is live on another machine or for another member. */
  | { outcome: 'conflict' }
  | ({ outcome: 'exhausted' } & Occupancy)
  /** Others, or another request of the same holder, were in the way for too long: try again. */
  | { outcome: 'contended' };

/** A seat with its record: newly acquired, or the one that the holder had. */
interface Got<R extends HolderRecord> {
  seat: Seat & { hold: Hold };
  record: R;
  subscription: Subscription;
}

/** Every outcome of `acquire`; `races` counts the claims that it lost on the way. */
export type Acquired<R extends HolderRecord> = { races: number } & (
  | ({ outcome: 'acquired' } & Got<R>)
  | ({ outcome: 'renewed' } & Got<R>)
  | Refused
);

/** Where the engine takes its time from; tests skew it. */
export interface Clock {
  /** Epoch ms. */
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
}

export const systemClock: Clock = { now: Date.now, pause: (ms) => setTimeout(ms) };

/** How long one request tries before it gives up, ms: past a leftover's age, and within the gateway's 30 s. */
const patienceMs = 24_000;

/** Up to which number first windows spread, per pool: a memory of this process, and only a hint. */
const reaches = new Map<string, number>();
const reachOf = (key: Key) => reaches.get(keyText(key)) ?? windowSize;
const learn = (key: Key, view: View, claimable: number, now: number) => {
  if (reaches.size > 10_000) reaches.clear();
  const held = view.seats.filter((seat) => isHeld(seat, now)).length;
  reaches.set(keyText(key), nextReach(reachOf(key), held, claimable));
};

/**
 * Gets a seat for a holder, or tells exactly why not. Safe to repeat, at once and late: a holder that has a seat gets
 * the same one.
 *
 *     read    subscription + record, and a window of seats                       (2 requests, in parallel)
 *     claim   one conditional write on one free number                           a lost race: look again
 *     verify  the subscription, strongly consistent: may this number be claimed? no: give back
 *     record  on condition that the record is as it was read                     lost: give back, begin again
 *
 * A seat is claimed before its right is verified, and an admin's change is written before seats are listed, so one of
 * the two always sees the other. `docs/lifecycle.md` has the cases.
 */
export const acquire = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  clock: Clock = systemClock,
): Promise<Acquired<R>> => {
  const giveUpAt = clock.now() + patienceMs;
  let races = 0;
  for (let round = 0; clock.now() < giveUpAt; round++) {
    if (round > 0) await clock.pause(jitter(round));
    const attempt = await attemptOnce(table, claimant, clock, giveUpAt);
    races += attempt.races;
    if (attempt.outcome !== 'again') return { ...attempt, races };
  }
  return { outcome: 'contended', races };
};

/** Full jitter, 25 ms doubling to 400 ms. */
const jitter = (round: number) => Math.random() * Math.min(25 * 2 ** round, 400);

type Again = { outcome: 'again'; races: number };

/** From a fresh read of the record to an answer; `again` if what was read is no longer so. */
const attemptOnce = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  clock: Clock,
  giveUpAt: number,
): Promise<Acquired<R> | Again> => {
  const { pool, holder } = claimant;
  const standing = await readStanding(table, claimant);
  const { subscription, record } = standing;
  const judged = judge(claimant, subscription, record, clock.now());
  if (judged) return { ...judged, races: 0 };
  if (!subscription) return { outcome: 'missing', races: 0 };

  if (record?.status === 'active') {
    const claim: Claim = { number: record.number, fence: record.fence, holder };
    if (claimant.isSame(record)) {
      const { availableAt, leaseMs } = claimant.hold(subscription, clock.now());
      const until = claimant.holdUntil?.(subscription) ?? availableAt;
      const renewed = await renewSeat(table, pool, claim, { until, leaseMs });
      if (renewed.outcome === 'renewed')
        return { outcome: 'renewed', seat: renewed.seat, record, subscription, races: 0 };
    } else {
      const closed = await closeSeat(table, pool, claim, { now: clock.now() });
      if (closed.outcome === 'alive') return { outcome: 'conflict', races: 0 };
    }
    // The seat refused: this claim is dead, and its record may be written over.
  }

  let view = standing.view;
  let looks = 1;
  let races = 0;
  let moves = 0;
  learn(keys.subscription(pool), view, subscription.claimable, clock.now());
  while (clock.now() < giveUpAt) {
    const now = clock.now();
    const own = view.seats.find((seat) => isHeld(seat, now) && seat.hold.holder === holder);
    if (own?.hold && names(record, own) && record?.status === 'ended') {
      // An end that stopped between record and seat: finish it.
      await freeSeat(table, pool, { number: own.number, fence: own.fence, holder });
      return { outcome: 'again', races };
    }
    // A claim in flight, of another request of this holder: it is answered soon, or was left by a crash.
    if (own?.hold && now - own.hold.claimedAt < claimLimitMs) return { outcome: 'again', races };
    const over = own && { number: own.number, fence: own.fence, holder };
    const number = over?.number ?? chooseSeat(holder, freeNumbers(view, subscription.claimable, now));

    if (number === undefined && !isWhole(view, subscription.claimable)) {
      const { ranges, adds } = lookFurther(view, subscription.claimable, spread(holder), looks++);
      const seats = await readSeats(table, pool, ranges);
      view = adds ? { ranges: [...view.ranges, ...ranges], seats: [...view.seats, ...seats] } : { ranges, seats };
      continue;
    }
    if (number === undefined) {
      const above = await seatsAboveClaimable(table, pool, subscription, now);
      if (above === 'read-again') return { outcome: 'again', races };
      const seats = [...view.seats.filter((seat) => seat.number <= subscription.claimable), ...above];
      if (!sawMove(seats, now))
        return { outcome: 'exhausted', subscription, held: seats.filter((seat) => isHeld(seat, now)), races };
      if (++moves > 10) return { outcome: 'contended', races };
      view = await look(table, pool, [{ first: 1, last: subscription.claimable }]);
      continue;
    }

    const seen = view.seats.find((seat) => seat.number === number);
    const hold = claimant.hold(subscription, now);
    const claimed = await claimSeat(table, pool, number, hold, {
      claimId: randomBytes(6).toString('base64url'),
      // The fence grows with each claim of the seat, and with each of the holder.
      fenceStep: Math.max(1, (record?.fence ?? 0) - (seen?.fence ?? 0) + 1),
      over,
    });
    if (claimed.outcome === 'claimed')
      return { ...(await confirm(table, claimant, { seat: claimed.seat, record, clock })), races };
    races++;
    // Lost to another request of this holder: its record tells.
    if (claimed.seat?.hold?.holder === holder) return { outcome: 'again', races };
    if (races > 1) await clock.pause(jitter(races));
    view = await look(table, pool, lookAgain(subscription.claimable, spread(`${holder}#${races}`)));
  }
  return { outcome: 'contended', races };
};

const look = async (table: Table, pool: Pool, ranges: View['ranges']): Promise<View> => ({
  ranges,
  seats: await readSeats(table, pool, ranges),
});

/** Step 1: the subscription and the holder's record in one request, a window of seats beside it. */
const readStanding = async <R extends HolderRecord>(table: Table, { pool, holder, recordKey }: Claimant<R>) => {
  const subscriptionKey = keys.subscription(pool);
  const first = windowStart(spread(holder), reachOf(subscriptionKey));
  const [found, window] = await Promise.all([
    readItems(table, [subscriptionKey, recordKey]),
    readSeatPage(table, pool, { first, limit: windowSize }),
  ]);
  const last = window.next ? (window.seats.at(-1)?.number ?? first) : everySeat.last;
  return {
    subscription: subscriptionOf(found.get(keyText(subscriptionKey))),
    record: found.get(keyText(recordKey)) as unknown as R | undefined,
    view: { ranges: [{ first, last }], seats: window.seats } as View,
  };
};

/** What subscription and record alone refuse. */
const judge = <R extends HolderRecord>(
  { licenseType }: Claimant<R>,
  subscription: Subscription | undefined,
  record: HolderRecord | undefined,
  now: number,
): Exclude<Refused, { outcome: 'exhausted' | 'conflict' | 'contended' }> | undefined => {
  if (!subscription) return { outcome: 'missing' };
  const status = statusOf(subscription, now);
  if (status !== 'active') return { outcome: status };
  if (subscription.licenseType !== licenseType) return { outcome: 'not-licensed' };
  if (record?.endedReason && !mayComeBack(record.endedReason)) return { outcome: 'ended', reason: record.endedReason };
  return undefined;
};

/** Nothing is free up to `claimable`. While that is below the quota (or both are 0), seats above it may be held or free. */
const seatsAboveClaimable = async (table: Table, pool: Pool, subscription: Subscription, now: number) => {
  if (subscription.claimable >= subscription.quota && subscription.quota > 0) return [];
  const raised = await raiseClaimable(table, pool, subscription, now);
  return raised.outcome === 'full' ? raised.above : 'read-again';
};

/** Steps 3 and 4: verify that the claimed number may be claimed, then record it; otherwise give the seat back. */
const confirm = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  { seat, record: asRead, clock }: { seat: Seat & { hold: Hold }; record: R | undefined; clock: Clock },
): Promise<Acquired<R> | Again> => {
  const { pool, holder } = claimant;
  const claim: Claim = { number: seat.number, fence: seat.fence, holder };
  const giveBack = async <T>(outcome: T): Promise<T & { races: number }> => {
    await freeSeat(table, pool, claim);
    return { ...outcome, races: 0 };
  };

  const subscription = await readSubscription(table, pool);
  const now = clock.now();
  const judged = judge(claimant, subscription, undefined, now);
  if (judged) return giveBack(judged);
  if (!subscription || claim.number > subscription.claimable) return giveBack({ outcome: 'again' as const });
  // Too late: its record would come when it passes for a leftover, or when somebody else has the seat.
  if (now - seat.hold.claimedAt >= recordLimitMs || now >= seat.hold.availableAt)
    return giveBack({ outcome: 'again' as const });

  const record = claimant.record(
    {
      status: 'active',
      number: claim.number,
      fence: claim.fence,
      revision: (asRead?.revision ?? 0) + 1,
      userId: seat.hold.userId,
      previous: previousEnds(asRead, now),
    },
    seat.hold,
    subscription,
  );
  if ((await putRecord(table, claimant.recordKey, record, asRead)) === 'lost')
    return giveBack({ outcome: 'again' as const });
  if (!claimant.holdUntil) return { outcome: 'acquired', seat, record, subscription, races: 0 };
  const held = await renewSeat(table, pool, claim, { until: claimant.holdUntil(subscription) });
  if (held.outcome === 'lost') return { outcome: 'again', races: 0 };
  return { outcome: 'acquired', seat: held.seat, record, subscription, races: 0 };
};

export type Foreseen = { outcome: 'accepted' } | Exclude<Refused, { outcome: 'contended' }>;

/** What `acquire` would answer now, without writing anything. */
export const foresee = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  clock: Clock = systemClock,
): Promise<Foreseen> => {
  const { pool, holder } = claimant;
  const { subscription, record, view } = await readStanding(table, claimant);
  const now = clock.now();
  const judged = judge(claimant, subscription, record, now);
  if (judged) return judged;
  if (!subscription) return { outcome: 'missing' };
  if (record?.status === 'active') {
    const [seat] = await readSeats(table, pool, [{ first: record.number, last: record.number }]);
    if (isClaim(seat, { number: record.number, fence: record.fence, holder }) && isHeld(seat, now))
      return { outcome: claimant.isSame(record) ? 'accepted' : 'conflict' };
  }
  if (freeNumbers(view, subscription.claimable, now).length > 0) return { outcome: 'accepted' };
  const seats = await readSeats(table, pool, [everySeat]);
  const held = seats.filter((seat) => isHeld(seat, now));
  return held.length < subscription.quota || held.some((seat) => seat.hold.holder === holder)
    ? { outcome: 'accepted' }
    : { outcome: 'exhausted', subscription, held };
};
