import type { Operations } from './api.ts';
import { type LeaseholdError, problemError, TimedOut, Unauthenticated } from './errors.ts';
import { connectionFailed, unexpectedAnswer } from './explain.ts';
import type { Request } from './request.ts';
import { isWorthRetrying, pauseBefore, type Retries, retryAfterMs } from './retry.ts';
import { monotonicNow, sleep, type TimeLimit, timeLimit, unlessAborted } from './timing.ts';

/**
 * An API key or a token, or a function that returns one. The function is called for each attempt, so cache the result.
 * `rejected` is the credential that the service has just refused, if any. `signal` is aborted at the end of the attempt's time
 * or of the call; the result is then ignored.
 */
export type Credential =
  | string
  | ((context: { signal: AbortSignal | undefined; rejected: string | undefined }) => string | Promise<string>);

/** Options of one call; the client's settings are the defaults. */
export interface CallOptions {
  /** Aborts the call, its retries and pauses. The call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of one attempt, ms. */
  readonly timeoutMs?: number | undefined;
  readonly retries?: Partial<Retries> | undefined;
}

export interface Settings {
  readonly credential: Credential | undefined;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly retries: Retries;
}

/** A successful answer whose body is not read yet. */
export interface Opened {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** Reads the whole body as text, within the time of the attempt. */
  readonly text: () => Promise<string>;
  /** Reads the body in chunks, each within the time of an attempt. Leaving the loop ends the connection. */
  readonly chunks: () => AsyncGenerator<string, void, undefined>;
}

/** A failed attempt, with the pause that the service asked for, ms. */
class AttemptFailed {
  readonly error: unknown;
  readonly askedMs: number | undefined;

  constructor(error: unknown, askedMs?: number) {
    this.error = error;
    this.askedMs = askedMs;
  }
}

/** Returns the error for an unsuccessful answer. */
const failureOf = (url: URL, { status, headers }: Response, text: string): LeaseholdError => {
  try {
    const problem = JSON.parse(text);
    if (headers.get('content-type')?.startsWith('application/problem+json') && typeof problem.code === 'string')
      return problemError(problem);
  } catch {
    // Not JSON: not from the service.
  }
  return unexpectedAnswer(url, status, headers, text);
};

/** The limits of one attempt. */
interface Attempt {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly limit: TimeLimit;
}

/** Returns the credential for an attempt. Stops waiting for the caller's function at the time limit. */
const credentialFor = async (
  source: Settings['credential'],
  rejected: string | undefined,
  { signal, timeoutMs, limit }: Attempt,
): Promise<string | undefined> => {
  if (typeof source !== 'function') return source;
  try {
    return await unlessAborted(limit.signal, async () => source({ signal: limit.signal, rejected }));
  } catch (error) {
    limit.end();
    signal?.throwIfAborted();
    throw limit.timedOut()
      ? new TimedOut(`The credential function did not return within ${timeoutMs} ms.`, { cause: error })
      : error;
  }
};

/** Sends a request once. Throws `AttemptFailed`. */
const attempt = async <T>(
  request: Request,
  read: (opened: Opened) => Promise<T>,
  {
    fetch,
    credential,
    signal,
    timeoutMs,
    limit,
  }: Attempt & { fetch: Settings['fetch']; credential: string | undefined },
): Promise<T> => {
  let streaming = false;
  /** Does work on the connection, and translates its failure. */
  const connected = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      if (limit.timedOut())
        throw new TimedOut(`${request.url.origin} did not answer within ${timeoutMs} ms. Try again later.`, { cause });
      throw connectionFailed(request.url, cause);
    }
  };
  const pieces = async function* (body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    try {
      for (;;) {
        limit.extend();
        const { done, value } = await connected(() => reader.read());
        if (done) return;
        yield decoder.decode(value, { stream: true });
      }
    } finally {
      limit.end();
      await reader.cancel().catch(() => {});
    }
  };
  try {
    const response = await connected(() =>
      fetch(request.url, {
        method: request.method,
        headers: { ...request.headers, ...(credential !== undefined && { authorization: `Bearer ${credential}` }) },
        ...(request.body !== undefined && { body: request.body }),
        signal: limit.signal,
        // A redirect would send the credential to another host.
        redirect: 'manual',
        credentials: 'omit',
        cache: 'no-store',
      }),
    );
    if (!response.ok) {
      const text = await connected(() => response.text());
      throw new AttemptFailed(
        failureOf(request.url, response, text),
        retryAfterMs(response.headers.get('retry-after')),
      );
    }
    return await read({
      url: request.url,
      status: response.status,
      headers: response.headers,
      text: () => connected(() => response.text()),
      chunks: () => {
        streaming = true;
        return pieces(response.body ?? new ReadableStream({ start: (controller) => controller.close() }));
      },
    });
  } catch (error) {
    throw error instanceof AttemptFailed ? error : new AttemptFailed(error);
  } finally {
    if (!streaming) limit.end();
  }
};

/**
 * Sends a request with retries. Throws the last failure when it is final or the retries are used up.
 *
 * @param read reads the answer; a connection that breaks meanwhile is a failed attempt
 */
export const send = async <T>(
  name: keyof Operations,
  request: Request,
  settings: Settings,
  { signal, timeoutMs = settings.timeoutMs, retries: overrides }: CallOptions,
  read: (opened: Opened) => Promise<T>,
): Promise<T> => {
  const retries = { ...settings.retries, ...overrides };
  const { fetch, credential: source } = settings;
  const until = monotonicNow() + retries.withinMs;
  let rejected: string | undefined;
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    const context: Attempt = { signal, timeoutMs, limit: timeLimit(signal, timeoutMs) };
    const credential = await credentialFor(source, rejected, context);
    try {
      return await attempt(request, read, { ...context, fetch, credential });
    } catch (failed) {
      signal?.throwIfAborted();
      const { error, askedMs } = failed as AttemptFailed;
      // The token may have just expired: ask once for a fresh one.
      if (error instanceof Unauthenticated && typeof source === 'function' && rejected === undefined) {
        rejected = credential;
        continue;
      }
      const pause = pauseBefore(attempts, retries, askedMs);
      if (attempts >= retries.attempts || !isWorthRetrying(name, error) || monotonicNow() + pause > until) throw error;
      await sleep(pause, signal);
    }
  }
};
