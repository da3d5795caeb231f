export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** The length of a day (UTC), ms. */
export const dayMs = 24 * hourMs;

/** Returns the beginning of the day (UTC) that contains a time. Times are epoch ms. */
export const dayOf = (time: number): number => time - (time % dayMs);

/**
 * Returns the beginning of a month (UTC), epoch ms.
 *
 * @param time a time, epoch ms
 * @param months how many months after the month that contains `time`; negative: before
 */
export const monthOf = (time: number, months = 0): number => {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
};

/** The time from `from` to just before `to`, epoch ms. */
export interface TimeRange {
  from: number;
  to: number;
}

/** The most months that one report covers. */
const reportMonths = 13;

/**
 * Returns the range of a report. A date means the beginning of that day as `from`, and its end as `to`. An instant means
 * itself.
 *
 * @param asked `to` is the end of today by default; `from` the first day of the month 12 months before `to`
 * @returns the range, or the reason why `from` is wrong
 */
export const reportRange = (asked: { from?: string; to?: string }, now: number): TimeRange | { why: string } => {
  const isDate = (text: string) => text.length === 'yyyy-mm-dd'.length;
  const to = asked.to === undefined ? dayOf(now) + dayMs : Date.parse(asked.to) + (isDate(asked.to) ? dayMs : 0);
  const from = asked.from === undefined ? monthOf(to - 1, 1 - reportMonths) : Date.parse(asked.from);
  if (from >= to) return { why: 'must be before `to`' };
  if (to > latestEnd(from)) return { why: `must not be more than ${reportMonths} months before \`to\`` };
  return { from, to };
};

/** Returns the same day and time `reportMonths` later; the end of that month if the month is too short. */
const latestEnd = (from: number): number => {
  const month = monthOf(from, reportMonths);
  const next = monthOf(from, reportMonths + 1);
  return Math.min(month + (from - monthOf(from)), next);
};
