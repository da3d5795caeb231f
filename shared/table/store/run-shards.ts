import pMap from 'p-map';
import { dueShards, type Page, type PageRequest, type Position } from './keys.ts';

/** The bounds of a run. */
export interface Bounds {
  /** The most items, about: an equal share for each shard. */
  most: number;
  /** Returns true when the time is nearly over: the run stops. */
  until: () => boolean;
}

export interface RunReport<Found> {
  settled: number;
  failed: { due: Found; error: unknown }[];
  /** Whether the run stopped at a bound. The next run continues. */
  more: boolean;
}

interface Work<Found> {
  /** Reads a page of a shard, oldest first. */
  read: (shard: number, options: PageRequest) => Promise<Page<Found>>;
  /** Processes an item and deletes it from its shard. `left`: the time was over before. */
  process: (found: Found) => Promise<'done' | 'left'>;
}

/**
 * Processes the items of all shards at once, oldest first in each, until none is left or a bound is reached. An item that
 * fails stays for the next run and delays no other.
 */
export const inShards = async <Found>({ most, until }: Bounds, work: Work<Found>): Promise<RunReport<Found>> => {
  const share = Math.ceil(most / dueShards);
  const shards = Array.from({ length: dueShards }, (_, shard) => inShard(shard, { share, until }, work));
  const reports = await Promise.all(shards);
  return {
    settled: reports.reduce((sum, { settled }) => sum + settled, 0),
    failed: reports.flatMap(({ failed }) => failed),
    more: reports.some(({ more }) => more),
  };
};

const inShard = async <Found>(
  shard: number,
  { share, until }: { share: number; until: () => boolean },
  { read, process }: Work<Found>,
): Promise<RunReport<Found>> => {
  const report: RunReport<Found> = { settled: 0, failed: [], more: false };
  let after: Position | undefined;
  do {
    if (report.settled >= share || until()) return { ...report, more: true };
    const page = await read(shard, { limit: Math.min(50, share), after });
    await pMap(
      page.items,
      async (due) => {
        try {
          if ((await process(due)) === 'done') report.settled++;
          else report.more = true;
        } catch (error) {
          report.failed.push({ due, error });
        }
      },
      { concurrency: 5 },
    );
    after = page.next;
  } while (after);
  return report;
};
