import { Command } from 'commander';
import { parseName, parseNames } from '../ids/parse-id.ts';
import { printOutcomes } from '../output/bulk-outcomes.ts';
import { type CommandContext, printList, printResult, withTable } from '../output/output.ts';
import { onlineLicenses } from '../output/table-columns.ts';
import { productOption } from '../settings/options.ts';
import { clientFor, type ProductFlags, serviceCommand } from './service-command.ts';

const listCommand = (context: CommandContext): Command =>
  withTable(serviceCommand('list', 'online licenses in use').addOption(productOption())).action(
    async (flags: ProductFlags) => {
      const client = await clientFor(context, flags);
      return printList(context, flags, client.listActivations({ product: flags.product, limit: 200 }), onlineLicenses);
    },
  );

const endCommand = (context: CommandContext): Command =>
  withTable(
    serviceCommand('end', 'end sessions at once, and free their licenses; the same session can’t take one again')
      .argument('<session-id...>', 'as shown by `leasehold activations list`', parseNames)
      .addOption(productOption()),
  ).action(async (sessionIds: string[], flags: ProductFlags) => {
    const client = await clientFor(context, flags);
    const { product } = flags;
    return printOutcomes(
      context,
      flags,
      { client, product, of: 'session', targets: sessionIds, gone: 'not-found' },
      async (sessionId) => {
        await client.deactivate({ product, sessionId });
        return 'ended';
      },
    );
  });

const transferCommand = (context: CommandContext): Command =>
  serviceCommand(
    'transfer',
    'move a session’s license to another machine, in one step; on its own machine the session ends',
  )
    .argument('<session-id>', 'as shown by `leasehold activations list`', parseName)
    .argument('<machine-id>', 'the machine to move to')
    .addOption(productOption())
    .option('--json', 'as JSON')
    .action(async (sessionId: string, machineId: string, flags: ProductFlags) => {
      const client = await clientFor(context, flags);
      const activation = await client.transferActivation({ product: flags.product, sessionId, machineId });
      printResult(context, flags, activation, [
        `Session ${sessionId} now has license ${activation.seat} on ${machineId}.`,
      ]);
    });

/** `leasehold activations`, for owners and admins. */
export const activationsCommand = (context: CommandContext): Command =>
  new Command('activations')
    .description('online licenses (for owners and admins; others see their own)')
    .addCommand(listCommand(context))
    .addCommand(endCommand(context))
    .addCommand(transferCommand(context));
