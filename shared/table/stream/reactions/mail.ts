import { newAttemptsCheck } from '../due-checks.ts';
import type { Reactions } from '../reactions.ts';

/** A mail is sent, by attempts. */
export const mail: Reactions<'mail'> = {
  /** An attempt was asked for or begun, or the mail is settled: is the next attempt due, may the mail be forgotten? */
  due: ({ before, after }) => {
    const { organizationId, id } = after;
    const at = newAttemptsCheck(before, after);
    return at === undefined ? undefined : [{ kind: 'mail', at, mail: { organizationId, id } }];
  },
};
