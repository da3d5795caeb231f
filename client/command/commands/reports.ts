import { Command, Option } from 'commander';
import { type CommandContext, type OutputFlags, printList, printPieces, withTable } from '../output/output.ts';
import { organizations, sessions, subscriptions, usage } from '../output/table-columns.ts';
import { withCredential } from '../settings/options.ts';
import { findUsers } from './find-users.ts';
import { clientFor, type ProductFlags, productCommand, serviceCommand } from './service-command.ts';

/** `leasehold organizations`. */
export const organizationsCommand = (context: CommandContext): Command =>
  withTable(withCredential(new Command('organizations')))
    .description('list the organizations that you are a member of')
    .action(async (flags: OutputFlags) => {
      const client = await clientFor(context, flags);
      return printList(context, flags, client.listOrganizations({ limit: 200 }), organizations);
    });

/** `leasehold subscriptions`. */
export const subscriptionsCommand = (context: CommandContext): Command =>
  withTable(
    serviceCommand(
      'subscriptions',
      'list the products of the organization; with figures for owners, admins and billing managers',
    ),
  ).action(async (flags: OutputFlags) => {
    const client = await clientFor(context, flags);
    return printList(context, flags, client.listSubscriptions({ limit: 200 }), subscriptions);
  });

const withRange = (command: Command): Command =>
  command
    .option('--from <time>', 'a day or a time; default: the first day of the month 12 months ago')
    .option('--to <time>', 'a day (included) or a time (excluded); default: today');

interface RangeFlags extends ProductFlags {
  readonly from?: string;
  readonly to?: string;
}

const rangeOf = ({ product, from, to }: RangeFlags) => ({
  product,
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

const granularities = ['hour', 'day', 'month'] as const;

interface UsageFlags extends RangeFlags {
  readonly granularity: (typeof granularities)[number];
}

/** `leasehold usage`. */
export const usageCommand = (context: CommandContext): Command =>
  withTable(
    withRange(productCommand('usage', 'show use and refusals over time (for owners and admins)')).addOption(
      new Option('--granularity <interval>', 'the length of the intervals').choices(granularities).default('month'),
    ),
  ).action(async (flags: UsageFlags) => {
    const client = await clientFor(context, flags);
    const input = { ...rangeOf(flags), granularity: flags.granularity };
    if (flags.csv) return printPieces(context, client.getUsageCsv(input));
    return printList(context, flags, client.getUsage({ ...input, limit: 200 }), usage);
  });

interface SessionsFlags extends RangeFlags {
  readonly user?: string;
}

/** `leasehold sessions`. */
export const sessionsCommand = (context: CommandContext): Command =>
  withTable(
    withRange(productCommand('sessions', 'list active and past sessions (for owners and admins)'))
      .option('--user <user>', 'of one user, by a member’s email or by ID (also of a former member)')
      .option('--machine-id <id>', 'on one machine'),
  ).action(async (flags: SessionsFlags) => {
    const client = await clientFor(context, flags);
    const { user, machineId } = flags;
    const input = {
      ...rangeOf(flags),
      ...(user !== undefined && { userId: (await findUsers(client, [user]))[0]?.userId ?? user }),
      ...(machineId !== undefined && { machineId }),
    };
    if (flags.csv) return printPieces(context, client.listSessionsCsv(input));
    return printList(context, flags, client.listSessions({ ...input, limit: 200 }), sessions);
  });
