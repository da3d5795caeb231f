import { newAttemptsCheck } from '../../due-checks.ts';
import type { Reactions } from '../../reactions.ts';

/** An event is delivered to a webhook, by attempts. */
export const delivery: Reactions<'delivery'> = {
  /** An attempt was requested or begun, or the delivery is settled: is an attempt due, or the deletion? */
  due: ({ before, after }) => {
    const { organizationId, webhookId, id } = after;
    const at = newAttemptsCheck(before, after);
    return at === undefined ? undefined : [{ kind: 'delivery', at, delivery: { organizationId, webhookId, id } }];
  },
};
