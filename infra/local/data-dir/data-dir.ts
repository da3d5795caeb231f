import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '../startup-error.ts';

/** The name prefixes of all files of a stack, including rotated logs and drafts. */
const ownFiles = [
  'credentials.json',
  'dynamodb',
  'env.sh',
  'leasehold.log',
  'license-keys.json',
  'outbox',
  'seeded.json',
  'signing-key.json',
  'stream.json',
];

const isOwn = (name: string) => ownFiles.some((known) => name === known || name.startsWith(`${known}.`));

/**
 * Creates the directory of the stack's data, with keys, tokens and mails. Only the user of this process can read the files of an
 * earlier stack and all new files. A directory that also holds other files keeps its mode.
 *
 * @throws StartupError if it can't be created, or belongs to another user
 */
export const makeDataDir = (dataDir: string) => {
  process.umask(0o077);
  try {
    mkdirSync(dataDir, { recursive: true });
    const names = readdirSync(dataDir);
    if (names.every(isOwn)) chmodSync(dataDir, 0o700);
    for (const name of names.filter(isOwn)) makePrivate(join(dataDir, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartupError(
      `${dataDir} can't be created as a private directory (${code}): set LEASEHOLD_DATA_DIR to a directory of your own.`,
    );
  }
};

/** Deletes the files of an earlier stack, and no others. */
export const clearDataDir = (dataDir: string) => {
  for (const name of readdirSync(dataDir).filter(isOwn)) rmSync(join(dataDir, name), { recursive: true });
};

const makePrivate = (path: string) => {
  // An earlier database that is still stopping may delete its journal meanwhile.
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Leave a user's own link alone: its target is outside of this directory.
  if (!found || found.isSymbolicLink()) return;
  chmodSync(path, found.isDirectory() ? 0o700 : 0o600);
  if (found.isDirectory()) for (const name of readdirSync(path)) makePrivate(join(path, name));
};
