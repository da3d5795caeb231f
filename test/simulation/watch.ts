import type { Grant } from './licensing.ts';

/** The quota was exceeded, or two sessions had one seat. */
class Violation extends Error {
  override name = 'Violation';
}

/**
 * Watches the licenses that sessions believe they have: from the answer to the release, or to the end of the last lease that
 * they were told. Checks at each answer, as only an answer gives a session a license.
 */
export class QuotaWatch {
  private readonly quota: number;
  private readonly now: () => number;
  private readonly live = new Map<string, Grant>();
  private readonly bySeat = new Map<number, Grant>();
  /** The most licenses in use at once. */
  most = 0;

  constructor(quota: number, now: () => number) {
    this.quota = quota;
    this.now = now;
  }

  /** @throws Violation */
  granted(grant: Grant): void {
    const { sessionId, seat } = grant;
    this.live.set(sessionId, grant);
    if (seat !== undefined) {
      const other = this.bySeat.get(seat);
      if (other && other.sessionId !== sessionId && this.isLive(other))
        throw new Violation(`${other.sessionId} and ${sessionId} both have seat ${seat} at ${this.now()}`);
      this.bySeat.set(seat, grant);
    }
    if (this.live.size > this.quota)
      for (const one of this.live.values()) if (one.until <= this.now()) this.live.delete(one.sessionId);
    if (this.live.size > this.quota)
      throw new Violation(`${this.live.size} of ${this.quota} licenses at ${this.now()}`);
    this.most = Math.max(this.most, this.live.size);
  }

  private isLive({ sessionId, until }: Grant): boolean {
    return until > this.now() && this.live.has(sessionId);
  }

  /** The session uses its license no more. */
  ended({ sessionId }: Grant): void {
    this.live.delete(sessionId);
  }
}
