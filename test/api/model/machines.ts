import fc from 'fast-check';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { removeMachineLicense } from '../../../shared/contracts/remove-machine-license.ts';
import { byManagers, calls, expectItems, longPage, type Outcome, type Scene, which } from './call.ts';
import { endAll, someMachine, someProduct } from './sessions.ts';
import { activeOffline, liveSessions, type Pool, pick, registeredMachines } from './state.ts';

/** Whether a session runs on a machine, or waits to. */
const isUsed = (pool: Pool, machineId: string, now: number): boolean =>
  [...liveSessions(pool, now), ...pool.queue].some((one) => one.machineId === machineId);

/** Whether a session there may come back by a late heartbeat: the service may count it as a use. */
const mayBeUsed = (pool: Pool, machineId: string): boolean =>
  pool.isQueueDoubtful ||
  [...pool.sessions.values()].some((one) => one.machineId === machineId && one.status === 'live');

const isBound = (pool: Pool, machineId: string, now: number): boolean =>
  activeOffline(pool, now).some((license) => license.machineId === machineId);

/** Whether the service knows of a machine that nobody uses: it forgets them at some time, those of users by the schedule. */
const known = (pool: Pool, machineId: string): Outcome[] => {
  if (!pool.everUsed.has(machineId)) return ['not-found'];
  return pool.licenseType === 'per-user' && !pool.mayForgetMachines ? [204] : [204, 'not-found'];
};

const args = fc.record({
  product: someProduct,
  machineId: someMachine,
  n: which,
  isBlocked: fc.constantFrom(false, false, true),
});

/** Returns mostly a machine that is registered. */
const find = ({ organization, now }: Scene, of: { product: string; machineId: string; n: number }) => {
  const pool = organization.pools.get(of.product);
  const registered = pool && of.n % 3 < 2 ? [...registeredMachines(pool, now).keys()] : [];
  return { pool, machineId: pick(registered, of.n) ?? of.machineId };
};

export const machines = [
  calls({
    operation: listMachines,
    access: byManagers,
    args: someProduct,
    plan: ({ organization, now }, product) => {
      const pool = organization.pools.get(product);
      return {
        path: { product },
        query: longPage,
        expected: () => (pool ? 200 : 'not-found'),
        done: (answered) =>
          expectItems(
            answered,
            ({ machineId, online, offline }) => ({ machineId, online, offline }),
            [...registeredMachines(pool as Pool, now)].map(([machineId, counts]) => ({ machineId, ...counts })),
          ),
      };
    },
  }),
  calls({
    operation: removeMachine,
    access: byManagers,
    args,
    plan: (scene, { isBlocked, ...of }) => {
      const { now } = scene;
      const { product } = of;
      const { pool, machineId } = find(scene, of);
      return {
        path: { product, machineId },
        ...(isBlocked && { query: { blockMinutes: '30' } }),
        expected: () => {
          if (!pool) return 'not-found';
          if (isBound(pool, machineId, now)) return 'offline-license-active';
          return isUsed(pool, machineId, now) ? 204 : known(pool, machineId);
        },
        done: () => {
          if (!pool) return;
          endAll(pool, (one) => one.machineId === machineId, 'machine-removed', now);
          pool.machines.delete(machineId);
          pool.everUsed.add(machineId);
          if (isBlocked) pool.blocked.set(machineId, now + 30 * 60_000);
        },
      };
    },
  }),
  calls({
    operation: removeMachineLicense,
    access: byManagers,
    args,
    plan: (scene, of) => {
      const { now } = scene;
      const { product } = of;
      const { pool, machineId } = find(scene, of);
      return {
        path: { product, machineId },
        expected: () => {
          if (!pool) return 'not-found';
          if (isUsed(pool, machineId, now)) return 204;
          const doubt: Outcome[] = mayBeUsed(pool, machineId) ? [204] : [];
          if (isBound(pool, machineId, now)) return ['offline-license-active', ...doubt];
          return [...known(pool, machineId), ...doubt];
        },
        done: () => pool && endAll(pool, (one) => one.machineId === machineId, 'license-removed', now),
      };
    },
  }),
];
