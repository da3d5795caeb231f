import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files by which the steps of the action speak with the process that holds the license. */
export const filesIn = (folder) => ({
  ready: join(folder, 'ready'),
  stop: join(folder, 'stop'),
  log: join(folder, 'log'),
});

/** Returns whether a process runs. In a job container, process 1 may leave an ended one as a zombie, which gets signals. */
export const runs = (pid) => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** Returns a function that prints what is new in a log. */
export const follow = (file) => {
  let seen = 0;
  return () => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    process.stdout.write(text.slice(seen));
    seen = text.length;
  };
};

// `leasehold run` runs this file: its end gives the license back. A file tells it to end, as Windows has no signals.
if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const { ready, stop } = filesIn(process.argv[2]);
  writeFileSync(ready, '');
  setInterval(() => existsSync(stop) && process.exit(), 200);
}
