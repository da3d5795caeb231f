import { listSubscriptions } from '../../../shared/table/items/subscriptions.ts';
import { registerMachine } from '../../../shared/table/machines/register-machine.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import { put } from '../../../shared/table/store/table.ts';
import type { As, openWorld } from './harness.ts';

type World = Awaited<ReturnType<typeof openWorld>>;

/** The subscription that was made last. */
const lastSubscription = async ({ table, organizationId }: World) => {
  const { items: subscriptions } = await listSubscriptions(table, organizationId, { limit: 200 });
  return subscriptions.toSorted((a, b) => b.createdAt - a.createdAt || (a.product < b.product ? 1 : -1))[0]!;
};

let bound = 0;

/** Binds an offline license to a machine of the last subscription, on a seat that no session chooses. */
export const bindOffline = async (world: World, machineId: string, ms = 86_400_000): Promise<void> => {
  const number = 500 + ++bound;
  const pool: Pool = await lastSubscription(world);
  const id = `off_${machineId}_${number}`;
  const hold = { holder: `offline#${id}`, userId: 'usr_admin', machineId, claimedAt: Date.now(), leaseMs: 0, fence: 1 };
  await put(world.table, { Item: { ...keys.seat(pool, number), ...hold, availableAt: Date.now() + ms } });
};

/** Registers a machine of a per-user subscription, as its user's activation does, or an offline license. */
export const registerFor = async (world: World, machineId: string, as?: As): Promise<void> => {
  const subscription = await lastSubscription(world);
  const userId = as && (await world.userId(as));
  await registerMachine(world.table, subscription, subscription, { machineId, userId });
};
