import { Command, Option } from 'commander';
import { giveList, givePieces, type OutputFlags, type World, withTable } from '../output/output.ts';
import { organizations, sessions, subscriptions, usage } from '../output/table-columns.ts';
import { productOption, withCredential } from '../settings/options.ts';
import { usersNamed } from './find-users.ts';
import { asking, clientFor, type ProductFlags } from './service-command.ts';

/** `leasehold organizations`. */
export const organizationsCommand = (world: World): Command =>
  withTable(withCredential(new Command('organizations')))
    .description('the organizations that you are a member of')
    .action(async (flags: OutputFlags) => {
      const client = await clientFor(world, flags, { organization: false });
      return giveList(world, flags, client.listOrganizations({ limit: 200 }), organizations);
    });

/** `leasehold subscriptions`. */
export const subscriptionsCommand = (world: World): Command =>
  withTable(
    asking('subscriptions', 'the products of the organization; the figures for owners, admins and billing managers'),
  ).action(async (flags: OutputFlags) => {
    const client = await clientFor(world, flags);
    return giveList(world, flags, client.listSubscriptions({ limit: 200 }), subscriptions);
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
export const usageCommand = (world: World): Command =>
  withTable(
    withRange(asking('usage', 'how much was in use, and what was refused (for owners and admins)')).addOption(
      new Option('--granularity <interval>', 'of what length the intervals are')
        .choices(granularities)
        .default('month'),
    ),
  ).action(async (flags: UsageFlags) => {
    const client = await clientFor(world, flags);
    const input = { ...rangeOf(flags), granularity: flags.granularity };
    if (flags.csv) return givePieces(world, client.getUsageCsv(input));
    return giveList(world, flags, client.getUsage({ ...input, limit: 200 }), usage);
  });

interface SessionsFlags extends RangeFlags {
  readonly user?: string;
}

/** `leasehold sessions`. */
export const sessionsCommand = (world: World): Command =>
  withTable(
    withRange(asking('sessions', 'who used what when, active and past (for owners and admins)'))
      .option('--user <user>', 'of one user: by the email of a member, or by ID, also of one that was removed')
      .option('--machine-id <id>', 'on one machine'),
  ).action(async (flags: SessionsFlags) => {
    const client = await clientFor(world, flags);
    const { user, machineId } = flags;
    const input = {
      ...rangeOf(flags),
      ...(user !== undefined && { userId: (await usersNamed(client, [user]))[0]?.userId ?? user }),
      ...(machineId !== undefined && { machineId }),
    };
    if (flags.csv) return givePieces(world, client.listSessionsCsv(input));
    return giveList(world, flags, client.listSessions({ ...input, limit: 200 }), sessions);
  });
