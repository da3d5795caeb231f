import type { HolderRecord } from './record.ts';
import { type HeldSeat, isHeld, isLapsed, type Seat } from './seat.ts';

/** The record of a machine. While it is active the machine is registered: it holds a slot. */
export interface Machine extends HolderRecord {
  status: 'active' | 'ended';
  machineId: string;
  /** Who used it last; empty while only an offline license did. */
  userId: string;
  /** Epoch ms. */
  registeredAt: number;
  /** Epoch ms: when a license was last activated on it. */
  lastSeenAt: number;
  /** Until when it may not be used again, epoch ms. */
  blockedUntil?: number;
}

/** Whether a machine was deactivated for a time that is not over. */
export const isBlocked = (
  machine: Pick<Machine, 'blockedUntil'> | undefined,
  now: number,
): machine is { blockedUntil: number } => machine?.blockedUntil !== undefined && machine.blockedUntil > now;

/** What the seats of a pool say of machines. */
export interface MachineUse {
  /** Those on which a seat is held: by a session, an offline license, or a claim in flight. */
  inUse: ReadonlySet<string>;
  /** Seats whose lease has ended, by machine: each could be revived until it is closed. */
  lapsed: ReadonlyMap<string, readonly HeldSeat[]>;
}

/** Which machines are used, by all the seats of a pool. */
export const machineUse = (seats: readonly Seat[], now: number): MachineUse => {
  const inUse = new Set<string>();
  const lapsed = new Map<string, HeldSeat[]>();
  for (const seat of seats)
    for (const machineId of machinesOf(seat)) {
      if (isHeld(seat, now)) inUse.add(machineId);
      if (isLapsed(seat, now)) lapsed.set(machineId, [...(lapsed.get(machineId) ?? []), seat]);
    }
  return { inUse, lapsed };
};

/** The machines that a seat is used on. */
const machinesOf = ({ hold }: Seat): string[] => (hold?.machineId === undefined ? [] : [hold.machineId]);
