const minuteMs = 60_000;

/** How long before the idle timeout the warning is due at most, ms. */
const longestWarningMs = 15 * minuteMs;

/** Whether nobody has worked with it for so long that it ends. Times are epoch ms. */
export const isIdleTooLong = (activeAt: number, timeoutMinutes: number | null, now: number): boolean =>
  timeoutMinutes !== null && now - activeAt >= timeoutMinutes * minuteMs;

/**
 * When to warn the user that the session is about to end, epoch ms: before its end by the shorter of 15 minutes and a
 * quarter of the time that remains.
 *
 * @returns null without a timeout
 */
export const idleWarningAt = (activeAt: number, timeoutMinutes: number | null, now: number): number | null => {
  if (timeoutMinutes === null) return null;
  const end = activeAt + timeoutMinutes * minuteMs;
  return Math.round(end - Math.min(longestWarningMs, Math.max(0, end - now) / 4));
};
