import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import { sleep } from '../timing.ts';
import { seeTime } from './last-seen.ts';
import { type Lock, takeLock } from './lock.ts';
import { OfflineLicenseRefused, type OfflineRefusal } from './problems.ts';
import { type OfflineLicense, refused, verifyLicense } from './verify.ts';

export interface OfflineOptions {
  /** The folder of the `.lic` files. Each file allows one session at a time. */
  readonly folder: string;
  /** The public keys that you trust: shipped with your program, or those that `keptKeys` reads. */
  readonly keys: JSONWebKeySet;
  readonly product: string;
  /** This machine's ID, determined on the machine, never read from a file beside the license. */
  readonly machineId: string;
  /** The issuer of the licenses. Default: `urn:leasehold`. */
  readonly issuer?: string;
  /** The folder of the locks and of the latest time seen. Default: `.leasehold` in the folder. */
  readonly stateFolder?: string;
}

/** A license file in use by this process. */
export interface OfflineHold {
  readonly license: OfflineLicense;
  /** Aborted with `OfflineLicenseRefused` when the license expires. */
  readonly signal: AbortSignal;
  /** Lets another process use the file. Repeating is harmless. Rejects if the state folder can't be written. */
  readonly release: () => Promise<void>;
}

/** From far to near: of several bad files, the nearest one is reported. */
const byNearness: readonly OfflineRefusal[] = [
  'no-file',
  'not-a-license',
  'wrong-product',
  'wrong-issuer',
  'unknown-key',
  'bad-signature',
  'wrong-machine',
  'not-yet-valid',
  'expired',
  'clock-set-back',
  'in-use',
];

/** How often to check the expiry, ms: a timer does not count the sleep of a machine. */
const checkEveryMs = 60_000;

const filesIn = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.lic')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

const hold = (license: OfflineLicense, lock: Lock, stateFolder: string): OfflineHold => {
  const expired = new AbortController();
  const stopped = new AbortController();
  let pendingRelease: Promise<void> | undefined;
  const watch = async () => {
    for (;;) {
      const left = license.expiresAt.getTime() - Date.now();
      if (left <= 0) return expired.abort(refused('expired'));
      await sleep(Math.min(left, checkEveryMs), stopped.signal);
    }
  };
  watch().catch(() => {});
  return {
    license,
    signal: expired.signal,
    release: () => {
      pendingRelease ??= (async () => {
        stopped.abort();
        try {
          await seeTime(stateFolder, new Date());
        } finally {
          await lock.release();
        }
      })().catch((error: unknown) => {
        pendingRelease = undefined;
        throw error;
      });
      return pendingRelease;
    },
  };
};

/**
 * Claims a license file, without a network. The file must be for this machine and product, signed with a trusted key, valid
 * now by a clock that was not set back, and not in use by another process. The license of a dead process is free.
 *
 * @throws OfflineLicenseRefused if no file is good; `reason` says why
 */
export const claimOfflineLicense = async (options: OfflineOptions): Promise<OfflineHold> => {
  const { folder, stateFolder = join(folder, '.leasehold') } = options;
  let nearest = refused('no-file');
  const note = (refusal: OfflineLicenseRefused) => {
    if (byNearness.indexOf(refusal.reason) > byNearness.indexOf(nearest.reason)) nearest = refusal;
  };
  const now = new Date();
  // Always record the time, so that an expired license cannot become valid again.
  const { setBack } = await seeTime(stateFolder, now);
  const seen = new Set<string>();
  for (const name of await filesIn(folder)) {
    try {
      const license = await verifyLicense(await readFile(join(folder, name), 'utf8'), { ...options, now });
      // Two files with the same license count once.
      if (seen.has(license.id)) continue;
      seen.add(license.id);
      if (setBack) throw refused('clock-set-back');
      const lock = await takeLock(stateFolder, encodeURIComponent(license.id));
      if (!lock) throw refused('in-use');
      return hold(license, lock, stateFolder);
    } catch (error) {
      if (!(error instanceof OfflineLicenseRefused)) throw error;
      note(error);
    }
  }
  throw nearest;
};
