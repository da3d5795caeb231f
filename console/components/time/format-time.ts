const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

// Dates follow the browser's language and region.
const exact = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
});
const precise = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'long' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const thisYear = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
});
const relative = {
  long: new Intl.RelativeTimeFormat('en', { numeric: 'auto' }),
  narrow: new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' }),
};

/** `Nov 24, 2026, 09:02 AM GMT+1`, in the user's time zone. */
export const exactTime = (at: number): string => exact.format(at);

/** `Nov 24, 09:02 AM GMT+1` in the current year; `Nov 24, 2025` in another one. */
export const briefTime = (at: number, now: number): string =>
  new Date(at).getFullYear() === new Date(now).getFullYear() ? thisYear.format(at) : day.format(at);

/** The same as `exactTime` to the second, with the day of the week. */
export const preciseTime = (at: number): string => precise.format(at);

/** `9:02:03 AM GMT+1`, in the user's time zone: a time of today. */
export const clockTime = (at: number): string => clock.format(at);

/** `Nov 24, 2026`. */
export const dayOf = (at: number): string => day.format(at);

/** `Nov 24, 2026`, of a day as pickers give it: `2026-11-24`. */
export const dayText = (picked: string): string => dayOf(Date.parse(`${picked}T12:00:00`));

/** The units, each with the least distance that it is used for. */
const units = [
  { unit: 'year', ms: 365 * DAY, from: 730 * DAY },
  { unit: 'month', ms: 30.44 * DAY, from: 60 * DAY },
  { unit: 'day', ms: DAY, from: 36 * HOUR },
  { unit: 'hour', ms: HOUR, from: 90 * MINUTE },
  { unit: 'minute', ms: MINUTE, from: 90 * SECOND },
] as const;

/** `in 3 months`, `2 minutes ago`, `now` within a minute and a half: how far a time is from now. */
export const relativeTime = (at: number, now: number, length: 'long' | 'narrow' = 'long'): string => {
  const distance = at - now;
  const fits = units.find(({ from }) => Math.abs(distance) >= from);
  if (fits) return relative[length].format(Math.round(distance / fits.ms), fits.unit);
  if (Math.abs(distance) < 10 * SECOND) return 'now';
  return relative[length].format(Math.trunc(distance / (10 * SECOND)) * 10, 'second');
};

/** `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: how long something took. */
export const duration = (seconds: number): string => {
  const rounded = Math.round(seconds);
  if (rounded < 120) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
};
