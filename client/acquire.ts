import type { Activation, DryRun, Waiting } from './api.ts';
import type { Client } from './client.ts';
import {
  ConnectionFailed,
  type LeaseholdError,
  LicenseQuotaExceeded,
  ProblemError,
  SessionConflict,
  UnexpectedAnswer,
} from './errors.ts';
import { type Answered, type Hold, type KeepOptions, keep, releaseSession, timed } from './hold.ts';
import { randomId } from './request.ts';
import { isAmbiguous } from './retry.ts';
import { monotonicNow, sleep } from './timing.ts';

export interface AcquireOptions extends KeepOptions {
  readonly product: string;
  /** The machine, by any stable ID of yours. */
  readonly machineId: string;
  /** The ID of this run. A request with the same ID gets the same license, or its place in the queue. Default: random. */
  readonly sessionId?: string;
  /** For people to read. */
  readonly hostname?: string;
  /** How long to wait in the queue while every license is in use, seconds. Default: 0, fail at once. */
  readonly waitSeconds?: number;
  /** How long to wait while the service is away, seconds. Default: `waitSeconds`. */
  readonly serviceWaitSeconds?: number;
  /** Called after each poll that found the service away, while the wait goes on. */
  readonly onServiceAway?: (failure: LeaseholdError) => void;
  /** Called after each poll that has to wait. */
  readonly onWaiting?: (place: Waiting) => void;
  /** Ends the wait, which rejects with the signal's reason and leaves nothing behind. Does not end the hold. */
  readonly signal?: AbortSignal;
}

const isWaiting = (answer: Activation | DryRun | Waiting): answer is Waiting =>
  'status' in answer && answer.status === 'waiting';

/** Returns whether a failed poll leaves the place in the queue unknown: the service was unreachable or overloaded. */
const isPassing = (error: unknown): boolean => isAmbiguous(error) || error instanceof UnexpectedAnswer;

/** Returns whether a failure may pass by itself. A certificate that is not accepted, or a wrong URL, does not. */
const isOutage = (error: unknown): error is LeaseholdError => {
  if (error instanceof ConnectionFailed) return error.reason !== 'tls';
  const isService = error instanceof ProblemError || error instanceof UnexpectedAnswer;
  return isService && (error.status >= 500 || error.status === 429);
};

/** The pause after a poll that failed to connect, ms. */
const reconnectMs = 5000;

/**
 * Takes a license without keeping it alive: the caller does that. While every license is in use, or the service is away, waits
 * as `acquire` does.
 *
 * @throws LicenseQuotaExceeded if no license became free in time
 */
export const activateOrWait = async (
  client: Client,
  options: Omit<AcquireOptions, 'idleSeconds'>,
): Promise<Answered<Activation>> => {
  const { product, machineId, hostname, organizationId, signal, onWaiting, onServiceAway, waitSeconds = 0 } = options;
  const { serviceWaitSeconds = waitSeconds } = options;
  const sessionId = options.sessionId ?? randomId();
  const session = { ...(organizationId !== undefined && { organizationId }), product, sessionId };
  const began = monotonicNow();
  const deadline = began + waitSeconds * 1000;
  const leftMs = () => Math.max(0, deadline - monotonicNow());
  const untilService = began + serviceWaitSeconds * 1000;
  /** The place in the queue, as last told. */
  let place: Waiting | undefined;
  /** The service was away: each poll is then one attempt. */
  let away = false;
  /** The time to wait is used up. Decided before the sleep, as a timer may fire a moment early. */
  let isLastPoll = waitSeconds === 0;

  const poll = async (): Promise<Answered<Activation> | { againInMs: number }> => {
    try {
      // Each poll says the same, as the service counts from the first one. The last poll gives up the place.
      const wait = isLastPoll ? {} : { waitSeconds };
      const input = { ...session, machineId, ...(hostname && { hostname }), ...wait };
      const answer = await timed(() =>
        client.call('activate', input, { signal, ...(away && { retries: { attempts: 1 } }) }),
      );
      const body: Activation | DryRun | Waiting = answer.body;
      away = false;
      if (!isWaiting(body)) return { ...answer, body: body as Activation };
      place = body;
      onWaiting?.(body);
      return { againInMs: body.retryAfterSeconds * 1000 };
    } catch (error) {
      signal?.throwIfAborted();
      // A restart of the service must not cost a session its place in the queue.
      if (place && !isLastPoll && isPassing(error)) return { againInMs: reconnectMs };
      const restMs = untilService - monotonicNow();
      if (restMs <= 0 || !isOutage(error)) throw error;
      away = true;
      onServiceAway?.(error);
      return { againInMs: Math.min(reconnectMs, restMs) };
    }
  };

  try {
    for (;;) {
      const outcome = await poll();
      if ('body' in outcome) return outcome;
      const { againInMs } = outcome;
      const restMs = isLastPoll ? againInMs : leftMs();
      isLastPoll ||= againInMs >= restMs;
      await sleep(Math.min(againInMs, restMs), signal);
    }
  } catch (error) {
    // Both refusals say that this run has nothing. After a conflict the session is another machine's.
    const hasNothing = error instanceof LicenseQuotaExceeded || error instanceof SessionConflict;
    if (!hasNothing && (place || signal?.aborted || isAmbiguous(error)))
      await undoActivation(client, session, { machineId, place, began });
    throw error;
  }
};

/**
 * Takes a license and keeps it. While every license is in use, waits in the queue for `waitSeconds`. A later call with the
 * same `sessionId` keeps the place.
 *
 * @throws LicenseQuotaExceeded if no license became free in time; `nextFreeAt` says when the next may be
 */
export const acquire = async (client: Client, options: AcquireOptions): Promise<Hold> =>
  keep(client, await activateOrWait(client, options), options);

/**
 * Releases what an activation may have taken although its answer was lost, as far as possible. Leaves alone a session on
 * another machine or a later place in the queue (another run has it), and a session that was live before `began` (an earlier
 * run uses it).
 *
 * @param place the place in the queue, if the service told one
 * @param began when the activation was first requested, on the monotonic clock, ms
 */
const undoActivation = async (
  client: Client,
  session: { organizationId?: string; product: string; sessionId: string },
  { machineId, place, began }: { machineId: string; place: Waiting | undefined; began: number },
): Promise<void> => {
  const options = { timeoutMs: 3000, retries: { attempts: 2 } };
  try {
    const { body, headers } = await client.call('getActivation', session, options);
    const found: Activation | Waiting = body;
    if (isWaiting(found)) {
      if (!place || place.waitingSince === found.waitingSince) await releaseSession(client, session);
    } else if (found.machineId === machineId && ageOf(found, headers) <= monotonicNow() - began) {
      await releaseSession(client, { ...session, fence: found.fence });
    }
  } catch {
    // The service is unreachable: the license is free when its lease ends.
  }
};

/**
 * Returns the age of an activation by the service's clock alone, ms. `Date` has whole seconds, so the result may be up to a
 * second too high. Without `Date`, as in browsers, the age is infinite.
 */
const ageOf = ({ activatedAt }: Activation, headers: Headers): number => {
  const age = Date.parse(headers.get('date') ?? '') - Date.parse(activatedAt);
  return Number.isNaN(age) ? Number.POSITIVE_INFINITY : age;
};
