import { dayMs, monthOf, type TimeRange } from '../dates.ts';
import { type HistorySession, isEnded, overlaps } from './session-history.ts';

/** How many activations a quota refused, by the quota. */
interface RefusedFigures {
  licenseQuota: number;
  machineQuota: number;
}

/** The waiting of those who got their license in an interval. */
export interface WaitedFigures {
  /** How many waited for it in the queue. */
  sessions: number;
  /** For how long, all together, seconds. */
  seconds: number;
  longestSeconds: number;
}

/** What was in use in an interval of time. */
export interface Usage {
  /** The most sessions that ran at one moment. */
  peak: number;
  /** For how long they ran in it, all together, ms. */
  occupiedMs: number;
  /** How many users they were of. */
  users: number;
  /** How many machines they ran on. */
  machines: number;
  refused: RefusedFigures;
  /** Absent if nobody did. */
  waited?: WaitedFigures;
}

/** Who used what in an interval, by their ids: what it takes to count several intervals together. */
export interface Used {
  users: ReadonlySet<string>;
  machines: ReadonlySet<string>;
}

/** A refused activation. `at`: epoch ms. */
export interface RefusedAt {
  at: number;
  reason: 'license-quota' | 'machine-quota';
}

/** The lengths of the intervals that usage is told for. All are of UTC. */
export type Granularity = 'hour' | 'day' | 'month';

const hourMs = dayMs / 24;

/** The beginning of the interval that a time lies in, or of the one `steps` after it, epoch ms. */
export const intervalOf = (granularity: Granularity, time: number, steps = 0): number => {
  if (granularity === 'month') return monthOf(time, steps);
  const length = granularity === 'hour' ? hourMs : dayMs;
  return time - (time % length) + steps * length;
};

/** The beginnings of the intervals that a range touches, from the first on, `most` of them. */
export const intervalsIn = (granularity: Granularity, { from, to }: TimeRange, most = Infinity): number[] => {
  const starts: number[] = [];
  for (let at = intervalOf(granularity, from); at < to && starts.length < most; at = intervalOf(granularity, at, 1))
    starts.push(at);
  return starts;
};

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
const largestOf = (numbers: readonly number[]): number => numbers.reduce((largest, each) => Math.max(largest, each), 0);

/**
 * The most sessions that ran at one moment. One that ends at a moment does not run any more; one that began and ended
 * in the same never did.
 */
const peakOf = (sessions: readonly TimeRange[]): number => {
  const starts = Float64Array.from(sessions, ({ from }) => from).sort();
  const ends = Float64Array.from(sessions, ({ to }) => to).sort();
  let peak = 0;
  let over = 0;
  for (const [index, start] of starts.entries()) {
    while ((ends[over] as number) <= start) over++;
    peak = Math.max(peak, index + 1 - over);
  }
  return peak;
};

/** The sessions that ran at some time of a range; in one that is empty nothing did. */
const ranIn = (sessions: readonly HistorySession[], range: TimeRange) =>
  range.from < range.to ? sessions.filter((session) => overlaps(session, range)) : [];

/** Each waited for the license that it got at its start. */
const waitedFor = (started: readonly HistorySession[]): WaitedFigures | undefined => {
  const waits = started.flatMap(({ waitedSeconds }) => waitedSeconds ?? []);
  if (waits.length === 0) return undefined;
  return { sessions: waits.length, seconds: sumOf(waits), longestSeconds: largestOf(waits) };
};

const waitedTogether = (parts: readonly Usage[]): WaitedFigures | undefined => {
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

/** What was in use in a range. Sessions that run are taken to do so until its end. */
export const usageOf = (
  range: TimeRange,
  sessions: readonly HistorySession[],
  refusals: readonly RefusedAt[],
): Usage => {
  const there = ranIn(sessions, range);
  const within = there.map((session) => ({
    from: Math.max(session.startedAt, range.from),
    to: Math.min(isEnded(session) ? session.endedAt : range.to, range.to),
  }));
  const { users, machines } = usedBy(there);
  const refusedFor = (reason: RefusedAt['reason']) =>
    refusals.filter((refusal) => refusal.reason === reason && refusal.at >= range.from && refusal.at < range.to).length;
  return {
    peak: peakOf(within),
    occupiedMs: sumOf(within.map(({ from, to }) => to - from)),
    users: users.size,
    machines: machines.size,
    refused: { licenseQuota: refusedFor('license-quota'), machineQuota: refusedFor('machine-quota') },
    waited: waitedFor(there.filter(({ startedAt }) => startedAt >= range.from)),
  };
};

/** What was in use in intervals that follow each other, together. Who used it can't be told from how many did. */
export const usageTogether = (parts: readonly Usage[], { users, machines }: Used): Usage => {
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
    waited: waitedTogether(parts),
  };
};

/** What was in use on a day (UTC). */
export interface DayUsage {
  /** In all of it. */
  whole: Usage;
  /** In each of its 24 hours; in those that are not yet begun, nothing. */
  hours: readonly Usage[];
}

/**
 * What was in use on a day until now, and by whom.
 *
 * @param day its beginning, epoch ms
 * @param history the sessions that ran, and the activations that were refused, at some time of it; of others nothing counts
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
  return { whole: usageTogether(hours, used), hours, used };
};

/** How long those who waited did on average, seconds, to a thousandth. */
export const averageWaitOf = ({ seconds, sessions }: WaitedFigures): number =>
  Math.round((seconds / sessions) * 1000) / 1000;

/** How many sessions ran on average in an interval, to a millionth. Of one that is not over, until `now`. */
export const averageOf = ({ occupiedMs }: Usage, { from, to }: TimeRange, now: number): number =>
  Math.round((occupiedMs / (Math.min(to, now) - from)) * 1e6) / 1e6;
