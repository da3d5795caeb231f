import { type Item, itemSize } from './values.ts';

export interface Key {
  pk: string;
  sk: string;
}

/** An item of a partition, with its size in bytes. */
export interface Stored {
  sk: string;
  item: Item;
  size: number;
}

interface Version {
  item: Item | undefined;
  size: number;
}

/** The item of a key, and its versions that a late read may still see, each with the time until which it was current. */
interface Cell extends Version {
  before: (Version & { until: number })[];
}

/** The items of a partition key, in the order of their sort keys. */
interface Collection {
  sortKeys: string[];
  cells: Map<string, Cell>;
}

/** Returns the place of the first sort key that is not before `sk`. */
const placeOf = (sortKeys: readonly string[], sk: string): number => {
  let [low, high] = [0, sortKeys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sortKeys[middle] as string) < sk) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The stored items, with their recent versions. */
export class Storage {
  private readonly collections = new Map<string, Collection>();
  private readonly now: () => number;
  private readonly keptMs: number;

  /**
   * @param now the time of the database, ms
   * @param keptMs for how long a replaced version stays readable; 0: not at all
   */
  constructor(now: () => number, keptMs: number) {
    this.now = now;
    this.keptMs = keptMs;
  }

  /** Returns an item as it was at a time (default: as it is). */
  read({ pk, sk }: Key, at?: number): Stored | undefined {
    const cell = this.collections.get(pk)?.cells.get(sk);
    return cell && seen(sk, cell, at);
  }

  /** Writes an item in the place of its key; undefined deletes. */
  write({ pk, sk }: Key, item: Item | undefined): void {
    let collection = this.collections.get(pk);
    if (!collection) {
      collection = { sortKeys: [], cells: new Map() };
      this.collections.set(pk, collection);
    }
    const { sortKeys, cells } = collection;
    let cell = cells.get(sk);
    if (!cell) {
      cell = { item: undefined, size: 0, before: [] };
      cells.set(sk, cell);
      sortKeys.splice(placeOf(sortKeys, sk), 0, sk);
    }
    if (this.keptMs > 0) {
      const now = this.now();
      cell.before = cell.before.filter(({ until }) => until > now - this.keptMs);
      cell.before.push({ item: cell.item, size: cell.size, until: now });
    }
    cell.item = item;
    cell.size = item ? itemSize(item) : 0;
    if (item || this.keptMs > 0) return;
    cells.delete(sk);
    sortKeys.splice(placeOf(sortKeys, sk), 1);
  }

  /**
   * Reads the items of a partition in order.
   *
   * @param range.from the lowest sort key, and `to` the highest
   * @param range.after begin after this sort key, in the direction of the read
   */
  *range(
    pk: string,
    { from, to, after, backwards }: { from: string; to: string; after?: string; backwards?: boolean },
    at?: number,
  ): Generator<Stored> {
    const collection = this.collections.get(pk);
    if (!collection) return;
    const { sortKeys, cells } = collection;
    const step = backwards ? -1 : 1;
    let place = backwards ? lastPlace(sortKeys, after ?? to) : placeOf(sortKeys, after ?? from);
    for (; place >= 0 && place < sortKeys.length; place += step) {
      const sk = sortKeys[place] as string;
      if (sk === after) continue;
      if (sk < from || sk > to) return;
      const found = seen(sk, cells.get(sk) as Cell, at);
      if (found) yield found;
    }
  }

  /** Reads all items, by partition key. */
  *all(): Generator<Stored> {
    for (const { sortKeys, cells } of this.collections.values())
      for (const sk of sortKeys) {
        const found = seen(sk, cells.get(sk) as Cell);
        if (found) yield found;
      }
  }
}

/** Returns the place of the last sort key that is not after `sk`. */
const lastPlace = (sortKeys: readonly string[], sk: string): number => {
  const place = placeOf(sortKeys, sk);
  return sortKeys[place] === sk ? place : place - 1;
};

const seen = (sk: string, cell: Cell, at?: number): Stored | undefined => {
  const { item, size } = (at !== undefined && cell.before.find(({ until }) => until > at)) || cell;
  return item && { sk, item, size };
};
