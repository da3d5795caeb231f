import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Identifies a process, so that a later process with the same number is not taken for it. */
interface Owner {
  readonly pid: number;
  /** The boot and the ticks at its start, where the system tells them. */
  readonly started?: string;
}

/** Returns the start of a process; undefined where the system does not tell it, or without such a process. */
const startOf = async (pid: number): Promise<string | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in brackets, may contain anything.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${(await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()} ${ticks}`;
  } catch {
    return undefined;
  }
};

const isRunning = async ({ pid, started }: Owner): Promise<boolean> => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: another user's process, which exists.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return started === undefined || now === undefined || now === started;
};

const ownerIn = (text: string): Owner | undefined => {
  try {
    const owner = JSON.parse(text);
    return typeof owner?.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
};

/** A lock held by this process. */
export interface Lock {
  readonly release: () => Promise<void>;
}

/**
 * Takes a lock, unless a running process holds it. The lock file `<name>.<fence>.lock` has a fence that grows with each owner;
 * the highest fence counts. To take over from a dead process, a process creates the next file, which only one can; removing the
 * old file could hit a new owner's. A file appears with its content (by `link`), and stays, empty, after the release.
 *
 * @param freeAfterMs the age at which a lock is free although a process with its owner's number runs. Without `/proc`, that
 *   can be another process for as long as it runs
 * @returns undefined if another process holds the lock
 */
export const takeLock = async (
  folder: string,
  name: string,
  freeAfterMs = Number.POSITIVE_INFINITY,
): Promise<Lock | undefined> => {
  await mkdir(folder, { recursive: true });
  const fileOf = (fence: number) => join(folder, `${name}.${fence}.lock`);
  const fences = async () =>
    (await readdir(folder)).flatMap((file) => {
      const [, fence] = file.startsWith(`${name}.`) ? (/^(\d+)\.lock$/.exec(file.slice(name.length + 1)) ?? []) : [];
      return fence === undefined ? [] : [Number(fence)];
    });
  const highest = async () => (await fences()).reduce((a, b) => Math.max(a, b), 0);
  const writeTemporary = async (content: string) => {
    const file = join(folder, `${name}.${randomUUID()}.tmp`);
    await writeFile(file, content);
    return file;
  };

  const before = await highest();
  if (before > 0) {
    const file = fileOf(before);
    const found = await Promise.all([readFile(file, 'utf8'), stat(file)]).catch(() => undefined);
    // The file is gone: another process has just created the next.
    if (!found) return takeLock(folder, name, freeAfterMs);
    const [text, { mtimeMs }] = found;
    const owner = ownerIn(text);
    if (owner && Date.now() - mtimeMs < freeAfterMs && (await isRunning(owner))) return undefined;
  }
  const fence = before + 1;
  const started = await startOf(process.pid);
  const temporary = await writeTemporary(JSON.stringify({ pid: process.pid, ...(started && { started }) }));
  try {
    await link(temporary, fileOf(fence));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return takeLock(folder, name, freeAfterMs);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const all = await fences();
  // Another process was further, and removed this number as outdated.
  if (all.some((other) => other > fence)) {
    await rm(fileOf(fence), { force: true });
    return takeLock(folder, name, freeAfterMs);
  }
  for (const other of all) if (other < fence) await rm(fileOf(other), { force: true });
  return { release: async () => rename(await writeTemporary(''), fileOf(fence)) };
};
