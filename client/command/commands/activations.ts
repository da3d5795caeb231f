import { Command } from 'commander';
import { parseName, parseNames } from '../ids/parse-id.ts';
import { printOutcomes } from '../output/bulk-outcomes.ts';
import { type CommandContext, printResult, withTable } from '../output/output.ts';
import { onlineLicenses } from '../output/table-columns.ts';
import { clientFor, listCommand, type ProductFlags, productCommand } from './service-command.ts';

const endCommand = (context: CommandContext): Command =>
  withTable(
    productCommand(
      'end',
      'end sessions at once, and free their licenses; the same session can’t take one again',
    ).argument('<session-id...>', 'as shown by `leasehold activations list`', parseNames),
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
  productCommand(
    'transfer',
    'move a session’s license to another machine, in one step; on its own machine the session ends',
  )
    .argument('<session-id>', 'as shown by `leasehold activations list`', parseName)
    .argument('<machine-id>', 'the machine to move to')
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
    .addCommand(
      listCommand(context, 'online licenses in use', (client, query) => client.listActivations(query), onlineLicenses),
    )
    .addCommand(endCommand(context))
    .addCommand(transferCommand(context));
