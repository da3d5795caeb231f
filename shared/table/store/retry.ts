import type { Clock } from './clock.ts';

/** Another write was first: the attempt read an item that has changed since. */
export type BeginAgain = { outcome: 'again' };

/** How long (ms), or how often, an operation tries. */
export type Patience = { ms: number } | { tries: number };

/** Returns a random pause before an attempt, ms: full jitter, from at most 50 ms doubling to 400 ms. */
export const jitter = (round: number): number => Math.random() * Math.min(25 * 2 ** round, 400);

/** Returns a check that is true for `ms` from now on. */
const untilAfter = (clock: Clock, ms: number) => {
  const end = clock.now() + ms;
  return () => clock.now() < end;
};

/**
 * Repeats an attempt while other writes are first. The first attempt begins at once, each later one after a pause.
 *
 * @param attempt gets the number of attempts before it
 * @returns the first outcome that is not `again`, or `contended` at the end of the patience
 */
export const retryWhileContended = async <R extends { outcome: string }>(
  clock: Clock,
  patience: Patience,
  attempt: (round: number) => Promise<R>,
): Promise<Exclude<R, BeginAgain> | { outcome: 'contended' }> => {
  const mayTry = 'tries' in patience ? (round: number) => round < patience.tries : untilAfter(clock, patience.ms);
  for (let round = 0; mayTry(round); round++) {
    if (round > 0) await clock.pause(jitter(round));
    const result = await attempt(round);
    if (result.outcome !== 'again') return result as Exclude<R, BeginAgain>;
  }
  return { outcome: 'contended' };
};

/** Others changed the same items again and again. A repetition of the operation is safe. */
export class Contended extends Error {
  override name = 'Contended';
  constructor() {
    super('Others changed the same items again and again.');
  }
}

/**
 * Repeats an attempt at once until it settles. The operation begins again only if another write was first, and then reads
 * that write.
 *
 * @param attempt returns undefined to begin again
 * @throws Contended after 100 attempts
 */
export const repeatUntilSettled = async <R>(attempt: () => Promise<R | undefined>): Promise<R> => {
  for (let tries = 0; tries < 100; tries++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new Contended();
};
