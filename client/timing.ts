/** Returns milliseconds on the monotonic clock, for differences only. It may stop while the machine sleeps. */
export const monotonicNow = (): number => performance.now();

/** Waits. Rejects with the signal's reason as soon as it is aborted. Removes its timer and listener. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });

/** Does work. Rejects with the signal's reason as soon as it is aborted; the work may continue. */
export const unlessAborted = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });

export interface TimeLimit {
  readonly signal: AbortSignal;
  readonly timedOut: () => boolean;
  readonly extend: () => void;
  readonly end: () => void;
}

/**
 * Creates a signal that aborts with `outer`, or `ms` after its creation or last extension. `end` removes its timer and its
 * listener.
 */
export const timeLimit = (outer: AbortSignal | undefined, ms: number): TimeLimit => {
  const controller = new AbortController();
  let timedOut = false;
  const expire = () => {
    timedOut = true;
    controller.abort();
  };
  const onAbort = () => controller.abort(outer?.reason);
  let timer = setTimeout(expire, ms);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    extend: () => {
      clearTimeout(timer);
      timer = setTimeout(expire, ms);
    },
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
};
