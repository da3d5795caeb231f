/** An instant on both clocks, ms. */
export interface Instant {
  /** Cannot be set, but may stop while the machine sleeps. */
  readonly monotonic: number;
  /** Runs while the machine sleeps, but can be set. */
  readonly wall: number;
}

/** The lease of the last answer, on this machine's clocks. */
export interface Lease {
  /** When the request was sent: the lease began later. */
  readonly since: Instant;
  /** The latest end of the lease, on the monotonic clock, ms. */
  readonly endsAt: number;
  /** How often to send heartbeats, ms. */
  readonly everyMs: number;
}

interface LeaseTerms {
  readonly leaseExpiresAt: string | null;
  readonly heartbeatSeconds: number;
}

/** The `Date` of an answer has no fractions of a second. */
const dateGrainMs = 1000;

/**
 * Returns the lease of an answer. Its length comes from the service's clock and is counted by the monotonic clock, so wrong
 * clocks do not matter.
 *
 * @param date the `Date` of the answer. Browsers may hide it; then the lease counts as three heartbeat intervals
 */
export const leaseOf = (
  { leaseExpiresAt, heartbeatSeconds }: LeaseTerms,
  date: string | null,
  { sent, received }: { sent: Instant; received: Instant },
): Lease => {
  const everyMs = heartbeatSeconds * 1000;
  const left = leaseExpiresAt && date ? Date.parse(leaseExpiresAt) - Date.parse(date) + dateGrainMs : Number.NaN;
  return {
    since: sent,
    endsAt: received.monotonic + Math.max(0, Number.isNaN(left) ? 3 * everyMs : left),
    everyMs,
  };
};

/** How often to check the clocks, ms: this soon after a sleep an overdue heartbeat is sent. */
const checkEveryMs = 5000;

/**
 * Returns the time until the next heartbeat is due, ms. Only the wall clock shows a sleep. If it was set forward instead, the
 * client sends one heartbeat too many.
 */
export const untilHeartbeat = ({ since, everyMs }: Lease, now: Instant): number =>
  Math.max(0, everyMs - Math.max(now.monotonic - since.monotonic, now.wall - since.wall));

/** Returns the time until the next check of the clocks, ms. */
export const untilNextCheck = (dueInMs: number): number => Math.min(dueInMs, checkEveryMs);

/**
 * Returns the pause after the `failed`-th failed heartbeat in a row, ms. Retries go on until the end of the lease, with a
 * last one at it.
 */
export const pauseAfterFailure = (
  failed: number,
  { everyMs, endsAt }: Lease,
  { monotonic }: Instant,
  random = Math.random,
): number => {
  const pause = (0.5 + random() / 2) * Math.min(everyMs, 500 * 2 ** (failed - 1), 10_000);
  return monotonic < endsAt ? Math.min(pause, endsAt - monotonic) : pause;
};

/**
 * Returns the time limit of one heartbeat, ms: at most the rest of the lease, but always enough for an answer. The first one
 * after a stall longer than the lease has the most time, as the service or the network may still be waking up, too.
 *
 * @param failed how many heartbeats in a row have failed
 */
export const heartbeatTimeout = (
  { endsAt }: Lease,
  { monotonic }: Instant,
  { most, failed }: { most: number; failed: number },
): number => (failed === 0 && monotonic >= endsAt ? most : Math.min(most, Math.max(endsAt - monotonic, 2000)));
