/** Something that a caller can make happen as often as it likes. It is counted by the hour, so that no caller floods the audit trail. */
export type Tallied =
  /** A request that names a key of the organization, and is not authenticated by it. `source`: the address it came from. */
  | { kind: 'authentication'; keyId: string; reason: KeyFailure; source?: string }
  /** A member, or a key of one, asked for an operation that grants power, without the right to. */
  | { kind: 'power'; operation: string };

/** Why a key that exists does not authenticate a request. */
export type KeyFailure = 'wrong-secret' | 'revoked' | 'expired';

/** How often it happened in one hour. Times are epoch ms. */
export type Tally = Tallied & {
  organizationId: string;
  /** The beginning of the hour. */
  hour: number;
  count: number;
  firstAt: number;
  lastAt: number;
};

/** Whether a count is to be told after it grew: at the first, and again at 10, 100, 1,000 and so on. */
export const isTold = (before: number, after: number): boolean => digits(after) > digits(before);

const digits = (count: number) => (count === 0 ? 0 : String(count).length);

const minuteMs = 60_000;
/** Beyond that nothing is remembered for later. */
const mostPending = 1000;

/**
 * Bounds what one instance of a function writes: a count at most once a minute for each name, and for `most` names at
 * most. What comes meanwhile is added to the name's next write.
 */
export class Pace {
  private minute = -1;
  private readonly written = new Set<string>();
  private readonly pending = new Map<string, number>();
  private readonly most: number;

  constructor(most = 60) {
    this.most = most;
  }

  /** Counts one more. Returns how many are to be written now: 0 for none. */
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
