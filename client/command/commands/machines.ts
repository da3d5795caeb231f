import { Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../client.ts';
import { parseNames } from '../ids/parse-id.ts';
import { printOutcomes } from '../output/bulk-outcomes.ts';
import { type CommandContext, type OutputFlags, printList, printResult, withTable } from '../output/output.ts';
import { machines } from '../output/table-columns.ts';
import { configure } from '../settings/config.ts';
import { configOption, machineOf, machineOption, productOption } from '../settings/options.ts';
import { secondsOf } from '../settings/parse-duration.ts';
import { clientFor, type ProductFlags, serviceCommand } from './service-command.ts';

/** `leasehold machine-id`. */
export const machineIdCommand = (context: CommandContext): Command =>
  new Command('machine-id')
    .description('the ID of this machine for this user: the same each time, and made of what the system calls it')
    .addOption(machineOption())
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(async (flags: OutputFlags) => {
      const machineId = await machineOf(await configure(flags, context.environment, flags.config));
      printResult(context, flags, { machineId }, [machineId]);
    });

const listCommand = (context: CommandContext): Command =>
  withTable(
    serviceCommand('list', 'the registered machines: where licenses are used').addOption(productOption()),
  ).action(async (flags: ProductFlags) => {
    const client = await clientFor(context, flags);
    return printList(context, flags, client.listMachines({ product: flags.product, limit: 200 }), machines);
  });

/** The argument of `--block`, in minutes. */
const blockMinutes = (text: string): number => {
  const seconds = secondsOf(text);
  if (!seconds) throw new InvalidArgumentError('Say it as 30m or 1h30m.');
  return Math.ceil(seconds / 60);
};

/** Does something to each of several machines, and gives what became of each. */
const printMachineOutcomes = async (
  context: CommandContext,
  flags: ProductFlags,
  { machineIds, whyRefused }: { machineIds: string[]; whyRefused?: string | undefined },
  act: (client: Client, machine: { product: string; machineId: string }) => Promise<string>,
): Promise<void> => {
  const client = await clientFor(context, flags);
  const { product } = flags;
  const targets = { client, product, of: 'machine', targets: machineIds, gone: 'not-registered', whyRefused };
  return printOutcomes(context, flags, targets, (machineId) => act(client, { product, machineId }));
};

interface RemoveFlags extends ProductFlags {
  readonly block?: number;
}

const removeCommand = (context: CommandContext): Command =>
  withTable(
    serviceCommand('remove', 'deactivate machines: ends at once what runs on them, and they are registered no more')
      .argument('<machine-id...>', 'what `leasehold machines list` says', parseNames)
      .addOption(productOption())
      .option('--block <time>', 'for how long they may not come back; default: they may at once', blockMinutes),
  ).action(async (machineIds: string[], { block, ...flags }: RemoveFlags) => {
    const whyRefused = block === undefined ? undefined : 'It was never registered, and so could not be blocked.';
    return printMachineOutcomes(context, flags, { machineIds, whyRefused }, async (client, machine) => {
      await client.removeMachine({ ...machine, ...(block !== undefined && { blockMinutes: block }) });
      return 'removed';
    });
  });

const releaseCommand = (context: CommandContext): Command =>
  withTable(
    serviceCommand('release', 'end at once what runs online on machines, and take their licenses away')
      .argument('<machine-id...>', 'what `leasehold machines list` says', parseNames)
      .addOption(productOption()),
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
    .addCommand(listCommand(context))
    .addCommand(removeCommand(context))
    .addCommand(releaseCommand(context));
