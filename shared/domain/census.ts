import { type HeldSeat, type Holder, hash32, holderKind } from './seat.ts';
import type { Range } from './seat-view.ts';
import type { Subscription } from './subscription.ts';

/**
 * The census of one block of a large pool's seats. Until `fullUntil` it certifies that none of the block's numbers up to `upTo`
 * is free, so a refusal need not read their seats. `docs/decisions/0041-a-large-pool-refuses-by-census.md` has the order of reads
 * and writes. Times are epoch ms.
 */
export interface Census {
  block: number;
  /** Grows with each end of a claim of the block, and with nothing else. */
  epoch: number;
  /** 0: the block has no certificate. */
  fullUntil: number;
  upTo: number;
  /** The earliest end of the certified holds; `noExpiry` if none has an end. */
  nextFreeAt: number;
  /** The hashes, 3 bytes each, of holders whose requests may still look for their own claims. */
  unconfirmed: Uint8Array;
}

/** The seats of one block. A pool of one block has no census. */
export const blockSize = 1024;

/** Returns the number of a seat's block, from 1 on. */
export const blockOf = (number: number, size = blockSize): number => Math.ceil(number / size);

/** Returns the numbers of a block that can be claimed. */
export const rangeOf = (block: number, claimable: number, size = blockSize): Range => ({
  first: (block - 1) * size + 1,
  last: Math.min(block * size, claimable),
});

/** Returns the blocks of the numbers that can be claimed. */
export const blocksOf = (claimable: number, size?: number): number[] =>
  Array.from({ length: blockOf(claimable, size) }, (_, index) => index + 1);

/** How far the clock of a function may be wrong, ms. An error beyond it can refuse for so much longer than it should. */
const clockErrorMs = 5_000;
/** The longest time from a request's look at the clock to its write, ms: a function's time limit on AWS. */
const writeMs = 10_000;

/** The shortest lease on which certificates rely, ms. A hold that ends sooner dissolves the certificate of its block. */
export const shortestLeaseMs = 60_000;

/**
 * The longest life of a certificate, ms. A claim leaves its census alone. So if a release died after it freed its seat, and
 * another session claimed that seat, the certificate must end before that session's lease can.
 */
export const certificateMs = 30_000;
if (certificateMs > shortestLeaseMs - 3 * clockErrorMs - writeMs) throw new Error('A certificate outlives a lease.');

/** Returns whether the pool's seats may be certified: it has several blocks, all of it can be claimed, and its leases are long. */
export const mayCertify = (
  { quota, claimable, leaseSeconds }: Pick<Subscription, 'quota' | 'claimable' | 'leaseSeconds'>,
  size = blockSize,
): boolean => claimable > size && claimable === quota && leaseSeconds * 1000 >= shortestLeaseMs;

/** Returns until when a block of held seats that a request began to read at `from` is full, epoch ms. */
export const fullUntil = (nextFreeAt: number, from: number): number =>
  Math.min(nextFreeAt - clockErrorMs, from + certificateMs);

/** Returns whether a census certifies at `now` that no number of its block up to `claimable` is free. */
export const certifies = (
  census: Census | undefined,
  claimable: number,
  now: number,
  size?: number,
): census is Census =>
  census !== undefined && census.fullUntil > now && census.upTo >= rangeOf(census.block, claimable, size).last;

/** For how long a watched seat serves new certificates, ms, and after how long its next claim ends the watch, ms. */
const watchMs = 23 * 3_600_000;
const unwatchMs = 24 * 3_600_000;

/** Returns whether a new certificate may rely on the watch of a seat. */
export const isWatched = (watchedAt: number | undefined, now: number): boolean =>
  watchedAt !== undefined && now - watchedAt < watchMs;

/** Returns whether no certificate relies on the watch of a seat any more. */
export const isWatchOver = (watchedAt: number | undefined, now: number): boolean =>
  watchedAt !== undefined && now - watchedAt >= unwatchMs;

/** For how long a request may come back to what a crash left of its claim, ms. After that it waits for a sweep to close it. */
const comesBackMs = 120_000;

/** Returns whether a claim may be a crash's leftover: no heartbeat has come, which takes the fence from the answer. */
const isUnconfirmed = ({ hold }: HeldSeat, now: number) =>
  holderKind(hold.holder) === 'session' && hold.renewedAt === hold.claimedAt && now - hold.claimedAt < comesBackMs;

const hashBytes = 3;
const hashOf = (holder: Holder) => hash32(holder) >>> 8;

/** Returns the hashes of the holders whose claims may not be on record. */
export const unconfirmedOf = (seats: readonly HeldSeat[], now: number): Uint8Array => {
  const holders = seats.filter((seat) => isUnconfirmed(seat, now)).map(({ hold }) => hold.holder);
  const hashes = Buffer.alloc(holders.length * hashBytes);
  for (const [index, holder] of holders.entries()) hashes.writeUIntBE(hashOf(holder), index * hashBytes, hashBytes);
  return hashes;
};

/** Returns whether a block may have a claim of this holder that its request must see. */
export const mayHaveClaimOf = ({ unconfirmed }: Census, holder: Holder): boolean => {
  const hashes = Buffer.from(unconfirmed);
  const wanted = hashOf(holder);
  for (let at = 0; at < hashes.length; at += hashBytes) if (hashes.readUIntBE(at, hashBytes) === wanted) return true;
  return false;
};
