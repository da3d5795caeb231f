/** An event that a caller can cause at will. The service counts such events by the hour, so that none floods the trail. */
export type Tallied =
  /** A failed authentication with a key of the organization. `source`: the address of the request. */
  | { kind: 'authentication'; keyId: string; reason: KeyFailure; source?: string }
  /** A member, or a key of one, asked for an operation that grants power, without the right to. */
  | { kind: 'power'; operation: string };

/** Why a key that exists does not authenticate a request. */
export type KeyFailure = 'wrong-secret' | 'revoked' | 'expired';

/** The count of one such event in one hour. Times are epoch ms. */
export type Tally = Tallied & {
  organizationId: string;
  /** The beginning of the hour. */
  hour: number;
  count: number;
  firstAt: number;
  lastAt: number;
};

/** Returns whether the audit trail tells a count that grew: at 1, 10, 100, 1,000 and so on. */
export const isTold = (before: number, after: number): boolean => digits(after) > digits(before);

const digits = (count: number) => (count === 0 ? 0 : String(count).length);

const minuteMs = 60_000;
/** The most counts that an instance remembers for a later write. */
const mostPending = 1000;

/**
 * Bounds what one instance of a function writes: each name's count at most once a minute, for `most` names. Counts that
 * come in between join the name's next write.
 */
export class Pace {
  private minute = -1;
  private readonly written = new Set<string>();
  private readonly pending = new Map<string, number>();
  private readonly most: number;

  constructor(most = 60) {
    this.most = most;
  }

  /** Counts one more. Returns the count to write now: 0 for none. */
  add(name: string, now: number): number {
    const minute = Math.floor(now / minuteMs);
    if (minute !== this.minute) this.written.clear();
    this.minute = minute;
    const count = (this.pending.get(name) ?? 0) + 1;
    if (!this.written.has(name) && this.written.size < this.most) {
      this.written.add(name);
      this.pending.delete(name);
      return count;
    }
    if (this.pending.has(name) || this.pending.size < mostPending) this.pending.set(name, count);
    return 0;
  }
}
