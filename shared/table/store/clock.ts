import { setTimeout } from 'node:timers/promises';

/** The time of an operation. Tests skew it. */
export interface Clock {
  /** Epoch ms. */
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
}

export const systemClock: Clock = { now: () => Date.now(), pause: (ms) => setTimeout(ms) };
