import { appendFileSync, openSync, renameSync, statSync } from 'node:fs';

const ROTATE_AT_BYTES = 10_000_000;

/** Writes lines to the terminal. */
export interface Terminal {
  say(text: string): void;
  complain(text: string): void;
}

/**
 * Diverts standard output and error of this process to a file: the functions log every request, and the terminal is for the
 * user.
 *
 * @returns the terminal
 */
export const divertOutput = (file: string): Terminal => {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_AT_BYTES) renameSync(file, `${file}.1`);
  const log = openSync(file, 'a', 0o600);
  const say = process.stdout.write.bind(process.stdout);
  const complain = process.stderr.write.bind(process.stderr);
  // Synchronous, so that a crash loses no line before it.
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
