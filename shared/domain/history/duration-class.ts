import type { TimeRange } from '../dates.ts';
import type { EndedSession } from './session-history.ts';

/**
 * The longest duration of each class of ended sessions, ms: a quarter of an hour, then eight times the class before. The last
 * class has no longest.
 */
const longest = [0, 1, 2, 3, 4].map((power) => 900_000 * 8 ** power).concat(Infinity);

/** Every class. */
export const durationClasses: readonly number[] = longest.map((_, index) => index);

/** Returns the longest duration of a class, ms. */
export const longestOf = (durationClass: number): number => longest[durationClass] ?? Infinity;

/** Returns the class of an ended session, by its duration. */
export const durationClassOf = ({ startedAt, endedAt }: Pick<EndedSession, 'startedAt' | 'endedAt'>): number =>
  longest.findIndex((ms) => endedAt - startedAt <= ms);

/**
 * Returns the range (epoch ms) in which the sessions of a class began that were active at some time of a range. At most eight
 * times as many began there as were active at one time.
 */
export const startsOf = (durationClass: number, { from, to }: TimeRange): TimeRange => ({
  from: Math.max(0, from - longestOf(durationClass)),
  to,
});
