import { hostname } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { type AcquireOptions, activateOrWait } from '../../acquire.ts';
import type { Activation, DryRun, Subscription } from '../../api.ts';
import type { Client } from '../../client.ts';
import { Forbidden } from '../../errors.ts';
import { CommandFailed, exitCodes } from '../exit-codes.ts';
import { sessionOfJob } from '../ids/ci-session.ts';
import { announcement } from '../output/announce.ts';
import { type CommandContext, printList, printPieces, printResult, withTable } from '../output/output.ts';
import { jsonArray, tableLines } from '../output/render-table.ts';
import { sanitizeJson } from '../output/sanitize.ts';
import { onlineLicenses } from '../output/table-columns.ts';
import { awayMessages, printMessage, waitingLine } from '../output/wait-progress.ts';
import { configure } from '../settings/config.ts';
import {
  clientOf,
  machineOf,
  machineOption,
  serviceWaitOption,
  sessionOf,
  sessionOption,
  waitOption,
} from '../settings/options.ts';
import { interruption } from '../signals.ts';
import { type ProductFlags, productCommand } from './service-command.ts';

interface WaitFlags extends ProductFlags {
  readonly wait: number;
  readonly waitForService?: number;
}

/** Takes a license, and waits for it with `--wait`. A signal gives up the place in the queue. */
const acquireLicense = async ({ screen, environment }: CommandContext, client: Client, input: AcquireOptions) => {
  const { signal, stop } = interruption();
  const line = waitingLine(input.product, screen, environment);
  try {
    const say = (text: string) => printMessage(screen, announcement(environment, 'warning', text));
    const onServiceAway = awayMessages(say, input.serviceWaitSeconds ?? 0);
    return (await activateOrWait(client, { ...input, onWaiting: line.show, onServiceAway, signal })).body;
  } finally {
    line.end();
    stop();
  }
};

/** `leasehold activate`: for programs that keep their license alive themselves, or need it no longer than a lease. */
export const activateCommand = (context: CommandContext): Command =>
  productCommand('activate', 'take a license or extend its lease; does not keep it alive')
    .addOption(machineOption())
    .addOption(sessionOption())
    .addOption(waitOption())
    .addOption(serviceWaitOption())
    .option('--json', 'as JSON')
    .action(async (flags: WaitFlags) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const activation = await acquireLicense(context, clientOf(configuration, context, flags), {
        product: flags.product,
        machineId: await machineOf(configuration),
        sessionId: sessionOf(configuration, context.environment).sessionId,
        hostname: hostname(),
        waitSeconds: flags.wait,
        serviceWaitSeconds: flags.waitForService ?? flags.wait,
      });
      printResult(context, flags, activation, [
        `Session ${activation.sessionId} has ${activation.product} license ${activation.seat} until ${activation.leaseExpiresAt}.`,
        `Repeat this with --session-id ${activation.sessionId} before then, or the license is free; give it back with`,
        `  leasehold release --product ${activation.product} --session-id ${activation.sessionId} --fence ${activation.fence}`,
      ]);
    });

/** The argument of `--fence`. */
const fenceOf = (text: string): number => {
  const fence = Number(text);
  if (!Number.isSafeInteger(fence) || fence < 1) throw new InvalidArgumentError('Use the fence of the activation.');
  return fence;
};

/** `leasehold release`. */
export const releaseCommand = (context: CommandContext): Command =>
  productCommand('release', 'release the license of a session; repeating is harmless')
    .addOption(sessionOption())
    .option('--fence <number>', 'only the activation with this fence, not a later one of the session', fenceOf)
    .option('--json', 'as JSON')
    .action(async ({ fence, ...flags }: ProductFlags & { fence?: number }) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const sessionId = configuration.sessionId ?? sessionOfJob(context.environment)?.sessionId;
      if (sessionId === undefined) throw new CommandFailed('usage', 'Name the session with --session-id.');
      const client = clientOf(configuration, context, flags);
      await client.deactivate({ product: flags.product, sessionId, ...(fence !== undefined && { fence }) });
      printResult(context, flags, { sessionId, product: flags.product }, [
        `Session ${sessionId} holds no license any more.`,
      ]);
    });

/** Writes the figures and the list as JSON; the list as it arrives. */
async function* statusJson(figures: object, activations: Activations) {
  for (const [name, value] of Object.entries(figures))
    yield `${name === 'subscription' ? '{' : ''}\n"${name}": ${sanitizeJson(JSON.stringify(value))},`;
  yield '\n"activations": ';
  yield* jsonArray(activations);
  yield '}\n';
}

type Activations = AsyncIterable<Activation> | Iterable<Activation>;

const figures = ({ product, status, expiresAt, available, quota, queue }: Subscription): string => {
  const state = {
    active: `active until ${expiresAt}: ${available} of ${quota} licenses are free`,
    suspended: `suspended: nobody can activate a license (it ends ${expiresAt})`,
    expired: `expired since ${expiresAt}: nobody can activate a license`,
  };
  return `${product} is ${state[status]}.\n${queue.length} wait in the queue.\n`;
};

async function* statusLines(figures: string, activations: Activations, of = onlineLicenses.of) {
  yield `${figures}\n`;
  yield* tableLines(activations, { ...onlineLicenses, of });
}

/** Returns what a member without access to the figures may know: whether licenses are free, and how many others hold. */
const ownView = (product: string, answer: DryRun, own: number): string => {
  const { accepted, code, quota = 0, inUse = 0, nextFreeAt } = answer;
  if (code === 'license-quota-exceeded')
    return (
      `${inUse} of ${quota} ${product} licenses are in use: ${own} by you, ${Math.max(0, inUse - own)} by others.` +
      `${nextFreeAt ? ` One may be free at ${nextFreeAt}.` : ''}\n`
    );
  return accepted ? `At least one ${product} license is free.\n` : `${whyLines(product, answer).join('\n')}\n`;
};

/** `leasehold status`: the holders, their leases and the queue. A user without access to the figures sees its own sessions. */
export const statusCommand = (context: CommandContext): Command =>
  withTable(productCommand('status', 'show the holders of licenses, their leases, and how many wait')).action(
    async (flags: ProductFlags) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const client = clientOf(configuration, context, flags);
      const { product } = flags;
      const activations = client.listActivations({ product, limit: 200 });
      if (flags.csv) return printList(context, flags, activations, onlineLicenses);
      const subscription = await client.getSubscription({ product }).catch((error: unknown) => {
        if (error instanceof Forbidden) return null;
        throw error;
      });
      if (subscription)
        return printPieces(
          context,
          flags.json ? statusJson({ subscription }, activations) : statusLines(figures(subscription), activations),
        );
      const own: Activation[] = [];
      for await (const activation of activations) own.push(activation);
      const machineId = await machineOf(configuration);
      const availability = (await client.activate({ product, machineId, dryRun: true })) as DryRun;
      return printPieces(
        context,
        flags.json
          ? statusJson({ subscription, availability }, own)
          : statusLines(ownView(product, availability, own.length), own, 'online licenses of yours'),
      );
    },
  );

/** The refusals that pass with time. */
const temporaryRefusals: ReadonlySet<DryRun['code']> = new Set([
  'license-quota-exceeded',
  'machine-quota-exceeded',
  'limit-exceeded',
]);

/** Returns whether the session ID is refused, rather than a license. */
const isSessionRefused = ({ code }: DryRun): boolean => code === 'activation-ended' || code === 'session-conflict';

const whyLines = (product: string, { accepted, position, code, detail, nextFreeAt }: DryRun): string[] => {
  if (accepted) return [`A ${product} license would be given.`];
  if (position !== undefined) return [`It would wait, as number ${position} in the queue.`];
  return [`${code}: ${detail}`, ...(nextFreeAt ? [`One may be free at ${nextFreeAt}.`] : [])];
};

/** `leasehold why`: a dry run of an activation. */
export const whyCommand = (context: CommandContext): Command =>
  productCommand('why', 'check whether a license would be given, and why not; changes nothing')
    .addOption(machineOption())
    .addOption(sessionOption())
    .addOption(waitOption())
    .option('--json', 'as JSON')
    .action(async (flags: WaitFlags) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const { product, wait } = flags;
      const client = clientOf(configuration, context, flags);
      const machineId = await machineOf(configuration);
      const ask = async (sessionId: string | undefined) =>
        (await client.activate({
          product,
          machineId,
          dryRun: true,
          ...(sessionId !== undefined && { sessionId }),
          ...(wait > 0 && { waitSeconds: wait }),
        })) as DryRun;
      const job = configuration.sessionId === undefined ? sessionOfJob(context.environment) : undefined;
      const first = await ask(configuration.sessionId ?? job?.sessionId);
      // `run` would then use a session ID of its own.
      const second = job && isSessionRefused(first) ? await ask(`${job.sessionId}.${job.attempt}`) : first;
      const answer = job && second.code === 'session-conflict' ? await ask(undefined) : second;
      printResult(context, flags, answer, whyLines(product, answer));
      if (!answer.accepted) process.exitCode = temporaryRefusals.has(answer.code) ? exitCodes.inUse : exitCodes.refused;
    });
