import { type AcquireOptions, acquire } from './acquire.ts';
import type { Client } from './client.ts';
import type { Hold } from './hold.ts';

export interface WithLicenseOptions extends AcquireOptions {
  /** Aborts the wait and the work's signal, with the same reason. */
  readonly signal?: AbortSignal;
  /** Called if the release failed: the license is free when its lease ends, a file when its process ends. The result is kept. */
  readonly onReleaseFailed?: (error: unknown) => void;
}

/** The license that the work gets. */
export interface License extends Pick<Hold, 'activation'> {
  /** Aborted with `LicenseLost` when the license is lost, or by the signal of the options. */
  readonly signal: AbortSignal;
}

/**
 * Does work with a license: takes one (and waits for it, with `waitSeconds`), keeps it by heartbeats, and releases it however
 * the work ends. If the license is lost, the work's signal is aborted: the work should stop.
 *
 * @example
 * const report = await withLicense(client, { product: 'KRE', machineId: 'runner-07', waitSeconds: 600 }, ({ signal }) =>
 *   runTests({ signal }),
 * );
 * @throws the work's error, the refusal of the activation, or the signal's reason
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
