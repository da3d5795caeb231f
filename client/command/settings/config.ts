import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../exit-codes.ts';
import { isName } from '../ids/parse-id.ts';
import { isWebAddress } from './urls.ts';

/** Environment variables, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable of each setting; its name is what the file calls it. */
const variables = {
  url: 'LEASEHOLD_URL',
  apiKey: 'LEASEHOLD_API_KEY',
  organization: 'LEASEHOLD_ORGANIZATION',
  machineId: 'LEASEHOLD_MACHINE_ID',
  sessionId: 'LEASEHOLD_SESSION_ID',
  offlineFolder: 'LEASEHOLD_OFFLINE_FOLDER',
  offlineKeys: 'LEASEHOLD_OFFLINE_KEYS',
} as const;

type Setting = keyof typeof variables;
const settings = Object.keys(variables) as Setting[];

/** What is configured; what nobody said is absent. */
export type Configuration = Readonly<Partial<Record<Setting, string>>>;

const isSetting = (name: string): name is Setting => Object.hasOwn(variables, name);

/**
 * Reads the text of a configuration file: a JSON object of settings.
 *
 * @throws CommandFailed it is none, or has a setting that does not exist: a typing error must not go unnoticed
 */
export const configurationOfText = (text: string, path: string): Configuration => {
  const refuse = (what: string) => new CommandFailed('usage', `${path}: ${what}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse('this is no JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw refuse('this is no JSON object.');
  for (const [name, value] of Object.entries(parsed)) {
    if (!isSetting(name)) throw refuse(`there is no setting "${name}"; there are ${settings.join(', ')}.`);
    if (typeof value !== 'string' || value === '') throw refuse(`"${name}" must be a text.`);
  }
  return parsed;
};

/** Flags come first, then the environment, then the file. What is empty says nothing, as CI leaves variables. */
export const configurationOf = (
  flags: Configuration,
  environment: Environment,
  file: Configuration = {},
): Configuration =>
  Object.fromEntries(
    settings.flatMap((name) => {
      const value = flags[name] || environment[variables[name]] || file[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** The folder of the command's own files: configuration, license files, and the keys that they are verified with. */
export const homeOf = (environment: Environment, platform = process.platform, home = homedir()): string => {
  if (platform === 'win32') return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'leasehold');
  return join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'leasehold');
};

const validated = (configuration: Configuration): Configuration => {
  const { url, organization, sessionId } = configuration;
  if (url !== undefined && !isWebAddress(url))
    throw new CommandFailed(
      'usage',
      `"${url}" is no address of a service, which is like https://licenses.example.com.`,
    );
  for (const [what, value] of Object.entries({ organization, session: sessionId }))
    if (value !== undefined && !isName(value))
      throw new CommandFailed('usage', `"${value}" can’t be the ID of the ${what}.`);
  return configuration;
};

/**
 * Finds out what is configured.
 *
 * @param named the configuration file, instead of `LEASEHOLD_CONFIG` or `config.json` in the command's folder; it must
 *   exist
 * @throws CommandFailed it can't be read, or says what can't be
 */
export const configure = async (
  flags: Configuration,
  environment: Environment,
  configFile?: string,
): Promise<Configuration> => {
  const file = configFile || environment.LEASEHOLD_CONFIG || undefined;
  const path = file ?? join(homeOf(environment), 'config.json');
  try {
    return validated(configurationOf(flags, environment, configurationOfText(await readFile(path, 'utf8'), path)));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    if (file !== undefined) throw new CommandFailed('usage', `${path} can't be read.`, { cause: error });
    return validated(configurationOf(flags, environment));
  }
};
