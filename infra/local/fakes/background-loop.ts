import { setTimeout as sleep } from 'node:timers/promises';

/** Something that goes on by itself until it is stopped. */
export interface BackgroundTask {
  /** Lets the current round finish, and starts no other. */
  stop(): Promise<void>;
}

/**
 * Does `round` again and again, each time when the one before has ended and `pauseMs` have passed. A round that fails
 * is logged, and the next one comes all the same.
 *
 * @param round may tell the pause after it; else it is `pauseMs`
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

/** What EventBridge's schedule does on AWS: runs the expiry function every few seconds. 0 seconds: never. */
export const startSchedule = (seconds: number, expire: () => Promise<unknown>): BackgroundTask =>
  seconds === 0
    ? { stop: async () => {} }
    : repeat(seconds * 1000, async () => {
        await expire();
      });
