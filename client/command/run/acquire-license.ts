import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { acquire } from '../../acquire.ts';
import type { Waiting } from '../../api.ts';
import type { Client } from '../../client.ts';
import { ActivationEnded, SessionConflict } from '../../errors.ts';
import { claimOfflineLicense, keptKeys, OfflineLicenseRefused } from '../../offline/index.ts';
import type { SessionName } from '../ids/ci-session.ts';

/** A license for the command that runs, of a file or of the service. */
export interface AcquiredLicense {
  /** Aborted when it is lost, or has expired, with the reason. */
  readonly signal: AbortSignal;
  readonly heartbeat: () => Promise<void>;
  readonly release: () => Promise<void>;
}

export interface AcquireLicenseOptions {
  readonly product: string;
  readonly machineId: string;
  readonly session: SessionName;
  readonly waitSeconds: number;
  readonly offline: { readonly folder: string; readonly keysFile: string };
  readonly onWaiting: (place: Waiting) => void;
  /** Told why no file of those that are there is good. */
  readonly onOfflineRefused: (refusal: OfflineLicenseRefused) => void;
  readonly signal: AbortSignal;
}

const hasFiles = async (folder: string): Promise<boolean> => {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.endsWith('.lic'));
};

/** The license of a file, if one is good. */
const offlineLicense = async ({
  product,
  machineId,
  offline,
  onOfflineRefused,
}: AcquireLicenseOptions): Promise<AcquiredLicense | undefined> => {
  const { folder, keysFile } = offline;
  if (!(await hasFiles(folder))) return undefined;
  try {
    const keys = await keptKeys(keysFile);
    const { signal, release } = await claimOfflineLicense({ folder, keys, product, machineId });
    return { signal, release, heartbeat: async () => {} };
  } catch (error) {
    if (!(error instanceof OfflineLicenseRefused)) throw error;
    onOfflineRefused(error);
    return undefined;
  }
};

/**
 * Takes a license: of a file if one is good, and then nothing is sent; else of the service. A session whose license was
 * taken away, or that is live on another machine, can't be had: this run then is a session of its own.
 *
 * @param makeClient called if the service is asked
 * @throws what the activation was refused with; the reason of the signal
 */
export const acquireLicense = async (
  makeClient: () => Client,
  options: AcquireLicenseOptions,
): Promise<AcquiredLicense> => {
  const found = await offlineLicense(options);
  if (found) return found;
  const client = makeClient();
  const { product, machineId, session, waitSeconds, onWaiting, signal } = options;
  const activate = (sessionId: string) =>
    acquire(client, { product, machineId, sessionId, hostname: hostname(), waitSeconds, onWaiting, signal });
  const { sessionId, attempt } = session;
  try {
    return await activate(sessionId);
  } catch (error) {
    if (!(error instanceof ActivationEnded || error instanceof SessionConflict)) throw error;
    return await activate(`${sessionId}.${attempt}`);
  }
};
