import type { Command } from 'commander';
import type { SeatHolder } from '../../api.ts';
import { LeaseholdError, LicenseQuotaExceeded, NotFound, ProblemError, Unauthenticated } from '../../errors.ts';
import { codeOf, exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Environment } from '../settings/config.ts';
import { sanitizeJson } from './sanitize.ts';
import { clockText } from './wait-progress.ts';

/** The subcommand that failed, its environment, and the configuration file, if that has an API key. */
interface Failed {
  readonly action: Command | undefined;
  readonly environment: Environment;
  readonly fileOfKey?: string | undefined;
}

const quotaExceeded = ({ quota, nextFreeAt, holders }: LicenseQuotaExceeded, { action }: Failed): string => {
  const { product, wait } = action?.opts() ?? {};
  const seconds = nextFreeAt && (nextFreeAt.getTime() - Date.now()) / 1000;
  const licenses = `${quota === 1 ? 'The only' : `All ${quota}`} ${product} license${quota === 1 ? ' is' : 's are'} in use`;
  const next = seconds ? `, perhaps one is free in ${clockText(seconds)}` : '';
  const queue =
    wait === 0 ? ' Add `--wait 10m` to queue for one.' : wait ? ' None became free in the time of --wait.' : '';
  return [`${licenses}${next}.${queue}`, ...(holders ?? []).map(holderText)].join('\n');
};

const holderText = ({ seat, kind, sessionId, machineId, userId, leaseExpiresAt }: SeatHolder): string =>
  `  license ${seat}: ${sessionId ?? kind}, ${[machineId && `on ${machineId}`, userId && `by ${userId}`, leaseExpiresAt && `until ${leaseExpiresAt}`].filter(Boolean).join(' ')}`;

const isOfVendor = (command: Command | null | undefined): boolean =>
  Boolean(command) && (command?.name() === 'vendor' || isOfVendor(command?.parent));

const notFound = (error: NotFound, { action, environment }: Failed): string => {
  const { product, organization } = action?.opts() ?? {};
  // The catalogue's own words name products with similar codes.
  if (product === undefined || isOfVendor(action)) return error.message;
  const where = organization || environment.LEASEHOLD_ORGANIZATION || 'your organization';
  const what =
    action?.args.length && action.name() !== 'run'
      ? `${action.args.join(', ')} or the product ${product}`
      : `Product ${product}`;
  return `${what} was not found in ${where}, or your credential can't see it. Check --product and --organization.`;
};

const unauthenticated = ({ action, environment, fileOfKey }: Failed): string => {
  const isGiven = action?.opts().apiKey || environment.LEASEHOLD_API_KEY;
  if (!isGiven && !fileOfKey)
    return 'Your credential was rejected: sign in again with `leasehold login`, or set LEASEHOLD_API_KEY.';
  const [which, where] = isGiven ? ['', 'LEASEHOLD_API_KEY'] : [` in ${fileOfKey}`, '`apiKey` there'];
  return `The API key${which} was rejected: unknown, revoked or expired. Create one on the page under API keys, and set ${where}.`;
};

/** Returns what a person reads about a failure. An unexpected error shows its stack; every other error says what to do. */
export const explain = (error: unknown, failed: Failed): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof LicenseQuotaExceeded && error.quota > 0) return quotaExceeded(error, failed);
  if (error instanceof NotFound) return notFound(error, failed);
  if (error instanceof Unauthenticated) return unauthenticated(failed);
  return exitCodeOf(error) === exitCodes.software ? (error.stack ?? error.message) : error.message;
};

/** Returns a failure as JSON: its code, its exit code, a message, and what the service said. */
export const errorJson = (error: unknown, exitCode: number, message: string): string => {
  const requestId = error instanceof LeaseholdError ? error.requestId : undefined;
  const problem = error instanceof ProblemError ? error.problem : { ...(requestId && { requestId }) };
  return sanitizeJson(JSON.stringify({ error: { code: codeOf(error), exitCode, message, ...problem } }));
};
