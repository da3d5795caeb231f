import { hostname } from 'node:os';
import { Command } from 'commander';
import type { Activation, DryRun } from '../api.ts';
import { Forbidden } from '../errors.ts';
import { configure } from './configuration.ts';
import { CommandFailed, exitCodes } from './failures.ts';
import {
  clientOf,
  machineOf,
  machineOption,
  productOption,
  sessionOf,
  sessionOption,
  waitOption,
  withConnection,
} from './options.ts';
import { give, type OutputFlags, type World } from './output.ts';
import { sessionOfJob } from './session-id.ts';

interface ProductFlags extends OutputFlags {
  readonly product: string;
}

const command = (name: string, description: string): Command =>
  withConnection(new Command(name)).description(description).addOption(productOption()).option('--json', 'as JSON');

/** `leasehold activate`: for what keeps its license alive itself, or needs it no longer than a lease. */
export const activateCommand = (world: World): Command =>
  command('activate', 'take a license, or extend its lease; nothing keeps it alive after that')
    .addOption(machineOption())
    .addOption(sessionOption())
    .action(async (flags: ProductFlags) => {
      const configuration = await configure(flags, world.environment, flags.config);
      const { sessionId } = sessionOf(configuration, world.environment);
      const machineId = await machineOf(configuration);
      const input = { product: flags.product, machineId, sessionId, hostname: hostname() };
      // Without `waitSeconds` and `dryRun` it is this.
      const activation = (await clientOf(configuration).activate(input)) as Activation;
      give(world, flags, activation, [
        `Session ${activation.sessionId} has ${activation.product} license ${activation.seat} until ${activation.leaseExpiresAt}.`,
        'Repeat this before then, or the license is free; give it back with `leasehold release`.',
      ]);
    });

/** `leasehold release`. */
export const releaseCommand = (world: World): Command =>
  command('release', 'give the license of a session back; repeating is harmless')
    .addOption(sessionOption())
    .action(async (flags: ProductFlags) => {
      const configuration = await configure(flags, world.environment, flags.config);
      const sessionId = configuration.sessionId ?? sessionOfJob(world.environment)?.sessionId;
      if (sessionId === undefined) throw new CommandFailed('usage', 'Say which session, with --session-id.');
      await clientOf(configuration).deactivate({ product: flags.product, sessionId });
      give(world, flags, { sessionId, product: flags.product }, [`Session ${sessionId} holds no license any more.`]);
    });

/** `leasehold status`: who holds what, until when, and the queue; who may not see the figures sees what is its own. */
export const statusCommand = (world: World): Command =>
  command('status', 'who holds licenses and until when, and how many wait').action(async (flags: ProductFlags) => {
    const configuration = await configure(flags, world.environment, flags.config);
    const client = clientOf(configuration);
    const { product } = flags;
    const figures = client.getSubscription({ product }).catch((error: unknown) => {
      if (error instanceof Forbidden) return null;
      throw error;
    });
    const listed = (async () => {
      const all: Activation[] = [];
      for await (const activation of client.listActivations({ product, limit: 200 })) all.push(activation);
      return all;
    })();
    const [subscription, activations] = await Promise.all([figures, listed]);
    give(world, flags, { subscription, activations }, [
      ...(subscription
        ? [
            `${product} is ${subscription.status} until ${subscription.expiresAt}: ${subscription.available} of ${subscription.quota} licenses are free.`,
            `${subscription.queue.length} wait in the queue.`,
          ]
        : []),
      ...activations.map(
        ({ seat, sessionId, userId, machineId, leaseExpiresAt }) =>
          `license ${seat}: session ${sessionId} of ${userId} on ${machineId}, until ${leaseExpiresAt}`,
      ),
    ]);
  });

/** The refusals that end by themselves. */
const passing: ReadonlySet<DryRun['code']> = new Set(['license-quota-exceeded', 'machine-quota-exceeded']);

const whyLines = (product: string, { accepted, position, code, detail, nextFreeAt }: DryRun): string[] => {
  if (accepted) return [`A ${product} license would be given.`];
  if (position !== undefined) return [`It would wait, as number ${position} in the queue.`];
  return [`${code}: ${detail}`, ...(nextFreeAt ? [`One may be free at ${nextFreeAt}.`] : [])];
};

/** `leasehold why`: would it be accepted, and why not. */
export const whyCommand = (world: World): Command =>
  command('why', 'would a license be given, and why not; changes nothing')
    .addOption(machineOption())
    .addOption(sessionOption())
    .addOption(waitOption())
    .action(async (flags: ProductFlags & { readonly wait: number }) => {
      const configuration = await configure(flags, world.environment, flags.config);
      const { product, wait } = flags;
      const sessionId = configuration.sessionId ?? sessionOfJob(world.environment)?.sessionId;
      const answer = (await clientOf(configuration).activate({
        product,
        machineId: await machineOf(configuration),
        dryRun: true,
        ...(sessionId !== undefined && { sessionId }),
        ...(wait > 0 && { waitSeconds: wait }),
      })) as DryRun;
      give(world, flags, answer, whyLines(product, answer));
      if (!answer.accepted) process.exitCode = passing.has(answer.code) ? exitCodes.inUse : exitCodes.refused;
    });
