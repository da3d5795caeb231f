import { join, resolve } from 'node:path';
import * as z from 'zod';
import { StartupError } from './startup-error.ts';

const whole = (name: string, most: number) =>
  z.coerce
    .number(`${name} must be a number`)
    .int(`${name} must be a whole number`)
    .min(0, `${name} must not be negative`)
    .max(most, `${name} must be at most ${most}`);

const Settings = z
  .object({
    /** Where the server listens; 0 takes any free port. */
    PORT: whole('PORT', 65_535).default(8787),
    /** The interface to listen on. The sign-in page asks for no password: keep it on this machine. */
    HOST: z.string().min(1).default('localhost'),
    /** Where data, keys, credentials and logs are kept. */
    LEASEHOLD_DATA_DIR: z
      .string()
      .min(1)
      .default(join(import.meta.dirname, '../../.local')),
    /** How often the scheduled function runs; 0: never. */
    SCHEDULE_SECONDS: whole('SCHEDULE_SECONDS', 86_400).default(5),
    /** How long history is kept, days. */
    HISTORY_DAYS: whole('HISTORY_DAYS', 100_000).min(1, 'HISTORY_DAYS must be at least 1').default(400),
    /** The least number of keys that sign offline licenses. The newest signs: raise the number to add one. */
    SIGNING_KEYS: whole('SIGNING_KEYS', 100).min(1, 'SIGNING_KEYS must be at least 1').default(1),
    TABLE_NAME: z.string().min(3).default('leasehold'),
  })
  .transform((variables) => ({
    port: variables.PORT,
    host: variables.HOST,
    dataDir: resolve(variables.LEASEHOLD_DATA_DIR),
    scheduleSeconds: variables.SCHEDULE_SECONDS,
    historyDays: variables.HISTORY_DAYS,
    signingKeys: variables.SIGNING_KEYS,
    tableName: variables.TABLE_NAME,
  }));
export type Settings = z.output<typeof Settings>;

/** Reads the settings of the local stack. An empty variable counts as absent. */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => {
  const raw = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Settings.safeParse(raw);
  if (!parsed.success) {
    throw new StartupError(
      `The settings are not right: ${parsed.error.issues.map(({ message }) => message).join('; ')}.`,
    );
  }
  return parsed.data;
};
