import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** The usage of a day or a month is counted, and the users and machines of a day. */
export const usage: Reactions<'usage'> = {
  /** From the end of the interval: as long as the sessions that were counted. */
  retention: (change) => newlyRetained(change, ({ at, until }) => ({ since: until, unchanged: { at } })),
};
