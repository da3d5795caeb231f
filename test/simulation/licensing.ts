import type { SubscriptionTerms } from '../../shared/domain/subscription.ts';
import { activationProblem } from '../../shared/http/problems/activation-problem.ts';
import { throttled } from '../../shared/http/problems/problem.ts';
import { waitingBody } from '../../shared/http/responses/waiting.ts';
import { extendActivation, startActivation } from '../../shared/table/activations/activations.ts';
import { setSubscription } from '../../shared/table/items/subscriptions.ts';
import { deactivateSession } from '../../shared/table/removals/deactivate.ts';
import { keys, type Pool } from '../../shared/table/store/keys.ts';
import { isThrottled, put } from '../../shared/table/store/table.ts';
import type { SimulatedTable } from './simulated-table.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A license that a session was answered with. */
export interface Grant {
  sessionId: string;
  /** Until when the session may use it without a heartbeat, epoch ms. */
  until: number;
  /** The numbered seat, if the system has such. */
  seat?: number;
  fence?: number;
}

export type Answer =
  | { outcome: 'granted'; grant: Grant }
  | { outcome: 'refused' | 'waiting' | 'throttled' | 'contended'; afterMs: number };

/** A way to keep a quota. */
export interface Licensing {
  activate: (sessionId: string, waitSeconds?: number) => Promise<Answer>;
  /** Returns the new end of the lease, epoch ms; undefined if the license is gone. */
  heartbeat: (grant: Grant) => Promise<number | undefined>;
  release: (grant: Grant) => Promise<void>;
}

export interface PoolTerms {
  quota: number;
  leaseSeconds: number;
}

/** Prepares a pool, without latency. */
export type Prepare = (on: SimulatedTable, time: VirtualTime, name: string, terms: PoolTerms) => Promise<Licensing>;

const userId = 'usr_ada';

/** Returns after how long a refusal says to come back, seconds. */
const secondsOf = (fields: unknown): number => {
  const { retryAfterSeconds } = fields as { retryAfterSeconds?: number };
  if (retryAfterSeconds === undefined) throw new Error('a refusal for good');
  return retryAfterSeconds;
};

/** Returns the answer to a request that failed: the service tells the caller to come back later. */
export const failed = (error: unknown): Answer => {
  const isBusy = isThrottled(error as Error) || (error as Error).message.includes('left items unprocessed');
  if (!isBusy) throw error;
  return { outcome: 'throttled', afterMs: secondsOf(throttled().fields) * 1000 };
};

/** The service's own code. */
export const engine: Prepare = async ({ table, instant }, time, name, { quota, leaseSeconds }) => {
  const pool: Pool = { organizationId: name, product: 'KRE' };
  const terms: SubscriptionTerms = {
    productName: 'Katalon Runtime Engine',
    licenseType: 'floating',
    quota,
    machineQuota: quota,
    expiresAt: time.now() + 86_400_000,
    leaseSeconds,
    offline: { allowed: false, maxDays: null, reserveOnline: 0 },
    idleTimeoutMinutes: null,
    suspended: false,
  };
  await put(instant, { Item: { ...keys.organization(name), name } as never });
  const set = await setSubscription(instant, pool, terms, time.now());
  if (set.outcome !== 'created') throw new Error(set.outcome);
  return {
    activate: async (sessionId, waitSeconds = 0) => {
      try {
        const request = { sessionId, userId, machineId: `runner-${sessionId}`, hostname: undefined, waitSeconds };
        const result = await startActivation(table, pool, request, time);
        if (result.outcome === 'acquired' || result.outcome === 'renewed') {
          const { number, fence, hold } = result.seat;
          return { outcome: 'granted', grant: { sessionId, until: hold.availableAt, seat: number, fence } };
        }
        const now = time.now();
        if (result.outcome === 'waiting')
          return { outcome: 'waiting', afterMs: waitingBody(result.place, now).retryAfterSeconds * 1000 };
        const { fields } = activationProblem(result, { product: pool.product, sessionId, includeHolders: false, now });
        return {
          outcome: result.outcome === 'exhausted' ? 'refused' : 'contended',
          afterMs: secondsOf(fields) * 1000,
        };
      } catch (error) {
        return failed(error);
      }
    },
    heartbeat: async ({ sessionId, seat = 0, fence = 0 }) => {
      const result = await extendActivation(table, pool, { sessionId, userId, seat, fence }, time.now());
      return result.outcome === 'extended' ? result.seat.hold.availableAt : undefined;
    },
    release: async ({ sessionId }) => {
      await deactivateSession(table, pool, { sessionId, userId, mayForce: false }, time.now());
    },
  };
};
