import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../exit-codes.ts';
import { isName } from '../ids/parse-id.ts';
import { isWebAddress } from './urls.ts';

/** Environment variables, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings by their names in the file, with their environment variables. */
const variables = {
  url: 'LEASEHOLD_URL',
  apiKey: 'LEASEHOLD_API_KEY',
  organization: 'LEASEHOLD_ORGANIZATION',
  machineId: 'LEASEHOLD_MACHINE_ID',
  sessionId: 'LEASEHOLD_SESSION_ID',
  offlineFolder: 'LEASEHOLD_OFFLINE_FOLDER',
  offlineKeys: 'LEASEHOLD_OFFLINE_KEYS',
  offlineState: 'LEASEHOLD_OFFLINE_STATE',
} as const;

type Setting = keyof typeof variables;
const settings = Object.keys(variables) as Setting[];

/** The configured settings; unset ones are absent. */
export type Configuration = Readonly<Partial<Record<Setting, string>>>;

const isSetting = (name: string): name is Setting => Object.hasOwn(variables, name);

/**
 * Reads the text of a configuration file: a JSON object of settings.
 *
 * @throws CommandFailed if it is not one, or has an unknown setting: a typing error must not go unnoticed
 */
export const configurationOfText = (text: string, path: string): Configuration => {
  const refuse = (what: string) => new CommandFailed('configuration', `${path}: ${what}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse('it is no JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw refuse('it is no JSON object.');
  for (const [name, value] of Object.entries(parsed)) {
    if (!isSetting(name)) throw refuse(`there is no setting "${name}"; the settings are ${settings.join(', ')}.`);
    if (typeof value !== 'string' || value === '') throw refuse(`"${name}" must be a text.`);
  }
  return parsed;
};

/** Merges the settings: flags first, then the environment, then the file. Empty values count as unset: CI leaves variables empty. */
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

/** Returns the folder of the command's own files: configuration, license files and their public keys. */
export const homeOf = (environment: Environment, platform = process.platform, home = homedir()): string => {
  if (platform === 'win32') return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'leasehold');
  return join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'leasehold');
};

const validated = (configuration: Configuration): Configuration => {
  const { url, organization, sessionId } = configuration;
  if (url !== undefined && !isWebAddress(url))
    throw new CommandFailed(
      'configuration',
      `"${url}" is no address of a service, which is like https://licenses.example.com.`,
    );
  for (const [what, value] of Object.entries({ organization, session: sessionId }))
    if (value !== undefined && !isName(value))
      throw new CommandFailed('configuration', `"${value}" can’t be the ID of the ${what}.`);
  return configuration;
};

/**
 * Reads the configuration file.
 *
 * @param configFile the file, instead of `LEASEHOLD_CONFIG` or `config.json` in the command's folder; it must exist
 * @throws CommandFailed if the file can't be read or has a wrong value
 */
export const readConfigurationFile = async (
  environment: Environment,
  configFile?: string,
): Promise<{ path: string; settings: Configuration }> => {
  const file = configFile || environment.LEASEHOLD_CONFIG || undefined;
  const path = file ?? join(homeOf(environment), 'config.json');
  try {
    return { path, settings: configurationOfText(await readFile(path, 'utf8'), path) };
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    if (file !== undefined) throw new CommandFailed('configuration', `${path} can't be read.`, { cause: error });
    return { path, settings: {} };
  }
};

/**
 * Reads the configuration, from the given file or the usual one.
 *
 * @throws CommandFailed if the file can't be read or has a wrong value
 */
export const configure = async (
  flags: Configuration,
  environment: Environment,
  configFile?: string,
): Promise<Configuration> =>
  validated(configurationOf(flags, environment, (await readConfigurationFile(environment, configFile)).settings));
