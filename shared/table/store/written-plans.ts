import type { Key } from './keys.ts';

/** The plans that one instance of the stream function has written, so that it writes each once. */
export class WrittenPlans {
  private readonly names = new Set<string>();

  /**
   * Returns whether a plan was written.
   *
   * @param until when the plan may be carried out and deleted, epoch ms: from then on the answer is no
   */
  has({ sk }: Key, { until, now }: { until: number; now: number }): boolean {
    return now < until && this.names.has(sk);
  }

  add({ sk }: Key): void {
    if (this.names.size >= 10_000) this.names.clear();
    this.names.add(sk);
  }
}
