import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file atomically, readable by its owner only. */
export const writePrivate = (file: string, text: string) => {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
};

/** Writes JSON like {@link writePrivate}. */
export const writePrivateJson = (file: string, value: unknown) =>
  writePrivate(file, `${JSON.stringify(value, null, 2)}\n`);

/** Reads JSON that {@link writePrivateJson} wrote; undefined if there is none. */
export const readJson = <T>(file: string): T | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
};
