import { hasSlotRecipient, isBlocked, type Machine } from '../../domain/machine.ts';
import { type Holder, holderKind } from '../../domain/seat.ts';
import { machineQuotaBinds, type Subscription } from '../../domain/subscription.ts';
import { acquire } from '../engine/acquire-seat.ts';
import type { Claimant, Refused } from '../engine/claimant.ts';
import { endMachine, noteOnMachine, slotOf, touchMachine } from '../items/machines.ts';
import { freeSeat } from '../items/seats.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, type Pool, slotsOf } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { openSlots } from './assign-slots.ts';
import { freeIdleSlots } from './free-idle-slots.ts';
import { type MachineRequest, machineClaimant, machinePrecondition } from './machine-claimant.ts';
import { exceedsSlotQuota, unregisterIfIdle } from './over-quota.ts';
import { settleSlotRecipient } from './slot-handover.ts';

/** For how long one request tries to register a machine, ms: well within the time in which it must record its seat. */
const patienceMs = 8_000;

/**
 * What a claimant adds whose seat is used on a machine: the machine must not be blocked, and where the machine quota can
 * bind it must be registered, after the seat is claimed and before it is recorded.
 *
 * Whoever takes the slot of an idle machine reads the machine's record, then lists the seats on it, then ends the record
 * as it was read. A claim that comes before the listing is seen by it; one that comes after touches the record later
 * than it was read.
 */
export const onMachine = (
  table: Table,
  pool: Pool,
  request: MachineRequest,
): Required<Pick<Claimant<never>, 'precondition' | 'acquireDependencies'>> => ({
  precondition: machinePrecondition(pool, request.machineId),
  acquireDependencies: async ({ hold }, found, subscription, clock) => {
    const machine = found.get(keys.machine(pool, request.machineId));
    if (!machineQuotaBinds(subscription))
      return holderKind(hold.holder) === 'offline'
        ? notBlocked(table, pool, request.machineId, { asRead: machine, now: clock.now() })
        : undefined;
    const known = { status: machine?.status ?? 'ended', own: hold.holder } as const;
    const registered = await registerMachine(table, pool, subscription, request, clock, known);
    return registered.outcome === 'registered' ? undefined : registered;
  },
});

/**
 * Makes sure that nobody blocks a machine while an offline license is being bound to it. A removal ends sessions, but not an
 * offline license, so the two meet on the machine's record, as they do where machines are registered.
 */
const notBlocked = async (
  table: Table,
  pool: Pool,
  machineId: string,
  options: { asRead: Machine | undefined; now: number },
): Promise<Refused | undefined> => {
  const { noted, machine } = await noteOnMachine(table, pool, machineId, options);
  if (noted) return undefined;
  return isBlocked(machine, options.now)
    ? { outcome: 'blocked', until: machine.blockedUntil }
    : { outcome: 'contended' };
};

export type Registered =
  /** `anew`: its record, if it was this request that registered it. */
  { outcome: 'registered'; anew?: Machine } | Refused;

/**
 * Registers a machine that is about to be used, or notes that it is used again. Safe to repeat, at once and late.
 *
 * @param known.status of the machine's record, if it was read just now: saves a write where it is not registered yet
 * @param known.own the holder of the claim for which it is registered, if that is made already
 */
export const registerMachine = async (
  table: Table,
  pool: Pool,
  subscription: Subscription,
  request: MachineRequest,
  clock: Clock = systemClock,
  { status = 'active', own }: { status?: Machine['status']; own?: Holder } = {},
): Promise<Registered> => {
  if (!machineQuotaBinds(subscription)) return { outcome: 'registered' };
  const overfull =
    subscription.licenseType === 'floating' && (await exceedsSlotQuota(table, pool, subscription, clock));
  return retryWhileContended(clock, { ms: patienceMs }, async (round): Promise<Registered | BeginAgain> => {
    if (overfull) await unregisterIfIdle(table, pool, request.machineId, { own, now: clock.now() });
    if (round > 0 || status === 'active') {
      const touched = await touchMachine(table, pool, { ...request, now: clock.now() });
      if (isBlocked(touched.machine, clock.now())) return { outcome: 'blocked', until: touched.machine.blockedUntil };
      if (touched.outcome === 'touched') return { outcome: 'registered' };
      if (hasSlotRecipient(touched.machine)) {
        await settleSlotRecipient(table, pool, touched.machine, clock.now());
        return { outcome: 'again' };
      }
    }
    const claimant = machineClaimant(table, pool, request);
    const acquired = await acquire(table, { ...claimant, openNumbers: openSlots(table, pool, clock) }, clock);
    if (acquired.outcome === 'acquired') return { outcome: 'registered', anew: acquired.record };
    // Another request of this machine was first: it is touched, like any that is registered.
    if (acquired.outcome === 'renewed') return { outcome: 'again' };
    if (acquired.outcome !== 'exhausted') return acquired;
    const { subscription: terms, held } = acquired;
    return (await freeIdleSlots(table, pool, terms, held, clock.now())) === 'none'
      ? { outcome: 'machines-exhausted', machineQuota: terms.machineQuota, registered: held.length }
      : { outcome: 'again' };
  });
};

/** Takes back what `registerMachine` did anew, unless somebody has used the machine since. */
export const unregisterMachine = async (table: Table, pool: Pool, anew: Machine, now: number): Promise<void> => {
  if (await endMachine(table, pool, anew, { reason: 'released', at: now }))
    await freeSeat(table, slotsOf(pool), slotOf(anew));
};
