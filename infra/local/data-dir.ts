import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './startup-error.ts';

/** All that a stack keeps, by the beginnings of names: logs that were rotated and drafts are among them. */
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
 * Makes the directory of the stack's data. All that this process and those that it starts make from then on is its
 * user's alone, and so is what an earlier stack left there: keys, tokens and mails are among it. A directory that holds
 * other things, too, keeps its own mode.
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
  // An earlier database may be stopping: its journal is gone a moment later.
  const found = lstatSync(path, { throwIfNoEntry: false });
  // A link is its user's own doing, and leads elsewhere.
  if (!found || found.isSymbolicLink()) return;
  chmodSync(path, found.isDirectory() ? 0o700 : 0o600);
  if (found.isDirectory()) for (const name of readdirSync(path)) keepPrivate(join(path, name));
};
