import type * as z from 'zod';
import type { AlertTerms } from '../../contracts/schemas/alerts.ts';
import { minuteMs } from '../dates.ts';

/** What an alert tells: the figures when it was raised. Times are epoch ms. */
export interface RaisedAlert {
  at: number;
  used: number;
  quota: number;
  /** How long the first of the queue has waited, minutes. */
  waitedMinutes: number;
}

/** What the schedule has seen and raised under the present terms. Times are epoch ms. */
export interface AlertState {
  /** Since when the use has been at the threshold. */
  useSince?: number;
  /** The alert of the use, until the use falls below the threshold. */
  use?: RaisedAlert;
  /** The alert of the wait, until nobody waits so long. */
  wait?: RaisedAlert;
}

/** The alerts of a product. Times are epoch ms. */
export interface Alert extends z.infer<typeof AlertTerms> {
  organizationId: string;
  product: string;
  /** When somebody set the terms. */
  setAt: number;
  /** Identifies the terms. */
  settingId: string;
  /** Grows with each write. */
  revision: number;
  state?: AlertState;
  /** The last test. */
  test?: { at: number };
}

/** The kinds of alerts. */
export type AlertKind = 'use' | 'wait' | 'test';

/** The terms of a product whose alerts nobody has set. */
export const noAlerts = { usePercent: null, useMinutes: 5, waitMinutes: null } as const;

/** Returns whether the schedule must look at the figures. */
export const isWatched = ({ usePercent, waitMinutes }: Pick<Alert, 'usePercent' | 'waitMinutes'>): boolean =>
  usePercent !== null || waitMinutes !== null;

/** Returns the pause between two looks at a pool, ms: a minute, and one more for each further 1,000 licenses; at most 10. */
export const pauseOf = ({ quota }: { quota: number }): number =>
  Math.min(10, Math.max(1, Math.ceil(quota / 1000))) * minuteMs;

/**
 * Returns what the figures make of the alerts. An alert stays as it was raised until its cause ends.
 *
 * @param figures.waitSeconds how long the first of the queue has waited; null in an empty queue
 */
export const judged = (
  {
    usePercent,
    useMinutes,
    waitMinutes,
    state = {},
  }: Pick<Alert, 'usePercent' | 'useMinutes' | 'waitMinutes' | 'state'>,
  { used, quota, waitSeconds }: { used: number; quota: number; waitSeconds: number | null },
  now: number,
): AlertState => {
  const waitedMinutes = Math.floor((waitSeconds ?? 0) / 60);
  const raised: RaisedAlert = { at: now, used, quota, waitedMinutes };
  const isHigh = usePercent !== null && quota > 0 && used * 100 >= usePercent * quota;
  const useSince = state.useSince ?? now;
  const isDue = now - useSince >= useMinutes * minuteMs;
  const waitsLong = waitMinutes !== null && waitedMinutes >= waitMinutes;
  const use = isHigh ? (state.use ?? (isDue ? raised : undefined)) : undefined;
  // One alert at a time, as each write makes one event: the other one follows at the next look.
  const wait = waitsLong ? (state.wait ?? (use === raised ? undefined : raised)) : undefined;
  return { ...(isHigh && { useSince }), ...(use && { use }), ...(wait && { wait }) };
};

/** Returns an alert by its kind, if it is raised. */
export const raisedAlert = (
  { state, test }: Pick<Alert, 'state' | 'test'>,
  kind: AlertKind,
): ({ at: number } & Partial<RaisedAlert>) | undefined => (kind === 'test' ? test : state?.[kind]);
