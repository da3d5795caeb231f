import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { Actor } from '../../domain/accounts/actor.ts';
import type { Hold, Seat } from '../../domain/seat.ts';
import { type Key, type KeyRange, kindOfItem, organizationOfEntry, poolOfItem } from './keys.ts';

/** An item as it is stored: the attributes of its type, its key, and the actor of its last write. */
export type Item = Record<string, unknown>;

/**
 * Parses an item as it is stored: without its key and its last actor. The types of the keys are casts, and this is the only
 * place of them: what is stored was written by this service, under the same types.
 *
 * @param _of the item's key, or a range that it lies in: the item is of their type
 */
export const parse = <T>(_of: Key<T> | KeyRange<T>, item: Item): T => {
  const { pk: _, sk: __, actor: ___, ...attributes } = item;
  const parser = parsers[kindOfItem(item)];
  return (parser ? parser(item, attributes) : attributes) as T;
};

/** The items of some keys, by the same names. */
export type ItemsOf<K extends Record<string, Key>> = {
  [N in keyof K]: K[N] extends Key<infer T> ? T | undefined : never;
};

/** Returns the items of named keys. */
export const namedItems = <K extends Record<string, Key>>(
  wanted: K,
  found: { get: <T>(key: Key<T>) => T | undefined },
): ItemsOf<K> => Object.fromEntries(Object.entries(wanted).map(([name, key]) => [name, found.get(key)])) as ItemsOf<K>;

/** Returns the actor of the last write of a stored item. */
export const actorOf = ({ actor }: Item): Actor => actor as Actor;

/** The seat, or slot, that an item is. */
const seatOf = ({ sk, fence, lastFence, lastEnd, lastReason, ...stored }: SeatItem): Seat => {
  const number = Number(sk.slice(sk.indexOf('#') + 1));
  const last = lastFence !== undefined &&
    lastEnd !== undefined && { last: { fence: lastFence, end: lastEnd, reason: lastReason } };
  const { holder, userId, machineId, hostname, keyId, movingTo, moveId, marks } = stored;
  const { claimId, claimedAt, renewedAt, availableAt, leaseMs } = stored;
  if (holder === undefined) return { number, fence, ...last };
  return {
    number,
    fence,
    ...last,
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
      renewedAt,
      availableAt,
      leaseMs,
    },
  };
};

/** A seat as it is stored: its number is in its key, and its hold lies beside its fence. */
interface SeatItem extends Hold {
  sk: string;
  fence: number;
  lastFence?: number;
  lastEnd?: number;
  lastReason?: EndedReason;
}

type Parser = (item: Item, attributes: Item) => unknown;
const seat: Parser = (item) => seatOf(item as unknown as SeatItem);
const entry: Parser = (item, attributes) => ({ ...attributes, organizationId: organizationOfEntry(item) });

/** By the beginning of the sort key: the items whose keys hold a part of them, or whose stored form is another. */
const parsers: Readonly<Record<string, Parser>> = {
  SEAT: seat,
  SLOT: seat,
  ORG: (item, attributes) => ({ ...attributes, id: poolOfItem(item).organizationId }),
  LISTED: entry,
  MEMBERSHIP: entry,
};
