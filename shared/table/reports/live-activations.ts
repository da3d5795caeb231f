import pMap from 'p-map';
import { type HistorySession, historySessionOf } from '../../domain/history/session-history.ts';
import { isRecordOf } from '../../domain/holder-record.ts';
import { licenseUses } from '../../domain/license.ts';
import { type HeldSeat, hasHolder, holderId, holderKind } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { readSeats } from '../items/read-seats.ts';
import { keys, type Pool, ranges } from '../store/keys.ts';
import { readAll, readItems, type Table } from '../store/table.ts';

/** A session's claim of a seat, or of a license. Its lease may have ended. */
export interface LiveClaim {
  sessionId: string;
  fence: number;
  number: number;
  userId: string;
  machineId?: string | undefined;
  /** When the session got its seat, or moved to its machine, epoch ms. */
  startedAt: number;
}

const claimOf = ({ number, fence, hold }: HeldSeat): LiveClaim => ({
  sessionId: holderId(hold.holder),
  fence,
  number,
  userId: hold.userId,
  machineId: hold.machineId,
  startedAt: hold.movedAt ?? hold.claimedAt,
});

const eventually = { consistent: false };

/**
 * Reads the claims that a pool's sessions have, and got before a time (epoch ms), eventually consistent. Read these before the
 * ended activations: one that ends meanwhile is then on one of the lists, or the stream function has not told its end yet.
 */
export const readLiveClaims = async (table: Table, pool: Pool, to: number): Promise<LiveClaim[]> => {
  const [seats, licenses] = await Promise.all([
    readSeats(table, pool, [everySeat], eventually),
    readAll(table, ranges.licenses(pool), eventually),
  ]);
  return [...seats.filter(hasHolder), ...licenseUses(licenses)]
    .filter(({ hold }) => holderKind(hold.holder) === 'session')
    .map(claimOf)
    .filter(({ startedAt }) => startedAt < to);
};

/** How many records a request reads, and how many requests run at once. */
const recordsPerRead = 100;
const readsAtOnce = 8;

/**
 * Returns the activations of these claims, as the sessions' records tell them: with its end if one has ended since. Leaves out a
 * claim that is not on record. A session that is about to get another claim still has the one on record.
 */
export const activationsOf = async (
  table: Table,
  pool: Pool,
  claims: readonly LiveClaim[],
): Promise<HistorySession[]> => {
  const batches = Array.from({ length: Math.ceil(claims.length / recordsPerRead) }, (_, at) =>
    claims.slice(at * recordsPerRead, (at + 1) * recordsPerRead),
  );
  const read = await pMap(
    batches,
    async (batch) => {
      const recordOf = ({ sessionId }: LiveClaim) => keys.session(pool, sessionId);
      const records = await readItems(table, batch.map(recordOf), eventually);
      return batch.flatMap((claim) => {
        const record = records.get(recordOf(claim));
        return record && (record.status === 'active' || isRecordOf(record, claim))
          ? (historySessionOf(record) ?? [])
          : [];
      });
    },
    { concurrency: readsAtOnce },
  );
  return read.flat();
};
