import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** How far the clock may be behind the latest time seen, ms: clocks are corrected. */
const clockGraceMs = 3_600_000;

const prefix = 'seen-';

/**
 * Records the time in a folder, and returns whether the clock was set back since a later record. Each time is the name of an
 * empty file, and only earlier files are removed. So concurrent or killed processes never lose the latest time.
 *
 * @returns whether `now` is before the latest time by more than an hour
 */
export const seeTime = async (folder: string, now: Date): Promise<{ setBack: boolean }> => {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  const times = names.map((name) => Number(name.slice(prefix.length))).filter(Number.isSafeInteger);
  const latest = times.reduce((a, b) => Math.max(a, b), 0);
  if (now.getTime() > latest) await (await open(join(folder, `${prefix}${now.getTime()}`), 'a')).close();
  const known = Math.max(latest, now.getTime());
  for (const time of times) if (time < known) await rm(join(folder, `${prefix}${time}`), { force: true });
  return { setBack: now.getTime() < latest - clockGraceMs };
};
