/** One of several for which something was refused, and why. */
export interface ItemFailure<T> {
  item: T;
  /** What the user knows it by; no other has the same. */
  name: string;
  error: unknown;
}

/** Something was done for each of several, but was refused for some of them. */
export class PartialFailure<T> extends Error {
  /** For how many it was to be done. */
  readonly total: number;
  readonly failures: readonly ItemFailure<T>[];

  constructor(total: number, failures: readonly ItemFailure<T>[]) {
    super(`It was refused for ${failures.length} of ${total}.`);
    this.total = total;
    this.failures = failures;
  }
}
