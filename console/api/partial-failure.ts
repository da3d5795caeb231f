/** An item whose action failed, and why. */
export interface ItemFailure<T> {
  item: T;
  /** The name that the user knows; unique. */
  name: string;
  error: unknown;
}

/** An action on several items that failed for some of them. */
export class PartialFailure<T> extends Error {
  readonly total: number;
  readonly failures: readonly ItemFailure<T>[];

  constructor(total: number, failures: readonly ItemFailure<T>[]) {
    super(`It was refused for ${failures.length} of ${total}.`);
    this.total = total;
    this.failures = failures;
  }
}
