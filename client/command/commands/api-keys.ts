import { Command, Option } from 'commander';
import type { Operations } from '../../api.ts';
import { type RunnerPlace, runnerBlock, runnerPlaces } from '../../runner-settings.ts';
import { parseName } from '../ids/parse-id.ts';
import { type CommandContext, type OutputFlags, printList, printResult, withTable } from '../output/output.ts';
import { apiKeys } from '../output/table-columns.ts';
import { configure } from '../settings/config.ts';
import { clientOf, serviceUrl } from '../settings/options.ts';
import { clientFor, serviceCommand } from './service-command.ts';

interface CreateFlags extends OutputFlags {
  readonly name: string;
  readonly scope: 'activate' | 'full';
  readonly expiresAt?: string;
  readonly user?: string;
  readonly for?: RunnerPlace;
}

const titles: Readonly<Record<RunnerPlace, string>> = {
  shell: 'In a shell',
  github: 'For GitHub Actions, in your repository',
  gitlab: 'For GitLab CI, in your repository',
};

const createCommand = (context: CommandContext): Command =>
  serviceCommand(
    'create',
    'make an API key, and print the settings of a runner with it; sign in with `leasehold login`',
  )
    .requiredOption('--name <text>', 'its purpose')
    .addOption(
      new Option('--scope <scope>', 'what it may do').choices(['activate', 'full']).default('activate', 'use licenses'),
    )
    .option('--expires-at <time>', 'when it ends; default: when it is revoked')
    .option('--user <id>', 'the member that it acts as; default: yourself')
    .addOption(new Option('--for <place>', 'print only this block, for `sh`').choices(runnerPlaces))
    .option('--json', 'as JSON')
    .action(async (flags: CreateFlags) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const client = clientOf(configuration, context, flags);
      const { name, scope, expiresAt, user } = flags;
      const organizationId = configuration.organization ?? (await client.getMe()).memberships[0]?.organizationId ?? '';
      const created: Operations['createApiKey']['output'] = await client.createApiKey({
        name,
        scope,
        ...(expiresAt !== undefined && { expiresAt }),
        ...(user !== undefined && { userId: user }),
      });
      const settings = { url: serviceUrl(configuration), organizationId, key: created.key };
      const block = (place: RunnerPlace) => runnerBlock(place, settings);
      printResult(
        context,
        flags,
        { ...created, organizationId, url: settings.url },
        flags.for
          ? [block(flags.for)]
          : [
              `The key ${created.id} is shown this once. Paste one of these:`,
              ...runnerPlaces.map((place) => `\n# ${titles[place]}:\n${block(place)}`),
            ],
      );
    });

/** `leasehold api-keys`. */
export const apiKeysCommand = (context: CommandContext): Command =>
  new Command('api-keys')
    .description('API keys: your own, and for owners and admins all')
    .addCommand(createCommand(context))
    .addCommand(
      withTable(serviceCommand('list', 'list the API keys, without their secrets')).action(
        async (flags: OutputFlags) => {
          const client = await clientFor(context, flags);
          return printList(context, flags, client.listApiKeys({ limit: 200 }), apiKeys);
        },
      ),
    )
    .addCommand(
      serviceCommand(
        'revoke',
        'revoke an API key: a minute later the sessions that it keeps alive end, and can’t take their licenses back; ' +
          'move the runners to a new key first',
      )
        .argument('<key-id>', 'as shown by `leasehold api-keys list`', parseName)
        .option('--json', 'as JSON')
        .action(async (keyId: string, flags: OutputFlags) => {
          await (await clientFor(context, flags)).revokeApiKey({ keyId });
          printResult(context, flags, { keyId }, [`The key ${keyId} is revoked.`]);
        }),
    );
