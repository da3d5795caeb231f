import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes JSON atomically, readable by its owner only. */
export const writePrivateJson = (file: string, value: unknown) => {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};

/** Reads JSON that {@link writePrivateJson} wrote; undefined if there is none. */
export const readJson = <T>(file: string): T | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
};
