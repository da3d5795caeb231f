import { defaultLimits, type LimitName, type Limits } from '../../contracts/schemas/limits.ts';
import { dayMs, dayOf, minuteMs } from '../dates.ts';

/** Returns all limits of an organization: the vendor's settings, and defaults for the rest. */
export const limitsOf = (set: Partial<Limits> | undefined): Limits => ({ ...defaultLimits, ...set });

/** Returns the daily limit of offline licenses for one product. Its default depends on the quota. */
export const offlineLicensesPerDay = ({ offlineLicensesPerDay: set }: Limits, quota: number): number =>
  set ?? Math.max(10, Math.ceil(quota / 10));

/**
 * The span of time over which a rate is counted, epoch ms. Each window starts to count at 0, so up to twice the limit may
 * happen around the end of a window.
 */
export interface Window {
  startsAt: number;
  endsAt: number;
}

/** Returns the day (UTC) that contains `now`. */
export const dayWindow = (now: number): Window => ({ startsAt: dayOf(now), endsAt: dayOf(now) + dayMs });

/** Returns the minute that contains `now`. */
export const minuteWindow = (now: number): Window => {
  const startsAt = now - (now % minuteMs);
  return { startsAt, endsAt: startsAt + minuteMs };
};

/** A limit of an organization that is reached. */
export interface LimitReached {
  limit: LimitName;
  value: number;
  /** The address or the product that reached the limit; absent if it is the whole organization. */
  of?: string;
  /** When the count starts at 0 again, epoch ms; absent if no wait makes room. */
  endsAt?: number;
}

/** A limit of one API key, or of one person who signed in, that is reached. */
export interface KeyLimitReached {
  /** `maxSessions`: how many sessions the key runs; the others: how many sessions of the key or person wait for one product. */
  limit: 'maxSessions' | 'queuePlacesPerKey' | 'queuePlacesPerPerson';
  value: number;
  /** When the first lease of the key's sessions ends unless a heartbeat extends it, epoch ms. */
  nextFreeAt?: number;
}
