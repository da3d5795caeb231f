import { createRequire } from 'node:module';
import { Command } from 'commander';
import { activationsCommand } from './commands/activations.ts';
import { completionCommand } from './commands/completion.ts';
import { loginCommand, logoutCommand } from './commands/login.ts';
import { machineIdCommand, machinesCommand } from './commands/machines.ts';
import { offlineCommand } from './commands/offline.ts';
import { organizationsCommand, sessionsCommand, subscriptionsCommand, usageCommand } from './commands/reports.ts';
import { runCommand } from './commands/run.ts';
import { activateCommand, releaseCommand, statusCommand, whyCommand } from './commands/sessions.ts';
import { usersCommand } from './commands/users.ts';
import type { Screen } from './output/wait-progress.ts';
import type { Environment } from './settings/config.ts';

/** Makes a command throw instead of exit, so that wrong arguments get our own exit code. */
const throwing = (command: Command): Command => {
  for (const one of command.commands) throwing(one);
  return command.exitOverride();
};

/** Returns the version of this package, built or in a checkout. */
const version = (): string => createRequire(import.meta.url)('@leasehold/client/package.json').version;

/** Builds the `leasehold` command. Results go to `out`, messages to `screen`. */
export const program = (environment: Environment, screen: Screen, out: NodeJS.WritableStream): Command => {
  const context = { environment, screen, out };
  return throwing(
    new Command('leasehold')
      .description('Takes licenses, keeps them alive, gives them back.')
      .version(version())
      .enablePositionalOptions()
      .addCommand(runCommand(environment, screen))
      .addCommand(activateCommand(context))
      .addCommand(releaseCommand(context))
      .addCommand(statusCommand(context))
      .addCommand(whyCommand(context))
      .addCommand(machineIdCommand(context))
      .addCommand(offlineCommand(context))
      .addCommand(organizationsCommand(context))
      .addCommand(subscriptionsCommand(context))
      .addCommand(usersCommand(context))
      .addCommand(activationsCommand(context))
      .addCommand(machinesCommand(context))
      .addCommand(usageCommand(context))
      .addCommand(sessionsCommand(context))
      .addCommand(loginCommand(context))
      .addCommand(logoutCommand(context))
      .addCommand(completionCommand(context)),
  );
};
