import { Command, Option } from 'commander';
import type { CommandContext } from '../output/output.ts';
import { configure } from '../settings/config.ts';
import {
  clientOf,
  duration,
  type Flags,
  machineOf,
  machineOption,
  offlineOf,
  productOption,
  serviceWaitOption,
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
  readonly waitForService?: number;
  readonly junit?: string;
  readonly onLoss: 'continue' | 'terminate';
  readonly grace: number;
}

/** `leasehold run`. */
export const runCommand = ({ environment, screen }: CommandContext): Command =>
  withFiles(withConnection(new Command('run').addOption(productOption())))
    .description('run a command with a license')
    .usage('[options] -- <command> [arguments...]')
    .argument('<command...>')
    .addOption(machineOption())
    .addOption(sessionOption())
    .addOption(waitOption())
    .addOption(serviceWaitOption())
    .option('--junit <file>', 'write a JUnit report with the time waited')
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
    .action(async (words: [string, ...string[]], flags: RunFlags, command: Command) => {
      // Commander takes an unknown option for the command to run.
      if (words[0].startsWith('-'))
        (command as Command & { unknownOption: (flag: string) => void }).unknownOption(words[0]);
      const configuration = await configure(flags, environment, flags.config);
      const { run } = await import('../run/run-with-license.ts');
      const status: ExitStatus = await run(
        words,
        () => clientOf(configuration, { environment, screen }, flags),
        {
          product: flags.product,
          machineId: await machineOf(configuration),
          session: sessionOf(configuration, environment),
          waitSeconds: flags.wait,
          serviceWaitSeconds: flags.waitForService ?? flags.wait,
          junit: flags.junit,
          offline: offlineOf(configuration, environment),
          onLoss: flags.onLoss,
          graceMs: flags.grace * 1000,
        },
        { screen, environment },
      );
      exitWith(status);
    });
