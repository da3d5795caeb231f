import { defaultLimits, type LimitName, type Limits } from '../../contracts/schemas/limits.ts';
import { dayMs, dayOf } from '../dates.ts';

/** Returns all limits of an organization: those that the vendor set, and defaults. */
export const limitsOf = (set: Partial<Limits> | undefined): Limits => ({ ...defaultLimits, ...set });

/** Returns the daily limit of offline licenses, if the vendor set one: unlike the other limits, it has no number by default. */
export const offlineLicensesPerDay = ({ offlineLicensesPerDay: set }: Limits, quota: number): number =>
  set ?? Math.max(10, Math.ceil(quota / 10));

/** A span of time in which a rate is counted, epoch ms. Each window starts at 0, so twice the limit may come around its end. */
export interface Window {
  startsAt: number;
  endsAt: number;
}

export const dayWindow = (now: number): Window => ({ startsAt: dayOf(now), endsAt: dayOf(now) + dayMs });

const minuteMs = 60_000;
export const minuteWindow = (now: number): Window => {
  const startsAt = now - (now % minuteMs);
  return { startsAt, endsAt: startsAt + minuteMs };
};

/** A limit that was reached. */
export interface LimitReached {
  limit: LimitName;
  value: number;
  /** The thing whose limit is reached (an address, a product); absent for the whole organization. */
  of?: string;
  /** When the count starts anew, epoch ms; absent if something has to be removed first. */
  endsAt?: number;
}

/** A limit of one API key that was reached. */
export interface KeyLimitReached {
  /** `maxSessions`: of the key itself; `queuePlacesPerKey`: how many of its sessions wait for one product. */
  limit: 'maxSessions' | 'queuePlacesPerKey';
  value: number;
  /** When the first lease of the key's sessions ends unless its holder extends it, epoch ms. */
  nextFreeAt?: number;
}
