import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import { sleep } from '../timing.ts';
import { seeTime } from './last-seen.ts';
import { type Lock, takeLock } from './lock.ts';
import { OfflineLicenseRefused, type OfflineRefusal } from './problems.ts';
import { type OfflineLicense, refused, verifyLicense } from './verify.ts';

export interface OfflineOptions {
  /** The folder that the `.lic` files are in; each of them is one session at a time. */
  readonly folder: string;
  /** The public keys that you trust: shipped with your program, or those that `keptKeys` reads. */
  readonly keys: JSONWebKeySet;
  readonly product: string;
  /** This machine's ID, found out on the machine, not read from a file beside the license. */
  readonly machineId: string;
  /** Who issues licenses. Default: `urn:leasehold`. */
  readonly issuer?: string;
  /** Where the latest time that was seen and the locks are kept. Default: `.leasehold` in the folder. */
  readonly stateFolder?: string;
}

/** A license of a file that this process uses. */
export interface OfflineHold {
  readonly license: OfflineLicense;
  /** Aborted, with `OfflineLicenseRefused`, when the license expires. */
  readonly signal: AbortSignal;
  /** Lets another process use the file. Repeating is harmless. */
  readonly release: () => Promise<void>;
}

/** From far to near: of several files that are not good, the nearest tells what to do. */
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

/** How often to look whether a license has expired, ms: a timer does not count the time that a machine sleeps. */
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
        await seeTime(stateFolder, new Date());
        await lock.release();
      })();
      return pendingRelease;
    },
  };
};

/**
 * Takes a license of a file, without a network: one for this machine and product, signed with a key that you trust, in
 * its time, on a clock that was not set back, and that no other process uses. The license of a process that died is free.
 *
 * @throws OfflineLicenseRefused there is none; `reason` says why
 */
export const claimOfflineLicense = async (options: OfflineOptions): Promise<OfflineHold> => {
  const { folder, stateFolder = join(folder, '.leasehold') } = options;
  let nearest = refused('no-file');
  const note = (refusal: OfflineLicenseRefused) => {
    if (byNearness.indexOf(refusal.reason) > byNearness.indexOf(nearest.reason)) nearest = refusal;
  };
  const now = new Date();
  // Noted whether a license is good or not: one that has expired must not come to life again.
  const { setBack } = await seeTime(stateFolder, now);
  const seen = new Set<string>();
  for (const name of await filesIn(folder)) {
    try {
      const license = await verifyLicense(await readFile(join(folder, name), 'utf8'), { ...options, now });
      // The same license in two files is one.
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
