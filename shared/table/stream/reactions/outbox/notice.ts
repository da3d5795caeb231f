import { utc } from '../../../../domain/activation.ts';
import { isTold } from '../../../outbox/mails.ts';
import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** A notice says that a subscription will end, or has ended. A notice never changes. */
export const notice: Reactions<'notice'> = {
  event: ({ before, after: { product, kind, daysLeft, expiresAt, noticedAt, endedAt } }) => {
    if (before) return undefined;
    const target = { type: 'subscription', id: product } as const;
    const end = { expiresAt: utc(expiresAt) };
    return kind === 'expired'
      ? { action: 'subscription.expired', target, at: endedAt, details: end }
      : { action: 'subscription.expiring', target, at: noticedAt, details: { daysLeft, ...end } };
  },

  /** A mail to each owner and admin. */
  mails: ({ before, after: { organizationId, product, expiresAt, step, noticedAt } }) =>
    before
      ? undefined
      : {
          organizationId,
          at: noticedAt,
          to: isTold,
          about: (userId) => ({ kind: 'subscription-end', product, expiresAt, step, userId }),
        },

  retention: (change) => newlyRetained(change, ({ noticedAt }) => ({ since: noticedAt, unchanged: { noticedAt } })),
};
