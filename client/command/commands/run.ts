import { Command, Option } from 'commander';
import type { Screen } from '../output/wait-progress.ts';
import { configure, type Environment } from '../settings/config.ts';
import {
  clientOf,
  duration,
  type Flags,
  machineOf,
  machineOption,
  offlineOf,
  productOption,
  sessionOf,
  sessionOption,
  waitOption,
  withConnection,
  withFiles,
} from '../settings/options.ts';
import { type ExitStatus, exitWith } from '../signals.ts';

/** Maximum grace time, seconds. */
const maxGraceSeconds = 3600;

interface RunFlags extends Flags {
  readonly product: string;
  readonly wait: number;
  readonly onLoss: 'continue' | 'terminate';
  readonly grace: number;
}

/** `leasehold run`. */
export const runCommand = (environment: Environment, screen: Screen): Command =>
  withFiles(withConnection(new Command('run')))
    .description('run a command with a license')
    .usage('--product <code> [options] -- <command> [arguments...]')
    .argument('<command...>')
    .addOption(productOption())
    .addOption(machineOption())
    .addOption(sessionOption())
    .addOption(waitOption())
    .addOption(
      new Option('--on-loss <policy>', 'what to do with the command when the license is lost')
        .choices(['continue', 'terminate'])
        .default('terminate'),
    )
    .addOption(
      new Option('--grace <time>', 'how long the command may take to end after SIGTERM or the loss of the license')
        .argParser(duration(maxGraceSeconds))
        .default(8, '8s'),
    )
    .passThroughOptions()
    .action(async (words: [string, ...string[]], flags: RunFlags) => {
      const configuration = await configure(flags, environment, flags.config);
      const { run } = await import('../run/run-with-license.ts');
      const status: ExitStatus = await run(
        words,
        () => clientOf(configuration, environment),
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
      exitWith(status);
    });
