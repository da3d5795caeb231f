import { Command } from 'commander';
import { createClient } from '../client.ts';
import { configure } from './configuration.ts';
import { CommandFailed } from './failures.ts';
import { machineOf, machineOption, offlineOf, productOption, withConnection, withFiles } from './options.ts';
import { give, type OutputFlags, type World } from './output.ts';

interface ProductFlags extends OutputFlags {
  readonly product: string;
}

/** `leasehold machine-id`. */
export const machineIdCommand = (world: World): Command =>
  new Command('machine-id')
    .description('the ID of this machine for this user: the same each time, and made of what the system calls it')
    .addOption(machineOption())
    .option('--config <file>', 'the configuration file (LEASEHOLD_CONFIG)')
    .option('--json', 'as JSON')
    .action(async (flags: OutputFlags) => {
      const machineId = await machineOf(await configure(flags, world.environment, flags.config));
      give(world, flags, { machineId }, [machineId]);
    });

const requestCommand = (world: World): Command =>
  withFiles(new Command('request'))
    .description('what an owner or admin needs to issue a license file for this machine')
    .addOption(productOption())
    .addOption(machineOption())
    .option('--config <file>', 'the configuration file (LEASEHOLD_CONFIG)')
    .option('--json', 'as JSON')
    .action(async (flags: ProductFlags) => {
      const configuration = await configure(flags, world.environment, flags.config);
      const machineId = await machineOf(configuration);
      const { folder, keysFile } = offlineOf(configuration, world.environment);
      give(world, flags, { product: flags.product, machineId, folder, keysFile }, [
        `Ask an owner or admin for an offline license of ${flags.product} for the machine ID`,
        `  ${machineId}`,
        `and put the file into ${folder}.`,
      ]);
    });

const keysCommand = (world: World): Command =>
  withFiles(withConnection(new Command('keys')))
    .description('fetch the public keys that license files are verified with, while there is a network')
    .option('--json', 'as JSON')
    .action(async (flags: OutputFlags) => {
      const configuration = await configure(flags, world.environment, flags.config);
      if (configuration.url === undefined)
        throw new CommandFailed('usage', 'Say where the service is, with LEASEHOLD_URL or --url.');
      const { keepKeys } = await import('../offline/index.ts');
      const { keysFile } = offlineOf(configuration, world.environment);
      const { keys } = await keepKeys(createClient({ baseUrl: configuration.url }), keysFile);
      give(world, flags, { keys: keys.length, keysFile }, [`${keysFile} has ${keys.length} keys.`]);
    });

const verifyCommand = (world: World): Command =>
  withFiles(new Command('verify'))
    .description('would a license file be good here and now, and why not; nothing is sent')
    .addOption(productOption())
    .addOption(machineOption())
    .option('--config <file>', 'the configuration file (LEASEHOLD_CONFIG)')
    .option('--json', 'as JSON')
    .action(async (flags: ProductFlags) => {
      const { claimOfflineLicense, keptKeys } = await import('../offline/index.ts');
      const configuration = await configure(flags, world.environment, flags.config);
      const machineId = await machineOf(configuration);
      const { folder, keysFile } = offlineOf(configuration, world.environment);
      const keys = await keptKeys(keysFile);
      const { license, release } = await claimOfflineLicense({ folder, keys, product: flags.product, machineId });
      await release();
      give(world, flags, license, [
        `${flags.product} is licensed on this machine until ${license.expiresAt.toISOString()}, by ${license.id}.`,
      ]);
    });

/** `leasehold offline`. */
export const offlineCommand = (world: World): Command =>
  new Command('offline')
    .description('license files, for machines without a network')
    .addCommand(requestCommand(world))
    .addCommand(keysCommand(world))
    .addCommand(verifyCommand(world));
