import { Command, Option } from 'commander';
import { type CommandContext, type OutputFlags, printList, printPieces, withTable } from '../output/output.ts';
import { organizations, sessions, subscriptions, usage } from '../output/table-columns.ts';
import { productOption, withCredential } from '../settings/options.ts';
import { findUsers } from './find-users.ts';
import { clientFor, type ProductFlags, serviceCommand } from './service-command.ts';

/** `leasehold organizations`. */
export const organizationsCommand = (context: CommandContext): Command =>
  withTable(withCredential(new Command('organizations')))
    .description('the organizations that you are a member of')
    .action(async (flags: OutputFlags) => {
      const client = await clientFor(context, flags, { organization: false });
      return printList(context, flags, client.listOrganizations({ limit: 200 }), organizations);
    });

/** `leasehold subscriptions`. */
export const subscriptionsCommand = (context: CommandContext): Command =>
  withTable(
    serviceCommand(
      'subscriptions',
      'the products of the organization; the figures for owners, admins and billing managers',
    ),
  ).action(async (flags: OutputFlags) => {
    const client = await clientFor(context, flags);
    return printList(context, flags, client.listSubscriptions({ limit: 200 }), subscriptions);
  });

const withRange = (command: Command): Command =>
  command
    .addOption(productOption())
    .option('--from <time>', 'a day, or an instant; default: the first day of the month 12 months before')
    .option('--to <time>', 'a day to its end, or before an instant; default: today');

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
    withRange(serviceCommand('usage', 'how much was in use, and what was refused (for owners and admins)')).addOption(
      new Option('--granularity <interval>', 'of what length the intervals are')
        .choices(granularities)
        .default('month'),
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
    withRange(serviceCommand('sessions', 'who used what when, active and past (for owners and admins)'))
      .option('--user <user>', 'of one user: by the email of a member, or by ID, also of one that was removed')
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
