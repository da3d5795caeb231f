import { inBatches } from './batches.ts';
import { dueShards, type Position } from './keys.ts';

/** Where a run of the schedule stops. */
export interface Bounds {
  /** At most about this many items, an equal share of them in each shard. */
  most: number;
  /** Stop as soon as this says true: the time is nearly over. */
  until: () => boolean;
}

export interface RunReport<Found> {
  settled: number;
  failed: { due: Found; error: unknown }[];
  /** Whether it stopped at its bound: the next run carries on. */
  more: boolean;
}

interface Work<Found> {
  /** A page of what a shard has, oldest first. */
  read: (
    shard: number,
    options: { limit: number; after?: Position },
  ) => Promise<{ found: Found[]; next?: Position | undefined }>;
  /** Deals with one, and takes it out of the shard; or with a part of it, where the time was over before. */
  deal: (found: Found) => Promise<'done' | 'left'>;
}

/**
 * Deals with what lies in the shards, oldest first in each and all of them at once, until there is nothing left or a bound
 * is reached. One that fails stays for the next run and holds up no other.
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
  { read, deal }: Work<Found>,
): Promise<RunReport<Found>> => {
  const report: RunReport<Found> = { settled: 0, failed: [], more: false };
  let after: Position | undefined;
  do {
    if (report.settled >= share || until()) return { ...report, more: true };
    const page = await read(shard, { limit: Math.min(50, share), after });
    await inBatches(5, page.found, async (due) => {
      try {
        if ((await deal(due)) === 'done') report.settled++;
        else report.more = true;
      } catch (error) {
        report.failed.push({ due, error });
      }
    });
    after = page.next;
  } while (after);
  return report;
};
