import { type Alert, isWatched, noAlerts, raisedAlert } from '../../../../domain/outbox/alert.ts';
import { isTold } from '../../../outbox/mails.ts';
import type { ChangeOf } from '../../change.ts';
import { changedValues } from '../../event-draft.ts';
import type { Reactions } from '../../reactions.ts';

const firstCheckMs = 60_000;

const termsOf = ({
  usePercent,
  useMinutes,
  waitMinutes,
}: Pick<Alert, 'usePercent' | 'useMinutes' | 'waitMinutes'>) => ({
  usePercent,
  useMinutes,
  waitMinutes,
});

/** Returns the alert that a change raised, if any. */
const raisedIn = ({ before, after }: ChangeOf<'alert'>) => {
  for (const kind of ['use', 'wait', 'test'] as const) {
    const raised = raisedAlert(after, kind);
    if (raised && (!before || raisedAlert(before, kind)?.at !== raised.at)) return { ...raised, kind };
  }
  return undefined;
};

/** Somebody sets or tests the alerts of a product, and the schedule raises one. */
export const alert: Reactions<'alert'> = {
  /** For new terms: compare the figures in a minute, and then again and again. */
  due: ({ at, before, after }) => {
    const { organizationId, product, settingId } = after;
    if (before?.settingId === settingId || !isWatched(after)) return undefined;
    return [{ kind: 'alert', pool: { organizationId, product }, settingId, at: at + firstCheckMs }];
  },

  event: (change) => {
    const { before, after } = change;
    const target = { type: 'subscription', id: after.product } as const;
    const raised = raisedIn(change);
    if (raised) {
      const { kind, at, used, quota, waitedMinutes } = raised;
      return { action: 'alert.raised', target, at, details: { kind, used, quota, waitedMinutes } };
    }
    if (before?.settingId === after.settingId) return undefined;
    const details = changedValues(termsOf(before ?? noAlerts), termsOf(after));
    return details && { action: 'alert.set', target, at: after.setAt, details };
  },

  /** A mail to each owner and admin. */
  mails: (change) => {
    const raised = raisedIn(change);
    if (!raised) return undefined;
    const { organizationId, product } = change.after;
    const { kind: alertKind, at } = raised;
    return { organizationId, at, to: isTold, about: (userId) => ({ kind: 'alert', product, alertKind, at, userId }) };
  },
};
