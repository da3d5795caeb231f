import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { patterns } from '../../api.ts';
import { type Client, createClient } from '../../client.ts';
import { networkCode } from '../../explain.ts';
import { isUnencrypted } from '../../loopback.ts';
import { randomId } from '../../request.ts';
import { CommandFailed } from '../exit-codes.ts';
import { type SessionName, sessionOfJob } from '../ids/ci-session.ts';
import { printMessage, type Screen } from '../output/wait-progress.ts';
import { credentialOfSignIn } from '../sign-in/sign-in-credential.ts';
import { type Configuration, type Environment, homeOf } from './config.ts';
import { secondsOf } from './parse-duration.ts';

/** Parses the duration of an option, in seconds. */
export const duration =
  (mostSeconds: number) =>
  (text: string): number => {
    const seconds = secondsOf(text);
    if (seconds === undefined) throw new InvalidArgumentError('Say it as 90s, 10m or 1h30m.');
    if (seconds > mostSeconds) throw new InvalidArgumentError(`At most ${mostSeconds / 3600}h.`);
    return seconds;
  };

export const waitOption = () =>
  new Option('-w, --wait <time>', 'wait in the queue while every license is in use, at most 24h')
    .argParser(duration(86_400))
    .default(0, 'do not wait');

export const serviceWaitOption = () =>
  new Option(
    '--wait-for-service <time>',
    'wait while the service is away; default: the time of --wait; 0: fail at once',
  ).argParser(duration(86_400));

export const configOption = () => new Option('--config <file>', 'the configuration file (LEASEHOLD_CONFIG)');

/** Adds the options of a subcommand that makes public requests. */
export const withAddress = (command: Command): Command =>
  command
    .option('--url <url>', 'where the service is (LEASEHOLD_URL)')
    .addOption(configOption())
    .option('--debug', 'print each request and its ID, without secrets');

/** Adds the options of a subcommand that makes requests with a credential. */
export const withCredential = (command: Command): Command =>
  withAddress(command).option(
    '--api-key <key>',
    'an API key, or a token; other users of this machine see flags (LEASEHOLD_API_KEY)',
  );

/** Adds the options of a subcommand about an organization. */
export const withConnection = (command: Command): Command =>
  withCredential(command).option(
    '-o, --organization <id>',
    'whose licenses; default: the only organization of the credential (LEASEHOLD_ORGANIZATION)',
  );

const product = (text: string): string => {
  if (!patterns.product.test(text)) throw new InvalidArgumentError('Use 1–32 characters: A–Z, 0–9 and `-`.');
  return text;
};

export const productOption = () =>
  new Option('-p, --product <code>', 'the product')
    .env('LEASEHOLD_PRODUCT')
    .argParser(product)
    .makeOptionMandatory()
    .helpGroup('Required options:');

export const machineOption = () =>
  new Option(
    '-m, --machine-id <id>',
    'this machine, instead of what `leasehold machine-id` says (LEASEHOLD_MACHINE_ID)',
  );

export const sessionOption = () =>
  new Option('-s, --session-id <id>', 'this run; default: the job’s in CI, else random (LEASEHOLD_SESSION_ID)');

/** Adds the options for license files. */
export const withFiles = (command: Command): Command =>
  command
    .option('--offline-folder <folder>', 'where license files are (LEASEHOLD_OFFLINE_FOLDER)')
    .option('--offline-keys <file>', 'the file of the public keys that verify them (LEASEHOLD_OFFLINE_KEYS)')
    .option(
      '--offline-state <folder>',
      'where locks and the latest time are; default: .leasehold beside the files (LEASEHOLD_OFFLINE_STATE)',
    );

export interface Flags extends Configuration {
  readonly config?: string;
  readonly debug?: true;
}

/** @throws CommandFailed if it is not configured */
export const serviceUrl = ({ url }: Configuration): string => {
  if (url === undefined)
    throw new CommandFailed('configuration', 'Say where the service is, with LEASEHOLD_URL or --url.');
  return url;
};

/**
 * Returns whether a credential may go to a service.
 *
 * @throws CommandFailed if the URL is plain http to another machine and the environment does not allow that
 */
const allowsCredential = (url: string, { LEASEHOLD_ALLOW_HTTP }: Environment): true => {
  if (LEASEHOLD_ALLOW_HTTP !== '1' && URL.canParse(url) && isUnencrypted(new URL(url)))
    throw new CommandFailed(
      'configuration',
      `${url} is plain http: everybody on the way would read your credential. Use https, or set LEASEHOLD_ALLOW_HTTP=1 in a network that you trust.`,
    );
  return true;
};

/** Returns a `fetch` that prints each request with its ID. It prints no header and no body: they hold the secrets. */
const printingFetch =
  (screen: Screen): typeof fetch =>
  async (input, init) => {
    const began = performance.now();
    const say = (outcome: string) =>
      printMessage(
        screen,
        `leasehold: debug: ${init?.method ?? 'GET'} ${String(input)}: ${outcome}, ${Math.round(performance.now() - began)} ms`,
      );
    try {
      const response = await fetch(input, init);
      say(`${response.status}, request ID ${response.headers.get('x-request-id') ?? 'missing'}`);
      return response;
    } catch (error) {
      say(`no answer (${networkCode({ cause: error }) ?? String(error)})`);
      throw error;
    }
  };

/** Returns the `fetch` of a subcommand, which prints each request with `--debug`. */
export const fetchOf = (screen: Screen, { debug }: Pick<Flags, 'debug'>): typeof fetch =>
  debug ? printingFetch(screen) : fetch;

export const clientOf = (
  configuration: Configuration,
  { environment, screen }: { environment: Environment; screen: Screen },
  flags: Pick<Flags, 'debug'>,
): Client => {
  const baseUrl = serviceUrl(configuration);
  return createClient({
    baseUrl,
    // A token from a sign-in has its own rule, which allows no plain http at all.
    allowHttp: configuration.apiKey === undefined || allowsCredential(baseUrl, environment),
    credential: configuration.apiKey ?? credentialOfSignIn(environment, baseUrl),
    ...(configuration.organization !== undefined && { organizationId: configuration.organization }),
    fetch: fetchOf(screen, flags),
  });
};

export const sessionOf = ({ sessionId }: Configuration, environment: Environment): SessionName => {
  const job = sessionOfJob(environment);
  if (sessionId !== undefined) return { sessionId, attempt: job?.attempt ?? '2' };
  return job ?? { sessionId: randomId(), attempt: '2' };
};

/** Loads the module only when needed: with a configured ID, nothing is read from the operating system. */
export const machineOf = async ({ machineId }: Configuration): Promise<string> =>
  machineId ?? (await import('../ids/machine-id.ts')).thisMachineId();

export const offlineOf = ({ offlineFolder, offlineKeys, offlineState }: Configuration, environment: Environment) => {
  const home = homeOf(environment);
  const folder = offlineFolder ?? join(home, 'licenses');
  return {
    folder,
    keysFile: offlineKeys ?? join(home, 'keys.json'),
    stateFolder: offlineState ?? join(folder, '.leasehold'),
  };
};
