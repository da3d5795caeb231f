import type { Operations } from './api.ts';
import {
  ConnectionFailed,
  type LeaseholdError,
  problemError,
  TimedOut,
  Unauthenticated,
  UnexpectedAnswer,
} from './errors.ts';
import type { Request } from './request.ts';
import { isWorthRetrying, pauseBefore, type Retries, retryAfterMs } from './retry.ts';
import { monotonicNow, sleep, type TimeLimit, timeLimit, unlessAborted } from './timing.ts';

/**
 * What proves who you are: an API key or a token, or a function that gives one. It is called for each attempt, so keep
 * what it gives as long as it is good; `rejected` is the one that the service has just refused, if it did. It has the
 * time of the attempt; `signal` is aborted when that is over, or the call is, and nobody waits for it any more.
 */
export type Credential =
  | string
  | ((context: { signal: AbortSignal | undefined; rejected: string | undefined }) => string | Promise<string>);

/** What holds for one call; the client's settings hold for what is left out. */
export interface CallOptions {
  /** Aborts the call, its retries and their pauses; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long one attempt may take, ms. */
  readonly timeoutMs?: number | undefined;
  readonly retries?: Partial<Retries> | undefined;
}

export interface Settings {
  readonly credential: Credential | undefined;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly retries: Retries;
}

/** An answer that is a success, its body not yet read. */
export interface Opened {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body as text, in the time of the attempt. */
  readonly text: () => Promise<string>;
  /** The body as it comes; each piece may take the time of an attempt. Leaving the loop ends the connection. */
  readonly chunks: () => AsyncGenerator<string, void, undefined>;
}

/** A failed attempt, and for how long the service asked to stay away, ms. */
class AttemptFailed {
  readonly error: unknown;
  readonly askedMs: number | undefined;

  constructor(error: unknown, askedMs?: number) {
    this.error = error;
    this.askedMs = askedMs;
  }
}

const requestIdOf = (headers: Headers) => headers.get('x-request-id') ?? headers.get('apigw-requestid') ?? undefined;

/** The error that an answer which is no success stands for. */
const failureOf = (response: Response, text: string): LeaseholdError => {
  const { status, headers } = response;
  try {
    const problem = JSON.parse(text);
    if (headers.get('content-type')?.startsWith('application/problem+json') && typeof problem.code === 'string')
      return problemError(problem);
  } catch {
    // Not JSON: not the service's.
  }
  const what =
    status === 0 || (status >= 300 && status < 400)
      ? 'The service redirected the request, which it never does: is the base URL right?'
      : `Something that is not the service answered ${status}: ${text.slice(0, 200)}`;
  return new UnexpectedAnswer(what, status, requestIdOf(headers));
};

/** What one attempt has to go by. */
interface Attempt {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly limit: TimeLimit;
}

/** The credential for an attempt; what gives it may hang, and then is not waited for. */
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
    throw limit.timedOut() ? new TimedOut(`No credential was given within ${timeoutMs} ms.`, { cause: error }) : error;
  }
};

/** Sends a request once. Throws `Failed`. */
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
  /** Does what needs the connection; says what it means if it fails. */
  const connected = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      const { host } = request.url;
      throw limit.timedOut()
        ? new TimedOut(`${host} did not answer within ${timeoutMs} ms.`, { cause })
        : new ConnectionFailed(`The connection to ${host} failed.`, { cause });
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
        // A redirect would take the credential elsewhere.
        redirect: 'manual',
        credentials: 'omit',
        cache: 'no-store',
      }),
    );
    if (!response.ok) {
      const text = await connected(() => response.text());
      throw new AttemptFailed(failureOf(response, text), retryAfterMs(response.headers.get('retry-after')));
    }
    return await read({
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
 * Sends a request until it succeeds, fails for good, or the retries are used up; then it throws the last failure.
 *
 * @param read takes what it needs of the answer; while it reads, a broken connection is a failed attempt
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
      // A token that has just expired: whoever gives them may have a fresh one.
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
