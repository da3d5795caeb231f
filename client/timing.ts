/** Milliseconds on a clock that nobody sets: for differences alone. It may stand still while the machine sleeps. */
export const monotonicNow = (): number => performance.now();

/** Waits. Rejects with the signal's reason as soon as it is aborted; nothing stays behind either way. */
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

/** Does some work, and rejects with the signal's reason as soon as it is aborted; the work may go on then. */
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
 * A signal that is aborted when `outer` is, or once `ms` have passed since it was made or last extended. `end` takes
 * its timer and its listener away.
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
