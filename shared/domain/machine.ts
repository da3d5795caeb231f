import type * as z from 'zod';
import type { LicenseType } from '../contracts/schemas/subscription.ts';
import { type HolderRecord, isRecordOf } from './holder-record.ts';
import { type Claim, type HeldSeat, isHeld, isLapsed, type Seat } from './seat.ts';

type TypeOfLicense = z.infer<typeof LicenseType>;

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
  /** The name of the last write that noted a use of the machine. */
  touchId?: string;
  /** Until when it may not be used again, epoch ms. */
  blockedUntil?: number;
  /** The claims that ran on the machine at its removal: a later check ends those that are left. */
  ran?: readonly ClaimName[];
  /** Which machine gets its slot, once its only session has moved there: `shared/table/machines/slot-handover.ts`. */
  heir?: SlotRecipient;
}

/** The permanent name of a claim of a seat, or of a use of a license. */
export type ClaimName = Pick<Claim, 'number' | 'fence'>;

/** Whether a machine's slot is to go to another machine. */
export const hasSlotRecipient = (machine: Machine | undefined): machine is Machine & { heir: SlotRecipient } =>
  machine?.heir !== undefined;

/** The machine that inherits a slot, and the move of a session on which that depends. */
export interface SlotRecipient {
  machineId: string;
  userId: string;
  sessionId: string;
  /** The seat that the session has before the move. */
  number: number;
  fence: number;
  moveId: string;
}

/**
 * Whether a machine that nobody uses now stays registered: where it is a named user's. One that only an offline license
 * used is so until that has expired.
 */
const isKept = ({ status, userId }: Machine, licenseType: TypeOfLicense): boolean =>
  status === 'active' && licenseType === 'per-user' && userId !== '';

/**
 * Whether a slot stands for nothing, once no seat is held on its machine.
 *
 * @param machine its machine's record
 * @param claimLimitMs for how long a claim may go without a record
 */
export const isIdleSlot = (
  slot: HeldSeat,
  machine: Machine | undefined,
  { licenseType, now, claimLimitMs }: { licenseType: TypeOfLicense; now: number; claimLimitMs: number },
): boolean =>
  machine && isRecordOf(machine, slot) ? !isKept(machine, licenseType) : now - slot.hold.claimedAt >= claimLimitMs;

/**
 * The machines that are registered: while they are used and, where licenses belong to users, until they are removed.
 *
 * @param machines their records
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
            (machine) => isKept(machine, licenseType) || (machine.status === 'active' && inUse.has(machine.machineId)),
          )
          .map(({ machineId }) => machineId),
      );

/** Whether a machine was deactivated for a time that is not over. */
export const isBlocked = (
  machine: Pick<Machine, 'blockedUntil'> | undefined,
  now: number,
): machine is { blockedUntil: number } => machine?.blockedUntil !== undefined && machine.blockedUntil > now;

/** What the seats of a pool say of machines. */
export interface MachineUse {
  /** The machines with a session, an offline license, or a claim in flight. */
  inUse: ReadonlySet<string>;
  /** The lapsed holds, by machine. Until a lapsed hold is closed, a heartbeat can revive it. */
  lapsed: ReadonlyMap<string, readonly HeldSeat[]>;
}

/** Returns the machines in use, from all the seats of a pool and, where licenses belong to users, their uses. */
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

/** The machines that a seat is used on, or about to be. */
const machinesOf = ({ hold }: Seat): string[] =>
  [hold?.machineId, hold?.movingTo].filter((machineId) => machineId !== undefined);
