import { minuteMs } from './dates.ts';

/** The longest time between the warning and the idle timeout, ms. */
const longestWarningMs = 15 * minuteMs;

/**
 * Returns whether a session has reached its idle timeout.
 *
 * @param activeAt when somebody last worked with the session, epoch ms
 * @param timeoutMinutes null: no timeout
 */
export const isIdleTooLong = (activeAt: number, timeoutMinutes: number | null, now: number): boolean =>
  timeoutMinutes !== null && now - activeAt >= timeoutMinutes * minuteMs;

/**
 * Returns when to warn the user that the session is about to end, epoch ms: 15 minutes before the end, or a quarter of the
 * remaining time if that is shorter. Returns null without a timeout.
 *
 * @param activeAt when somebody last worked with the session, epoch ms
 * @param timeoutMinutes null: no timeout
 */
export const idleWarningAt = (activeAt: number, timeoutMinutes: number | null, now: number): number | null => {
  if (timeoutMinutes === null) return null;
  const end = activeAt + timeoutMinutes * minuteMs;
  return Math.round(end - Math.min(longestWarningMs, Math.max(0, end - now) / 4));
};
