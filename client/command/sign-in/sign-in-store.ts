import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectionFailed } from '../../errors.ts';
import { type Lock, takeLock } from '../../offline/lock.ts';
import { sleep } from '../../timing.ts';
import { CommandFailed } from '../exit-codes.ts';
import { type Environment, homeOf } from '../settings/config.ts';
import { baseOf } from '../settings/urls.ts';

/** What a sign-in gave: it is worth as much as its person's password, and stays in its file. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly idToken: string;
  /** Until when the token is good, epoch ms. */
  readonly expiresAt: number;
  readonly refreshToken?: string;
}

type SignIns = Readonly<Record<string, SignIn>>;

const fileName = 'sign-ins.json';
const fileIn = (environment: Environment) => join(homeOf(environment), fileName);

/** The sign-ins that a text tells of; undefined if it is not what this command writes. */
const signInsOf = (text: string): SignIns | undefined => {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The sign-ins that are kept; undefined if their file is damaged. */
const readIfWhole = async (environment: Environment): Promise<SignIns | undefined> => {
  try {
    return signInsOf(await readFile(fileIn(environment), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new CommandFailed('usage', `${fileIn(environment)} can't be read.`, { cause: error });
  }
};

const readAll = async (environment: Environment): Promise<SignIns> => {
  const signIns = await readIfWhole(environment);
  if (signIns) return signIns;
  throw new CommandFailed('usage', `${fileIn(environment)} is damaged: sign in again with \`leasehold login\`.`);
};

/** Changes the command's folder. What it must change can be somebody else's, or on a disk that is read-only. */
const withStoreErrors = async <T>(environment: Environment, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw new CommandFailed(
      'usage',
      `Sign-ins can't be kept in ${homeOf(environment)} (${(cause as NodeJS.ErrnoException).code}): make it a folder that ` +
        'you may write to, or set LEASEHOLD_API_KEY instead.',
      { cause },
    );
  }
};

/** Writes the file whole or not at all, for its owner alone. */
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

/** Removes what commands that were killed while they wrote left behind: it has tokens, and nobody would look for it. */
const removeTemporaryFiles = async (home: string): Promise<void> => {
  for (const name of await readdir(home))
    if (name.startsWith(`${fileName}.`)) await rm(join(home, name), { force: true });
};

/** How long other commands may take to renew a sign-in, ms. */
const lockWithinMs = 15_000;

/** Takes the lock of the file, and makes its folder; undefined if another command has it. */
const lockIfFree = (environment: Environment): Promise<Lock | undefined> =>
  withStoreErrors(environment, async () => {
    const home = homeOf(environment);
    await mkdir(home, { recursive: true, mode: 0o700 });
    const lock = await takeLock(home, 'sign-ins');
    if (lock) await removeTemporaryFiles(home);
    return lock;
  });

/** Only one command changes the file at a time: a refresh token may be good for one use. */
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
 * Makes sure that sign-ins can be kept, before a person signs in.
 *
 * @throws CommandFailed they can't
 */
export const requireWritableStore = (environment: Environment): Promise<void> =>
  withStoreLock(environment, async () => {});

/** The sign-in to a service, if there is one. */
export const readSignIn = async (environment: Environment, url: string): Promise<SignIn | undefined> =>
  (await readAll(environment))[keyOf(url)];

/** Keeps the sign-in to a service, instead of one before; a file that is damaged is begun anew. */
export const saveSignIn = (environment: Environment, url: string, signIn: SignIn): Promise<void> =>
  withStoreLock(environment, async () =>
    writeAll(environment, { ...(await readIfWhole(environment)), [keyOf(url)]: signIn }),
  );

/** Forgets the sign-in to a service, and all of a file that is damaged. Gives back which, if there was one. */
export const deleteSignIn = (environment: Environment, url: string): Promise<SignIn | undefined> =>
  withStoreLock(environment, async () => {
    const all = await readIfWhole(environment);
    const { [keyOf(url)]: deleted, ...others } = all ?? {};
    if (deleted || !all) await writeAll(environment, others);
    return deleted;
  });

/** Replaces the sign-in to a service by what is made of it, while no other command does. */
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
