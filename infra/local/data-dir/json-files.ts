import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes JSON that only its owner may read, whole or not at all: a crash leaves the file as it was. */
export const writePrivateJson = (file: string, value: unknown) => {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};

/** The JSON of a file that {@link writePrivately} wrote; undefined if there is none. */
export const readJson = <T>(file: string): T | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
};
