/** An instant on both clocks, ms. */
export interface Instant {
  /** Nobody sets it, but it may stand still while the machine sleeps. */
  readonly monotonic: number;
  /** Goes on while the machine sleeps, but may be set. */
  readonly wall: number;
}

/** What the last answer means on this machine's clocks. */
export interface Lease {
  /** When the request was sent: the lease is no older than that. */
  readonly since: Instant;
  /** When it has ended at the latest, on the monotonic clock, ms. */
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
 * The lease that an answer tells of. How long it lasts is told by the service's clock alone, and counted by the monotonic
 * one, so that no clock that is set wrong matters.
 *
 * @param date the `Date` of the answer; browsers may not show it, and then three heartbeats are taken for the lease
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

/** How often to look at the clock, ms: a machine that slept through its heartbeat sends it this soon after. */
const checkEveryMs = 5000;

/**
 * How long it is until a heartbeat is due, ms. That machines sleep shows on the wall clock alone; if it was set forward
 * instead, a heartbeat is sent that was not needed.
 */
export const untilHeartbeat = ({ since, everyMs }: Lease, now: Instant): number =>
  Math.max(0, everyMs - Math.max(now.monotonic - since.monotonic, now.wall - since.wall));

/** How long to sleep before the next look, ms. */
export const untilNextCheck = (dueInMs: number): number => Math.min(dueInMs, checkEveryMs);

/**
 * How long to pause after the `failed`-th heartbeat in a row that failed, ms. They are tried to the end of the lease, and
 * once more at it.
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

/** How long one heartbeat may take, ms: no longer than the lease lasts, but always long enough to be answered. */
export const heartbeatTimeout = ({ endsAt }: Lease, { monotonic }: Instant, most: number): number =>
  Math.min(most, Math.max(endsAt - monotonic, 2000));
