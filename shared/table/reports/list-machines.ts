import { isOnline } from '../../domain/license.ts';
import { registeredMachines } from '../../domain/machine.ts';
import { type HeldSeat, holderId, holderKind, isHeld } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { type Subscription, sessionEnd } from '../../domain/subscription.ts';
import { readLicenses } from '../items/licenses.ts';
import { readAllMachines } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { keys, type Page, type PageRequest, type Pool } from '../store/keys.ts';
import { readItems, type Table } from '../store/table.ts';

/** A registered machine, and its number of licenses in use. Times are epoch ms. */
export interface RegisteredMachine {
  machineId: string;
  registeredAt: number;
  lastSeenAt: number;
  online: number;
  offline: number;
  /** The user of the latest session. */
  userId?: string;
  /** The host name that the latest session gave. */
  hostname?: string;
}

/** A machine with its latest session: the record of that session has the host name. */
interface FoundMachine extends RegisteredMachine {
  sessionId?: string;
}

/**
 * Returns a page of a subscription's registered machines, by machine ID. Each page reads all the seats, as the figures do:
 * seats do not sort by machine. Floating: then reads the records of the latest sessions on the machines of the page.
 */
export const listMachines = async (
  table: Table,
  subscription: Subscription,
  { limit, after, now }: PageRequest & { now: number },
): Promise<Page<RegisteredMachine>> => {
  const all = subscription.licenseType === 'per-user' ? readOfUsers : readOfSeats;
  const positionOf = ({ machineId }: RegisteredMachine) => keys.machine(subscription, machineId);
  const left = (await all(table, subscription, now))
    .filter((machine) => after === undefined || positionOf(machine).sk > after.sk)
    .sort((a, b) => (a.machineId < b.machineId ? -1 : 1));
  const items = await withHostnames(table, subscription, left.slice(0, limit));
  return { items, next: left.length > limit ? positionOf(items.at(-1) as RegisteredMachine) : undefined };
};

const withHostnames = async (
  table: Table,
  pool: Pool,
  machines: readonly FoundMachine[],
): Promise<RegisteredMachine[]> => {
  const recordKey = (sessionId: string) => keys.session(pool, sessionId);
  const sessions = await readItems(
    table,
    machines.flatMap(({ sessionId }) => (sessionId === undefined ? [] : [recordKey(sessionId)])),
    { consistent: false },
  );
  return machines.map(({ sessionId, ...machine }) => {
    const session = sessionId === undefined ? undefined : sessions.get(recordKey(sessionId));
    // A session may have moved here since it gave its host name.
    return session?.machineId === machine.machineId ? { ...machine, hostname: session.hostname } : machine;
  });
};

const readHeld = async (table: Table, subscription: Subscription, now: number): Promise<HeldSeat[]> =>
  (await readSeats(table, subscription, [everySeat])).filter(
    (seat): seat is HeldSeat =>
      isHeld(seat, now) && (holderKind(seat.hold.holder) !== 'session' || sessionEnd(seat.hold, subscription) > now),
  );

const isOffline = ({ hold }: HeldSeat) => holderKind(hold.holder) === 'offline';

/** Reads a floating subscription's machines: those of the held seats. */
const readOfSeats = async (table: Table, subscription: Subscription, now: number): Promise<FoundMachine[]> => {
  const byMachine = Map.groupBy(await readHeld(table, subscription, now), ({ hold }) => hold.machineId);
  return [...byMachine].flatMap(([machineId, seats]) => {
    if (machineId === undefined) return [];
    const sessions = seats.filter((seat) => !isOffline(seat));
    const latest = sessions.toSorted((a, b) => b.hold.claimedAt - a.hold.claimedAt)[0]?.hold;
    return {
      machineId,
      registeredAt: Math.min(...seats.map(({ hold }) => hold.claimedAt)),
      lastSeenAt: Math.max(...seats.map(({ hold }) => lastSeen(hold, now))),
      online: sessions.length,
      offline: seats.length - sessions.length,
      ...(latest && { userId: latest.userId, sessionId: holderId(latest.holder) }),
    };
  });
};

/** Returns when a hold was last extended, epoch ms: one lease before its end. */
const lastSeen = ({ claimedAt, availableAt, leaseMs }: HeldSeat['hold'], now: number) =>
  leaseMs === 0 ? claimedAt : Math.min(now, Math.max(claimedAt, availableAt - leaseMs));

/** Reads a per-user subscription's machines: those that have records. */
const readOfUsers = async (table: Table, subscription: Subscription, now: number): Promise<RegisteredMachine[]> => {
  const [machines, seats, licenses] = await Promise.all([
    readAllMachines(table, subscription),
    readHeld(table, subscription, now),
    readLicenses(table, subscription),
  ]);
  const offline = Map.groupBy(seats.filter(isOffline), ({ hold }) => hold.machineId);
  const online = Map.groupBy(
    licenses.filter((license) => isOnline(license, subscription, now)),
    ({ inUse }) => inUse?.machineId,
  );
  const inUse = new Set([...offline.keys()].filter((machineId) => machineId !== undefined));
  const registered = registeredMachines(subscription.licenseType, { machines, inUse });
  return machines
    .filter(({ machineId }) => registered.has(machineId))
    .map(({ machineId, registeredAt, lastSeenAt, userId, hostname }) => ({
      machineId,
      registeredAt,
      // The record of a machine that only an offline license uses names no user.
      ...(userId !== '' && { userId }),
      hostname,
      lastSeenAt: Math.max(lastSeenAt, ...(online.get(machineId) ?? []).map(({ inUse }) => inUse?.renewedAt ?? 0)),
      online: online.get(machineId)?.length ?? 0,
      offline: offline.get(machineId)?.length ?? 0,
    }));
};
