import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which process, so that another one of the same number is not taken for it. */
interface Owner {
  readonly pid: number;
  /** When it was started, as far as the system tells: the boot and its ticks since. */
  readonly started?: string;
}

/** Since when a process runs; undefined where the system does not tell, or there is none. */
const startOf = async (pid: number): Promise<string | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name, in brackets, and may have anything in it.
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
    // A process of another user's may not be signalled, but is there.
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

/** A lock that this process has. */
export interface Lock {
  readonly release: () => Promise<void>;
}

/**
 * Takes a lock, unless a process that still runs has it. Its file has a fence in its name that grows with each owner,
 * `<name>.<fence>.lock`, and the highest is the one that counts: to take over from a process that is gone is to make the
 * next, which only one can, and not to remove a file that may have become another's since it was read. A file appears with
 * its content (it is linked), and stays, empty, when the lock is released.
 *
 * @returns undefined if another process has it
 */
export const takeLock = async (folder: string, name: string): Promise<Lock | undefined> => {
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
    // Gone: another process has just made the next.
    const text = await readFile(fileOf(before), 'utf8').catch(() => undefined);
    if (text === undefined) return takeLock(folder, name);
    const owner = ownerIn(text);
    if (owner && (await isRunning(owner))) return undefined;
  }
  const fence = before + 1;
  const started = await startOf(process.pid);
  const temporary = await writeTemporary(JSON.stringify({ pid: process.pid, ...(started && { started }) }));
  try {
    await link(temporary, fileOf(fence));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return takeLock(folder, name);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const all = await fences();
  // Somebody was further already, and removed this number as over.
  if (all.some((other) => other > fence)) {
    await rm(fileOf(fence), { force: true });
    return takeLock(folder, name);
  }
  for (const other of all) if (other < fence) await rm(fileOf(other), { force: true });
  return { release: async () => rename(await writeTemporary(''), fileOf(fence)) };
};
