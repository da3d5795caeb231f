import { minuteMs } from '../dates.ts';
/**
 * An event that a caller can cause at will. The service counts such events by the hour, so they can't flood the audit
 * trail.
 */
export type Tallied =
  /** A failed authentication with an API key of the organization. `source`: the IP address of the request. */
  | { kind: 'authentication'; keyId: string; reason: KeyFailure; source?: string }
  /** A member or API key without the right called an operation that grants power. */
  | { kind: 'power'; operation: string };

/** The reason why an existing key does not authenticate a request. */
export type KeyFailure = 'wrong-secret' | 'revoked' | 'expired';

/** How often one such event happened in one hour. Times are epoch ms. */
export type Tally = Tallied & {
  organizationId: string;
  /** The beginning of the hour. */
  hour: number;
  count: number;
  firstAt: number;
  lastAt: number;
};

/** Returns whether a count that grew gets an audit event: when it reaches 1, 10, 100, 1,000 and so on. */
export const isReported = (before: number, after: number): boolean => digits(after) > digits(before);

const digits = (count: number) => (count === 0 ? 0 : String(count).length);

/** The most counts of an organization that an instance keeps in memory for a later write. */
const maxPending = 1000;

/**
 * Bounds how often one instance of a function writes the counts of an organization: once a minute for each name, for at most
 * `maxNames` names a minute. Counts between two writes are added to the next one.
 */
export class Pace {
  private minute = 0;
  private readonly written = new Set<string>();
  private readonly pending = new Map<string, number>();
  private readonly maxNames: number;

  constructor(maxNames = 60) {
    this.maxNames = maxNames;
  }

  /** Counts one more event of a name. Returns the count to write now; 0 to write nothing yet. */
  add(name: string, now: number): number {
    const minute = Math.floor(now / minuteMs);
    if (minute !== this.minute) this.written.clear();
    this.minute = minute;
    const count = (this.pending.get(name) ?? 0) + 1;
    if (!this.written.has(name) && this.written.size < this.maxNames) {
      this.written.add(name);
      this.pending.delete(name);
      return count;
    }
    if (this.pending.has(name) || this.pending.size < maxPending) this.pending.set(name, count);
    return 0;
  }
}
