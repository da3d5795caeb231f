import { Command } from 'commander';
import type { Client } from '../../client.ts';
import type { CommandContext, OutputFlags } from '../output/output.ts';
import { configure } from '../settings/config.ts';
import { clientOf, withConnection } from '../settings/options.ts';

/** The flags of a subcommand about one product. */
export interface ProductFlags extends OutputFlags {
  readonly product: string;
}

/** Creates a subcommand that calls the service. */
export const serviceCommand = (name: string, description: string): Command =>
  withConnection(new Command(name)).description(description);

/** Creates the client for a subcommand's flags. */
export const clientFor = async (
  { environment }: CommandContext,
  flags: OutputFlags,
  about: { organization?: boolean } = {},
): Promise<Client> => clientOf(await configure(flags, environment, flags.config), environment, about);
