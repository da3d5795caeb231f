import { holderKind, type Seat } from '../../domain/seat.ts';
import { closeLapsedSeats } from '../items/seats.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** A machine to which an offline license is bound, or is being bound, until `until` (epoch ms). */
export interface BoundMachine {
  machineId: string;
  until: number;
}

/**
 * Finds an offline license on one of these machines; a license that is being issued counts. A lapsed claim is closed, since
 * a repetition of its request could still issue it.
 *
 * @param seats every seat of the pool, as read just now
 * @param now epoch ms
 */
export const findOfflineMachine = async (
  table: Table,
  pool: Pool,
  { seats, machineIds, now }: { seats: readonly Seat[]; machineIds: ReadonlySet<string>; now: number },
): Promise<BoundMachine | undefined> => {
  const bound = seats.filter(
    ({ hold }) => hold && holderKind(hold.holder) === 'offline' && machineIds.has(hold.machineId ?? ''),
  );
  const { held } = await closeLapsedSeats(table, pool, bound, now, bound.length);
  return held[0] && { machineId: held[0].hold.machineId ?? '', until: held[0].hold.availableAt };
};
