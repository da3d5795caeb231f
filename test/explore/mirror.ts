import { isDeepStrictEqual } from 'node:util';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { followedPartitions, type Key } from '../../shared/table/store/keys.ts';
import type { Item } from '../../shared/table/store/table.ts';
import type { StreamRecord } from '../../shared/table/stream/change.ts';

/** A write that DynamoDB made: the item before and after it. */
export interface Written {
  before: Item | undefined;
  after: Item | undefined;
}

/** An item as it is stored. */
const stored = (item: Item): Item => unmarshall(marshall(item, { removeUndefinedValues: true }));

/**
 * The table as its writes left it, in DynamoDB's order: lets the checks look at every state without a read.
 */
export class Mirror {
  /** The items by partition, then by sort key. */
  private readonly partitions = new Map<string, Map<string, Item>>();
  private changes = 0;

  get = ({ pk, sk }: Key): Item | undefined => this.partitions.get(pk)?.get(sk);

  /** The items of a partition whose sort keys begin so, in their order. */
  under = (pk: string, prefix: string): Item[] =>
    [...(this.partitions.get(pk) ?? [])]
      .filter(([sk]) => sk.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, item]) => item);

  /** Every item. */
  all = (): Item[] => [...this.partitions.values()].flatMap((partition) => [...partition.values()]);

  /** Notes the items that a write left. */
  apply = (left: readonly { key: Key; after: Item | undefined }[]): Written[] =>
    left.map(({ key, after }) => {
      const partition = this.partitions.get(key.pk) ?? new Map<string, Item>();
      this.partitions.set(key.pk, partition);
      const before = partition.get(key.sk);
      const item = after && stored(after);
      if (item) partition.set(key.sk, item);
      else partition.delete(key.sk);
      return { before, after: item };
    });

  /** The change of a write, as the table's stream tells it; undefined if it changed nothing that the stream function follows. */
  changeOf = ({ before, after }: Written, now: number): StreamRecord | undefined => {
    if (!after || isDeepStrictEqual(before, after)) return undefined;
    if (!followedPartitions.some((prefix) => String(after.pk).startsWith(prefix))) return undefined;
    return { id: `change-${++this.changes}`, at: Math.floor(now / 1000) * 1000, before, after };
  };
}
