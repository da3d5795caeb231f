import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { readLicenses } from '../items/licenses.ts';
import { readSeats } from '../items/read-seats.ts';
import { dropMoves, isMoving } from '../items/seat-moves.ts';
import { resolveLicense } from '../licensed-users/pending-licenses.ts';
import type { BeginAgain } from '../store/retry.ts';
import type { Table } from '../store/table.ts';

/** How often an issue reads the licenses before it begins again. */
const mostReads = 3;

/**
 * Settles the transfers that concern a machine for which an offline license is being issued. The issue does this after its
 * claim and before its record; a transfer looks for offline claims after its mark, or intent, and before its commit. So
 * one of the two sees the other: a transfer that marks later finds the claim.
 *
 * This drops a move of a session from or to the machine, unless it was made before. If licenses belong to users, this
 * settles every transfer under way: its user may have just begun to use the machine.
 *
 * @param now epoch ms
 * @returns `again` if transfers kept coming
 */
export const settleTransfers = async (
  table: Table,
  subscription: Subscription,
  machineId: string,
  now: number,
): Promise<BeginAgain | undefined> => {
  if (subscription.licenseType === 'floating') {
    const moving = (await readSeats(table, subscription, [everySeat])).filter(isMoving);
    const concerned = moving.filter(({ hold }) => hold.machineId === machineId || hold.movingTo === machineId);
    await dropMoves(table, subscription, concerned);
    return undefined;
  }
  for (let reads = 0; reads < mostReads; reads++) {
    const licenses = await readLicenses(table, subscription);
    const pending = licenses.filter(({ status, from }) => status === 'pending' && from !== undefined);
    if (pending.length === 0) return undefined;
    // An intent that was verified since the read stays pending here: the next round completes its transfer.
    for (const license of pending) await resolveLicense(table, subscription, license, now);
  }
  return { outcome: 'again' };
};
