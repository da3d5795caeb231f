import { useSyncExternalStore } from 'react';
import { DAY } from './format-time.ts';

const TICK_MS = 5_000;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the page, so that all relative times change together. */
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  if (timer === undefined) {
    // The clock stood still without listeners.
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const tell of listeners) tell();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

/** The beginning of today (UTC), epoch ms. */
export const useToday = (): number => useSyncExternalStore(subscribe, () => now - (now % DAY));

/** The time, epoch ms, to a few seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);
