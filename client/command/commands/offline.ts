import { access, constants, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import type { OfflineLicense } from '../../api.ts';
import { type Client, createClient } from '../../client.ts';
import { randomId } from '../../request.ts';
import { isAmbiguous } from '../../retry.ts';
import { CommandFailed } from '../exit-codes.ts';
import { parseName } from '../ids/parse-id.ts';
import { type CommandContext, type OutputFlags, printResult } from '../output/output.ts';
import { offlineLicenses } from '../output/table-columns.ts';
import { printMessage } from '../output/wait-progress.ts';
import { configure } from '../settings/config.ts';
import {
  configOption,
  fetchOf,
  machineOf,
  machineOption,
  offlineOf,
  productOption,
  serviceUrl,
  withAddress,
  withFiles,
} from '../settings/options.ts';
import { interruption } from '../signals.ts';
import { findUsers } from './find-users.ts';
import { clientFor, listCommand, type ProductFlags, productCommand } from './service-command.ts';

const requestCommand = (context: CommandContext): Command =>
  withFiles(new Command('request'))
    .description('print what an owner or admin needs to issue a license file for this machine')
    .addOption(productOption())
    .addOption(machineOption())
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(async (flags: ProductFlags) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const machineId = await machineOf(configuration);
      const { folder, keysFile } = offlineOf(configuration, context.environment);
      printResult(context, flags, { product: flags.product, machineId, folder, keysFile }, [
        `Ask an owner or admin for an offline license of ${flags.product} for the machine ID`,
        `  ${machineId}`,
        `and put the file into ${folder}.`,
      ]);
    });

const keysCommand = (context: CommandContext): Command =>
  withFiles(withAddress(new Command('keys')))
    .description('fetch the public keys that verify license files, while there is a network')
    .option('--json', 'as JSON')
    .action(async (flags: OutputFlags) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const { keepKeys } = await import('../../offline/index.ts');
      const { keysFile } = offlineOf(configuration, context.environment);
      const client = createClient({ baseUrl: serviceUrl(configuration), fetch: fetchOf(context.screen, flags) });
      const { keys } = await keepKeys(client, keysFile);
      printResult(context, flags, { keys: keys.length, keysFile }, [`${keysFile} has ${keys.length} keys.`]);
    });

const verifyCommand = (context: CommandContext): Command =>
  withFiles(new Command('verify'))
    .description('check whether a license file is valid here and now; sends nothing')
    .addOption(productOption())
    .addOption(machineOption())
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(async (flags: ProductFlags) => {
      const { claimLicenseFile } = await import('../run/claim-license-file.ts');
      const configuration = await configure(flags, context.environment, flags.config);
      const machineId = await machineOf(configuration);
      const files = offlineOf(configuration, context.environment);
      const { license, release } = await claimLicenseFile(files, { product: flags.product, machineId });
      await release();
      printResult(context, flags, license, [
        `${flags.product} is licensed on this machine until ${license.expiresAt.toISOString()}, by ${license.id}.`,
      ]);
    });

/** The option for the path of a file. */
const outputOption = () =>
  new Option(
    '--output <file>',
    'the path to write; default: the file’s own name in this folder, with the license’s ID if that name is taken',
  );

/** Writes a text, unless the file exists. Returns whether the file now holds this text. */
const fileHolds = async (path: string, text: string): Promise<boolean> => {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new CommandFailed('usage', message, { cause: error });
    return (await readFile(path, 'utf8').catch(() => undefined)) === text;
  }
};

/**
 * Writes a license's file. Never overwrites another file: all licenses of a machine have one file name, so the next one gets
 * its ID in the name.
 *
 * @param output the path, instead of the file's own name
 * @returns the path of the file
 */
const writeLicense = async (
  text: string,
  { id, fileName }: Pick<OfflineLicense, 'id' | 'fileName'>,
  output: string | undefined,
): Promise<string> => {
  for (const path of output ? [output] : [fileName, fileName.replace(/(\.lic)?$/, `~${id}$1`)])
    if (await fileHolds(path, text)) return path;
  throw new CommandFailed('usage', `${output || fileName} exists with other content.`);
};

/**
 * Checks that the file can be written, before a license is issued for good.
 *
 * @param repeats whether an earlier call may have written the file
 */
const requireRoom = async (output: string | undefined, { repeats }: { repeats: boolean }): Promise<void> => {
  const there = output ? await stat(output).catch(() => undefined) : undefined;
  if (there && !(repeats && there.isFile()))
    throw new CommandFailed('usage', `${output} exists already, so nothing was issued: choose another --output.`);
  await access(output ? dirname(output) : '.', constants.W_OK).catch((cause: Error) => {
    throw new CommandFailed('usage', `Nothing was issued, as the file cannot be written: ${cause.message}.`, {
      cause,
    });
  });
};

interface IssueFlags extends ProductFlags {
  readonly expiresAt?: string;
  readonly description?: string;
  readonly user?: string;
  readonly output?: string;
  readonly idempotencyKey?: string;
}

const issueCommand = (context: CommandContext): Command =>
  productCommand(
    'issue',
    'issue a license file for a machine: it uses a license until it expires, and can’t be revoked',
  )
    .argument('<machine-id>', 'as shown by `leasehold offline request` on that machine')
    .option('--expires-at <time>', 'an earlier expiry than the subscription allows, like 2027-01-31T09:30:00Z')
    .option('--description <text>', 'for people to read')
    .option('--user <user>', 'the member who uses it, by email or ID')
    .option('--idempotency-key <key>', '16 to 128 characters: a repetition with the same key returns the same license')
    .addOption(outputOption())
    .option('--json', 'as JSON')
    .action(async (machineId: string, flags: IssueFlags) => {
      const client = await clientFor(context, flags);
      const { product, expiresAt, description, output, idempotencyKey = randomId() } = flags;
      await requireRoom(output, { repeats: flags.idempotencyKey !== undefined });
      const userId = flags.user === undefined ? undefined : (await findUsers(client, [flags.user]))[0]?.userId;
      const { signal, stop } = interruption();
      const say = (text: string) => printMessage(context.screen, `leasehold: ${text}`);
      const input = {
        product,
        machineId,
        ...(expiresAt !== undefined && { expiresAt }),
        ...(description !== undefined && { description }),
        ...(userId !== undefined && { userId }),
        idempotencyKey,
      };
      const license = await client.issueOfflineLicense(input, { signal }).catch((error: unknown) => {
        if (signal.aborted || isAmbiguous(error))
          say(
            `a license may have been issued all the same. Repeat the command with --idempotency-key ${idempotencyKey}, ` +
              'which returns the same license.',
          );
        throw error;
      });
      const { id } = license;
      try {
        const text = await client.getOfflineLicenseFile({ product, licenseId: id }, { signal });
        const file = await writeLicense(text, license, output);
        printResult(context, flags, { ...license, file }, [
          `${file} licenses ${product} on ${machineId} until ${license.expiresAt}: license ${id}.`,
        ]);
      } catch (error) {
        // The license is issued for good: a repetition would issue another one.
        say(
          `license ${id} was issued, but its file was not written. Do not repeat the command. Get the file with ` +
            `\`leasehold offline download ${id} --product ${product} --output <file>\`.`,
        );
        throw error;
      } finally {
        stop();
      }
    });

interface DownloadFlags extends ProductFlags {
  readonly output?: string;
}

const downloadCommand = (context: CommandContext): Command =>
  productCommand('download', 'get the file of an offline license again; it is the same each time')
    .argument('<license-id>', 'as shown by `leasehold offline list`', parseName)
    .addOption(outputOption())
    .option('--json', 'as JSON')
    .action(async (licenseId: string, flags: DownloadFlags) => {
      const client = await clientFor(context, flags);
      const { product } = flags;
      const license = await licenseById(client, product, licenseId);
      const file = await writeLicense(
        await client.getOfflineLicenseFile({ product, licenseId }),
        license,
        flags.output,
      );
      printResult(context, flags, { id: licenseId, file }, [`${file} is the file of license ${licenseId}.`]);
    });

/** @throws CommandFailed if there is no such license */
const licenseById = async (client: Client, product: string, id: string): Promise<OfflineLicense> => {
  for await (const license of client.listOfflineLicenses({ product, limit: 200 }))
    if (license.id === id) return license;
  throw new CommandFailed(
    'missing',
    `There is no offline license ${id} of ${product}: see \`leasehold offline list\`.`,
  );
};

/** `leasehold offline`. */
export const offlineCommand = (context: CommandContext): Command =>
  new Command('offline')
    .description('license files, for machines without a network')
    .addCommand(requestCommand(context))
    .addCommand(keysCommand(context))
    .addCommand(verifyCommand(context))
    .addCommand(
      listCommand(
        context,
        'list the issued license files, also expired ones',
        (client, query) => client.listOfflineLicenses(query),
        offlineLicenses,
      ),
    )
    .addCommand(issueCommand(context))
    .addCommand(downloadCommand(context));
