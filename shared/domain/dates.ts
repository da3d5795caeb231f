/** A day of UTC, ms. */
export const dayMs = 86_400_000;

/** The beginning of the day (UTC) that a time lies in. Times are epoch ms. */
export const dayOf = (time: number): number => time - (time % dayMs);

/** The first day of the month that is `months` after the one that a time lies in (before it: negative), epoch ms. */
export const monthOf = (time: number, months = 0): number => {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
};

/** From `from` to before `to`, epoch ms. */
export interface TimeRange {
  from: number;
  to: number;
}

/** How many months a report covers at most. */
const reportMonths = 13;

/**
 * The range of a report. A date as `from` is the beginning of that day, as `to` its end; an instant is itself.
 *
 * @param asked by default until the end of today, from the first day of the month 12 months before
 * @returns the range, or which of the two is wrong and why
 */
export const reportRange = (
  asked: { from?: string; to?: string },
  now: number,
): TimeRange | { wrong: 'from' | 'to'; why: string } => {
  const isDate = (text: string) => text.length === 'yyyy-mm-dd'.length;
  const to = asked.to === undefined ? dayOf(now) + dayMs : Date.parse(asked.to) + (isDate(asked.to) ? dayMs : 0);
  const from = asked.from === undefined ? monthOf(to - 1, 1 - reportMonths) : Date.parse(asked.from);
  if (from >= to) return { wrong: asked.from === undefined ? 'to' : 'from', why: 'must be before `to`' };
  if (to > latestEnd(from)) return { wrong: 'from', why: `may be at most ${reportMonths} months before \`to\`` };
  return { from, to };
};

/** The same day and time of the month, `reportMonths` later; the end of that month where it is shorter. */
const latestEnd = (from: number): number => {
  const month = monthOf(from, reportMonths);
  const next = monthOf(from, reportMonths + 1);
  return Math.min(month + (from - monthOf(from)), next);
};
