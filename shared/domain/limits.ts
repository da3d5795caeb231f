import { defaultLimits, type LimitName, type Limits } from '../contracts/schemas/limits.ts';
import { dayMs, dayOf } from './dates.ts';

/** The limits of an organization, from those that the vendor set. */
export const limitsOf = (set: Partial<Limits> | undefined): Limits => ({ ...defaultLimits, ...set });

/** What is said of a limit in its default: the organization's other limits are numbers. */
export const offlineLicensesPerDay = ({ offlineLicensesPerDay: set }: Limits, quota: number): number =>
  set ?? Math.max(10, Math.ceil(quota / 10));

/** The time in which a rate is counted, epoch ms. Each begins at 0: around its end, twice the limit may come at once. */
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
  /** Of what it is reached, if not of all. */
  of?: string;
  /** When it counts anew, epoch ms; absent if something has to be removed first. */
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
