import type * as z from 'zod';
import type { LicenseType } from '../contracts/schemas/subscription.ts';
import { type HolderRecord, isRecordOf } from './holder-record.ts';
import { type Claim, type HeldSeat, isHeld, isLapsed, type Seat } from './seat.ts';

type TypeOfLicense = z.infer<typeof LicenseType>;

/** The record of a machine. An active record means that the machine is registered and holds a slot. */
export interface Machine extends HolderRecord {
  status: 'active' | 'ended';
  machineId: string;
  /** The user who last used the machine; empty if only an offline license has used it. */
  userId: string;
  /** The host name that a session on the machine gave last; kept for per-user licenses. */
  hostname?: string;
  /** Epoch ms. */
  registeredAt: number;
  /** When a license was last activated on the machine, epoch ms. */
  lastSeenAt: number;
  /** Identifies the last write that recorded a use of the machine. */
  touchId?: string;
  /** Until when the machine may not be used, epoch ms. */
  blockedUntil?: number;
  /** The claims on the machine when it was removed. A later check ends those that still run. */
  ran?: readonly ClaimName[];
  /** The machine that gets the slot once the only session has moved there: `shared/table/machines/slot-handover.ts`. */
  heir?: SlotRecipient;
}

/** Identifies a claim of a seat, or a use of a license, for ever. */
export type ClaimName = Pick<Claim, 'number' | 'fence'>;

/** Returns whether another machine is to get this machine's slot. */
export const hasSlotRecipient = (machine: Machine | undefined): machine is Machine & { heir: SlotRecipient } =>
  machine?.heir !== undefined;

/** The machine that takes over a slot, and the session move on which that depends. */
export interface SlotRecipient {
  machineId: string;
  userId: string;
  sessionId: string;
  /** The session's claim before the move. */
  number: number;
  fence: number;
  moveId: string;
}

/**
 * Returns whether a machine stays registered while it is not in use: true for a named user's machine. A machine that only
 * an offline license has used is registered until that license expires.
 */
const staysRegistered = ({ status, userId }: Machine, licenseType: TypeOfLicense): boolean =>
  status === 'active' && licenseType === 'per-user' && userId !== '';

/**
 * Returns whether a slot is free to take over, given that no seat is held on its machine.
 *
 * @param machine the record of the slot's machine
 * @param options.claimLimitMs how long a claim may be without a record, ms
 */
export const isIdleSlot = (
  slot: HeldSeat,
  machine: Machine | undefined,
  { licenseType, now, claimLimitMs }: { licenseType: TypeOfLicense; now: number; claimLimitMs: number },
): boolean =>
  machine && isRecordOf(machine, slot)
    ? !staysRegistered(machine, licenseType)
    : now - slot.hold.claimedAt >= claimLimitMs;

/**
 * Returns the IDs of the registered machines. Floating: the machines in use. Per user: also machines that were used and not
 * removed since.
 *
 * @param options.machines the machine records of the pool
 * @param options.inUse the IDs of the machines in use
 */
export const registeredMachines = (
  licenseType: TypeOfLicense,
  { machines, inUse }: { machines: readonly Machine[]; inUse: ReadonlySet<string> },
): ReadonlySet<string> =>
  licenseType === 'floating'
    ? inUse
    : new Set(
        machines
          .filter(
            (machine) =>
              staysRegistered(machine, licenseType) || (machine.status === 'active' && inUse.has(machine.machineId)),
          )
          .map(({ machineId }) => machineId),
      );

/** Returns whether a machine is blocked at `now` (epoch ms). */
export const isBlocked = (
  machine: Pick<Machine, 'blockedUntil'> | undefined,
  now: number,
): machine is { blockedUntil: number } => machine?.blockedUntil !== undefined && machine.blockedUntil > now;

/** The use of machines, as the seats of a pool show it. */
export interface MachineUse {
  /** The machines with a session, an offline license, or a claim in flight. */
  inUse: ReadonlySet<string>;
  /** The lapsed holds, by machine. Until a lapsed hold is closed, a heartbeat can revive it. */
  lapsed: ReadonlyMap<string, readonly HeldSeat[]>;
}

/**
 * Returns the use of machines.
 *
 * @param seats all seats of a pool; per user, also the uses of licenses (`licenseUses`)
 */
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

/** Returns the machine that a seat is used on, and the machine that its session is about to move to. */
const machinesOf = ({ hold }: Seat): string[] =>
  [hold?.machineId, hold?.movingTo].filter((machineId) => machineId !== undefined);
