import { newAttemptsCheck } from '../../due-checks.ts';
import type { Reactions } from '../../reactions.ts';

/** A mail is sent, by attempts. */
export const mail: Reactions<'mail'> = {
  /** An attempt was requested or begun, or the mail is settled: is an attempt due, or the deletion? */
  due: ({ before, after }) => {
    const { organizationId, id } = after;
    const at = newAttemptsCheck(before, after);
    return at === undefined ? undefined : [{ kind: 'mail', at, mail: { organizationId, id } }];
  },
};
