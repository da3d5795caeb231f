import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** The actions that a limit allows are counted in a window of time. */
export const limitWindow: Reactions<'limit-window'> = {
  retention: (change) =>
    newlyRetained(change, ({ endsAt }) =>
      endsAt === undefined ? undefined : { since: endsAt, unchanged: { endsAt } },
    ),
};
