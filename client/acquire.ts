import type { Activation, DryRun, Waiting } from './api.ts';
import type { Client } from './client.ts';
import { LicenseQuotaExceeded, UnexpectedAnswer } from './errors.ts';
import { type Answered, type Hold, type KeepOptions, keep, releaseSession, timed } from './hold.ts';
import { randomId } from './request.ts';
import { isAmbiguous } from './retry.ts';
import { monotonicNow, sleep } from './timing.ts';

export interface AcquireOptions extends KeepOptions {
  readonly product: string;
  /** The machine, by any stable ID of yours. */
  readonly machineId: string;
  /** Names this run: who asks again with the same one gets the same license, or its place in the queue. Default: random. */
  readonly sessionId?: string;
  /** For people to read. */
  readonly hostname?: string;
  /** How long to wait in the queue while every license is in use, seconds. Default: 0, fail at once. */
  readonly waitSeconds?: number;
  /** Told after each poll while it waits. */
  readonly onWaiting?: (place: Waiting) => void;
  /** Ends the wait; it rejects with the signal's reason, and leaves nothing behind. It does not end the hold. */
  readonly signal?: AbortSignal;
}

const isWaiting = (answer: Activation | DryRun | Waiting): answer is Waiting =>
  'status' in answer && answer.status === 'waiting';

/** Whether a poll that failed says nothing of the place: the service could not be asked, or has too much to do. */
const isPassing = (error: unknown): boolean => isAmbiguous(error) || error instanceof UnexpectedAnswer;

/** For how long to stay away after a poll that failed for want of a connection, ms. */
const reconnectMs = 5000;

/**
 * Takes a license, and leaves it to the caller to keep it alive. While every license is in use it waits as `acquire` does.
 *
 * @throws LicenseQuotaExceeded none became free in time
 */
export const activateOrWait = async (
  client: Client,
  options: Omit<AcquireOptions, 'idleSeconds'>,
): Promise<Answered<Activation>> => {
  const { product, machineId, hostname, organizationId, signal, onWaiting, waitSeconds = 0 } = options;
  const sessionId = options.sessionId ?? randomId();
  const session = { ...(organizationId !== undefined && { organizationId }), product, sessionId };
  const began = monotonicNow();
  const deadline = began + waitSeconds * 1000;
  const leftMs = () => Math.max(0, deadline - monotonicNow());
  let queued = false;
  /** Nothing is left of the time: by what was decided to sleep, since a timer may be early by a moment. */
  let isLastPoll = waitSeconds === 0;

  const poll = async (): Promise<Answered<Activation> | { againInMs: number }> => {
    try {
      // The service counts from the first request on, so each says the same; the last one gives the place up.
      const wait = isLastPoll ? {} : { waitSeconds };
      const input = { ...session, machineId, ...(hostname && { hostname }), ...wait };
      const answer = await timed(() => client.call('activate', input, { signal }));
      const body: Activation | DryRun | Waiting = answer.body;
      if (!isWaiting(body)) return { ...answer, body: body as Activation };
      queued = true;
      onWaiting?.(body);
      return { againInMs: body.retryAfterSeconds * 1000 };
    } catch (error) {
      signal?.throwIfAborted();
      // Who waits for an hour does not give up its place for a restart of the service.
      if (queued && !isLastPoll && isPassing(error)) return { againInMs: reconnectMs };
      throw error;
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
    const refused = error instanceof LicenseQuotaExceeded;
    if (!refused && (queued || signal?.aborted || isAmbiguous(error)))
      await undoActivation(client, session, { machineId, queued, began });
    throw error;
  }
};

/**
 * Takes a license and keeps it. While every license is in use it waits for `waitSeconds` in the queue; whoever comes back
 * with the same `sessionId` has kept its place.
 *
 * @throws LicenseQuotaExceeded none became free in time; its `nextFreeAt` tells when one may be
 */
export const acquire = async (client: Client, options: AcquireOptions): Promise<Hold> =>
  keep(client, await activateOrWait(client, options), options);

/**
 * Gives back what an activation may have got whose answer did not come, as far as that can be done. A session that is
 * live on another machine is somebody else's run, and one that was live before `began` is an earlier run's: it was to be
 * extended, and is used.
 *
 * @param began when the activation was first asked for, on the monotonic clock, ms
 */
const undoActivation = async (
  client: Client,
  session: { organizationId?: string; product: string; sessionId: string },
  { machineId, queued, began }: { machineId: string; queued: boolean; began: number },
): Promise<void> => {
  const options = { timeoutMs: 3000, retries: { attempts: 2 } };
  try {
    if (!queued) {
      const { body, headers } = await client.call('getActivation', session, options);
      const found: Activation | Waiting = body;
      const isOther =
        !isWaiting(found) && (found.machineId !== machineId || ageOf(found, headers) > monotonicNow() - began);
      if (isOther) return;
    }
    await releaseSession(client, session);
  } catch {
    // The service is not to be reached: what was taken is free when its lease ends.
  }
};

/**
 * How long ago a license was taken, by the service's clock alone, ms. Its `Date` has no fractions of a second: it may be
 * a second more. Without one, as in browsers, it counts as taken long ago.
 */
const ageOf = ({ activatedAt }: Activation, headers: Headers): number => {
  const age = Date.parse(headers.get('date') ?? '') - Date.parse(activatedAt);
  return Number.isNaN(age) ? Number.POSITIVE_INFINITY : age;
};
