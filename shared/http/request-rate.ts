import { defaultLimits, type Limits } from '../contracts/schemas/limits.ts';
import type { Principal } from '../domain/accounts/principal.ts';

/** The requests that a caller may make: a number per second, and a burst after a pause. */
export type Rate = Pick<Limits, 'requestsPerSecond' | 'requestBurst'>;

/** The rate of all callers without a valid credential behind one address. */
const anonymousRate: Rate = { requestsPerSecond: 100, requestBurst: 500 };

/** How many callers an instance remembers: the latest ones. */
const maxCallers = 10_000;

/** Returns the caller that a request counts for, and its rate. Each key of a member has its own. */
export const rateOf = (principal: Principal, address: string | undefined): { caller: string; rate: Rate } => {
  switch (principal.type) {
    case 'nobody':
      return { caller: `address#${address}`, rate: anonymousRate };
    case 'api-key':
      return { caller: `api-key#${principal.keyId}`, rate: { ...defaultLimits, ...principal.rate } };
    case 'user':
      return { caller: `user#${principal.subject}`, rate: defaultLimits };
  }
};

/**
 * A token bucket for each caller, in the memory of one instance: a bucket costs no request, and bounds what one caller can
 * ask of that instance. The instance forgets the oldest buckets; a caller whose bucket it forgot begins with a full one.
 *
 * @returns a function that takes one request of a caller at `now` (epoch ms): undefined if allowed, else the seconds to wait
 */
export const requestBuckets = (capacity = maxCallers) => {
  // A Map iterates in the order of insertion: its first entry is the least recently used.
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (caller: string, { requestsPerSecond, requestBurst }: Rate, now: number): number | undefined => {
    const before = buckets.get(caller) ?? { tokens: requestBurst, at: now };
    const filled = before.tokens + (Math.max(0, now - before.at) / 1000) * requestsPerSecond;
    const tokens = Math.min(requestBurst, filled);
    const allowed = tokens >= 1;
    buckets.delete(caller);
    buckets.set(caller, { tokens: allowed ? tokens - 1 : tokens, at: now });
    if (buckets.size > capacity) buckets.delete(buckets.keys().next().value as string);
    return allowed ? undefined : Math.max(1, Math.ceil((1 - tokens) / requestsPerSecond));
  };
};
