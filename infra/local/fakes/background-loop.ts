import { setTimeout as sleep } from 'node:timers/promises';

/** A task that runs until it is stopped. */
export interface BackgroundTask {
  /** Lets the current round finish, and starts no other. */
  stop(): Promise<void>;
}

/**
 * Repeats `round`, with a pause of `pauseMs` after each. Logs a failed round and goes on.
 *
 * @param round may return the pause after it, ms
 */
export const repeat = (
  pauseMs: number,
  // biome-ignore lint/suspicious/noConfusingVoidType: a round that returns nothing is the usual one
  round: (stopped: AbortSignal) => Promise<number | void>,
): BackgroundTask => {
  const stopped = new AbortController();
  const loop = async () => {
    while (!stopped.signal.aborted) {
      const pause = await round(stopped.signal).catch((error) => console.error(error));
      await sleep(pause ?? pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      stopped.abort();
      await ended;
    },
  };
};

/** The stand-in for EventBridge Scheduler: runs the scheduled function every few seconds. 0 seconds: never. */
export const startSchedule = (seconds: number, expire: () => Promise<unknown>): BackgroundTask =>
  seconds === 0
    ? { stop: async () => {} }
    : repeat(seconds * 1000, async () => {
        await expire();
      });
