import { Command } from 'commander';
import { name, names } from '../ids/parse-id.ts';
import { giveOutcomes } from '../output/bulk-outcomes.ts';
import { give, giveList, type World, withTable } from '../output/output.ts';
import { onlineLicenses } from '../output/table-columns.ts';
import { productOption } from '../settings/options.ts';
import { asking, clientFor, type ProductFlags } from './service-command.ts';

const listCommand = (world: World): Command =>
  withTable(asking('list', 'online licenses in use').addOption(productOption())).action(async (flags: ProductFlags) => {
    const client = await clientFor(world, flags);
    return giveList(world, flags, client.listActivations({ product: flags.product, limit: 200 }), onlineLicenses);
  });

const endCommand = (world: World): Command =>
  withTable(
    asking('end', 'end sessions at once, and free their licenses; the same session can’t take one again')
      .argument('<session-id...>', 'what `leasehold activations list` says', names)
      .addOption(productOption()),
  ).action(async (sessionIds: string[], flags: ProductFlags) => {
    const client = await clientFor(world, flags);
    const { product } = flags;
    return giveOutcomes(
      world,
      flags,
      { client, product, of: 'session', targets: sessionIds, gone: 'not-found' },
      async (sessionId) => {
        await client.deactivate({ product, sessionId });
        return 'ended';
      },
    );
  });

const transferCommand = (world: World): Command =>
  asking('transfer', 'move a session’s license to another machine, in one step; on its own machine the session ends')
    .argument('<session-id>', 'what `leasehold activations list` says', name)
    .argument('<machine-id>', 'the machine that it goes on')
    .addOption(productOption())
    .option('--json', 'as JSON')
    .action(async (sessionId: string, machineId: string, flags: ProductFlags) => {
      const client = await clientFor(world, flags);
      const activation = await client.transferActivation({ product: flags.product, sessionId, machineId });
      give(world, flags, activation, [`Session ${sessionId} has license ${activation.seat} on ${machineId} now.`]);
    });

/** `leasehold activations`, for owners and admins. */
export const activationsCommand = (world: World): Command =>
  new Command('activations')
    .description('online licenses (for owners and admins; others see their own)')
    .addCommand(listCommand(world))
    .addCommand(endCommand(world))
    .addCommand(transferCommand(world));
