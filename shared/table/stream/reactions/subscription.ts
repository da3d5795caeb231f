import { utc } from '../../../domain/activation.ts';
import { stepAt, warningsAhead } from '../../../domain/outbox/expiry-notice.ts';
import type { Subscription, SubscriptionTerms } from '../../../domain/subscription.ts';
import type { Due } from '../../items/due-items.ts';
import { isTold } from '../../outbox/mails.ts';
import { changedValues } from '../event-draft.ts';
import type { Reactions } from '../reactions.ts';

/** Returns the terms that the vendor sets, by their names in the API. */
const termsOf = (subscription: SubscriptionTerms): Record<string, unknown> => ({
  productName: subscription.productName,
  licenseType: subscription.licenseType,
  quota: subscription.quota,
  machineQuota: subscription.machineQuota,
  expiresAt: utc(subscription.expiresAt),
  leaseSeconds: subscription.leaseSeconds,
  offline: subscription.offline,
  idleTimeoutMinutes: subscription.idleTimeoutMinutes,
  status: subscription.suspended ? 'suspended' : 'active',
  trial: subscription.trial ?? false,
});

/** Returns whether a change sets the terms or the note. The engine's own notes do not. */
const isSet = (before: Subscription | undefined, after: Subscription): boolean =>
  !before || before.note !== after.note || changedValues(termsOf(before), termsOf(after)) !== undefined;

/** The vendor creates a subscription, and sets its terms anew. */
export const subscription: Reactions<'subscription'> = {
  /** Before a new end: warnings. At the end: a notice, and its sessions stop. Each check is for one end. */
  due: ({ at, before, after: { organizationId, product, expiresAt } }) => {
    if (before?.expiresAt === expiresAt) return undefined;
    const pool = { organizationId, product };
    const warnings = warningsAhead(expiresAt, at).map(
      (step): Due => ({ kind: 'warning', pool, at: stepAt(expiresAt, step), step, expiresAt }),
    );
    // A past end takes effect when it is set.
    return [...warnings, { kind: 'subscription', pool, at: Math.max(expiresAt, at) }];
  },

  quota: ({ at, before, after: { quota } }) =>
    before?.quota === quota ? undefined : { at, quota, ...(before && { before: before.quota }) },

  event: ({ before, after }) => {
    const target = { type: 'subscription', id: after.product } as const;
    const terms = termsOf(after);
    if (!before) return { action: 'subscription.created', target, at: after.createdAt, details: terms };
    // Without changes, the engine wrote its own note, or the vendor set the same terms again.
    // The text of the note is the vendor's alone.
    const note = before.note === after.note ? {} : { note: 'changed' };
    const changes = { ...changedValues(termsOf(before), terms), ...note };
    const details = Object.keys(changes).length > 0 ? changes : undefined;
    return details && { action: 'subscription.changed', target, details };
  },

  /** A mail of a sale, or of a new end or quota, to each owner and admin. */
  mails: ({ at, before, after: { organizationId, product, settingId = '', expiresAt, quota } }) => {
    const terms = {
      ...(before?.expiresAt !== expiresAt && { expiresAt }),
      ...(before?.quota !== quota && { quota }),
    };
    if (Object.keys(terms).length === 0) return undefined;
    const about = { kind: 'terms', product, settingId, sold: before === undefined, ...terms } as const;
    return { organizationId, at, to: isTold, about: (userId) => ({ ...about, userId }) };
  },

  sold: ({ before, after }) => (isSet(before, after) ? after : undefined),
};
