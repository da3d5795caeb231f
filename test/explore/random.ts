/** Numbers from 0 to below 1. */
export type Random = () => number;

/** The numbers that a seed stands for, always the same (mulberry32). */
export const seeded = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Returns a seed for a separate draw, so that no other draw changes. */
export const nextSeed = (random: Random): number => Math.floor(random() * 2 ** 32);

export const below = (random: Random, end: number): number => Math.floor(random() * end);
export const pick = <T>(random: Random, among: readonly T[]): T => among[below(random, among.length)] as T;
export const chance = (random: Random, probability: number): boolean => random() < probability;

/** Draws one of several, each by its weight. */
export const weighted = <T>(random: Random, among: readonly (readonly [number, T])[]): T => {
  let left = random() * among.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, one] of among) {
    left -= weight;
    if (left < 0) return one;
  }
  return (among.at(-1) as readonly [number, T])[1];
};
