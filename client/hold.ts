import type { Activation, EndedReason, Operations } from './api.ts';
import type { Client } from './client.ts';
import { ActivationEnded, ConnectionFailed, LeaseholdError, NotFound } from './errors.ts';
import { heartbeatTimeout, type Instant, leaseOf, pauseAfterFailure, untilHeartbeat, untilNextCheck } from './lease.ts';
import { monotonicNow, sleep } from './timing.ts';

/**
 * Why a license was lost: the reason that the service gave; or the lease ended while the service could not be reached
 * (`unreachable`) or refused the heartbeats (`refused`: a revoked key, say).
 */
export type LossReason = EndedReason | 'not-found' | 'unreachable' | 'refused';

/** The license is lost: what runs on it must stop. */
export class LicenseLost extends LeaseholdError {
  override name = 'LicenseLost';
  readonly reason: LossReason;

  constructor(reason: LossReason, cause: unknown) {
    const requestId = cause instanceof LeaseholdError ? cause.requestId : undefined;
    super(`The license was lost: ${reason}.`, { requestId, cause });
    this.reason = reason;
  }
}

/** A license that is held: kept by heartbeats until it is released or lost. */
export interface Hold {
  /** The activation as the last answer told it; after a heartbeat, with `idleWarningAt`. */
  readonly activation: Activation & Partial<Operations['heartbeat']['output']>;
  /** Aborted with `LicenseLost` when the license is lost; not by its release. */
  readonly signal: AbortSignal;
  /** Sends a heartbeat now, rather than when it is due. Its failure is no error, but tried again. */
  readonly heartbeat: () => Promise<void>;
  /**
   * Ends the heartbeats and gives the license back. Repeating is harmless. Rejects if it could not be given back: then it is
   * free when its lease ends. One that is lost was taken already, or is given back as far as that can be done.
   */
  readonly release: () => Promise<void>;
}

export interface KeepOptions {
  readonly organizationId?: string;
  /** For how long nobody worked with it, seconds: for per-user products with an idle timeout. */
  readonly idleSeconds?: () => number;
}

/** An answer, and when it was asked for and came. */
export interface Answered<T> {
  readonly body: T;
  readonly headers: Headers;
  readonly sent: Instant;
  readonly received: Instant;
}

const instant = (): Instant => ({ monotonic: monotonicNow(), wall: Date.now() });

/** Calls and notes when. */
export const timed = async <T>(call: () => Promise<{ body: T; headers: Headers }>): Promise<Answered<T>> => {
  const sent = instant();
  const { body, headers } = await call();
  return { body, headers, sent, received: instant() };
};

/** The longest that one heartbeat may take, ms. */
const longestHeartbeat = 10_000;

/** For how long the release is tried, ms. */
const releaseWithinMs = 15_000;

/** Gives a session's license back, if it is still there. The fence protects the license of a later run. */
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

/** How long the client tries to give back a license that it lost for want of answers, ms. */
const lossReleaseTimeoutMs = 3000;

/** Whether the service itself said that it is gone, rather than nothing that counts. */
const isGone = ({ reason }: LicenseLost): boolean => reason !== 'unreachable' && reason !== 'refused';

/** Gives back a license lost for want of answers: its heartbeats may have reached the service, which then still keeps it. */
const releaseIfHeld = async (client: Client, session: Parameters<typeof releaseSession>[1]): Promise<void> => {
  try {
    await client.deactivate(session, { timeoutMs: lossReleaseTimeoutMs, retries: { attempts: 1 } });
  } catch {
    // It is still not to be reached: what it kept is free when its lease ends.
  }
};

/**
 * Keeps an activation alive by heartbeats, on a timer that looks at two clocks, so that neither a stalled event loop nor
 * a machine that slept makes it miss more than it must: it then sends a heartbeat at once, and what the service says holds.
 * A failure of the network, or a credential that is refused, does not lose the license before its lease has ended.
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
  /** The heartbeat that is under way. */
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
    const timeoutMs = heartbeatTimeout(lease, instant(), longestHeartbeat);
    try {
      const answer = await timed(() =>
        client.call('heartbeat', input, { signal: stopped.signal, timeoutMs, retries: { attempts: 1 } }),
      );
      activation = answer.body;
      lease = leaseOf(activation, answer.headers.get('date'), answer);
      failures = 0;
    } catch (error) {
      if (stopped.signal.aborted) return;
      failures++;
      if (error instanceof ActivationEnded) lose(error.endedReason, error);
      else if (error instanceof NotFound) lose('not-found', error);
      // Only now, after an attempt: the event loop may have stalled to the end of the lease, and the service kept it.
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
  // It ends by the signal that stops it, and by nothing else.
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
      })();
      return pendingRelease;
    },
  };
};
