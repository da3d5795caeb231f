import { appendFileSync, openSync, renameSync, statSync } from 'node:fs';

const ROTATE_AT_BYTES = 10_000_000;

/** How to write to the terminal, line by line. */
export interface Terminal {
  say(text: string): void;
  complain(text: string): void;
}

/**
 * Sends whatever this process writes to standard output and error to a file, as CloudWatch takes a function's output:
 * the functions log every request, and the terminal is for the user.
 *
 * @returns the terminal
 */
export const divertOutput = (file: string): Terminal => {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_AT_BYTES) renameSync(file, `${file}.1`);
  const log = openSync(file, 'a', 0o600);
  const say = process.stdout.write.bind(process.stdout);
  const complain = process.stderr.write.bind(process.stderr);
  // Written at once, so that a crash loses nothing of what led to it.
  const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
    appendFileSync(log, chunk);
    const written = typeof encoding === 'function' ? encoding : callback;
    if (typeof written === 'function') written();
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
  return { say: (text) => say(`${text}\n`), complain: (text) => complain(`${text}\n`) };
};
