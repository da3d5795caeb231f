import type { Charge } from './table/memory-table.ts';

/** What one partition of DynamoDB serves a second. */
const perSecond = { read: 3000, write: 1000 };

interface Partition {
  /** Its lowest key. */
  from: string;
  left: { read: number; write: number };
  filledAt: number;
  /** Since when it has throttled again and again, ms. */
  hotSince: number | undefined;
  throttledAt: number;
  /** Some keys that were used lately. */
  recent: string[];
}

/** Returns a hash of a partition key, as the beginning of a key of the table: 8 hexadecimal digits. */
const hashOf = (pk: string): string => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < pk.length; index++) hash = Math.imul(hash ^ pk.charCodeAt(index), 0x01000193);
  // FNV-1a alone spreads similar keys badly.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
};

const textOf = ({ pk, sk }: { pk: string; sk: string }) => `${hashOf(pk)}|${pk}|${sk}`;

/** How long throttling must go on before a partition splits, and the longest pause in it, ms. */
const splitAfterMs = 180_000;
const coolAfterMs = 1000;
const sampled = 64;

/**
 * The partitions of a table on demand: each serves 1,000 write units and 3,000 read units a second, and nothing in advance. A
 * partition that throttles for three minutes splits in the middle of its load, between two items.
 */
export class Partitions {
  private readonly partitions: Partition[];
  private readonly now: () => number;
  splits = 0;

  /**
   * @param count the partitions of the table, by the hash of the partition key
   */
  constructor(now: () => number, count: number) {
    this.now = now;
    const step = 2 ** 32 / count;
    const hashes = Array.from({ length: count }, (_, index) =>
      Math.floor(index * step)
        .toString(16)
        .padStart(8, '0'),
    );
    this.partitions = ['', ...hashes.slice(1)].map((from) => this.partition(from));
  }

  private partition(from: string): Partition {
    return { from, left: { ...perSecond }, filledAt: this.now(), hotSince: undefined, throttledAt: 0, recent: [] };
  }

  get count(): number {
    return this.partitions.length;
  }

  private placeOf(text: string): number {
    let [low, high] = [0, this.partitions.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.partitions[middle] as Partition).from <= text) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private fill(partition: Partition): void {
    const seconds = (this.now() - partition.filledAt) / 1000;
    const { left } = partition;
    left.read = Math.min(perSecond.read, left.read + perSecond.read * seconds);
    left.write = Math.min(perSecond.write, left.write + perSecond.write * seconds);
    partition.filledAt = this.now();
  }

  /** Returns whether the partition of a key serves a request now; otherwise it throttles. */
  admits(key: { pk: string; sk: string }, kind: Charge['kind']): boolean {
    const text = textOf(key);
    const place = this.placeOf(text);
    const partition = this.partitions[place] as Partition;
    this.fill(partition);
    if (partition.left[kind] > 0) return true;
    const now = this.now();
    if (now - partition.throttledAt > coolAfterMs) partition.hotSince = now;
    partition.throttledAt = now;
    partition.recent.push(text);
    if (partition.recent.length > sampled) partition.recent.shift();
    if (now - (partition.hotSince ?? now) >= splitAfterMs) this.split(place, partition);
    return false;
  }

  /** Takes the cost of a request from the partition that served it. */
  charge({ kind, units, ...key }: Charge): void {
    const partition = this.partitions[this.placeOf(textOf(key))] as Partition;
    this.fill(partition);
    partition.left[kind] -= units;
  }

  private split(place: number, partition: Partition): void {
    partition.hotSince = undefined;
    const sorted = partition.recent.toSorted();
    const middle = sorted[sorted.length >>> 1] as string;
    partition.recent = [];
    // All load is on one item: no split helps.
    if (middle === sorted[0]) return;
    this.partitions.splice(place + 1, 0, this.partition(middle));
    this.splits++;
  }
}
