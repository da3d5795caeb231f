import { Command, Help } from 'commander';
import { version } from '../version.ts';
import { activationsCommand } from './commands/activations.ts';
import { apiKeysCommand } from './commands/api-keys.ts';
import { completionCommand } from './commands/completion.ts';
import { loginCommand, logoutCommand } from './commands/login.ts';
import { machineIdCommand, machinesCommand } from './commands/machines.ts';
import { offlineCommand } from './commands/offline.ts';
import { organizationsCommand, sessionsCommand, subscriptionsCommand, usageCommand } from './commands/reports.ts';
import { runCommand } from './commands/run.ts';
import { activateCommand, releaseCommand, statusCommand, whyCommand } from './commands/sessions.ts';
import { usersCommand } from './commands/users.ts';
import { vendorCommand } from './commands/vendor.ts';
import { versionCommand } from './commands/version.ts';
import { withExamples } from './examples.ts';
import type { Screen } from './output/wait-progress.ts';
import type { Environment } from './settings/config.ts';

/** The usage shows the required options. */
const commandUsage = (command: Command): string => {
  const required = command.options
    .filter(({ mandatory }) => mandatory)
    .map(({ long, flags }) => flags.slice(flags.indexOf(long ?? '')));
  return new Help().commandUsage(command).replace('[options]', [...required, '[options]'].join(' '));
};

/** Makes a command throw instead of exit and print, so that `main` reports wrong arguments; completes its help. */
const configured = (command: Command, screen: Screen, out: NodeJS.WritableStream): Command => {
  for (const one of command.commands) configured(one, screen, out);
  return withExamples(command)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void out.write(text),
      writeErr: (text) => void screen.write(text),
      outputError: () => {},
    })
    .configureHelp({ commandUsage });
};

/** Builds the `leasehold` command. Results go to `out`, messages to `screen`. */
export const program = (environment: Environment, screen: Screen, out: NodeJS.WritableStream): Command => {
  const context = { environment, screen, out };
  return configured(
    new Command('leasehold')
      .description('Takes licenses, keeps them alive, gives them back.')
      .version(version)
      .enablePositionalOptions()
      .addCommand(runCommand(context))
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
      .addCommand(apiKeysCommand(context))
      .addCommand(usageCommand(context))
      .addCommand(sessionsCommand(context))
      .addCommand(vendorCommand(context))
      .addCommand(loginCommand(context))
      .addCommand(logoutCommand(context))
      .addCommand(completionCommand(context))
      .addCommand(versionCommand(context)),
    screen,
    out,
  );
};
