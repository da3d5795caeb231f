import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../startup-error.ts';

/** How long to wait for an earlier stack that is stopping, ms. */
const PATIENCE_MS = 2_000;

/**
 * Keeps a second local stack from using the same data. The lock is a listening socket, not a file with a process ID: it vanishes
 * with its process, also after `kill -9`, and no other process can be taken for its owner.
 *
 * @throws StartupError if another stack runs on this data
 * @returns unlocks
 */
export const lockDataDir = async (dataDir: string): Promise<() => void> => {
  const address = lockAddress(dataDir);
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const server = await listen(address);
    if (server) return () => server.close();
    // The former owner has ended; remove its socket, where that is a file.
    if (!(await isAnswered(address))) rmSync(address, { force: true });
    else if (Date.now() > deadline) {
      throw new StartupError(
        `Leasehold already runs on the data in ${dataDir}: stop it first, or set LEASEHOLD_DATA_DIR to another directory.`,
      );
    }
  }
};

/** Returns the address of the lock. Linux and Windows need no file for it; elsewhere a dead process leaves its socket behind. */
const lockAddress = (dataDir: string): string => {
  const name = `leasehold-${createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
};

/** Undefined if the address is taken. */
const listen = (address: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });

const isAnswered = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
