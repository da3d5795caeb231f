import { Command, InvalidArgumentError, Option } from 'commander';
import type { Product } from '../../api.ts';
import type { Client, Input } from '../../client.ts';
import { NotFound } from '../../errors.ts';
import { CommandFailed } from '../exit-codes.ts';
import { changeLines } from '../output/change-lines.ts';
import { type CommandContext, type OutputFlags, printList, printResult, withTable } from '../output/output.ts';
import { products } from '../output/table-columns.ts';
import { productOption, withCredential } from '../settings/options.ts';
import { clientFor, type ProductFlags } from './service-command.ts';

const whole = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Use a whole number.');
  return Number(text);
};

export const quotaOption = () => new Option('--quota <number>', 'how many licenses').argParser(whole);

const listCommand = (context: CommandContext): Command =>
  withTable(withCredential(new Command('list')))
    .description('list the products of the catalogue')
    .action(async (flags: OutputFlags) =>
      printList(context, flags, (await clientFor(context, flags)).listProducts({ limit: 200 }), products),
    );

/** Creates a subcommand about one product of the catalogue. */
const ofProduct = (name: string, description: string): Command =>
  withCredential(new Command(name).addOption(productOption())).description(description).option('--json', 'as JSON');

interface SetFlags extends ProductFlags {
  readonly name?: string;
  readonly type?: Product['licenseType'];
  readonly quota?: number;
  readonly months?: number;
  readonly trialDays?: number;
  readonly leaseSeconds?: number;
  readonly idleMinutes?: number;
  readonly offline?: boolean;
  readonly offlineDays?: number;
  readonly dryRun?: true;
}

/** Returns the product; undefined if the catalogue has none of the code. */
const find = (client: Client, product: string): Promise<Product | undefined> =>
  client.getProduct({ product }).catch((error) => {
    if (error instanceof NotFound) return undefined;
    throw error;
  });

/** Returns the fields that have a value: an option that was not given changes nothing. */
const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** @throws CommandFailed if a new product has no name or no type */
const productOf = (before: Product | undefined, flags: SetFlags): Omit<Input<'setProduct'>, 'product'> => {
  const { name = before?.name, type: licenseType = before?.licenseType } = flags;
  if (name === undefined || licenseType === undefined)
    throw new CommandFailed('usage', `The catalogue has no ${flags.product}: say --name and --type to add it.`);
  const { quota, months, trialDays, leaseSeconds, idleMinutes: idleTimeoutMinutes } = flags;
  const { allowed = false, ...offline } = {
    ...before?.terms.offline,
    ...given({ allowed: flags.offline, maxDays: flags.offlineDays }),
  };
  return {
    name,
    licenseType,
    terms: {
      ...before?.terms,
      ...given({ quota, months, trialDays, leaseSeconds, idleTimeoutMinutes }),
      offline: { allowed, ...offline },
    },
  };
};

/** Returns all values of a product side by side, to compare them. */
const valuesOf = ({ name, licenseType, terms }: Omit<Input<'setProduct'>, 'product'>) => ({
  name,
  licenseType,
  ...terms,
});

const setCommand = (context: CommandContext): Command =>
  ofProduct('set', 'put a product into the catalogue, or change it; what you leave out stays as it is')
    .option('--name <name>', 'as people call it')
    .addOption(new Option('--type <type>', 'the license type').choices(['floating', 'per-user']))
    .addOption(quotaOption())
    .addOption(new Option('--months <number>', 'how long a sale lasts').argParser(whole))
    .addOption(new Option('--trial-days <number>', 'how long a trial lasts').argParser(whole))
    .addOption(new Option('--lease-seconds <number>', 'how long a lease lasts').argParser(whole))
    .addOption(
      new Option('--idle-minutes <number>', 'per user: after how long a session without work ends').argParser(whole),
    )
    .option('--offline', 'allow offline licenses')
    .option('--no-offline', 'allow none')
    .addOption(new Option('--offline-days <number>', 'the longest offline license').argParser(whole))
    .option('--dry-run', 'show the changes only')
    .action(async (flags: SetFlags) => {
      const client = await clientFor(context, flags);
      const { product, dryRun, json } = flags;
      const before = await find(client, product);
      const set = productOf(before, flags);
      const changes = changeLines(before && valuesOf(before), valuesOf(set));
      if (!json) printResult(context, flags, changes, changes.length > 0 ? changes : ['Nothing changes.']);
      if (dryRun) return json ? printResult(context, flags, { changes }, []) : undefined;
      const result = await client.setProduct({ product, ...set });
      return printResult(context, flags, result, [`${product} (${result.name}) is in the catalogue.`]);
    });

const removeCommand = (context: CommandContext): Command =>
  ofProduct('remove', 'take a product out of the catalogue; its subscriptions stay').action(
    async (flags: ProductFlags) => {
      const { product } = flags;
      await (await clientFor(context, flags)).removeProduct({ product });
      return printResult(context, flags, { product, outcome: 'removed' }, [
        `${product} is not in the catalogue any more. Its subscriptions stay.`,
      ]);
    },
  );

/** `leasehold vendor catalogue`. */
export const catalogueCommand = (context: CommandContext): Command =>
  new Command('catalogue')
    .description('list, set and remove the products of the catalogue')
    .addCommand(listCommand(context), { isDefault: true })
    .addCommand(setCommand(context))
    .addCommand(removeCommand(context));
