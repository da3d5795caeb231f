import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Client, createClient } from '../client.ts';
import { randomId } from '../request.ts';
import { type Configuration, configure, type Environment, homeOf } from './configuration.ts';
import { secondsOf } from './duration.ts';
import { CommandFailed } from './failures.ts';
import { sessionOfJob } from './session-id.ts';
import { type Ending, endAs } from './signals.ts';
import type { Screen } from './waiting-line.ts';

const duration =
  (mostSeconds: number) =>
  (text: string): number => {
    const seconds = secondsOf(text);
    if (seconds === undefined) throw new InvalidArgumentError('Say it as 90s, 10m or 1h30m.');
    if (seconds > mostSeconds) throw new InvalidArgumentError(`At most ${mostSeconds / 3600}h.`);
    return seconds;
  };

const waitOption = () =>
  new Option('--wait <time>', 'wait in the queue while every license is in use, at most 24h')
    .argParser(duration(86_400))
    .default(0, 'do not wait');

/** The longest that a session can be told to take, seconds: as the lease. */
const mostGrace = 3600;

/** What each subcommand takes that asks the service. */
const withConnection = (command: Command): Command =>
  command
    .option('--url <url>', 'where the service is (LEASEHOLD_URL)')
    .option('--api-key <key>', 'an API key, or a token; other users of this machine see flags (LEASEHOLD_API_KEY)')
    .option('--organization <id>', 'whose licenses (LEASEHOLD_ORGANIZATION)')
    .option('--config <file>', 'the configuration file (LEASEHOLD_CONFIG)');

const withSession = (command: Command): Command =>
  command
    .requiredOption('--product <code>', 'the product')
    .option('--machine-id <id>', 'this machine, instead of what `leasehold machine-id` says (LEASEHOLD_MACHINE_ID)')
    .option('--session-id <id>', 'this run; default: the job’s in CI, else random (LEASEHOLD_SESSION_ID)');

interface Flags extends Configuration {
  readonly config?: string;
}

const required = (configuration: Configuration, name: 'url' | 'apiKey' | 'organization', how: string): string => {
  const value = configuration[name];
  if (value === undefined) throw new CommandFailed('usage', `Say ${how}.`);
  return value;
};

const clientOf = (configuration: Configuration): Client =>
  createClient({
    baseUrl: required(configuration, 'url', 'where the service is, with LEASEHOLD_URL or --url'),
    credential: required(configuration, 'apiKey', 'who you are, with LEASEHOLD_API_KEY'),
    organizationId: required(
      configuration,
      'organization',
      'whose licenses, with LEASEHOLD_ORGANIZATION or --organization',
    ),
  });

const sessionOf = ({ sessionId }: Configuration, environment: Environment) => {
  const job = sessionOfJob(environment);
  if (sessionId !== undefined) return { sessionId, attempt: job?.attempt ?? '2' };
  return job ?? { sessionId: randomId(), attempt: '2' };
};

/** Loaded when it is needed: most runs ask the operating system for nothing. */
const machineOf = async ({ machineId }: Configuration): Promise<string> =>
  machineId ?? (await import('./machine-id.ts')).thisMachineId();

const offlineOf = ({ offlineFolder, offlineKeys }: Configuration, environment: Environment) => ({
  folder: offlineFolder ?? join(homeOf(environment), 'licenses'),
  keysFile: offlineKeys ?? join(homeOf(environment), 'keys.json'),
});

interface RunFlags extends Flags {
  readonly product: string;
  readonly wait: number;
  readonly onLoss: 'continue' | 'terminate';
  readonly grace: number;
}

const runCommand = (environment: Environment, screen: Screen): Command =>
  withConnection(withSession(new Command('run')))
    .description('run a command with a license')
    .usage('--product <code> [options] -- <command> [arguments...]')
    .argument('<command...>')
    .addOption(waitOption())
    .addOption(
      new Option('--on-loss <policy>', 'what becomes of the command when the license is lost')
        .choices(['continue', 'terminate'])
        .default('terminate'),
    )
    .addOption(
      new Option('--grace <time>', 'how long the command may take to end on SIGTERM, or when the license is lost')
        .argParser(duration(mostGrace))
        .default(8, '8s'),
    )
    .option('--offline-folder <folder>', 'where license files are (LEASEHOLD_OFFLINE_FOLDER)')
    .option('--offline-keys <file>', 'the public keys that they are verified with (LEASEHOLD_OFFLINE_KEYS)')
    .passThroughOptions()
    .action(async (words: [string, ...string[]], flags: RunFlags) => {
      const configuration = await configure(flags, environment, flags.config);
      const { run } = await import('./run.ts');
      const ending: Ending = await run(
        words,
        () => clientOf(configuration),
        {
          product: flags.product,
          machineId: await machineOf(configuration),
          session: sessionOf(configuration, environment),
          waitSeconds: flags.wait,
          offline: offlineOf(configuration, environment),
          onLoss: flags.onLoss,
          graceMs: flags.grace * 1000,
        },
        { screen, environment },
      );
      endAs(ending);
    });

/** The `leasehold` command. */
export const program = (environment: Environment, screen: Screen): Command => {
  const leasehold = new Command('leasehold')
    .description('Takes licenses, keeps them alive, gives them back.')
    .enablePositionalOptions()
    .addCommand(runCommand(environment, screen));
  // Wrong arguments end it with a code of our own.
  for (const command of [leasehold, ...leasehold.commands]) command.exitOverride();
  return leasehold;
};
