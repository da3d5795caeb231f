import { type AcquireOptions, acquire } from './acquire.ts';
import type { Client } from './client.ts';
import type { Hold } from './hold.ts';

export interface WithLicenseOptions extends AcquireOptions {
  /** Aborts the wait, and the signal of the work with the same reason. */
  readonly signal?: AbortSignal;
  /** Told if the license could not be given back: it is free when its lease ends. What the work gave is not lost by it. */
  readonly onReleaseFailed?: (error: unknown) => void;
}

/** The license as the work sees it. */
export interface License extends Pick<Hold, 'activation'> {
  /** Aborted when the license is lost, with `LicenseLost` that says why, or by the signal of the options. */
  readonly signal: AbortSignal;
}

/**
 * Does some work with a license: takes one, waiting for it if asked to, keeps it by heartbeats, and gives it back however
 * the work ends. Loses it, and the signal of the work is aborted; the work should then stop.
 *
 * @example
 * const report = await withLicense(client, { product: 'KRE', machineId: 'runner-07', waitSeconds: 600 }, ({ signal }) =>
 *   runTests({ signal }),
 * );
 * @throws what the work throws; what the activation was refused with; the reason of the signal
 */
export const withLicense = async <T>(
  client: Client,
  options: WithLicenseOptions,
  work: (license: License) => T | Promise<T>,
): Promise<T> => {
  const outer = options.signal;
  const hold = await acquire(client, options);
  const stop = new AbortController();
  const onLost = () => stop.abort(hold.signal.reason);
  const onAborted = () => stop.abort(outer?.reason);
  hold.signal.addEventListener('abort', onLost, { once: true });
  outer?.addEventListener('abort', onAborted, { once: true });
  try {
    outer?.throwIfAborted();
    return await work({
      signal: stop.signal,
      get activation() {
        return hold.activation;
      },
    });
  } finally {
    outer?.removeEventListener('abort', onAborted);
    await hold.release().catch((error: unknown) => options.onReleaseFailed?.(error));
  }
};
