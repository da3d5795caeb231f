import pMap from 'p-map';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { License } from '../../domain/license.ts';
import { type ClaimName, isBlocked, type Machine } from '../../domain/machine.ts';
import { type HeldSeat, holderKind } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { readLicenses } from '../items/licenses.ts';
import { readSeats } from '../items/read-seats.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { forceUseEnd } from './ended-uses.ts';
import { forceEnd } from './force-end.ts';

/** The online holds on a machine, claims in flight included: seats of sessions, and licenses of users. */
export interface MachineHolds {
  sessions: HeldSeat[];
  uses: License[];
}

export const sessionsOn = <S extends { hold?: HeldSeat['hold'] }>(seats: readonly S[], machineId: string) =>
  seats.filter(
    (seat): seat is S & HeldSeat => seat.hold?.machineId === machineId && holderKind(seat.hold.holder) === 'session',
  );

/** Reads the licenses of users that are in use on a machine. */
export const usesOn = async (table: Table, pool: Pool, machineId: string): Promise<License[]> =>
  (await readLicenses(table, pool)).filter(({ inUse }) => inUse?.machineId === machineId);

const nameOfUse = ({ number, inUse }: License): ClaimName => ({ number, fence: inUse?.fence ?? 0 });

export const claimsOf = ({ sessions, uses }: MachineHolds): ClaimName[] => [
  ...sessions.map(({ number, fence }) => ({ number, fence })),
  ...uses.map(nameOfUse),
];

/** Ends these holds of a machine, recorded or not. */
export const endMachineHolds = async (
  table: Table,
  pool: Pool,
  { sessions, uses }: MachineHolds,
  { reason, now }: { reason: EndedReason; now: number },
): Promise<void> => {
  await pMap(sessions, (seat) => forceEnd(table, pool, seat, { reason, now }), { concurrency: 10 });
  await pMap(uses, (license) => forceUseEnd(table, pool, license, { reason, at: now }), { concurrency: 10 });
};

/** How much clocks may differ, ms. */
const skewMs = 60_000;

/**
 * Ends the holds on a machine that its removal left. A session that began there since is a new decision, and goes on: names
 * identify the earlier claims, whatever clocks say. While the machine is blocked no session can begin there, so this ends all
 * holds, even one claimed between the removal's listing and its record.
 *
 * @param removed.blockedUntil from the machine's current record, epoch ms
 */
export const finishRemoval = async (
  table: Table,
  pool: Pool,
  { machineId, ran = [], blockedUntil }: Pick<Machine, 'machineId' | 'ran' | 'blockedUntil'>,
  now: number,
): Promise<void> => {
  const blocked = isBlocked({ blockedUntil }, now + skewMs);
  if (ran.length === 0 && !blocked) return;
  const text = ({ number, fence }: ClaimName) => `${number}#${fence}`;
  const before = new Set(ran.map(text));
  const [seats, uses] = await Promise.all([readSeats(table, pool, [everySeat]), usesOn(table, pool, machineId)]);
  const left = {
    sessions: sessionsOn(seats, machineId).filter((seat) => blocked || before.has(text(seat))),
    uses: uses.filter((license) => blocked || before.has(text(nameOfUse(license)))),
  };
  await endMachineHolds(table, pool, left, { reason: 'machine-removed', now });
};
