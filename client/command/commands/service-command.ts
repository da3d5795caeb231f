import { Command } from 'commander';
import type { Client } from '../../client.ts';
import { type CommandContext, type OutputFlags, printList, withTable } from '../output/output.ts';
import type { Table } from '../output/render-table.ts';
import { configure } from '../settings/config.ts';
import { clientOf, productOption, withConnection } from '../settings/options.ts';

/** The flags of a subcommand about one product. */
export interface ProductFlags extends OutputFlags {
  readonly product: string;
}

/** Creates a subcommand that calls the service. */
export const serviceCommand = (name: string, description: string): Command =>
  withConnection(new Command(name)).description(description);

/** Creates a subcommand about one product. */
export const productCommand = (name: string, description: string): Command =>
  withConnection(new Command(name).addOption(productOption())).description(description);

/** Creates the client for a subcommand's flags. */
export const clientFor = async (context: CommandContext, flags: OutputFlags): Promise<Client> =>
  clientOf(await configure(flags, context.environment, flags.config), context, flags);

/** Creates the subcommand `list`, which prints a list of one product. */
export const listCommand = <T, Flags extends ProductFlags = ProductFlags>(
  context: CommandContext,
  description: string,
  list: (client: Client, query: { product: string; limit: number }, flags: Flags) => AsyncIterable<T>,
  table: Table<T>,
): Command =>
  withTable(productCommand('list', description)).action(async (flags: Flags) => {
    const client = await clientFor(context, flags);
    return printList(context, flags, list(client, { product: flags.product, limit: 200 }, flags), table);
  });
