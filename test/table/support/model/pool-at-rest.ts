import { isRecordOf, type Session } from '../../../../shared/domain/holder-record.ts';
import { type HeldSeat, holderId, holderKind, isClaim, isHeld } from '../../../../shared/domain/seat.ts';
import { everySeat } from '../../../../shared/domain/seat-view.ts';
import { machineQuotaBinds, type Subscription } from '../../../../shared/domain/subscription.ts';
import { withFigures } from '../../../../shared/http/responses/subscription.ts';
import { listOnline } from '../../../../shared/table/activations/list-online.ts';
import { readLicenses, seatClaimOf } from '../../../../shared/table/items/licenses.ts';
import { readAllMachines, slotOf } from '../../../../shared/table/items/machines.ts';
import { readSeats } from '../../../../shared/table/items/read-seats.ts';
import { readSession } from '../../../../shared/table/items/sessions.ts';
import { readSubscription } from '../../../../shared/table/items/subscriptions.ts';
import { listLicensed } from '../../../../shared/table/licensed-users/list-licensed-users.ts';
import { listOfflineLicenses } from '../../../../shared/table/offline/offline-licenses.ts';
import { listMachines } from '../../../../shared/table/reports/list-machines.ts';
import { type Pool, type Position, slotsOf } from '../../../../shared/table/store/keys.ts';
import type { Table } from '../../../../shared/table/store/table.ts';
import {
  type Activation,
  isLive,
  licensed,
  live,
  offlineNow,
  type Reference,
  registeredMachines,
  statusOf,
} from './reference-pool.ts';

/** Every page of a list, two items at a time. */
const wholeList = async <T>(
  page: (options: { limit: number; after?: Position }) => Promise<{ items: T[]; next?: Position }>,
): Promise<T[]> => {
  const items: T[] = [];
  let after: Position | undefined;
  do {
    const read = await page({ limit: 2, after });
    items.push(...read.items);
    after = read.next;
  } while (after);
  return items;
};

/** All that there is of a pool: its items, what the lists show, and the figures. */
export const readPool = async (table: Table, pool: Pool, now: number, sessionIds = ['s1', 's2', 's3', 's4']) => {
  const subscription = (await readSubscription(table, pool)) as Subscription;
  const [seats, slots, licenses, machines, sessions, online, users, registered, offline, figures] = await Promise.all([
    readSeats(table, pool, [everySeat]),
    readSeats(table, slotsOf(pool), [everySeat]),
    readLicenses(table, pool),
    readAllMachines(table, pool),
    Promise.all(sessionIds.map((id) => readSession(table, pool, id))),
    wholeList((options) => listOnline(table, subscription, { ...options, now })),
    wholeList((options) => listLicensed(table, pool, options)),
    wholeList((options) => listMachines(table, subscription, { ...options, now })),
    wholeList((options) => listOfflineLicenses(table, pool, options)),
    withFigures(table, subscription, now),
  ]);
  return {
    now,
    subscription,
    seats,
    slots,
    licenses,
    machines,
    sessions: sessions.filter((session): session is Session => session !== undefined),
    lists: { online, users, registered, offline },
    figures,
  };
};

export type Snapshot = Awaited<ReturnType<typeof readPool>>;

const same = (what: string, one: readonly unknown[], other: readonly unknown[]): string[] => {
  const [left, right] = [one, other].map((items) => JSON.stringify(items.map((item) => JSON.stringify(item)).sort()));
  return left === right ? [] : [`${what}: ${left} and not ${right}`];
};

const holds = (condition: boolean, what: string): string[] => (condition ? [] : [what]);

/** What is wrong within a pool at rest: where its items, its lists and its figures tell different things. */
export const inconsistencies = (snapshot: Snapshot): string[] => {
  const { now, subscription, seats, slots, licenses, machines, sessions, lists, figures } = snapshot;
  const held = seats.filter((seat): seat is HeldSeat => isHeld(seat, now));
  const ofKind = (kind: string) => held.filter((seat) => holderKind(seat.hold.holder) === kind);
  const bySession = new Map(sessions.map((session) => [session.sessionId, session]));
  const active = licenses.filter(({ status }) => status === 'active');
  const heldSlots = slots.filter((slot): slot is HeldSeat => slot.hold !== undefined);
  const slotHolders = heldSlots.map((slot) => holderId(slot.hold.holder));
  const registered = machines.filter(({ status }) => status === 'active');
  const above = (numbers: { number: number }[], claimable: number) =>
    numbers.filter(({ number }) => number > claimable).length;
  const runsOn = [
    ...held.flatMap(({ hold }) => (hold.machineId === undefined ? [] : [hold.machineId])),
    ...active.flatMap(({ inUse }) => (inUse && inUse.availableAt > now ? [inUse.machineId] : [])),
  ];
  const online = subscription.expiresAt > now;
  return [
    ...ofKind('session').flatMap((seat) => {
      const session = bySession.get(holderId(seat.hold.holder));
      return holds(
        session?.status === 'active' && isRecordOf(session, seat) && session.machineId === seat.hold.machineId,
        `seat ${seat.number} is held by ${seat.hold.holder}, whose record is ${JSON.stringify(session)}`,
      );
    }),
    ...sessions
      .filter(({ licensed: isOfUser, status }) => isOfUser && status === 'active')
      .flatMap((session) => {
        const license = active.find(({ userId }) => userId === session.userId);
        return holds(
          license?.inUse?.sessionId === session.sessionId &&
            isRecordOf(session, { ...license.inUse, number: license.number }),
          `${session.sessionId} is active, and does not use its license`,
        );
      }),
    ...active.flatMap(({ inUse, userId, number }) =>
      inUse
        ? [
            ...holds(
              // A request that died before it recorded its use leaves one that nobody goes on with.
              inUse.availableAt <= now || isRecordOf(bySession.get(inUse.sessionId), { ...inUse, number }),
              `${userId} uses ${inUse.sessionId}, whose record is ${JSON.stringify(bySession.get(inUse.sessionId))}`,
            ),
            ...(inUse.availableAt > now
              ? holds(
                  registered.some(({ machineId }) => machineId === inUse.machineId),
                  `${inUse.sessionId} runs on ${inUse.machineId}, which is not registered`,
                )
              : []),
          ]
        : [],
    ),
    ...licenses.flatMap((license) =>
      license.status === 'pending' ? [`the license of ${license.userId} is pending`] : [],
    ),
    ...same(
      'licenses and the seats of users',
      active.map(seatClaimOf),
      ofKind('user').map(({ number, fence, hold }) => ({ number, fence, holder: hold.holder })),
    ),
    ...same(
      'offline licenses and their seats',
      lists.offline
        .filter(({ expiresAt, voidedAt }) => expiresAt > now && voidedAt === undefined)
        .map(({ id, number, fence, expiresAt }) => [id, number, fence, expiresAt]),
      ofKind('offline').map(({ number, fence, hold }) => [holderId(hold.holder), number, fence, hold.availableAt]),
    ),
    ...holds(new Set(slotHolders).size === slotHolders.length, `a machine has two slots: ${slotHolders}`),
    ...registered.flatMap((machine) =>
      holds(
        slots.some((slot) => isClaim(slot, slotOf(machine))) && !machine.heir,
        `${machine.machineId} is registered, and slot ${machine.number} is not its own`,
      ),
    ),
    ...(machineQuotaBinds(subscription) && subscription.slotsComplete
      ? runsOn.flatMap((machine) => holds(slotHolders.includes(machine), `${machine} is in use without a slot`))
      : []),
    ...holds(
      subscription.claimable + above(held, subscription.claimable) <= subscription.quota ||
        subscription.claimable === 0,
      `${subscription.claimable} numbers may be claimed`,
    ),
    ...holds(
      subscription.machineClaimable + above(heldSlots, subscription.machineClaimable) <= subscription.machineQuota ||
        subscription.machineClaimable === 0,
      `${subscription.machineClaimable} slots may be claimed`,
    ),
    ...same(
      'the figures and the lists',
      [figures.inUse.online, figures.inUse.licensedUsers, figures.inUse.offline, figures.registeredMachines],
      [
        lists.online.length,
        ofKind('user').length,
        lists.offline.filter(({ expiresAt, voidedAt }) => expiresAt > now && voidedAt === undefined).length,
        lists.registered.length,
      ],
    ),
    ...holds(
      figures.available ===
        Math.max(
          0,
          subscription.quota -
            (online ? ofKind('session').length : 0) -
            ofKind('user').length -
            ofKind('offline').length,
        ),
      `available: ${figures.available}`,
    ),
    ...same(
      'online by machine',
      lists.registered.flatMap(({ machineId, online: count }) => Array(count).fill(machineId)),
      lists.online.map(({ hold }) => hold.machineId),
    ),
  ];
};

/** Where a pool is not as the reference says. */
export const differences = (state: Reference, { lists, figures }: Snapshot, users: readonly string[]): string[] => {
  const offline = offlineNow(state);
  return [
    ...same(
      'online',
      lists.online.map(({ number, fence, hold }) => [
        holderId(hold.holder),
        hold.userId,
        hold.machineId,
        number,
        fence,
        hold.availableAt,
      ]),
      live(state).map(([id, { user, machine, number, fence, until }]) => [
        id,
        users[user],
        machine,
        number,
        fence,
        until,
      ]),
    ),
    ...same(
      'licensed',
      lists.users.map(({ license: { userId, number, fence } }) => [userId, number, fence]),
      licensed(state).map(([user, { number, fence }]) => [users[user], number, fence]),
    ),
    ...same(
      'offline',
      lists.offline.map(({ id, machineId, number, fence, expiresAt }) => [id, machineId, number, fence, expiresAt]),
      state.offline.map(({ id, machine, number, fence, until }) => [id, machine, number, fence, until]),
    ),
    ...same(
      'machines',
      lists.registered.map(({ machineId, online: running, offline: bound }) => [machineId, running, bound]),
      registeredMachines(state).map((machine) => [
        machine,
        live(state).filter(([, session]) => session.machine === machine).length,
        offline.filter((one) => one.machine === machine).length,
      ]),
    ),
    ...same(
      'figures',
      [figures.status, figures.quota, figures.machineQuota, figures.inUse.licensedUsers],
      [statusOf(state), state.terms.quota, state.terms.machineQuota, licensed(state).length],
    ),
  ];
};

/**
 * The reference with what was not told to anybody yet: why sessions ended on record, whose time was over or that ended for
 * one of several reasons.
 *
 * @returns what is wrong, if a record has ended that must not, or for another reason
 */
export const observed = (state: Reference, { sessions }: Snapshot, users: readonly string[]): Reference | string => {
  const known: Record<string, Activation> = { ...state.sessions };
  for (const session of sessions) {
    const { sessionId: id, endedReason } = session;
    const before = known[id];
    if (!before || before.fence === 0) {
      if (!endedReason) return `${id} is active, and nobody was told`;
      if (before && !before.ended?.includes(endedReason)) return `${id} ended as ${endedReason}`;
      // A claim that was given up, or ended before it was recorded.
      const { number, fence, machineId: machine, endedAt: until = 0 } = session;
      known[id] = { user: users.indexOf(session.userId), machine, number, fence, until, ended: [endedReason] };
      continue;
    }
    if (!endedReason || !isRecordOf(session, before)) {
      if (isRecordOf(session, before) && before.ended && session.status === 'active' && isSure(before))
        return `${id} ended as ${before.ended}, and is active`;
      continue;
    }
    const possible = before.ended ?? (isLive(state, before) ? [] : ['lease-expired', 'subscription-expired']);
    if (!possible.includes(endedReason)) return `${id} ended as ${endedReason}, and not as ${possible}`;
    known[id] = { ...before, ended: [endedReason] };
  }
  return { ...state, sessions: known };
};

const isSure = ({ ended }: Activation) => ended?.length === 1;
