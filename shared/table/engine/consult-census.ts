import pMap from 'p-map';
import {
  blocksOf,
  type Census,
  certifies,
  fullUntil,
  isWatched,
  mayHaveClaimOf,
  rangeOf,
  unconfirmedOf,
} from '../../domain/census.ts';
import { type HeldSeat, type Holder, isHeld, seatClaim } from '../../domain/seat.ts';
import { hasFreshDouble, maxPoolReads, poolReadOf, type Range, type View } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { certify, readCensuses, reserveWatching } from '../items/censuses.ts';
import { readSeats } from '../items/read-seats.ts';
import { watchSeat } from '../items/seats.ts';
import { readSubscription } from '../items/subscriptions.ts';
import type { Clock } from '../store/clock.ts';
import type { Pool } from '../store/keys.ts';
import { jitter } from '../store/retry.ts';
import { shuffled } from '../store/shuffled.ts';
import type { Table } from '../store/table.ts';

type Consulted =
  /** No number was free at one instant of this call. `nextFreeAt`: the earliest end of a hold, epoch ms. */
  | { outcome: 'full'; nextFreeAt: number }
  /** These numbers are free, or the holder has a claim among them. */
  | { outcome: 'look'; view: View }
  /** The terms changed. */
  | { outcome: 'again' }
  /** The censuses do not tell: read the seats. `view`: these numbers were all held. */
  | { outcome: 'unknown'; view: View };

/** The most seats that one request begins to watch, and for how long, ms. */
const watchesPerRequest = 1024;
const watchingMs = 2_000;

/** So many seats a request may begin to watch without a reservation. */
const fewWatches = 32;

/** How many seats a request watches at once: heartbeats need the partition, too. */
const watchesAtOnce = 3;

/** How many blocks a request reads at once. */
const blocksAtOnce = 4;

const nothing: View = { ranges: [], seats: [] };

/**
 * Looks into the censuses of a large pool. Reads the seats of the blocks without a certificate alone, and certifies these if
 * they are full.
 *
 *     pass 1  the censuses; the seats of a block without a certificate, which is then certified
 *     pass 2  the subscription and the censuses: the same version, the same epochs, every certificate still good: full
 *
 * @param subscription as read before
 * @param options.mayReadAll whether to read the seats although most blocks have no certificate
 */
export const consultCensus = async (
  table: Table,
  { pool, holder }: { pool: Pool; holder: Holder },
  subscription: Subscription,
  { clock, mayReadAll }: { clock: Clock; mayReadAll: boolean },
): Promise<Consulted> => {
  const { claimable } = subscription;
  const watching: Watching = { left: watchesPerRequest, until: clock.now() + watchingMs };
  for (let passes = 1; passes <= maxPoolReads; passes++) {
    const censuses = await readCensuses(table, pool);
    const from = clock.now();
    const blocks = blocksOf(claimable, table.blockSize);
    const certified = new Map<number, Census>();
    for (const block of blocks) {
      const census = censuses.get(block);
      if (certifies(census, claimable, from, table.blockSize) && !mayHaveClaimOf(census, holder))
        certified.set(block, census);
    }
    const open = shuffled(blocks.filter((block) => !certified.has(block)));
    if (open.length > blocks.length / 2 && !mayReadAll) return { outcome: 'unknown', view: nothing };
    let seen = nothing;
    while (open.length > 0) {
      const looks = await pMap(open.splice(0, blocksAtOnce), async (block) => {
        const range = rangeOf(block, claimable, table.blockSize);
        const view: View = { ranges: [range], seats: await readSeats(table, pool, [range]) };
        const now = clock.now();
        return { block, range, view, held: view.seats.filter((seat) => isHeld(seat, now)), now };
      });
      const found = looks.find(({ range, held }) => mayClaimIn(range, held, holder));
      if (found) return { outcome: 'look', view: found.view };
      for (const { block, view, held, now } of looks) {
        seen = { ranges: [...seen.ranges, ...view.ranges], seats: [...seen.seats, ...view.seats] };
        const unwatched = held.filter(({ watchedAt }) => !isWatched(watchedAt, now));
        const watched = await watchAll(table, pool, unwatched, watching, clock);
        const seats = [...held.filter(({ watchedAt }) => isWatched(watchedAt, now)), ...watched];
        const isWhole = seats.length === held.length;
        const census =
          isWhole && (await certifyBlock(table, pool, block, { asRead: censuses.get(block), seats, from, now }));
        if (census) certified.set(block, census);
      }
    }
    if (certified.size < blocks.length) return { outcome: 'unknown', view: seen };

    const [terms, after] = await Promise.all([readSubscription(table, pool), readCensuses(table, pool)]);
    if (terms?.version !== subscription.version) return { outcome: 'again' };
    const now = clock.now();
    const standing = [...certified.values()].flatMap(({ block, epoch }) => {
      const census = after.get(block);
      const isGood = certifies(census, claimable, now, table.blockSize) && census.epoch === epoch;
      return isGood && !mayHaveClaimOf(census, holder) ? [census] : [];
    });
    if (standing.length === blocks.length)
      return { outcome: 'full', nextFreeAt: Math.min(...standing.map(({ nextFreeAt }) => nextFreeAt)) };
    await clock.pause(jitter(passes));
  }
  return { outcome: 'unknown', view: nothing };
};

/** Returns whether a range of numbers has a free one, or a claim of the holder, by the seats of it that are held. */
const mayClaimIn = ({ first, last }: Range, held: readonly HeldSeat[], holder: Holder): boolean =>
  held.length <= last - first || held.some(({ hold }) => hold.holder === holder);

/** How many seats a request may still watch, until when (epoch ms), and whether it has the reservation, if it needed one. */
interface Watching {
  left: number;
  until: number;
  isReserved?: boolean;
}

/** Watches seats, as many as the request may. Returns those whose claims still stand. */
const watchAll = async (
  table: Table,
  pool: Pool,
  seats: readonly HeldSeat[],
  watching: Watching,
  clock: Clock,
): Promise<HeldSeat[]> => {
  if (seats.length > fewWatches) {
    const { until } = watching;
    watching.isReserved ??= await reserveWatching(table, pool, { now: clock.now(), until });
    if (!watching.isReserved) return [];
  }
  const watched = await pMap(
    seats.slice(0, watching.left),
    (seat) => (clock.now() < watching.until ? watchSeat(table, pool, seatClaim(seat), clock.now()) : undefined),
    { concurrency: watchesAtOnce },
  );
  watching.left -= watched.length;
  return watched.filter((seat) => seat !== undefined);
};

/**
 * Certifies a block of watched seats as full.
 *
 * @param options.asRead the census, read before the seats
 * @param options.seats every number of the block, held
 * @param options.from when the request began to read, epoch ms
 * @returns undefined if a claim of the block ended meanwhile, or ends soon
 */
const certifyBlock = async (
  table: Table,
  pool: Pool,
  block: number,
  { asRead, seats, from, now }: { asRead: Census | undefined; seats: readonly HeldSeat[]; from: number; now: number },
): Promise<Census | undefined> => {
  // A session's second claim is about to be given back.
  if (hasFreshDouble(poolReadOf(seats, now))) return undefined;
  const nextFreeAt = Math.min(...seats.map(({ hold }) => hold.availableAt));
  const until = fullUntil(nextFreeAt, from);
  if (until <= now) return undefined;
  const upTo = Math.max(...seats.map(({ number }) => number));
  const unconfirmed = unconfirmedOf(seats, now);
  return certify(table, pool, asRead, { block, fullUntil: until, upTo, nextFreeAt, unconfirmed });
};
