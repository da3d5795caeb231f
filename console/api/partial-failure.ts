/** One of several for which something was refused, and why. */
export interface Refusal<T> {
  item: T;
  /** What the user knows it by; no other has the same. */
  name: string;
  error: unknown;
}

/** Something was done for each of several, but was refused for some of them. */
export class RefusedForSome<T> extends Error {
  /** For how many it was to be done. */
  readonly asked: number;
  readonly refusals: readonly Refusal<T>[];

  constructor(asked: number, refusals: readonly Refusal<T>[]) {
    super(`It was refused for ${refusals.length} of ${asked}.`);
    this.asked = asked;
    this.refusals = refusals;
  }
}
