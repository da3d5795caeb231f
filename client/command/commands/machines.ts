import { Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../client.ts';
import { parseNames } from '../ids/parse-id.ts';
import { printOutcomes } from '../output/bulk-outcomes.ts';
import { type CommandContext, type OutputFlags, printResult, withTable } from '../output/output.ts';
import { machines } from '../output/table-columns.ts';
import { configure } from '../settings/config.ts';
import { configOption, machineOf, machineOption } from '../settings/options.ts';
import { secondsOf } from '../settings/parse-duration.ts';
import { clientFor, listCommand, type ProductFlags, productCommand } from './service-command.ts';

/** `leasehold machine-id`. */
export const machineIdCommand = (context: CommandContext): Command =>
  new Command('machine-id')
    .description('print the stable ID of this machine for this user')
    .addOption(machineOption())
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(async (flags: OutputFlags) => {
      const machineId = await machineOf(await configure(flags, context.environment, flags.config));
      printResult(context, flags, { machineId }, [machineId]);
    });

/** The argument of `--block`, in minutes. */
const blockMinutes = (text: string): number => {
  const seconds = secondsOf(text);
  if (!seconds) throw new InvalidArgumentError('Say it as 30m or 1h30m.');
  return Math.ceil(seconds / 60);
};

/** Runs an operation on each machine, and prints the outcomes. */
const printMachineOutcomes = async (
  context: CommandContext,
  flags: ProductFlags,
  { machineIds, consequence }: { machineIds: string[]; consequence?: string | undefined },
  act: (client: Client, machine: { product: string; machineId: string }) => Promise<string>,
): Promise<void> => {
  const client = await clientFor(context, flags);
  const { product } = flags;
  const targets = { client, product, of: 'machine', targets: machineIds, gone: 'not-registered', consequence };
  return printOutcomes(context, flags, targets, (machineId) => act(client, { product, machineId }));
};

interface RemoveFlags extends ProductFlags {
  readonly block?: number;
}

const removeCommand = (context: CommandContext): Command =>
  withTable(
    productCommand('remove', 'deactivate machines: their sessions end at once, and they are unregistered')
      .argument('<machine-id...>', 'as shown by `leasehold machines list`', parseNames)
      .option('--block <time>', 'how long they may not be used again; default: they may at once', blockMinutes),
  ).action(async (machineIds: string[], { block, ...flags }: RemoveFlags) => {
    const consequence =
      block === undefined ? undefined : 'The machine was never registered, so it could not be blocked.';
    return printMachineOutcomes(context, flags, { machineIds, consequence }, async (client, machine) => {
      await client.removeMachine({ ...machine, ...(block !== undefined && { blockMinutes: block }) });
      return 'removed';
    });
  });

const releaseCommand = (context: CommandContext): Command =>
  withTable(
    productCommand('release', 'end the online sessions of machines at once, and free their licenses').argument(
      '<machine-id...>',
      'as shown by `leasehold machines list`',
      parseNames,
    ),
  ).action(async (machineIds: string[], flags: ProductFlags) =>
    printMachineOutcomes(context, flags, { machineIds }, async (client, machine) => {
      await client.removeMachineLicense(machine);
      return 'released';
    }),
  );

/** `leasehold machines`, for owners and admins. */
export const machinesCommand = (context: CommandContext): Command =>
  new Command('machines')
    .description('registered machines (for owners and admins)')
    .addCommand(
      listCommand(context, 'list the registered machines', (client, query) => client.listMachines(query), machines),
    )
    .addCommand(removeCommand(context))
    .addCommand(releaseCommand(context));
