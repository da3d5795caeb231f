import type { Activation, EndedReason, Operations } from './api.ts';
import type { Client } from './client.ts';
import { ActivationEnded, ConnectionFailed, LeaseholdError, NotFound } from './errors.ts';
import { heartbeatTimeout, type Instant, leaseOf, pauseAfterFailure, untilHeartbeat, untilNextCheck } from './lease.ts';
import { monotonicNow, sleep } from './timing.ts';

/**
 * Why a license was lost: the service's reason; or the lease ended while the service was `unreachable`, or `refused` the
 * heartbeats (a revoked key, for example).
 */
export type LossReason = EndedReason | 'not-found' | 'unreachable' | 'refused';

/** The license is lost: the work must stop. */
export class LicenseLost extends LeaseholdError {
  override name = 'LicenseLost';
  readonly reason: LossReason;

  constructor(reason: LossReason, cause: unknown) {
    const requestId = cause instanceof LeaseholdError ? cause.requestId : undefined;
    super(`The license was lost: ${reason}.`, { requestId, cause });
    this.reason = reason;
  }
}

/** A license kept by heartbeats until it is released or lost. */
export interface Hold {
  /** The activation as of the last answer; after a heartbeat, with `idleWarningAt`. */
  readonly activation: Activation & Partial<Operations['heartbeat']['output']>;
  /** Aborted with `LicenseLost` when the license is lost. A release does not abort it. */
  readonly signal: AbortSignal;
  /** Sends a heartbeat now. A failure does not reject: the heartbeat is retried. */
  readonly heartbeat: () => Promise<void>;
  /**
   * Stops the heartbeats and releases the license. Repeating is harmless. Rejects if the release failed: repeat it, or the
   * license is free when its lease ends. A lost license is released as far as possible.
   */
  readonly release: () => Promise<void>;
}

export interface KeepOptions {
  readonly organizationId?: string;
  /** Seconds since the user's last activity, for per-user products with an idle timeout. */
  readonly idleSeconds?: () => number;
}

/** An answer, with the instants of its request and its arrival. */
export interface Answered<T> {
  readonly body: T;
  readonly headers: Headers;
  readonly sent: Instant;
  readonly received: Instant;
}

const instant = (): Instant => ({ monotonic: monotonicNow(), wall: Date.now() });

/** Makes a call and records its instants. */
export const timed = async <T>(call: () => Promise<{ body: T; headers: Headers }>): Promise<Answered<T>> => {
  const sent = instant();
  const { body, headers } = await call();
  return { body, headers, sent, received: instant() };
};

/** Time limit of one heartbeat, ms. */
const longestHeartbeat = 10_000;

/** How late a heartbeat's time limit comes after a stall of the event loop, at least, ms. */
const stallMs = 1000;

/** How long to try a release, ms. */
const releaseWithinMs = 15_000;

/** Releases a session's license, if it still has one. The fence protects the license of a later run. */
export const releaseSession = async (
  client: Client,
  session: { organizationId?: string; product: string; sessionId: string; fence?: number },
): Promise<void> => {
  try {
    await client.deactivate(session, { timeoutMs: 5000, retries: { withinMs: releaseWithinMs } });
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
};

/** How long to try to release a license that was lost for want of answers, ms. */
const lossReleaseTimeoutMs = 3000;

/** Returns whether the service itself ended the license. */
const isGone = ({ reason }: LicenseLost): boolean => reason !== 'unreachable' && reason !== 'refused';

/** Releases a license that was lost for want of answers: the service may have received its heartbeats and still hold it. */
const releaseIfHeld = async (client: Client, session: Parameters<typeof releaseSession>[1]): Promise<void> => {
  try {
    await client.deactivate(session, { timeoutMs: lossReleaseTimeoutMs, retries: { attempts: 1 } });
  } catch {
    // The service is still unreachable: the license is free when its lease ends.
  }
};

/**
 * Keeps an activation alive by heartbeats. The timer checks two clocks, so after a stalled event loop or a sleep of the
 * machine it sends a heartbeat at once, and the service decides. A network failure or a refused credential does not lose the
 * license before its lease ends.
 *
 * @param answered the answer to the activation
 */
export const keep = (client: Client, answered: Answered<Activation>, options: KeepOptions = {}): Hold => {
  const { organizationId, idleSeconds } = options;
  const lost = new AbortController();
  const stopped = new AbortController();
  let activation: Hold['activation'] = answered.body;
  let lease = leaseOf(activation, answered.headers.get('date'), answered);
  let failures = 0;
  /** The heartbeat in progress. */
  let pendingHeartbeat: Promise<void> | undefined;
  let pendingRelease: Promise<void> | undefined;

  const session = () => {
    const { product, sessionId } = activation;
    return { ...(organizationId !== undefined && { organizationId }), product, sessionId };
  };
  const lose = (reason: LossReason, cause: unknown) => {
    stopped.abort();
    lost.abort(new LicenseLost(reason, cause));
  };

  const beat = async () => {
    const { seat, fence } = activation;
    const idle = idleSeconds?.();
    const input = { ...session(), seat, fence, ...(idle !== undefined && { idleSeconds: Math.floor(idle) }) };
    const sent = monotonicNow();
    const timeoutMs = heartbeatTimeout(lease, instant(), { most: longestHeartbeat, failed: failures });
    try {
      const answer = await timed(() =>
        client.call('heartbeat', input, { signal: stopped.signal, timeoutMs, retries: { attempts: 1 } }),
      );
      // A heartbeat's answer has no host name.
      const { hostname = activation.hostname, ...beaten } = answer.body;
      activation = { ...beaten, hostname };
      lease = leaseOf(activation, answer.headers.get('date'), answer);
      failures = 0;
    } catch (error) {
      if (stopped.signal.aborted) return;
      // The event loop stalled meanwhile, so nobody listened to the service: ask it again, at once.
      if (error instanceof ConnectionFailed && monotonicNow() - sent > timeoutMs + stallMs) return;
      failures++;
      if (error instanceof ActivationEnded) lose(error.endedReason, error);
      else if (error instanceof NotFound) lose('not-found', error);
      // Only after an attempt: the event loop may have stalled past the end of the lease while the service still held it.
      else if (monotonicNow() >= lease.endsAt)
        lose(error instanceof ConnectionFailed ? 'unreachable' : 'refused', error);
    }
  };
  const heartbeat = (): Promise<void> => {
    if (stopped.signal.aborted) return Promise.resolve();
    pendingHeartbeat ??= beat().finally(() => {
      pendingHeartbeat = undefined;
    });
    return pendingHeartbeat;
  };

  const sendHeartbeats = async () => {
    while (!stopped.signal.aborted) {
      const due = untilHeartbeat(lease, instant());
      if (due > 0) {
        await sleep(untilNextCheck(due), stopped.signal);
        continue;
      }
      await heartbeat();
      if (failures > 0) await sleep(pauseAfterFailure(failures, lease, instant()), stopped.signal);
    }
  };
  // Only the signal stops the loop.
  sendHeartbeats().catch((error: unknown) => {
    if (!stopped.signal.aborted) lose('refused', error);
  });

  return {
    get activation() {
      return activation;
    },
    signal: lost.signal,
    heartbeat,
    release: () => {
      pendingRelease ??= (async () => {
        stopped.abort();
        await pendingHeartbeat;
        const claim = { ...session(), fence: activation.fence };
        if (!lost.signal.aborted) await releaseSession(client, claim);
        else if (!isGone(lost.signal.reason)) await releaseIfHeld(client, claim);
      })().catch((error: unknown) => {
        pendingRelease = undefined;
        throw error;
      });
      return pendingRelease;
    },
  };
};
