import { type Operations, routes } from './api.ts';
import { ConnectionFailed, ProblemError, TooManyRequests, UnexpectedAnswer } from './errors.ts';

/** How often and how long a request is tried again after 429, 5xx and failures of the network. */
export interface Retries {
  /** How many attempts there are at most, the first included. Default: 6. */
  readonly attempts: number;
  /** The longest pause before the first repetition, ms; it doubles with each. Default: 200. */
  readonly baseMs: number;
  /** The longest pause, ms, unless the service asks for more. Default: 10,000. */
  readonly capMs: number;
  /** No attempt begins later than this after the first, ms. Default: 60,000. */
  readonly withinMs: number;
}

export const defaultRetries: Retries = { attempts: 6, baseMs: 200, capMs: 10_000, withinMs: 60_000 };

/** The operations with POST that may be sent twice without an idempotency key: the second changes nothing more. */
const repeatable: ReadonlySet<keyof Operations> = new Set<keyof Operations>([
  'activate',
  'heartbeat',
  'transferActivation',
  'grantLicenses',
  'transferLicense',
  'voidOfflineLicense',
  'acceptInvitation',
  'startRecovery',
  'consentToRecovery',
  'completeRecovery',
  'confirmWebhook',
  'redeliverWebhook',
]);

/** Whether an operation may be sent again although it may have been done: an answer can be lost after the deed. */
export const mayRepeat = (name: keyof Operations): boolean =>
  routes[name].method !== 'POST' || 'idempotencyKey' in routes[name] || repeatable.has(name);

/** Failures of which is known that the request never arrived, by the codes of Node's network errors. */
const neverSent: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** The network's own word for a failure: `fetch` wraps it. */
const networkCode = (failure: ConnectionFailed): unknown =>
  codeOf(failure.cause) ?? codeOf((failure.cause as Error | undefined)?.cause);

/** Whether to send a request again after it failed. */
export const isWorthRetrying = (name: keyof Operations, failure: unknown): boolean => {
  if (failure instanceof TooManyRequests) return true;
  if (failure instanceof UnexpectedAnswer && failure.status === 429) return true;
  if (failure instanceof ConnectionFailed) return mayRepeat(name) || neverSent.has(networkCode(failure));
  const { status = 0 } = failure as { status?: number };
  return status >= 500 && mayRepeat(name);
};

/**
 * Whether the service may have done what it was asked, although that failed. It may have too much to do in the middle of a
 * request; the gateway before it says so only instead of one.
 */
export const isAmbiguous = (error: unknown): boolean =>
  error instanceof ConnectionFailed ||
  (error instanceof UnexpectedAnswer && error.status !== 429) ||
  (error instanceof ProblemError && (error.status === 429 || error.status >= 500));

/** `Retry-After` in ms from now: seconds or a date (RFC 9110, section 10.2.3). Undefined without a usable one. */
export const retryAfterMs = (header: string | null, now = Date.now()): number | undefined => {
  if (header === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};

/**
 * How long to pause after the `failed`-th attempt, ms, by full jitter: anything up to a bound that doubles, so that a
 * thousand runners that failed together do not come back together. What the service asked for comes first.
 */
export const pauseBefore = (
  failed: number,
  { baseMs, capMs }: Pick<Retries, 'baseMs' | 'capMs'>,
  askedMs = 0,
  random = Math.random,
): number => askedMs + random() * Math.min(capMs, baseMs * 2 ** (failed - 1));
