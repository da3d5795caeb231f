import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
/** The builds of the console, each in a directory named after the hash of its sources. */
const builds = join(root, 'dist', 'console');

/** The sources of a build. The lockfile has the versions of their dependencies. */
const sources = ['console/**/*', 'client/**/*', 'shared/contracts/**/*', 'package-lock.json', 'tsconfig.json'];

/**
 * Builds the License Management page, unless there is a build of these sources. Concurrent builds are harmless: a build appears
 * as a whole.
 *
 * @returns the directory of the build
 *
 * @throws Error if it does not compile
 */
export const buildConsole = async (): Promise<string> => {
  const directory = join(builds, await fingerprint());
  if (existsSync(directory)) return directory;
  await mkdir(builds, { recursive: true });
  const unfinished = await mkdtemp(join(builds, '.building-'));
  try {
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = ['build', join(root, 'console'), '--outDir', unfinished, '--logLevel', 'warn'];
    // In a process of its own, to spare the memory and event loop of the service.
    await promisify(execFile)(process.execPath, [vite, ...args], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' },
    });
    await rename(unfinished, directory).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(directory)) throw error;
    });
  } catch (error) {
    const { stderr, stdout, message } = error as Error & { stderr?: string; stdout?: string };
    throw new Error(`The console can't be built: ${stderr || stdout || message}`);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return directory;
};

const fingerprint = async (): Promise<string> => {
  const hash = createHash('sha256');
  const files = globSync(sources, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(`${file.slice(root.length)}\0`).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
};
