import { dayMs, hourMs, monthOf, type TimeRange } from '../dates.ts';
import { type HistorySession, isEnded, overlaps } from './session-history.ts';

/** How many activations were refused, by quota. */
interface RefusedFigures {
  licenseQuota: number;
  machineQuota: number;
}

/** The waiting times of the sessions that started in an interval. */
export interface WaitedFigures {
  /** How many of these sessions waited in the queue. */
  sessions: number;
  /** The sum of their waiting times, seconds. */
  seconds: number;
  longestSeconds: number;
}

/** The usage of a product in an interval. */
export interface Usage {
  /** The most sessions that ran at one moment. */
  peak: number;
  /** The sum of the sessions' running times in the interval, ms. */
  occupiedMs: number;
  /** How many users ran sessions. */
  users: number;
  /** How many machines ran sessions. */
  machines: number;
  refused: RefusedFigures;
  /** Absent if no session waited. */
  waited?: WaitedFigures;
}

/** The IDs of the users and machines in an interval. They are needed to count several intervals together. */
export interface Used {
  users: ReadonlySet<string>;
  machines: ReadonlySet<string>;
}

/** A refused activation. `at`: epoch ms. */
export interface RefusedAt {
  at: number;
  reason: 'license-quota' | 'machine-quota';
}

/** The lengths of a report's intervals. All intervals are in UTC. */
export type Granularity = 'hour' | 'day' | 'month';

/** Returns the beginning of the interval that contains a time, or of the interval `steps` after it, epoch ms. */
export const intervalOf = (granularity: Granularity, time: number, steps = 0): number => {
  if (granularity === 'month') return monthOf(time, steps);
  const length = granularity === 'hour' ? hourMs : dayMs;
  return time - (time % length) + steps * length;
};

/** Returns the beginnings of the first `limit` intervals that a range touches, epoch ms. */
export const intervalsIn = (granularity: Granularity, { from, to }: TimeRange, limit = Infinity): number[] => {
  const starts: number[] = [];
  for (let at = intervalOf(granularity, from); at < to && starts.length < limit; at = intervalOf(granularity, at, 1))
    starts.push(at);
  return starts;
};

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
const largestOf = (numbers: readonly number[]): number => numbers.reduce((largest, each) => Math.max(largest, each), 0);

/**
 * Returns the most sessions that ran at one moment. A session no longer runs at the moment of its end, so a session that
 * starts and ends at the same moment does not count.
 */
const peakOf = (sessions: readonly TimeRange[]): number => {
  const starts = Float64Array.from(sessions, ({ from }) => from).sort();
  const ends = Float64Array.from(sessions, ({ to }) => to).sort();
  let peak = 0;
  let ended = 0;
  for (const [index, start] of starts.entries()) {
    while ((ends[ended] as number) <= start) ended++;
    peak = Math.max(peak, index + 1 - ended);
  }
  return peak;
};

/** Returns the sessions that ran at some time of a range; none for an empty range. */
const ranIn = (sessions: readonly HistorySession[], range: TimeRange) =>
  range.from < range.to ? sessions.filter((session) => overlaps(session, range)) : [];

/** Returns the waiting times of these sessions, which all started in the interval; undefined if none waited. */
const waitedFor = (started: readonly HistorySession[]): WaitedFigures | undefined => {
  const waits = started.flatMap(({ waitedSeconds }) => waitedSeconds ?? []);
  if (waits.length === 0) return undefined;
  return { sessions: waits.length, seconds: sumOf(waits), longestSeconds: largestOf(waits) };
};

const combinedWaits = (parts: readonly Usage[]): WaitedFigures | undefined => {
  const waits = parts.flatMap(({ waited }) => waited ?? []);
  if (waits.length === 0) return undefined;
  return {
    sessions: sumOf(waits.map(({ sessions }) => sessions)),
    seconds: sumOf(waits.map(({ seconds }) => seconds)),
    longestSeconds: largestOf(waits.map(({ longestSeconds }) => longestSeconds)),
  };
};

const usedBy = (sessions: readonly HistorySession[]): Used => ({
  users: new Set(sessions.map(({ userId }) => userId)),
  machines: new Set(sessions.map(({ machineId }) => machineId)),
});

/** Returns the usage in a range. A session that has not ended counts until the end of the range. */
export const usageOf = (
  range: TimeRange,
  sessions: readonly HistorySession[],
  refusals: readonly RefusedAt[],
): Usage => {
  const ranThen = ranIn(sessions, range);
  const clipped = ranThen.map((session) => ({
    from: Math.max(session.startedAt, range.from),
    to: Math.min(isEnded(session) ? session.endedAt : range.to, range.to),
  }));
  const { users, machines } = usedBy(ranThen);
  const refusedFor = (reason: RefusedAt['reason']) =>
    refusals.filter((refusal) => refusal.reason === reason && refusal.at >= range.from && refusal.at < range.to).length;
  return {
    peak: peakOf(clipped),
    occupiedMs: sumOf(clipped.map(({ from, to }) => to - from)),
    users: users.size,
    machines: machines.size,
    refused: { licenseQuota: refusedFor('license-quota'), machineQuota: refusedFor('machine-quota') },
    waited: waitedFor(ranThen.filter(({ startedAt }) => startedAt >= range.from)),
  };
};

/**
 * Returns the usage of consecutive intervals together.
 *
 * @param used the users and machines of all intervals: their numbers can't be added, since an ID may be in several
 */
export const combinedUsage = (parts: readonly Usage[], { users, machines }: Used): Usage => {
  const sum = (of: (usage: Usage) => number) => sumOf(parts.map(of));
  return {
    peak: largestOf(parts.map(({ peak }) => peak)),
    occupiedMs: sum(({ occupiedMs }) => occupiedMs),
    users: users.size,
    machines: machines.size,
    refused: {
      licenseQuota: sum(({ refused }) => refused.licenseQuota),
      machineQuota: sum(({ refused }) => refused.machineQuota),
    },
    waited: combinedWaits(parts),
  };
};

/** The usage on a day (UTC). */
export interface DayUsage {
  whole: Usage;
  /** The 24 hours. An hour that has not begun has no usage. */
  hours: readonly Usage[];
}

/**
 * Returns the usage on a day until now, with the IDs of its users and machines.
 *
 * @param day the beginning of the day, epoch ms
 * @param history all sessions and refusals of the day. It may have others: they do not count
 */
export const usageOfDay = (
  day: number,
  history: { sessions: readonly HistorySession[]; refusals: readonly RefusedAt[] },
  now: number,
): DayUsage & { used: Used } => {
  const until = Math.min(day + dayMs, now);
  const sessions = ranIn(history.sessions, { from: day, to: until });
  const hours = intervalsIn('hour', { from: day, to: day + dayMs }).map((from) =>
    usageOf({ from, to: Math.max(from, Math.min(from + hourMs, until)) }, sessions, history.refusals),
  );
  const used = usedBy(sessions);
  return { whole: combinedUsage(hours, used), hours, used };
};

/** Returns the average waiting time, seconds, rounded to a thousandth. */
export const averageWaitOf = ({ seconds, sessions }: WaitedFigures): number =>
  Math.round((seconds / sessions) * 1000) / 1000;

/** Returns how many sessions ran on average, rounded to a millionth. An interval that has not ended counts until `now`. */
export const averageOf = ({ occupiedMs }: Usage, { from, to }: TimeRange, now: number): number =>
  Math.round((occupiedMs / (Math.min(to, now) - from)) * 1e6) / 1e6;
