import { below, type Random } from '../explore/random.ts';
import type { Session } from './world.ts';

/** Draws a time with this mean, ms, as between events that do not depend on each other. */
export const exponential = (mean: number, random: Random): number => -mean * Math.log(1 - random());

/** Returns sessions that arrive at a rate, for a time. */
export const atRate = (perSecond: number, seconds: number, session: (random: Random) => Session) =>
  function* (random: Random) {
    for (let at = 0; ; ) {
      at += exponential(1000 / perSecond, random);
      if (at > seconds * 1000) return;
      yield { at, session: session(random) };
    }
  };

/** Returns sessions that arrive within a time, ms. */
export const burst = (count: number, session: (random: Random) => Session, withinMs = 1000) =>
  function* (random: Random) {
    for (let index = 0; index < count; index++) yield { at: (index * withinMs) / count, session: session(random) };
  };

/** Returns a session of one of several pools. */
export const ofPools =
  (pools: number, session: Omit<Session, 'pool'>) =>
  (random: Random): Session => ({
    ...session,
    pool: below(random, pools),
  });
