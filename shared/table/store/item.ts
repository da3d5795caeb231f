import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { Actor } from '../../domain/accounts/actor.ts';
import type { Hold, Seat } from '../../domain/seat.ts';
import { type Key, type KeyRange, kindOfItem, organizationOfEntry, poolOfItem } from './keys.ts';

/** A stored item: the attributes of its type, its key, and the actor and perhaps the time of its last write. */
export type Item = Record<string, unknown>;

/**
 * Parses a stored item: without its key, and without the actor and time of its last write. Only this file casts items to types: this service wrote each item
 * under the same type.
 *
 * @param _of the item's key, or a range of the item: gives the type
 */
export const parse = <T>(_of: Key<T> | KeyRange<T>, item: Item): T => {
  const { pk: _, sk: __, actor: ___, writtenAt: ____, ...attributes } = item;
  const parser = parsers[kindOfItem(item)];
  return (parser ? parser(item, attributes) : attributes) as T;
};

export type ItemsOf<K extends Record<string, Key>> = {
  [N in keyof K]: K[N] extends Key<infer T> ? T | undefined : never;
};

export const namedItems = <K extends Record<string, Key>>(
  wanted: K,
  found: { get: <T>(key: Key<T>) => T | undefined },
): ItemsOf<K> => Object.fromEntries(Object.entries(wanted).map(([name, key]) => [name, found.get(key)])) as ItemsOf<K>;

/** Returns the actor of the last write of a stored item. */
export const lastActorOf = ({ actor }: Item): Actor => actor as Actor;

const numberIn = (sk: string) => Number(sk.slice(sk.indexOf('#') + 1));

/** Parses a seat or a slot. */
const seatOf = ({ sk, fence, lastFence, lastEnd, lastReason, watchedAt, ...stored }: SeatItem): Seat => {
  const number = numberIn(sk);
  const last = lastFence !== undefined &&
    lastEnd !== undefined && { last: { fence: lastFence, end: lastEnd, reason: lastReason } };
  const { holder, userId, machineId, hostname, keyId, movingTo, moveId, marks } = stored;
  const { claimId, claimedAt, movedAt, renewedAt, availableAt, leaseMs } = stored;
  const watch = watchedAt !== undefined && { watchedAt };
  if (holder === undefined) return { number, fence, ...last, ...watch };
  return {
    number,
    fence,
    ...last,
    ...watch,
    hold: {
      holder,
      userId,
      machineId,
      hostname,
      keyId,
      movingTo,
      moveId,
      marks,
      claimId,
      claimedAt,
      movedAt,
      renewedAt,
      availableAt,
      leaseMs,
    },
  };
};

/** A stored seat: its key has its number, and its hold has no attribute of its own. */
interface SeatItem extends Hold {
  sk: string;
  fence: number;
  lastFence?: number;
  lastEnd?: number;
  lastReason?: EndedReason;
  watchedAt?: number;
}

type Parser = (item: Item, attributes: Item) => unknown;
const seat: Parser = (item) => seatOf(item as unknown as SeatItem);
/** A census: its key has its block. */
const census: Parser = ({ sk }, attributes) => ({
  upTo: 0,
  unconfirmed: new Uint8Array(),
  ...attributes,
  block: numberIn(String(sk)),
});
/**
 * A subscription. One in blocks has its quota, `claimable` and version under other names: `storedSubscription`.
 */
const subscription: Parser = (_, { blockQuota, blockClaimable, blockVersion, ...attributes }) =>
  blockVersion === undefined
    ? attributes
    : { ...attributes, quota: blockQuota, claimable: blockClaimable, version: blockVersion };
const entry: Parser = (item, attributes) => ({ ...attributes, organizationId: organizationOfEntry(item) });

/** By kind: the parsers of items whose keys hold a part of them, or whose stored form differs. */
const parsers: Readonly<Record<string, Parser>> = {
  SEAT: seat,
  SLOT: seat,
  CENSUS: census,
  SUB: subscription,
  ORG: (item, attributes) => ({ ...attributes, id: poolOfItem(item).organizationId }),
  LISTED: entry,
  MEMBERSHIP: entry,
};
