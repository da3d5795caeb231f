import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { acquire } from '../../acquire.ts';
import type { Waiting } from '../../api.ts';
import type { Client } from '../../client.ts';
import { ActivationEnded, SessionConflict } from '../../errors.ts';
import { OfflineLicenseRefused } from '../../offline/index.ts';
import { randomId } from '../../request.ts';
import type { SessionName } from '../ids/ci-session.ts';
import { claimLicenseFile } from './claim-license-file.ts';

/** A license for the running command, from a file or from the service. */
export interface AcquiredLicense {
  /** Aborted with the reason when the license is lost or expires. */
  readonly signal: AbortSignal;
  readonly heartbeat: () => Promise<void>;
  readonly release: () => Promise<void>;
}

export interface AcquireLicenseOptions {
  readonly product: string;
  readonly machineId: string;
  readonly session: SessionName;
  readonly waitSeconds: number;
  /** How long to wait while the service is away, seconds. */
  readonly serviceWaitSeconds: number;
  readonly offline: Parameters<typeof claimLicenseFile>[0];
  readonly onWaiting: (place: Waiting) => void;
  readonly onServiceAway: (failure: Error) => void;
  /** Called with the reason if no license file is valid. */
  readonly onOfflineRefused: (refusal: OfflineLicenseRefused) => void;
  readonly signal: AbortSignal;
}

const hasFiles = async (folder: string): Promise<boolean> => {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.endsWith('.lic'));
};

/** Claims a license file, if one is valid. */
const offlineLicense = async ({
  product,
  machineId,
  offline,
  onOfflineRefused,
}: AcquireLicenseOptions): Promise<AcquiredLicense | undefined> => {
  if (!(await hasFiles(offline.folder))) return undefined;
  try {
    const { signal, release } = await claimLicenseFile(offline, { product, machineId });
    return { signal, release, heartbeat: async () => {} };
  } catch (error) {
    if (!(error instanceof OfflineLicenseRefused)) throw error;
    onOfflineRefused(error);
    return undefined;
  }
};

/**
 * Takes a license: from a valid file, without any request; otherwise from the service. If the session was ended by force or is
 * live on another machine, this run gets a session ID of its own.
 *
 * @param makeClient called if the service is needed
 * @throws the refusal of the activation, or the signal's reason
 */
export const acquireLicense = async (
  makeClient: () => Client,
  options: AcquireLicenseOptions,
): Promise<AcquiredLicense> => {
  const found = await offlineLicense(options);
  if (found) return found;
  const client = makeClient();
  const { session } = options;
  const activate = (sessionId: string) => acquire(client, { ...options, sessionId, hostname: hostname() });
  const { sessionId, attempt } = session;
  try {
    return await activate(sessionId);
  } catch (error) {
    if (!(error instanceof ActivationEnded || error instanceof SessionConflict)) throw error;
  }
  try {
    return await activate(`${sessionId}.${attempt}`);
  } catch (error) {
    // Jobs that call one reusable workflow can have one name and one number of the attempt.
    if (!(error instanceof SessionConflict)) throw error;
  }
  return activate(`${sessionId}.${randomId().slice(0, 8)}`);
};
