import { parseArgs } from 'node:util';
import { credentialOfSignIn } from '../../client/command/sign-in/sign-in-credential.ts';
import { type Client, createClient, LeaseholdError } from '../../client/index.ts';
import type { Credential } from '../../client/send.ts';
import { type Run, removeLeftovers, type Step, steps } from './smoke/steps.ts';
import { startWebhookTarget } from './smoke/webhook-target.ts';

/**
 * `npm run smoke -- --url <address>`: uses a deployment as its vendor and a runner do, and says step by step whether it works.
 * docs/operations.md says how to give a credential. The command removes what it made; a later run removes what a killed one left.
 */
const usage = `Say where the service is: npm run smoke -- --url https://licenses.example.com
  --token <token>        the vendor's; better in LEASEHOLD_TOKEN. Default: the sign-in of \`npx leasehold login\`
  --api-key <key>        instead of it, better in LEASEHOLD_API_KEY: the steps of a runner alone
  --webhook-url <url>    a target that answers challenges
  --webhook-port <port>  runs a target here, at --webhook-url (a tunnel) or http://localhost:<port>/; 0: any port
  --license-issuer <iss> the setting licenseIssuer, if it has another value than urn:leasehold`;

const optionsOf = () => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      url: text,
      token: text,
      'api-key': text,
      'webhook-url': text,
      'webhook-port': text,
      'license-issuer': text,
    },
  });
  const { url = process.env.LEASEHOLD_URL } = values;
  if (!url || !URL.canParse(url)) throw new Error(usage);
  return { ...values, url };
};

const messageOf = (error: unknown): string => {
  const { message, requestId } = error as LeaseholdError;
  return error instanceof LeaseholdError && requestId !== undefined ? `${message} (request ${requestId})` : message;
};

const interruption = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    signals += 1;
    if (signals > 1) process.exit(1);
    interruption.abort(new Error(`Interrupted by ${signal}.`));
  });

/** Does a step, and prints its line. Returns whether it succeeded. */
const done = async (name: string, work: () => Promise<string | undefined>): Promise<boolean> => {
  const began = performance.now();
  const print = (state: string, text = '') => {
    const seconds = ((performance.now() - began) / 1000).toFixed(2);
    console.log(`${state.padEnd(5)}${name.padEnd(16)}${seconds.padStart(7)} s  ${text}`.trimEnd());
  };
  try {
    print('ok', await work());
    return true;
  } catch (error) {
    print('FAIL', messageOf(error));
    return false;
  }
};

const smoke = async (): Promise<boolean> => {
  const options = optionsOf();
  const clientWith = (credential?: Credential): Client =>
    createClient({ baseUrl: options.url, ...(credential && { credential }), retries: { withinMs: 20_000 } });
  const apiKey = options['api-key'] ?? process.env.LEASEHOLD_API_KEY;
  const token = options.token ?? process.env.LEASEHOLD_TOKEN;
  const isRunner = apiKey !== undefined && token === undefined;
  const port = options['webhook-port'];
  const target = port === undefined ? undefined : await startWebhookTarget(Number(port));
  const startedAt = new Date();
  const run: Run = {
    clientWith,
    vendor: isRunner ? undefined : clientWith(token ?? credentialOfSignIn(process.env, options.url)),
    ...(isRunner && { runner: clientWith(apiKey) }),
    webhookUrl: options['webhook-url'] ?? target?.url,
    target,
    licenseIssuer: options['license-issuer'],
    signal: interruption.signal,
    name: `smoke-${startedAt.getTime()}`,
    startedAt,
  };
  const isPossible = ({ vendor }: Step) => !vendor || run.vendor !== undefined;
  let passed = true;
  for (const { name, work } of steps.filter(isPossible)) {
    passed = await done(name, async () => {
      interruption.signal.throwIfAborted();
      return work(run);
    });
    if (!passed) break;
  }
  const left = steps.filter((step) => !isPossible(step)).map(({ name }) => name);
  if (left.length > 0) console.log(`left out without the vendor's sign-in: ${left.join(', ')}`);
  // Also after a failure or an interruption.
  const cleaned = await done('clean-up', async () => {
    await removeLeftovers(run);
    return undefined;
  });
  target?.close();
  return passed && cleaned;
};

try {
  if (!(await smoke())) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
