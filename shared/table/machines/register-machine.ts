import { hasSlotRecipient, isBlocked, type Machine } from '../../domain/machine.ts';
import { type Holder, holderKind } from '../../domain/seat.ts';
import { machineQuotaBinds, type Subscription } from '../../domain/subscription.ts';
import { acquire } from '../engine/acquire-seat.ts';
import type { Claimant, Refused } from '../engine/claimant.ts';
import { noteOnMachine, touchMachine } from '../items/machines.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { openSlots } from './assign-slots.ts';
import { freeIdleSlots } from './free-idle-slots.ts';
import { type MachineRequest, machineClaimant, machinePrecondition } from './machine-claimant.ts';
import { exceedsSlotQuota, unregisterIfIdle } from './over-quota.ts';
import { settleSlotRecipient } from './slot-handover.ts';

/**
 * For how long one request begins a try to register a machine, ms. The last try may end after the time to record the seat: then
 * another request may have voided the claim, and the record is refused.
 */
const patienceMs = 8_000;

/**
 * Returns what a claimant's seat needs of its machine: the machine must not be blocked. If the machine quota can bind, the
 * machine must be registered after the seat is claimed and before it is recorded.
 *
 * A request that takes the slot of an idle machine reads the machine's record, then lists the seats on it, then ends the
 * unchanged record. The listing sees an earlier claim; a later claim touches the record after that read.
 */
export const onMachine = (
  table: Table,
  pool: Pool,
  request: MachineRequest,
): Required<Pick<Claimant<never>, 'precondition' | 'acquireDependencies'>> => ({
  precondition: machinePrecondition(pool, request.machineId, { isForSession: request.userId !== undefined }),
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
 * offline license, so the two meet on the machine's record, as they do if machines are registered.
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
  /** `anew`: the machine's record, if this request registered it. */
  { outcome: 'registered'; anew?: Machine } | Refused;

/**
 * Registers a machine that is about to be used, or notes that it is used again, where the machine quota binds. Safe to repeat,
 * at once and late.
 *
 * @param known.status the status of the machine's record, if just read: saves a write if the machine is not registered
 * @param known.own the holder of the claim that needs the machine, if that is made already
 */
export const registerMachine = async (
  table: Table,
  pool: Pool,
  subscription: Subscription,
  request: MachineRequest,
  clock: Clock = systemClock,
  { status = 'active', own }: { status?: Machine['status']; own?: Holder } = {},
): Promise<Registered> => {
  const overfull =
    subscription.licenseType === 'floating' && (await exceedsSlotQuota(table, pool, subscription, clock));
  return retryWhileContended(clock, { ms: patienceMs }, async (round): Promise<Registered | BeginAgain> => {
    if (overfull) await unregisterIfIdle(table, pool, request.machineId, { own, now: clock.now() });
    if (round > 0 || status === 'active') {
      const touched = await touchMachine(table, pool, { ...request, now: clock.now() });
      if (touched.outcome === 'touched') return { outcome: 'registered' };
      if (hasSlotRecipient(touched.machine)) {
        await settleSlotRecipient(table, pool, touched.machine, clock.now());
        return { outcome: 'again' };
      }
    }
    const claimant = machineClaimant(table, pool, request);
    const acquired = await acquire(table, { ...claimant, openNumbers: openSlots(table, pool, clock) }, clock);
    if (acquired.outcome === 'acquired') return { outcome: 'registered', anew: acquired.record };
    // Another request registered this machine first: touch it like any registered machine.
    if (acquired.outcome === 'renewed') return { outcome: 'again' };
    if (acquired.outcome !== 'exhausted') return acquired;
    const { subscription: terms, held } = acquired;
    return (await freeIdleSlots(table, pool, terms, held, clock.now())) === 'none'
      ? { outcome: 'machines-exhausted', machineQuota: terms.machineQuota, registered: held.length }
      : { outcome: 'again' };
  });
};
