import { Command, InvalidArgumentError } from 'commander';
import type { Grant, LicensedUser } from '../../api.ts';
import type { Client } from '../../client.ts';
import { exitCodes, noteExitCode } from '../exit-codes.ts';
import { parseName, parseNames } from '../ids/parse-id.ts';
import { printOutcomes } from '../output/bulk-outcomes.ts';
import { type CommandContext, printResult, printWhenDone, withTable } from '../output/output.ts';
import { grants, licensedUsers } from '../output/table-columns.ts';
import { findUsers } from './find-users.ts';
import { clientFor, listCommand, type ProductFlags, productCommand } from './service-command.ts';

/** The most emails in one request. */
const maxEmailsPerRequest = 50;

/** Returns the exit code of an outcome: whether a later try may succeed. */
const exitCodeOfGrant = ({ outcome }: Grant): number => {
  if (outcome === 'granted' || outcome === 'already-licensed') return 0;
  return outcome === 'not-a-member' ? exitCodes.missing : exitCodes.inUse;
};

async function* grantEach(client: Client, product: string, emails: readonly string[]): AsyncGenerator<Grant> {
  for (let n = 0; n < emails.length; n += maxEmailsPerRequest) {
    const { items } = await client.grantLicenses({ product, emails: emails.slice(n, n + maxEmailsPerRequest) });
    for (const item of items) noteExitCode(exitCodeOfGrant(item));
    yield* items;
  }
}

const grantCommand = (context: CommandContext): Command =>
  withTable(
    productCommand('grant', 'grant licenses to members; a licensed user keeps its license').argument('<email...>'),
  ).action(async (emails: string[], flags: ProductFlags) => {
    const client = await clientFor(context, flags);
    return printWhenDone(context, flags, grantEach(client, flags.product, emails), grants);
  });

interface ListFlags extends ProductFlags {
  readonly unusedFor?: number;
}

const parseDays = (text: string): number => {
  const days = Number(text);
  if (!/^\d{1,4}$/.test(text) || days < 1 || days > 3650)
    throw new InvalidArgumentError('Use a whole number from 1 to 3650.');
  return days;
};

const listUsersCommand = (context: CommandContext): Command =>
  listCommand<LicensedUser, ListFlags>(
    context,
    'list the licensed users',
    (client, query, { unusedFor }) =>
      client.listLicensedUsers({ ...query, ...(unusedFor !== undefined && { unusedForDays: unusedFor }) }),
    licensedUsers,
  ).option('--unused-for <days>', 'only licenses that nobody has worked with for so many days', parseDays);

const removeCommand = (context: CommandContext): Command =>
  withTable(
    productCommand(
      'remove',
      'take licenses away from users: their sessions end at once, and their machines are unregistered',
    ).argument('<user...>', 'by email or ID', parseNames),
  ).action(async (names: string[], flags: ProductFlags) => {
    const client = await clientFor(context, flags);
    const ids = new Map((await findUsers(client, names)).map(({ name, userId }) => [name, userId]));
    const { product } = flags;
    return printOutcomes(
      context,
      flags,
      { client, product, of: 'user', targets: names, gone: 'not-licensed' },
      async (name) => {
        await client.removeLicense({ product, userId: ids.get(name) ?? name });
        return 'removed';
      },
    );
  });

const transferCommand = (context: CommandContext): Command =>
  productCommand('transfer', 'move a user’s license to another user in one step: the first user’s session ends at once')
    .argument('<from>', 'the current user, by email or ID', parseName)
    .argument('<to>', 'the new user, by email or ID', parseName)
    .option('--json', 'as JSON')
    .action(async (from: string, to: string, flags: ProductFlags) => {
      const client = await clientFor(context, flags);
      const { product } = flags;
      const [source, target] = (await findUsers(client, [from, to])).map(({ userId }) => userId);
      const licensed = await client.transferLicense({ product, userId: source ?? from, toUserId: target ?? to });
      printResult(context, flags, licensed, [`${licensed.email} now has the ${product} license of ${from}.`]);
    });

/** `leasehold users`, for owners and admins. */
export const usersCommand = (context: CommandContext): Command =>
  new Command('users')
    .description('licensed users of per-user products (for owners and admins)')
    .addCommand(listUsersCommand(context))
    .addCommand(grantCommand(context))
    .addCommand(removeCommand(context))
    .addCommand(transferCommand(context));
