import type { Client } from '../client.ts';
import { type License, type WithLicenseOptions, withLicense } from '../with-license.ts';
import { claimOfflineLicense, type OfflineHold, type OfflineOptions } from './claim.ts';
import { OfflineLicenseRefused } from './problems.ts';
import type { OfflineLicense } from './verify.ts';

export interface WithAnyLicenseOptions extends WithLicenseOptions {
  readonly offline: Omit<OfflineOptions, 'product' | 'machineId'>;
  /** Called with the reason if no file is good, before the service is asked. */
  readonly onOfflineRefused?: (refusal: OfflineLicenseRefused) => void;
}

/** The license that the work gets: from a file or from the service. */
export type AnyLicense =
  | (License & { readonly offline?: undefined })
  | {
      readonly signal: AbortSignal;
      readonly offline: OfflineLicense;
    };

/**
 * Does work with a license: of a good file, without any request; otherwise of the service, by `withLicense`.
 *
 * @throws the errors of `withLicense`
 */
export const withAnyLicense = async <T>(
  client: Client,
  { offline, onOfflineRefused, ...options }: WithAnyLicenseOptions,
  work: (license: AnyLicense) => T | Promise<T>,
): Promise<T> => {
  const { product, machineId, signal: outer } = options;
  outer?.throwIfAborted();
  let hold: OfflineHold;
  try {
    hold = await claimOfflineLicense({ ...offline, product, machineId });
  } catch (error) {
    if (!(error instanceof OfflineLicenseRefused)) throw error;
    onOfflineRefused?.(error);
    return withLicense(client, options, work);
  }
  const stop = new AbortController();
  const onExpired = () => stop.abort(hold.signal.reason);
  const onAborted = () => stop.abort(outer?.reason);
  hold.signal.addEventListener('abort', onExpired, { once: true });
  outer?.addEventListener('abort', onAborted, { once: true });
  try {
    return await work({ signal: stop.signal, offline: hold.license });
  } finally {
    outer?.removeEventListener('abort', onAborted);
    await hold.release().catch((error: unknown) => options.onReleaseFailed?.(error));
  }
};
