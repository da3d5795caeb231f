import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectionFailed } from '../../errors.ts';
import { type Lock, takeLock } from '../../offline/lock.ts';
import { sleep } from '../../timing.ts';
import { CommandFailed } from '../exit-codes.ts';
import { type Environment, homeOf } from '../settings/config.ts';
import { baseOf } from '../settings/urls.ts';

/** A saved sign-in: as secret as a password, so it stays in its file. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly idToken: string;
  /** The end of the token, epoch ms. */
  readonly expiresAt: number;
  readonly refreshToken?: string;
}

type SignIns = Readonly<Record<string, SignIn>>;

const fileName = 'sign-ins.json';
const fileIn = (environment: Environment) => join(homeOf(environment), fileName);

/** Parses the file; undefined if this command did not write it. */
const signInsOf = (text: string): SignIns | undefined => {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Reads the sign-ins; undefined if the file is damaged. */
const readIfWhole = async (environment: Environment): Promise<SignIns | undefined> => {
  try {
    return signInsOf(await readFile(fileIn(environment), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new CommandFailed('configuration', `${fileIn(environment)} can't be read.`, { cause: error });
  }
};

const readAll = async (environment: Environment): Promise<SignIns> => {
  const signIns = await readIfWhole(environment);
  if (signIns) return signIns;
  throw new CommandFailed(
    'configuration',
    `${fileIn(environment)} is damaged: sign in again with \`leasehold login\`.`,
  );
};

/** Changes files in the command's folder, which may belong to another user or be read-only. */
const withStoreErrors = async <T>(environment: Environment, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw new CommandFailed(
      'configuration',
      `Sign-ins can't be saved in ${homeOf(environment)} (${(cause as NodeJS.ErrnoException).code}): make it a folder that ` +
        'you may write to, or set LEASEHOLD_API_KEY instead.',
      { cause },
    );
  }
};

/** Writes the file atomically, readable by its owner only. */
const writeAll = (environment: Environment, signIns: SignIns): Promise<void> =>
  withStoreErrors(environment, async () => {
    const file = fileIn(environment);
    const temporary = `${file}.${randomUUID()}`;
    try {
      await writeFile(temporary, JSON.stringify(signIns), { mode: 0o600 });
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  });

/** Removes the temporary files of killed commands: they contain tokens. */
const removeTemporaryFiles = async (home: string): Promise<void> => {
  for (const name of await readdir(home))
    if (name.startsWith(`${fileName}.`)) await rm(join(home, name), { force: true });
};

/** How long to wait for other commands that renew a sign-in, ms. */
const lockWithinMs = 15_000;

/** The age of a lock that a killed command left, ms: a renewal takes 10 s at most. */
const leftLockMs = 60_000;

/** Takes the file's lock, and creates its folder; undefined if another command holds the lock. */
const lockIfFree = (environment: Environment): Promise<Lock | undefined> =>
  withStoreErrors(environment, async () => {
    const home = homeOf(environment);
    await mkdir(home, { recursive: true, mode: 0o700 });
    const lock = await takeLock(home, 'sign-ins', leftLockMs);
    if (lock) await removeTemporaryFiles(home);
    return lock;
  });

/** Lets one command at a time change the file: a refresh token may be good for one use only. */
const withStoreLock = async <T>(environment: Environment, work: () => Promise<T>): Promise<T> => {
  for (const until = Date.now() + lockWithinMs; ; ) {
    const lock = await lockIfFree(environment);
    if (lock) return work().finally(lock.release);
    if (Date.now() > until) throw new ConnectionFailed('Another command is still renewing the sign-in: try again.');
    await sleep(100);
  }
};

const keyOf = (url: string) => baseOf(url).href;

/**
 * Checks that a sign-in can be saved, before a person signs in.
 *
 * @throws CommandFailed if not
 */
export const requireWritableStore = (environment: Environment): Promise<void> =>
  withStoreLock(environment, async () => {});

/** Returns the sign-in to a service, if any. */
export const readSignIn = async (environment: Environment, url: string): Promise<SignIn | undefined> =>
  (await readAll(environment))[keyOf(url)];

/** Saves the sign-in to a service. Replaces a damaged file. */
export const saveSignIn = (environment: Environment, url: string, signIn: SignIn): Promise<void> =>
  withStoreLock(environment, async () =>
    writeAll(environment, { ...(await readIfWhole(environment)), [keyOf(url)]: signIn }),
  );

/** Deletes the sign-in to a service, or a damaged file as a whole. Returns the deleted sign-in, if any. */
export const deleteSignIn = (environment: Environment, url: string): Promise<SignIn | undefined> =>
  withStoreLock(environment, async () => {
    const all = await readIfWhole(environment);
    const { [keyOf(url)]: deleted, ...others } = all ?? {};
    if (deleted || !all) await writeAll(environment, others);
    return deleted;
  });

/** Replaces the sign-in to a service by `make`'s result, under the lock. */
export const updateSignIn = (
  environment: Environment,
  url: string,
  make: (saved: SignIn | undefined) => Promise<SignIn>,
): Promise<SignIn> =>
  withStoreLock(environment, async () => {
    const all = await readAll(environment);
    const saved = all[keyOf(url)];
    const updated = await make(saved);
    if (updated !== saved) await writeAll(environment, { ...all, [keyOf(url)]: updated });
    return updated;
  });
