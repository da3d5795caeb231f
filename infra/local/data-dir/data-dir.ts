import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../startup-error.ts';

/** The beginnings of the names of all files that a stack keeps, rotated logs and drafts included. */
const kept = [
  'credentials.json',
  'dynamodb',
  'leasehold.log',
  'license-keys.json',
  'outbox',
  'seeded.json',
  'signing-key.json',
  'stream.json',
];

const isKept = (name: string) => kept.some((known) => name === known || name.startsWith(`${known}.`));

/**
 * Makes the directory of the stack's data: keys, tokens and mails among them. Only the user of this process can read the
 * files that an earlier stack left there, and those that this process and its children make from now on. A directory that
 * also holds other files keeps its mode.
 *
 * @throws Refusal if it can't be made, or belongs to another user
 */
export const makeDataDir = (dataDir: string) => {
  process.umask(0o077);
  try {
    mkdirSync(dataDir, { recursive: true });
    const names = readdirSync(dataDir);
    if (names.every(isKept)) chmodSync(dataDir, 0o700);
    for (const name of names.filter(isKept)) keepPrivate(join(dataDir, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Refusal(
      `${dataDir} can't be made, and made private (${code}): set LEASEHOLD_DATA_DIR to a directory of your own.`,
    );
  }
};

const keepPrivate = (path: string) => {
  // An earlier database may still be stopping, and delete its journal a moment later.
  const found = lstatSync(path, { throwIfNoEntry: false });
  // The user made a link themselves; its target is outside of this directory.
  if (!found || found.isSymbolicLink()) return;
  chmodSync(path, found.isDirectory() ? 0o700 : 0o600);
  if (found.isDirectory()) for (const name of readdirSync(path)) keepPrivate(join(path, name));
};
