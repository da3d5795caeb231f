import { type Operations, routes } from './api.ts';
import { ConnectionFailed, ProblemError, TooManyRequests, UnexpectedAnswer } from './errors.ts';
import { networkCode } from './explain.ts';

/** How to retry after 429, 5xx and network failures. */
export interface Retries {
  /** The maximum number of attempts, including the first. Default: 6. */
  readonly attempts: number;
  /** The longest pause before the first retry, ms; doubles with each. Default: 200. */
  readonly baseMs: number;
  /** The longest pause, ms, unless the service asks for more. Default: 10,000. */
  readonly capMs: number;
  /** No attempt begins later than this after the first, ms. Default: 60,000. */
  readonly withinMs: number;
}

export const defaultRetries: Retries = { attempts: 6, baseMs: 200, capMs: 10_000, withinMs: 60_000 };

/** The POST operations that are safe to repeat without an idempotency key. */
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

/** Returns whether an operation is safe to repeat if its answer was lost. */
export const mayRepeat = (name: keyof Operations): boolean =>
  routes[name].method !== 'POST' || 'idempotencyKey' in routes[name] || repeatable.has(name);

/** The codes of Node's network errors where the request never arrived. */
const neverSent: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** Returns whether to retry a failed request. A throttled service may have stopped in the middle of it, the gateway not. */
export const isWorthRetrying = (name: keyof Operations, failure: unknown): boolean => {
  if (failure instanceof TooManyRequests) return mayRepeat(name);
  if (failure instanceof UnexpectedAnswer && failure.status === 429) return true;
  if (failure instanceof ConnectionFailed) return mayRepeat(name) || neverSent.has(networkCode(failure));
  const { status = 0 } = failure as { status?: number };
  return status >= 500 && mayRepeat(name);
};

/**
 * Returns whether the service may have carried out a request that failed. A throttled service may stop in the middle of a
 * request; a 429 of the gateway comes before any.
 */
export const isAmbiguous = (error: unknown): boolean =>
  error instanceof ConnectionFailed ||
  (error instanceof UnexpectedAnswer && error.status !== 429) ||
  (error instanceof ProblemError && (error.status === 429 || error.status >= 500));

/** Returns `Retry-After` in ms from now: seconds or a date (RFC 9110, section 10.2.3); undefined if not usable. */
export const retryAfterMs = (header: string | null, now = Date.now()): number | undefined => {
  if (header === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};

/**
 * Returns the pause after the `failed`-th attempt, ms: what the service asked for, plus full jitter up to a bound that doubles.
 * So a thousand runners that failed together do not retry together.
 */
export const pauseBefore = (
  failed: number,
  { baseMs, capMs }: Pick<Retries, 'baseMs' | 'capMs'>,
  askedMs = 0,
  random = Math.random,
): number => askedMs + random() * Math.min(capMs, baseMs * 2 ** (failed - 1));
