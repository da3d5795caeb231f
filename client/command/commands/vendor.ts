import { Command, InvalidArgumentError, Option } from 'commander';
import { type Product, patterns, type Subscription } from '../../api.ts';
import type { Client, Input } from '../../client.ts';
import { NotFound } from '../../errors.ts';
import { CommandFailed } from '../exit-codes.ts';
import { changeLines } from '../output/change-lines.ts';
import {
  type CommandContext,
  type OutputFlags,
  printList,
  printPieces,
  printResult,
  withTable,
} from '../output/output.ts';
import { soldSubscriptions, vendorAuditEvents } from '../output/table-columns.ts';
import { withCredential } from '../settings/options.ts';
import { clientFor, type ProductFlags, productCommand } from './service-command.ts';
import { catalogueCommand, quotaOption } from './vendor-catalogue.ts';

type Terms = Omit<Input<'setSubscription'>, 'organizationId' | 'product'>;

const time = (text: string): string => {
  // `Date.parse` guesses at other texts.
  if (!patterns.day.test(text) && !patterns.time.test(text))
    throw new InvalidArgumentError('Say it as 2027-01-31 or 2027-01-31T09:30:00Z.');
  return new Date(text).toISOString();
};

interface SetFlags extends ProductFlags {
  readonly quota?: number;
  readonly until?: string;
  readonly trial?: true;
  readonly note?: string;
  readonly dryRun?: true;
}

const untilOption = () =>
  new Option('--until <time>', 'when it ends: a day (at its beginning, UTC) or a time').argParser(time);

/** Returns the current terms of a subscription, to send them again with changes. */
const termsOf = ({
  licenseType,
  productName,
  quota,
  machineQuota,
  expiresAt,
  leaseSeconds,
  offline,
  idleTimeoutMinutes,
  suspended,
  trial,
}: Subscription): Terms => ({
  licenseType,
  productName,
  quota,
  expiresAt,
  leaseSeconds,
  offline,
  idleTimeoutMinutes,
  // A machine quota that equals the quota follows it.
  ...(machineQuota !== quota && { machineQuota }),
  status: suspended ? 'suspended' : 'active',
  ...(trial && { trial }),
});

/** Returns the subscription; undefined if the organization has none of the product. */
const find = (client: Client, product: string): Promise<Subscription | undefined> =>
  client.getSubscription({ product }).catch((error) => {
    if (error instanceof NotFound) return undefined;
    throw error;
  });

/** Returns the terms of a sale: those of the catalogue, and the flags. */
const saleOf = ({ name, licenseType, terms }: Product, { quota, until, trial }: SetFlags): Terms => {
  const end = new Date();
  if (trial) end.setUTCDate(end.getUTCDate() + terms.trialDays);
  else end.setUTCMonth(end.getUTCMonth() + terms.months);
  const { leaseSeconds, offline, idleTimeoutMinutes } = terms;
  return {
    ...{ licenseType, productName: name, leaseSeconds, offline, idleTimeoutMinutes },
    quota: quota ?? terms.quota,
    expiresAt: until ?? end.toISOString(),
    ...(trial && { trial }),
  };
};

/** Prints what changes, sets it unless it is a dry run, and prints the result. */
const set = async (
  context: CommandContext,
  flags: SetFlags,
  client: Client,
  before: Subscription | undefined,
  terms: Terms,
) => {
  const { product, note, dryRun, json } = flags;
  const changes = changeLines(before && termsOf(before), terms);
  if (!json) printResult(context, flags, changes, changes.length > 0 ? changes : ['Nothing changes.']);
  if (dryRun) return json ? printResult(context, flags, { changes }, []) : undefined;
  const result = await client.setSubscription({ product, ...terms, ...(note !== undefined && { note: note || null }) });
  const ends = `until ${result.expiresAt}`;
  return printResult(context, flags, result, [
    `${result.quota} ${product} licenses, ${result.available} available, ${ends} (${result.status}).`,
  ]);
};

const setCommand = (
  context: CommandContext,
  [name, description]: readonly [string, string],
  options: readonly Option[],
  change: (before: Subscription, flags: SetFlags) => Terms,
): Command => {
  const command = productCommand(name, description).option(
    '--note <text>',
    'the vendor’s note; an empty text removes it',
  );
  for (const option of options) command.addOption(option);
  return command
    .option('--dry-run', 'show the changes only')
    .option('--json', 'as JSON')
    .action(async (flags: SetFlags) => {
      const client = await clientFor(context, flags);
      const before = await client.getSubscription({ product: flags.product });
      return set(context, flags, client, before, change(before, flags));
    });
};

const sellCommand = (context: CommandContext): Command =>
  productCommand('sell', 'sell a product of the catalogue to an organization, with its default terms')
    .addOption(quotaOption())
    .addOption(untilOption())
    .option('--trial', 'as a trial, which ends by itself')
    .option('--note <text>', 'a note, for the vendor alone')
    .option('--dry-run', 'show the terms only')
    .option('--json', 'as JSON')
    .action(async (flags: SetFlags) => {
      const client = await clientFor(context, flags);
      const before = await find(client, flags.product);
      if (before)
        throw new CommandFailed(
          'refused',
          `${flags.product} was sold before: use \`leasehold vendor renew\` or \`resize\`.`,
        );
      return set(context, flags, client, undefined, saleOf(await client.getProduct({ product: flags.product }), flags));
    });

interface ListFlags extends OutputFlags {
  readonly state?: 'ending' | 'full' | 'unused';
  readonly search?: string;
}

const listCommand = (context: CommandContext): Command =>
  withTable(withCredential(new Command('list')))
    .description('list the subscriptions of all organizations, with their use')
    .addOption(new Option('--state <state>', 'which').choices(['ending', 'full', 'unused']))
    .option('--search <words>', 'in names and codes')
    .action(async ({ state, search, ...flags }: ListFlags) => {
      const client = await clientFor(context, flags);
      const input = { ...(state && { state }), ...(search && { search }), limit: 200 };
      if (flags.csv) return printPieces(context, client.listSoldSubscriptionsCsv(input));
      return printList(context, flags, client.listSoldSubscriptions(input), soldSubscriptions);
    });

interface AuditFlags extends OutputFlags {
  readonly product?: string;
  readonly from?: string;
  readonly to?: string;
}

const auditCommand = (context: CommandContext): Command =>
  withTable(withCredential(new Command('audit')))
    .description('list what the vendor did: changes of the catalogue, and of organizations')
    .option('--product <code>', 'about one product')
    .addOption(
      new Option('--from <time>', 'a day (from its beginning, UTC) or a time; default: 30 days ago').argParser(time),
    )
    .addOption(new Option('--to <time>', 'a day (until its beginning, UTC) or a time; default: now').argParser(time))
    .action(async ({ product, from, to, ...flags }: AuditFlags) => {
      const client = await clientFor(context, flags);
      const input = { ...(product && { product }), ...(from && { from }), ...(to && { to }), limit: 200 };
      return printList(context, flags, client.listVendorAuditEvents(input), vendorAuditEvents);
    });

const ended = () => new Date().toISOString();

/** `leasehold vendor`, for the vendor. */
export const vendorCommand = (context: CommandContext): Command =>
  new Command('vendor')
    .description('sell, renew, resize, suspend and end subscriptions, and keep the catalogue (for the vendor)')
    .addCommand(listCommand(context))
    .addCommand(catalogueCommand(context))
    .addCommand(sellCommand(context))
    .addCommand(
      setCommand(
        context,
        ['renew', 'move the end of a subscription'],
        [untilOption().makeOptionMandatory()],
        (before, { until }) => {
          const { trial: _, ...terms } = termsOf(before);
          return { ...terms, expiresAt: until as string };
        },
      ),
    )
    .addCommand(
      setCommand(
        context,
        ['resize', 'change how many licenses a subscription has'],
        [quotaOption().makeOptionMandatory()],
        (before, { quota }) => ({ ...termsOf(before), quota: quota as number }),
      ),
    )
    .addCommand(
      setCommand(
        context,
        ['end', 'end a subscription now: its sessions end at their next heartbeat'],
        [],
        (before) => ({ ...termsOf(before), expiresAt: ended() }),
      ),
    )
    .addCommand(
      setCommand(
        context,
        ['suspend', 'suspend a subscription now: its sessions end at their next heartbeat'],
        [],
        (before) => ({ ...termsOf(before), status: 'suspended' }),
      ),
    )
    .addCommand(
      setCommand(context, ['resume', 'let a suspended subscription be used again'], [], (before) => ({
        ...termsOf(before),
        status: 'active',
      })),
    )
    .addCommand(auditCommand(context));
