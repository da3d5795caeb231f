import type { Reactions } from '../reactions.ts';
import { newlyRetained } from '../retention.ts';

/** The usage of a day or a month is counted, and who used the product on a day. */
export const usage: Reactions<'usage'> = {
  /** From the end of its interval on: as long as the sessions from which it was counted. */
  retention: (change) => newlyRetained(change, ({ at, until }) => ({ since: until, unchanged: { at } })),
};
