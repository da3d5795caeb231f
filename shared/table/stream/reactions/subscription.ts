import { utc } from '../../../domain/activation.ts';
import { stepAt, warningsAhead } from '../../../domain/outbox/expiry-notice.ts';
import type { SubscriptionTerms } from '../../../domain/subscription.ts';
import type { Due } from '../../items/due-items.ts';
import { changedValues } from '../event-draft.ts';
import type { Reactions } from '../reactions.ts';

/** The terms that the vendor sets, as the API calls them. */
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
});

/** The vendor creates a subscription, and sets its terms anew. */
export const subscription: Reactions<'subscription'> = {
  /** Before a new end: warnings. At the end: a notice, and its sessions stop. Each check is about the one end that was set. */
  due: ({ at, before, after: { organizationId, product, expiresAt } }) => {
    if (before?.expiresAt === expiresAt) return undefined;
    const pool = { organizationId, product };
    const warnings = warningsAhead(expiresAt, at).map(
      (step): Due => ({ kind: 'warning', pool, at: stepAt(expiresAt, step), step, expiresAt }),
    );
    // An end that had passed when it was set came with the setting.
    return [...warnings, { kind: 'subscription', pool, at: Math.max(expiresAt, at) }];
  },

  event: ({ before, after }) => {
    const target = { type: 'subscription', id: after.product } as const;
    const terms = termsOf(after);
    if (!before) return { action: 'subscription.created', target, at: after.createdAt, details: terms };
    // Without changes, the write was the engine's own note, or set the same terms again.
    const details = changedValues(termsOf(before), terms);
    return details && { action: 'subscription.changed', target, details };
  },
};
